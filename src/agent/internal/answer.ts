import * as Effect from "effect/Effect"
import type { InvalidRequestError } from "../../http/OpenRouterError.js"
import type { Issue } from "../../schema/guard.js"
import { invalid, type PreparedTool } from "./prepare.js"

/** @internal */
export const inWords = (issues: ReadonlyArray<Issue>): string =>
  issues.map(({ message, path }) => path === "" ? message : `${path}: ${message}`).join("; ")

/**
 * Decodes the answer of a call; one that does not fit is refused before anything is done with it.
 *
 * @internal
 */
export const decodeAnswer = (
  tool: PreparedTool,
  callId: string,
  value: unknown
): Effect.Effect<unknown, InvalidRequestError, unknown> =>
  Effect.catchAll(
    tool.codecs.answer(value),
    (issues) => invalid("answer", `what was given for the call "${callId}" does not fit: ${inWords(issues)}`)
  )
