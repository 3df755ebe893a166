/**
 * Texts, images and other inputs as vectors.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import type { ResponseValidationError } from "../http/OpenRouterError.js"
import type { CreateEmbeddingsResponse } from "../schema/Embeddings.js"
import { decodeBase64, unfit } from "./internal/base64.js"

export * from "./endpoints/Embeddings.js"

/**
 * The vectors of a response, in the order of the inputs, for vectors of numbers and of base64 alike. With
 * `encoding_format: "base64"` they take about half the bytes: 32-bit floats, the precision of the models.
 * Fails with `ResponseValidationError` when a vector is malformed.
 *
 * @since 0.1.0
 * @category getters
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { Embeddings } from "effect-openrouter"
 *
 * const embed = (texts: ReadonlyArray<string>) =>
 *   Embeddings.generate({
 *     model: "openai/text-embedding-3-small",
 *     input: texts,
 *     encoding_format: "base64"
 *   }).pipe(Effect.flatMap(Embeddings.vectors))
 * ```
 */
export const vectors = (
  response: CreateEmbeddingsResponse
): Effect.Effect<ReadonlyArray<Float32Array>, ResponseValidationError> => {
  const found = response.data.map(({ embedding, index }, position) => ({ embedding, at: index ?? position, position }))
  return Effect.forEach(
    found.sort((one, other) => one.at - other.at),
    ({ embedding, position }) =>
      typeof embedding === "string"
        ? floats(embedding, `data[${position}].embedding`)
        : Effect.succeed(Float32Array.from(embedding))
  )
}

const floats = (base64: string, path: string): Effect.Effect<Float32Array, ResponseValidationError> =>
  Effect.flatMap(decodeBase64("Embeddings.vectors", path, base64), (bytes) => {
    if (bytes.byteLength % 4 !== 0) {
      return Effect.fail(unfit("Embeddings.vectors", path, "not a list of 32-bit floats", base64))
    }
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    return Effect.succeed(Float32Array.from({ length: bytes.byteLength / 4 }, (_, i) => view.getFloat32(i * 4, true)))
  })
