/**
 * Pictures from words.
 *
 * @since 0.1.0
 */
import type * as Effect from "effect/Effect"
import type { ResponseValidationError } from "../http/OpenRouterError.js"
import { decodeBase64 } from "./internal/base64.js"

export { accumulate } from "../stream/ImagesProtocol.js"
export * from "./endpoints/Images.js"

/**
 * The bytes of an image: of one in `data` of an answer, or of a preview or finished image in a stream. Fails with
 * `ResponseValidationError` where it is not base64.
 *
 * @since 0.1.0
 * @category getters
 * @example
 * ```ts
 * import { Effect, Stream } from "effect"
 * import { Images } from "effect-openrouter"
 *
 * const draw = (prompt: string, show: (preview: Uint8Array) => Effect.Effect<void>) =>
 *   Images.stream({ model: "openai/gpt-image-1", prompt }).pipe(
 *     Stream.tap((event) =>
 *       event.type === "image_generation.partial_image" ? Effect.flatMap(Images.bytes(event), show) : Effect.void),
 *     Images.accumulate,
 *     Effect.flatMap(({ data }) => Effect.forEach(data, Images.bytes))
 *   )
 * ```
 */
export const bytes = (image: { readonly b64_json: string }): Effect.Effect<Uint8Array, ResponseValidationError> =>
  decodeBase64("Images.bytes", "b64_json", image.b64_json)
