/**
 * The `EmbeddingModel` of `@effect/ai` over {@link Embeddings}: texts as vectors.
 *
 * @since 0.1.0
 */
import type { AiError } from "@effect/ai/AiError"
import * as EmbeddingModel from "@effect/ai/EmbeddingModel"
import type * as AiModel from "@effect/ai/Model"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import { dual } from "effect/Function"
import * as Layer from "effect/Layer"
import { OpenRouterClient } from "../http/OpenRouterClient.js"
import type { CreateEmbeddingsRequest } from "../schema/EmbeddingsRequest.js"
import * as Embeddings from "../services/Embeddings.js"
import { type Batches, embeddingModelOf, split, type Vectors } from "./internal/effect/embeddings.js"
import { invalidOutput, type Place } from "./internal/effect/errors.js"
import { modelOf } from "./internal/effect/model.js"
import { translated } from "./internal/originals.js"

export type { Batches } from "./internal/effect/embeddings.js"

/**
 * Fields of the requests of a model. In the context of a call, they take priority over those of the model.
 *
 * @since 0.1.0
 * @category context
 */
export class Config extends Context.Tag("effect-openrouter/ai/OpenRouterEmbeddingModel/Config")<
  Config,
  Config.Service
>() {}

/**
 * Types of the configuration.
 *
 * @since 0.1.0
 * @category models
 */
export declare namespace Config {
  /**
   * The fields of a request that do not come from the call.
   *
   * @since 0.1.0
   * @category models
   */
  export interface Service extends Partial<Omit<CreateEmbeddingsRequest, "input">> {}
}

/**
 * A model of OpenRouter, and the fields of its requests.
 *
 * @since 0.1.0
 * @category models
 */
export interface Options {
  readonly model: string
  readonly config?: Omit<Config.Service, "model"> & Batches | undefined
}

/**
 * A model as a layer, with its name for `Model.ProviderName`. Inputs of effects that run at the same time share a request.
 *
 * @since 0.1.0
 * @category constructors
 * @example
 * ```ts
 * import { EmbeddingModel } from "@effect/ai"
 * import { Effect } from "effect"
 * import { OpenRouterEmbeddingModel } from "effect-openrouter/ai"
 *
 * const Small = OpenRouterEmbeddingModel.model("openai/text-embedding-3-small", { dimensions: 512 })
 *
 * const program = Effect.gen(function*() {
 *   const model = yield* EmbeddingModel.EmbeddingModel
 *   return yield* model.embedMany(["a lighthouse", "a harbour"])
 * }).pipe(Effect.provide(Small))
 * ```
 */
export const model = (
  model: string,
  config?: Omit<Config.Service, "model"> & Batches
): AiModel.Model<"openrouter", EmbeddingModel.EmbeddingModel, OpenRouterClient> =>
  modelOf(model, layer({ model, config }))

/**
 * The layer of a model.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = (options: Options): Layer.Layer<EmbeddingModel.EmbeddingModel, never, OpenRouterClient> =>
  Layer.effect(EmbeddingModel.EmbeddingModel, make(options))

/**
 * Makes the service of a model. Its errors have ours behind them: `OpenRouterAi.original`.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (
  { config = {}, model }: Options
): Effect.Effect<Context.Tag.Service<typeof EmbeddingModel.EmbeddingModel>, never, OpenRouterClient> =>
  Effect.gen(function*() {
    const client = yield* OpenRouterClient
    const place: Place = {
      module: "OpenRouterEmbeddingModel",
      method: "embedMany",
      url: `${client.options.baseUrl}/embeddings`
    }
    const { batches, fields } = split(config)
    const embedMany = (input: ReadonlyArray<string>): Effect.Effect<Vectors, AiError> =>
      Effect.contextWithEffect((context: Context.Context<never>) => {
        const override: Config.Service | undefined = context.unsafeMap.get(Config.key)
        return Effect.gen(function*() {
          const response = yield* Embeddings.generate({ model, ...fields, ...override, input })
          // As numbers they keep their precision
          const numbers = response.data.flatMap(({ embedding, index }, position) =>
            typeof embedding === "string" ? [] : [{ embedding, at: index ?? position }]
          )
          const vectors = numbers.length === response.data.length
            ? numbers.sort((one, other) => one.at - other.at).map(({ embedding }) => embedding)
            : (yield* Embeddings.vectors(response)).map((vector) => [...vector])
          return { vectors, inputTokens: response.usage?.prompt_tokens }
        }).pipe(
          Effect.mapError(translated(place)),
          Effect.filterOrFail(
            ({ vectors }) => vectors.length === input.length,
            ({ vectors }) =>
              invalidOutput(
                place,
                `The response has ${vectors.length} vectors for ${input.length} inputs. Try again, or use another model.`
              )
          ),
          Effect.provideService(OpenRouterClient, client)
        )
      })
    return yield* embeddingModelOf(embedMany, Config.key, batches)
  })

/**
 * Sets fields of all requests in an effect, over those of the model.
 *
 * @since 0.1.0
 * @category configuration
 */
export const withConfigOverride: {
  (config: Config.Service): <A, E, R>(self: Effect.Effect<A, E, R>) => Effect.Effect<A, E, Exclude<R, Config>>
  <A, E, R>(self: Effect.Effect<A, E, R>, config: Config.Service): Effect.Effect<A, E, Exclude<R, Config>>
} = dual(
  2,
  <A, E, R>(self: Effect.Effect<A, E, R>, config: Config.Service): Effect.Effect<A, E, Exclude<R, Config>> =>
    Effect.contextWithEffect((context: Context.Context<never>) => {
      const outer: Config.Service | undefined = context.unsafeMap.get(Config.key)
      return Effect.provideService(self, Config, { ...outer, ...config })
    })
)
