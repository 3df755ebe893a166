import * as Effect from "effect/Effect"
import { StreamTruncatedError } from "../http/OpenRouterError.js"
import type { Accumulator, Protocol } from "../response/protocol.js"

/**
 * The result of events that ended well. A stream that was cut off has failed itself, but events that a caller has
 * changed may add up to no result.
 *
 * @internal
 */
export const resultOf = <Result>(
  { name }: Protocol<unknown, Result>,
  accumulated: Pick<Accumulator<Result>, "partial" | "result">
): Effect.Effect<Result, StreamTruncatedError> => {
  const result = accumulated.result()
  if (result !== undefined) return Effect.succeed(result)
  const partial = accumulated.partial()
  return Effect.fail(
    new StreamTruncatedError({
      message: `${name}: the stream ended before the response was complete. What had arrived is in \`partial\`; ` +
        "sending the request again may be charged again.",
      generationId: partial.generationId,
      partial
    })
  )
}
