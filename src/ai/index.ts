/**
 * OpenRouter for programs that are written for `@effect/ai`.
 *
 * @since 0.1.0
 */

/**
 * Toolkits of an agent for `@effect/ai`, and the other way round.
 *
 * @since 0.1.0
 */
export * as AiToolkit from "./AiToolkit.js"

/**
 * The errors of this library behind those of `@effect/ai`.
 *
 * @since 0.1.0
 */
export * as OpenRouterAi from "./OpenRouterAi.js"

/**
 * The client of OpenRouter, so that one import has all that a program needs.
 *
 * @since 0.1.0
 */
export * as OpenRouterClient from "../http/OpenRouterClient.js"

/**
 * The `EmbeddingModel` of `@effect/ai`.
 *
 * @since 0.1.0
 */
export * as OpenRouterEmbeddingModel from "./OpenRouterEmbeddingModel.js"

/**
 * The `LanguageModel` of `@effect/ai`.
 *
 * @since 0.1.0
 */
export * as OpenRouterLanguageModel from "./OpenRouterLanguageModel.js"
