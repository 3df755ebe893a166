/** The service of vectors. Effect 3 splits inputs itself and may keep vectors, Effect 4 has the usage. */
import type { AiError } from "effect/ai/AiError"
import * as EmbeddingModel from "effect/ai/EmbeddingModel"
import * as Arr from "effect/Array"
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
}

/**
 * What makes batches, and the fields of requests.
 *
 * @internal
 */
export const split = <A extends Batches>(
  { maxBatchSize, ...fields }: A
): { readonly batches: Batches; readonly fields: Omit<A, keyof Batches> } => ({ batches: { maxBatchSize }, fields })

/** @internal */
export const embeddingModelOf = (
  embedMany: (inputs: ReadonlyArray<string>) => Effect.Effect<Vectors, AiError>,
  configKey: string,
  { maxBatchSize = 2048 }: Batches
): Effect.Effect<EmbeddingModel.EmbeddingModel> =>
  EmbeddingModel.make({
    embedMany: ({ inputs }) =>
      Effect.map(Effect.forEach(Arr.chunksOf(inputs, maxBatchSize), embedMany), (batches) => ({
        results: batches.flatMap(({ vectors }) => vectors.map((vector) => [...vector])),
        usage: { inputTokens: sum(batches.map(({ inputTokens }) => inputTokens)) }
      })),
    // Inputs with other fields need a request of their own
    batchKey: (context) => context.mapUnsafe.get(configKey)
  })

const sum = (counts: ReadonlyArray<number | undefined>): number | undefined =>
  counts.some((count) => count === undefined) ? undefined : counts.reduce<number>((all, count) => all + (count ?? 0), 0)
