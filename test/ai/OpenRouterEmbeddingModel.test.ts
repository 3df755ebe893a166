import * as EmbeddingModel from "@effect/ai/EmbeddingModel"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as OpenRouterAi from "../../src/ai/OpenRouterAi.js"
import * as OpenRouterEmbeddingModel from "../../src/ai/OpenRouterEmbeddingModel.js"
import { arrayAt } from "../../src/internal/json.js"
import { generate } from "../../src/services/Embeddings.js"
import * as MockHttpClient from "../../src/testing/MockHttpClient.js"
import * as Script from "../../src/testing/Script.js"
import * as TestModel from "../../src/testing/TestModel.js"
import { kindOf, kinds, vectorsOf } from "../support/effect/ai.js"

type Handler = NonNullable<TestModel.Options["handlers"]>[number]

/** The length of each input as its vector, in another order than that of the inputs. */
const lengths: Handler = MockHttpClient.on(generate, (params) => ({
  object: "list",
  model: "e/e",
  data: arrayAt(params, "input").map((input, index) => ({
    object: "embedding",
    index,
    embedding: [String(input).length]
  }))
    .reverse(),
  usage: { prompt_tokens: 1, total_tokens: 1 }
}))

const live = (handler: Handler, config: OpenRouterEmbeddingModel.Options["config"] = {}) =>
  Layer.provideMerge(
    OpenRouterEmbeddingModel.layer({ model: "e/e", config }),
    TestModel.layer([], { handlers: [handler], client: { retry: false } })
  )

const embedMany = (inputs: ReadonlyArray<string>) =>
  Effect.flatMap(EmbeddingModel.EmbeddingModel, (model) => Effect.map(model.embedMany(inputs), vectorsOf))

const sent = Effect.map(TestModel.requests, (requests) => requests.map(({ json }) => json))

describe("OpenRouterEmbeddingModel", () => {
  it.effect("has a vector for each input, in their order, of one request", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* embedMany(["a", "bbb", "cc"]), [[1], [3], [2]])
      assert.deepStrictEqual(yield* sent, [{ model: "e/e", dimensions: 1, input: ["a", "bbb", "cc"] }])
    }).pipe(Effect.provide(live(lengths, { dimensions: 1 }))))

  it.effect("sends no more inputs at once than it may", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* embedMany(["a", "bbb", "cc"]), [[1], [3], [2]])
      assert.deepStrictEqual((yield* sent).map(({ input }) => input), [["a", "bbb"], ["cc"]])
    }).pipe(Effect.provide(live(lengths, { maxBatchSize: 2 }))))

  it.effect("sends the fields of an override", () =>
    Effect.gen(function*() {
      yield* OpenRouterEmbeddingModel.withConfigOverride(embedMany(["a"]), { user: "ada", model: "other/e" })
      assert.deepStrictEqual(yield* sent, [{ model: "other/e", user: "ada", input: ["a"] }])
    }).pipe(Effect.provide(live(lengths))))

  it.effect("reads vectors in base64", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* embedMany(["a"]), [[1, -2]])
    }).pipe(
      Effect.provide(live(
        MockHttpClient.on(generate, () => ({
          object: "list",
          model: "e/e",
          data: [{ object: "embedding", index: 0, embedding: "AACAPwAAAMA=" }],
          usage: { prompt_tokens: 1, total_tokens: 1 }
        })),
        { encoding_format: "base64" }
      ))
    ))

  it.effect("an error has ours behind it", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(embedMany(["a"]))
      assert.deepStrictEqual(kindOf(error), kinds.payment)
      assert.strictEqual(OpenRouterAi.original(error)?._tag, "PaymentRequiredResponseError")
    }).pipe(Effect.provide(live(MockHttpClient.on(generate, () => Script.error(402))))))

  it.effect("a response with too few vectors fails", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(embedMany(["a", "b"]))
      assert.deepStrictEqual(kindOf(error), kinds.output)
    }).pipe(
      Effect.provide(live(MockHttpClient.on(generate, () => ({
        object: "list",
        model: "e/e",
        data: [{ object: "embedding", index: 0, embedding: [1] }],
        usage: { prompt_tokens: 1, total_tokens: 1 }
      }))))
    ))

  it.effect("a model is a layer with the name of the provider", () =>
    Effect.gen(function*() {
      const model = OpenRouterEmbeddingModel.model("e/e", { dimensions: 1 })
      assert.strictEqual(model.provider, "openrouter")
      assert.deepStrictEqual(yield* Effect.provide(embedMany(["aa"]), model), [[2]])
    }).pipe(Effect.provide(live(lengths))))
})
