/**
 * What one call has cost and done, by its generation id.
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
 * How to wait for a record that is not there yet.
 *
 * @since 0.1.0
 * @category models
 */
export interface AwaitOptions {
  /**
   * When to ask again after a 404; its input is that error. Default: after half a second, then 1.5 times as long each
   * time up to 5 seconds, ten times in all, which is about half a minute.
   */
  readonly schedule?: Schedule<unknown, unknown> | undefined
}

const patience: Schedule<unknown> = backoff({
  initialDelay: "500 millis",
  factor: 1.5,
  maxDelay: "5 seconds",
  maxRetries: 10
})

/**
 * Why a record could not be read. `NotFoundResponseError`: there is none, even after the wait.
 *
 * @since 0.1.0
 * @category errors
 */
export type GenerationError = Effect.Effect.Error<ReturnType<typeof getGeneration>>

/**
 * Like `getGeneration`, but for a call that was made just now: OpenRouter answers 404 until it has written the record
 * down, which takes a few seconds, so a 404 is asked again by the schedule. Any other failure ends the wait.
 *
 * @since 0.1.0
 * @category waiting
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { Chat, Generations } from "effect-openrouter"
 *
 * const provider = Chat.send({ model: "openai/gpt-5-nano", messages: [{ role: "user", content: "Hi" }] }).pipe(
 *   Effect.flatMap((reply) => Generations.awaitGeneration({ id: reply.id })),
 *   Effect.map(({ data }) => data.provider_name)
 * )
 * ```
 */
export const awaitGeneration = (
  params: GetGenerationParams,
  options: AwaitOptions = {}
): Effect.Effect<GenerationResponse, GenerationError, OpenRouterClient> =>
  Effect.retry(getGeneration(params), {
    schedule: options.schedule ?? patience,
    while: (error) => error._tag === "NotFoundResponseError"
  })

/**
 * What a call came to in the end: `cost` in US dollars, and the tokens as the provider counted them.
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
  /** Whether the answer was cut off before its end. */
  readonly cancelled: boolean
  /** The whole record. */
  readonly generation: Generation
}

/**
 * What a call cost that did not say so itself: a stream that was interrupted, or one that failed half-way and was
 * charged all the same. Takes the error, what it left in `partial`, or a generation id; waits for the record like
 * `awaitGeneration`. Fails with `InvalidRequestError` where an error belongs to no generation, as one that came before
 * OpenRouter had begun.
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
        message: "Generations.settle: this belongs to no generation, so there is no record of what it cost. " +
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
