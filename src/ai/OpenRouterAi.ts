/**
 * What `@effect/ai` has no place for: the errors of this library.
 *
 * @since 0.1.0
 */
import { type Original, originalOf } from "./internal/originals.js"

export type { Original } from "./internal/originals.js"

/**
 * The error of this library behind an error of `@effect/ai`, with its tag, its status, `retryAfter` and everything else that
 * OpenRouter said. Undefined for an error that came from somewhere else.
 *
 * @since 0.1.0
 * @category getters
 * @example
 * ```ts
 * import { LanguageModel } from "@effect/ai"
 * import { Console, Effect } from "effect"
 * import { OpenRouterAi } from "effect-openrouter/ai"
 *
 * const program = LanguageModel.generateText({ prompt: "Hello" }).pipe(
 *   Effect.tapError((error) => {
 *     const original = OpenRouterAi.original(error)
 *     return original?._tag === "TooManyRequestsResponseError" ? Console.log(original.retryAfter) : Effect.void
 *   })
 * )
 * ```
 */
export const original = (error: unknown): Original | undefined => originalOf(error)
