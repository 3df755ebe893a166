/**
 * The `LanguageModel` of `@effect/ai` over {@link Chat}: any code that is written for `@effect/ai` runs on OpenRouter. The names
 * are those of `@effect/ai-openrouter`.
 *
 * @since 0.1.0
 */
import type { AiError } from "@effect/ai/AiError"
import * as LanguageModel from "@effect/ai/LanguageModel"
import type * as AiModel from "@effect/ai/Model"
import type * as Response from "@effect/ai/Response"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import { dual } from "effect/Function"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import { OpenRouterClient } from "../http/OpenRouterClient.js"
import { mapBatches } from "../internal/effect/batches.js"
import type { ChatStreamChunk } from "../schema/Chat.js"
import * as Chat from "../services/Chat.js"
import { invalidOutput, type Place } from "./internal/effect/errors.js"
import { modelOf } from "./internal/effect/model.js"
import { saidBy } from "./internal/messages.js"
import { translated } from "./internal/originals.js"
import { detailsOf, type Ending, partsOf } from "./internal/parts.js"
import { memory, prepare, type Prepared, type Settings } from "./internal/request.js"
import { StreamParts } from "./internal/streamParts.js"
import { annotateRequest, annotateResponse } from "./internal/telemetry.js"

export type { OpenRouterReasoningInfo, ReasoningDetails } from "./internal/effect/options.js"

/**
 * Fields of the requests of a model: those of a chat request that do not come from the call. In the context of a call, they
 * take priority over those of the model.
 *
 * @since 0.1.0
 * @category context
 */
export class Config extends Context.Tag("effect-openrouter/ai/OpenRouterLanguageModel/Config")<
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
   * The fields, and `strictJsonSchema`: whether providers must enforce the schema of a value. Default: if a strict schema can
   * express it.
   *
   * @since 0.1.0
   * @category models
   */
  export interface Service extends Settings {}
}

/**
 * A model of OpenRouter, and the fields of its requests.
 *
 * @since 0.1.0
 * @category models
 */
export interface Options {
  readonly model: string
  readonly config?: Omit<Config.Service, "model"> | undefined
}

/**
 * A model as a layer, with its name for `Model.ProviderName`.
 *
 * @since 0.1.0
 * @category constructors
 * @example
 * ```ts
 * import { LanguageModel } from "@effect/ai"
 * import { FetchHttpClient } from "@effect/platform"
 * import { Config, Console, Effect, Layer } from "effect"
 * import { OpenRouterClient } from "effect-openrouter"
 * import { OpenRouterLanguageModel } from "effect-openrouter/ai"
 *
 * const Gpt = OpenRouterLanguageModel.model("openai/gpt-5-mini", { max_tokens: 500 })
 *
 * const program = LanguageModel.generateText({ prompt: "Name three lighthouses." }).pipe(
 *   Effect.flatMap((response) => Console.log(response.text, response.usage)),
 *   Effect.provide(Gpt)
 * )
 *
 * const Client = Layer.provide(
 *   OpenRouterClient.layerConfig({ apiKey: Config.redacted("OPENROUTER_API_KEY") }),
 *   FetchHttpClient.layer
 * )
 *
 * const main = Effect.provide(program, Client)
 * ```
 */
export const model = (
  model: string,
  config?: Omit<Config.Service, "model">
): AiModel.Model<"openrouter", LanguageModel.LanguageModel, OpenRouterClient> =>
  modelOf(model, layer({ model, config }))

/**
 * The layer of a model.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = (options: Options): Layer.Layer<LanguageModel.LanguageModel, never, OpenRouterClient> =>
  Layer.effect(LanguageModel.LanguageModel, make(options))

/**
 * Makes the service of a model. Its errors have ours behind them: `OpenRouterAi.original`.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (
  { config, model }: Options
): Effect.Effect<Context.Tag.Service<typeof LanguageModel.LanguageModel>, never, OpenRouterClient> =>
  Effect.gen(function*() {
    const client = yield* OpenRouterClient
    const placeOf = (method: string): Place => ({
      module: "OpenRouterLanguageModel",
      method,
      url: `${client.options.baseUrl}/chat/completions`
    })
    const prepared = (options: LanguageModel.ProviderOptions) =>
      Effect.contextWithEffect((context: Context.Context<never>) => {
        const override: Config.Service | undefined = context.unsafeMap.get(Config.key)
        return Effect.tap(
          prepare({ model, ...config, ...override }, options),
          ({ request }) => Effect.sync(() => annotateRequest(options.span, request))
        )
      })
    return yield* LanguageModel.make({
      generateText: (options): Effect.Effect<Array<Response.PartEncoded>, AiError> =>
        Effect.gen(function*() {
          const place = placeOf("generateText")
          const ready = yield* Effect.mapError(prepared(options), translated(place))
          const result = yield* Effect.mapError(Chat.send(ready.request), translated(place))
          if (result.choices.length === 0) {
            return yield* Effect.fail(
              invalidOutput(place, "The response has no choice. Try again, or use another model.")
            )
          }
          const text = ready.valueText === undefined
            ? undefined
            : yield* Effect.mapError(ready.valueText(result), translated(place))
          const parts = yield* Effect.mapError(partsOf(result, { ...endingFor(ready), text }), translated(place))
          annotateResponse(options.span, parts)
          memory.remember(ready.trail.after(...saidBy(parts)).key, detailsOf(result.choices[0]?.message))
          return parts
        }).pipe(Effect.provideService(OpenRouterClient, client)),
      streamText: (options): Stream.Stream<Response.StreamPartEncoded, AiError> =>
        Stream.unwrap(Effect.gen(function*() {
          const translate = translated(placeOf("streamText"))
          const ready = yield* Effect.mapError(prepared(options), translate)
          const chunks = new StreamParts()
          const said: Array<Response.StreamPartEncoded> = []
          const kept = (parts: ReadonlyArray<Response.StreamPartEncoded>) => {
            annotateResponse(options.span, parts)
            said.push(...parts)
            return parts
          }
          const ending = Effect.suspend(() => chunks.end(endingFor(ready))).pipe(
            Effect.map((parts) => {
              kept(parts)
              memory.remember(
                ready.trail.after(...saidBy(said)).key,
                detailsOf(chunks.result.choices[0]?.message)
              )
              return Stream.fromIterable(parts)
            })
          )
          const read = (batch: ReadonlyArray<ChatStreamChunk>) => kept(batch.flatMap((chunk) => chunks.push(chunk)))
          return mapBatches(Chat.stream(ready.request), read).pipe(
            Stream.concat(Stream.unwrap(ending)),
            Stream.mapError(translate)
          )
        })).pipe(Stream.provideService(OpenRouterClient, client))
    })
  })

const endingFor = ({ request, tools }: Prepared): Ending => ({ tools, audioFormat: request.audio?.format })

/**
 * Sets fields of all requests in an effect, over those of the model.
 *
 * @since 0.1.0
 * @category configuration
 * @example
 * ```ts
 * import { LanguageModel } from "@effect/ai"
 * import { OpenRouterLanguageModel } from "effect-openrouter/ai"
 *
 * const program = LanguageModel.generateText({ prompt: "Hello" }).pipe(
 *   OpenRouterLanguageModel.withConfigOverride({ temperature: 0, provider: { sort: "price" } })
 * )
 * ```
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
