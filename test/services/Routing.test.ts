import { assert, describe, it } from "@effect/vitest"
import * as FastCheck from "effect/FastCheck"
import { ChatRequest } from "../../src/schema/ChatRequest.js"
import { MessagesRequest } from "../../src/schema/MessagesRequest.js"
import { ProviderPreferences } from "../../src/schema/RoutingRequest.js"
import * as Routing from "../../src/services/Routing.js"
import { holds } from "./support/holds.js"

describe("Routing", () => {
  const model = FastCheck.constantFrom("a/b", "c/d", "e/f", "g/h")
  const provider = FastCheck.constantFrom("Azure", "OpenAI", "tomorrow/s")
  const price = FastCheck.oneof(FastCheck.double({ min: 0, max: 1000, noNaN: true }), FastCheck.constant("0.5"))

  it("lists each fallback model once", () =>
    FastCheck.assert(FastCheck.property(model, FastCheck.array(model), (first, others) => {
      const models = Routing.models(first, ...others)
      holds(ChatRequest, { ...models, messages: [] })
      const all = [models.model, ...(models.models ?? [])]
      assert.deepStrictEqual(all, [...new Set([first, ...others])])

      const [second, third, fourth] = others
      const forMessages = Routing.fallbacks(first, second, third, fourth)
      holds(MessagesRequest, { ...forMessages, max_tokens: 1, messages: [] })
      assert.notProperty(forMessages, "models")
      assert.isAtMost(forMessages.fallbacks?.length ?? 0, 3)
    })))

  it("makes preferences that fit the schema of the API", () =>
    FastCheck.assert(
      FastCheck.property(
        FastCheck.array(provider),
        FastCheck.constantFrom("price", "latency"),
        FastCheck.constantFrom("none", undefined),
        FastCheck.record({ prompt: price, completion: price, request: price }, { requiredKeys: [] }),
        (providers, by, partition, prices) =>
          holds(ProviderPreferences, {
            ...Routing.order(...providers),
            ...Routing.only(...providers),
            ...Routing.ignore(...providers),
            ...Routing.sort(by, partition),
            ...Routing.maxPrice(prices)
          })
      )
    ))

  it("sets the fields of the provider preferences", () => {
    assert.deepStrictEqual(Routing.order("Azure", "OpenAI"), { order: ["Azure", "OpenAI"] })
    assert.deepStrictEqual(Routing.onlyInOrder("Azure"), { order: ["Azure"], allow_fallbacks: false })
    assert.deepStrictEqual(Routing.sort("price"), { sort: "price" })
    assert.deepStrictEqual(Routing.sort("price", "none"), { sort: { by: "price", partition: "none" } })
  })

  it("writes prices as decimal numbers", () => {
    assert.deepStrictEqual(
      Routing.maxPrice({ prompt: 0.3, completion: 10, request: 1e-7, image: 0, audio: "0.50" }).max_price,
      { prompt: "0.3", completion: "10", request: "0.0000001", image: "0", audio: "0.50" }
    )
    FastCheck.assert(FastCheck.property(FastCheck.double({ min: 0, max: 1000, noNaN: true }), (price) => {
      const written = String(Routing.maxPrice({ prompt: price }).max_price?.prompt)
      assert.match(written, /^\d+(\.\d+)?$/)
      assert.approximately(Number(written), price, 1e-11)
    }))
  })
})
