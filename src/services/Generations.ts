/**
 * The record of one call, by its generation id: its cost, tokens, timing and routing.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import type { Schedule } from "effect/Schedule"
import type { OpenRouterClient } from "../http/OpenRouterClient.js"
import { InvalidRequestError, type OpenRouterError, type PartialResponse } from "../http/OpenRouterError.js"
import { backoff } from "../internal/effect/schedules.js"
import type { Generation, GenerationResponse } from "../schema/Generations.js"
import { getGeneration, type GetGenerationParams } from "./endpoints/Generations.js"

export * from "./endpoints/Generations.js"

/**
 * How to wait for a record that does not exist yet.
 *
 * @since 0.1.0
 * @category models
 */
export interface AwaitOptions {
  /**
   * When to request the record again after a 404; its input is that error. Default: ten requests within about half a
   * minute, the first after half a second, then 1.5 times as long each time, at most 5 seconds.
   */
  readonly schedule?: Schedule<unknown, unknown> | undefined
}

const defaultSchedule: Schedule<unknown> = backoff({
  initialDelay: "500 millis",
  factor: 1.5,
  maxDelay: "5 seconds",
  maxRetries: 10
})

/**
 * Errors of reading a record. `NotFoundResponseError`: the record does not exist, even after the wait.
 *
 * @since 0.1.0
 * @category errors
 */
export type GenerationError = Effect.Effect.Error<ReturnType<typeof getGeneration>>

/**
 * Like `getGeneration`, but for a call that was made just now: OpenRouter responds with 404 until it has stored the
 * record, which takes a few seconds. So a 404 is retried by the schedule. Any other failure ends the wait.
 *
 * @since 0.1.0
 * @category waiting
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { Chat, Generations } from "effect-openrouter"
 *
 * const program = Effect.gen(function*() {
 *   const { id } = yield* Chat.send({ model: "openai/gpt-5-nano", messages: [{ role: "user", content: "Hi" }] })
 *   // Some gateways leave out the id
 *   if (typeof id !== "string") return undefined
 *   const { data } = yield* Generations.awaitGeneration({ id })
 *   return data.provider_name
 * })
 * ```
 */
export const awaitGeneration = (
  params: GetGenerationParams,
  options: AwaitOptions = {}
): Effect.Effect<GenerationResponse, GenerationError, OpenRouterClient> =>
  Effect.retry(getGeneration(params), {
    schedule: options.schedule ?? defaultSchedule,
    while: (error) => error._tag === "NotFoundResponseError"
  })

/**
 * The final usage of a call: `cost` in USD, and the tokens as the provider counted them.
 *
 * @since 0.1.0
 * @category models
 */
export interface Settlement {
  readonly generationId: string
  readonly cost: number
  readonly inputTokens: number | undefined
  readonly outputTokens: number | undefined
  readonly finishReason: string | undefined
  /** Whether the response ended before it was complete. */
  readonly cancelled: boolean
  /** The whole record. */
  readonly generation: Generation
}

/**
 * Reads the cost of a call whose result does not contain it: a stream that was interrupted, or one that failed before
 * its end and was charged nevertheless. Takes the error, its `partial` response, or a generation id, and waits for the
 * record like `awaitGeneration`. Fails with `InvalidRequestError` when the error has no generation, because OpenRouter
 * had not started to work on the request.
 *
 * @since 0.1.0
 * @category waiting
 * @example
 * ```ts
 * import { Console, Effect } from "effect"
 * import { Chat, Generations } from "effect-openrouter"
 *
 * const story = Chat.stream({ model: "openai/gpt-5-nano", messages: [{ role: "user", content: "A story" }] }).pipe(
 *   Chat.accumulate,
 *   Effect.catchTag("StreamTruncatedError", (error) =>
 *     Effect.flatMap(Generations.settle(error), ({ cost }) => Console.log(`Cut off after $${cost}: ${error.partial?.text}`)))
 * )
 * ```
 */
export const settle = (
  call: string | PartialResponse | OpenRouterError,
  options: AwaitOptions = {}
): Effect.Effect<Settlement, GenerationError, OpenRouterClient> => {
  const id = idOf(call)
  return id === undefined
    ? Effect.fail(
      new InvalidRequestError({
        parameter: "generationId",
        message: "Generations.settle: the error has no generation, so its cost is not recorded. " +
          "Most likely nothing was generated."
      })
    )
    : Effect.map(awaitGeneration({ id }, options), ({ data }) => ({
      generationId: data.id,
      cost: data.total_cost,
      inputTokens: data.native_tokens_prompt ?? data.tokens_prompt ?? undefined,
      outputTokens: data.native_tokens_completion ?? data.tokens_completion ?? undefined,
      finishReason: data.finish_reason ?? undefined,
      cancelled: data.cancelled === true,
      generation: data
    }))
}

const idOf = (call: string | PartialResponse | OpenRouterError): string | undefined => {
  if (typeof call === "string") return call.trim() === "" ? undefined : call
  const own = "generationId" in call ? call.generationId : undefined
  return own ?? ("partial" in call ? call.partial?.generationId : undefined)
}
