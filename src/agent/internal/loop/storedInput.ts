/** Input that repeats the stored history of its conversation. */
import * as Effect from "effect/Effect"
import type { InvalidRequestError } from "../../../http/OpenRouterError.js"
import { isSameJson } from "../../../internal/canonicalJson.js"
import type { FunctionCallOutputItem, InputItem } from "../../../schema/ResponsesItemsRequest.js"
import * as History from "../state/history.js"
import { isPrompt } from "../state/waiting.js"
import { invalid } from "./prepare.js"

type Items = ReadonlyArray<InputItem>

/**
 * The items of an input that are not stored yet. An input that begins with the whole stored history repeats it; outputs of
 * its pending calls may stand among its items. An input that begins like the stored history, has items of a model or a
 * tool, and then differs, is refused: nobody can say which of both is meant.
 *
 * @internal
 */
export const withoutStored = (stored: Items, items: Items): Effect.Effect<Items, InvalidRequestError> => {
  const waiting = new Set(History.pendingCalls(stored).map(({ callId }) => callId))
  const outputs: Array<FunctionCallOutputItem> = []
  let known = 0
  let read = 0
  for (const item of items) {
    if (known === stored.length) break
    if (isSameJson(item, stored[known])) known++
    else if (isOutputOf(item, waiting)) outputs.push(item)
    else break
    read++
  }
  if (known === 0) return Effect.succeed(items)
  if (known === stored.length) return Effect.succeed([...outputs, ...items.slice(read)])
  if (items.every((item) => isPrompt(item) || isOutputOf(item, waiting))) return Effect.succeed(items)
  return invalid(
    "input",
    `it repeats the first ${known} of the ${stored.length} stored items of the conversation and then differs. It may be an ` +
      "old or a changed copy of the history. Give only what is new, or the whole stored history and what is new behind it"
  )
}

const isOutputOf = (item: InputItem, calls: ReadonlySet<string>): item is FunctionCallOutputItem =>
  item.type === "function_call_output" && calls.has(item.call_id)
