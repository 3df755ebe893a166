/**
 * Texts, images and other inputs as vectors.
 *
 * @since 0.1.0
 */

export * from "./endpoints/Embeddings.js"
