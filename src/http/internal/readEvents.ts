import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type * as Schema from "effect/Schema"
import { EventDecoder } from "../../response/eventDecoder.js"
import { hasOutput } from "../../response/readResponse.js"
import { guard } from "../../schema/guard.js"
import { ResponseValidationError } from "../OpenRouterError.js"
import type { Row } from "../row.js"
import type { KernelError, OpenedResponse } from "./openedResponse.js"
import { toResponseError } from "./readError.js"
import { scrubValue } from "./scrub.js"

/** How a stream of events begins. JSON never begins so. */
const eventStart = /^\uFEFF?\s*(data|event|id|retry|):/

/**
 * Reads a body that is a stream of events though JSON was requested, as the value that the events add up to. Undefined
 * for any other body, and for endpoints that never stream.
 *
 * @internal
 */
export const readEvents = <A>(
  row: Row,
  schema: Schema.Schema<A>,
  opened: OpenedResponse,
  text: string
): Effect.Effect<A, KernelError> | undefined => {
  if (row.protocol === undefined || !eventStart.test(text)) return undefined
  const decoder = new EventDecoder(row.protocol, { maxEventSize: Infinity })
  decoder.push([new TextEncoder().encode(text)])
  decoder.end()
  const result = decoder.flaw === undefined && decoder.whole ? decoder.result() : undefined
  return guard(schema)(result) ? Effect.succeed(result) : Effect.flatMap(
    Clock.currentTimeMillis,
    (now) => Effect.fail(failureOf(row, opened, decoder, text, now))
  )
}

const failureOf = (
  row: Row,
  opened: OpenedResponse,
  decoder: EventDecoder<unknown, unknown>,
  text: string,
  now: number
): KernelError => {
  const partial = scrubValue(decoder.partial(), opened.scrub)
  const context = {
    generationId: opened.info.generationId ?? partial.generationId,
    partial: hasOutput(partial) || partial.inputTokens !== undefined || partial.cost !== undefined ? partial : undefined
  }
  const { flaw } = decoder
  if (flaw?.kind === "error") {
    const { headers } = opened.response
    const body = scrubValue(flaw.error, opened.scrub)
    return toResponseError({ status: undefined, body, headers, documented: row.errors, now, ...context })
  }
  const problem = flaw === undefined || flaw.kind === "truncated"
    ? "it ended before the response was complete"
    : "one of its events cannot be read"
  return new ResponseValidationError({
    message: `${row.name}: the response is a stream of events, though none was requested, and ${problem}. ` +
      "What had arrived is in `partial`; sending the request again may be charged again.",
    issues: [],
    received: opened.scrub(text),
    ...context
  })
}
