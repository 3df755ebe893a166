/** The HTTP status of an error, for servers that answer with it. */
import * as Duration from "effect/Duration"
import * as OpenRouterError from "../../http/OpenRouterError.js"
import { ConversationBusyError, ConversationConflictError, ConversationStoreError } from "./conversation/errors.js"

/**
 * The status with which a server should answer when a request or a run failed so: 402, 429 and 503 are those of OpenRouter, 409
 * says that another run holds the conversation, 400 that the request cannot be right. A wrong or missing key is a mistake of
 * the server: 500, as is every error that is not of this library. Other failures of OpenRouter and of the network are 502.
 *
 * @since 0.1.0
 * @category errors
 * @example
 * ```ts
 * import { HttpServerResponse } from "@effect/platform"
 * import { Effect } from "effect"
 * import { Agent } from "effect-openrouter"
 *
 * const answer = Effect.match(Agent.run({ model: "openai/gpt-5-nano", input: "Hello!" }), {
 *   onSuccess: ({ text }) => HttpServerResponse.text(text),
 *   onFailure: (error) => HttpServerResponse.text("No answer.", { status: Agent.httpStatus(error) })
 * })
 * ```
 */
export const httpStatus = (error: unknown): number => {
  if (error instanceof ConversationBusyError || error instanceof ConversationConflictError) return 409
  if (error instanceof ConversationStoreError) return 503
  if (!OpenRouterError.isOpenRouterError(error)) return 500
  if (error._tag === "InvalidRequestError") return 400
  const status = "status" in error ? error.status : undefined
  switch (status) {
    case 402:
    case 429:
    case 503:
      return status
    case 529:
      return 503
    case 401:
      return 500
    default:
      return 502
  }
}

/**
 * The seconds of `Retry-After` for an answer to this error, if OpenRouter said when to try again.
 *
 * @internal
 */
export const retryAfterSeconds = (error: unknown): number | undefined =>
  OpenRouterError.isOpenRouterError(error) && "retryAfter" in error && error.retryAfter !== undefined
    ? Math.ceil(Duration.toSeconds(error.retryAfter))
    : undefined
