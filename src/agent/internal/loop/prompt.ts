/** New input passes the middleware `prompt`. */
import * as Effect from "effect/Effect"
import type { InputItem } from "../../../schema/ResponsesItemsRequest.js"
import type { RunError } from "../errors.js"
import { runCallback } from "../userCode.js"
import type { Prepared } from "./prepare.js"

/**
 * New items, as the middleware `prompt` changes them.
 *
 * @internal
 */
export const throughPrompt = (
  { middleware }: Prepared,
  given: ReadonlyArray<InputItem>
): Effect.Effect<ReadonlyArray<InputItem>, RunError, unknown> =>
  Effect.gen(function*() {
    let items = given
    for (const { prompt } of middleware) {
      if (prompt !== undefined) items = yield* runCallback("the middleware `prompt`", () => prompt(items))
    }
    return items
  })
