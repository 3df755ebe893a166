/** The service of vectors. Effect 3 splits inputs itself and may keep vectors, Effect 4 has the usage. */
import type { AiError } from "@effect/ai/AiError"
import * as EmbeddingModel from "@effect/ai/EmbeddingModel"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"

/**
 * What a request of vectors gives, in the order of its inputs.
 *
 * @internal
 */
export interface Vectors {
  readonly vectors: ReadonlyArray<ReadonlyArray<number>>
  readonly inputTokens: number | undefined
}

/**
 * How inputs become requests.
 *
 * @since 0.1.0
 * @category models
 */
export interface Batches {
  /** The most inputs of one request. Default 2048, the most that OpenAI takes. */
  readonly maxBatchSize?: number | undefined
  /** Keeps vectors, so that an input is sent once. */
  readonly cache?: { readonly capacity: number; readonly timeToLive: Duration.DurationInput } | undefined
}

/**
 * What makes batches, and the fields of requests.
 *
 * @internal
 */
export const split = <A extends Batches>(
  { cache, maxBatchSize, ...fields }: A
): { readonly batches: Batches; readonly fields: Omit<A, keyof Batches> } => ({
  batches: { cache, maxBatchSize },
  fields
})

/** @internal */
export const embeddingModelOf = (
  embedMany: (inputs: ReadonlyArray<string>) => Effect.Effect<Vectors, AiError>,
  _: string,
  { cache, maxBatchSize = 2048 }: Batches
): Effect.Effect<EmbeddingModel.Service> =>
  EmbeddingModel.make({
    embedMany: (inputs) =>
      Effect.map(
        embedMany(inputs),
        ({ vectors }) => vectors.map((vector, index) => ({ index, embeddings: [...vector] }))
      ),
    maxBatchSize,
    ...(cache === undefined ? {} : { cache })
  })
