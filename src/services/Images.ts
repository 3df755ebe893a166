/**
 * Image generation.
 *
 * @since 0.1.0
 */
import type * as Effect from "effect/Effect"
import type * as Stream from "effect/Stream"
import type { ResponseValidationError, StreamTruncatedError } from "../http/OpenRouterError.js"
import * as ImagesProtocol from "../response/imagesProtocol.js"
import type { ImageGenerationResponse, ImageStreamEvent } from "../schema/Images.js"
import * as EventStream from "../stream/EventStream.js"
import { decodeBase64 } from "./internal/base64.js"

export * from "./endpoints/Images.js"

/**
 * Runs a stream of events to its end and returns the finished images. Fails with `StreamTruncatedError` when no
 * image was finished.
 *
 * @since 0.1.0
 * @category destructors
 */
export const accumulate = <E, R>(
  stream: Stream.Stream<ImageStreamEvent, E, R>
): Effect.Effect<ImageGenerationResponse, E | StreamTruncatedError, R> =>
  EventStream.accumulate(stream, ImagesProtocol.protocol)

/**
 * The bytes of an image: an image in `data` of a response, or a preview or a finished image of a stream. Fails with
 * `ResponseValidationError` when the image is not base64.
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
