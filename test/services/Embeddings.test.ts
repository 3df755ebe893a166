import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FastCheck from "effect/FastCheck"
import type { CreateEmbeddingsResponse, Embedding } from "../../src/schema/Embeddings.js"
import * as Embeddings from "../../src/services/Embeddings.js"
import * as MockHttpClient from "../../src/testing/MockHttpClient.js"

const response = (...data: ReadonlyArray<Embedding>): CreateEmbeddingsResponse => ({ model: "m", data })

/** As any other language writes them: four bytes a number, the least first. */
const base64 = (numbers: ReadonlyArray<number>) => {
  const bytes = Buffer.alloc(numbers.length * 4)
  numbers.forEach((number, index) => bytes.writeFloatLE(number, index * 4))
  return bytes.toString("base64")
}

const float = FastCheck.float()

describe("vectors", () => {
  it.effect.prop(
    "returns the same vectors for numbers and for base64",
    [FastCheck.array(FastCheck.array(float))],
    ([lists]) =>
      Effect.gen(function*() {
        const asNumbers = yield* Embeddings.vectors(response(...lists.map((embedding) => ({ embedding }))))
        const asText = yield* Embeddings.vectors(response(...lists.map((list) => ({ embedding: base64(list) }))))
        assert.deepStrictEqual(asNumbers.map((vector) => [...vector]), lists.map((list) => [...list]))
        assert.deepStrictEqual(asText.map((vector) => [...vector]), lists.map((list) => [...list]))
      })
  )

  it.effect("decodes the base64 that OpenRouter's providers send", () =>
    Effect.gen(function*() {
      const [vector] = yield* Embeddings.vectors(response({ embedding: "AACAPwAAAMAAAMB/zczMPQ==" }))
      assert.instanceOf(vector, Float32Array)
      assert.deepStrictEqual([...vector ?? []], [1, -2, NaN, Math.fround(0.1)])
    }))

  it.effect("returns the vectors in the order of the inputs", () =>
    Effect.gen(function*() {
      const data = [2, 0, 1].map((index) => ({ index, embedding: [index] }))
      const inOrder = yield* Embeddings.vectors(response(...data))
      assert.deepStrictEqual(inOrder.map((vector) => [...vector]), [[0], [1], [2]])
      assert.deepStrictEqual(data.map(({ index }) => index), [2, 0, 1], "the response is not changed")
    }))

  it.effect("fails with the path of an embedding that is not valid base64", () =>
    Effect.gen(function*() {
      for (const embedding of ["no base64!", "AACAPwA="]) {
        const error = yield* Effect.flip(Embeddings.vectors(response({ embedding: [1] }, { embedding })))
        assert.strictEqual(error.issues[0]?.path, "data[1].embedding")
        assert.include(error.message, "data[1].embedding")
      }
    }))

  it.effect("decodes the response to a request for base64", () =>
    Effect.gen(function*() {
      const answer = yield* Embeddings.generate({ model: "m", input: ["a", "b"], encoding_format: "base64" })
      assert.deepStrictEqual((yield* Embeddings.vectors(answer)).map((vector) => [...vector]), [[1, 2], [3, 4]])
      const [request] = yield* MockHttpClient.requests
      assert.deepStrictEqual(request?.body, { model: "m", input: ["a", "b"], encoding_format: "base64" })
    }).pipe(Effect.provide(MockHttpClient.layerClient([
      MockHttpClient.on(Embeddings.generate, () => ({
        model: "m",
        data: [{ index: 0, embedding: base64([1, 2]) }, { index: 1, embedding: base64([3, 4]) }]
      }))
    ]))))
})
