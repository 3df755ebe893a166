import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FastCheck from "effect/FastCheck"
import * as Schema from "effect/Schema"
import { ChatContentItems } from "../../src/schema/ChatContent.js"
import type { ChatContentText } from "../../src/schema/ChatContent.js"
import { ChatMessages, ChatRequest } from "../../src/schema/ChatRequest.js"
import { MessagesRequest } from "../../src/schema/MessagesRequest.js"
import { ProviderPreferences } from "../../src/schema/RoutingRequest.js"
import * as Chat from "../../src/services/Chat.js"
import * as Prompt from "../../src/services/Prompt.js"
import * as Routing from "../../src/services/Routing.js"
import * as Script from "../../src/testing/Script.js"
import * as TestModel from "../../src/testing/TestModel.js"

/** Valid to the letter: nothing wrong, nothing that the API does not know, and unchanged by JSON. */
const holds = <A>(schema: Schema.Schema<A>, value: unknown): void => {
  assert.deepStrictEqual(Schema.decodeUnknownSync(schema)(value, { onExcessProperty: "error" }), value)
  assert.deepStrictEqual(JSON.parse(JSON.stringify(value)), value)
}

const text = FastCheck.string()
const bytes = FastCheck.uint8Array({ maxLength: 50 })
const mediaType = FastCheck.constantFrom("image/png", "application/pdf", "video/mp4")
const ttl = FastCheck.constantFrom<"5m" | "1h" | undefined>("5m", "1h", undefined)
const source: FastCheck.Arbitrary<Prompt.Source> = FastCheck.oneof(
  FastCheck.webUrl(),
  FastCheck.webUrl().map((url) => new URL(url)),
  FastCheck.record({ bytes, mediaType })
)

const textPart: FastCheck.Arbitrary<ChatContentText> = FastCheck.oneof(
  text.map(Prompt.text),
  FastCheck.tuple(text, ttl).map(([text, ttl]) => Prompt.cached(text, ttl))
)

const part: FastCheck.Arbitrary<ChatContentItems> = FastCheck.oneof(
  textPart,
  FastCheck.tuple(source, FastCheck.constantFrom<"low" | "high" | undefined>("low", "high", undefined)).map((
    [source, detail]
  ) => Prompt.image(source, { detail })),
  FastCheck.tuple(source, text).map(([source, name]) => Prompt.file(source, name)),
  text.map(Prompt.uploadedFile),
  FastCheck.tuple(bytes, FastCheck.constantFrom("wav", "mp3")).map(([bytes, format]) => Prompt.audio(bytes, format)),
  source.map(Prompt.video)
)

const said: FastCheck.Arbitrary<Prompt.MessageContent> = FastCheck.oneof(
  text,
  FastCheck.array(FastCheck.oneof(text, part))
)
const instructions = FastCheck.oneof(text, FastCheck.array(FastCheck.oneof(text, textPart)))
const name = FastCheck.record({ name: FastCheck.option(text, { nil: undefined }) })

describe("Content", () => {
  it("makes parts that the API knows", () =>
    FastCheck.assert(FastCheck.property(part, (part) => holds(ChatContentItems, part))))

  it("puts bytes into data URLs that hold them", () =>
    FastCheck.assert(FastCheck.property(bytes, mediaType, (bytes, mediaType) => {
      const url = Prompt.image({ bytes, mediaType }).image_url.url
      const [head, data = ""] = url.split(",")
      assert.strictEqual(head, `data:${mediaType};base64`)
      assert.deepStrictEqual(new Uint8Array(Buffer.from(data, "base64")), bytes)
    })))

  it("leaves URLs as they are, and sends sound without a prefix", () => {
    assert.strictEqual(Prompt.image("data:image/png;base64,AA==").image_url.url, "data:image/png;base64,AA==")
    assert.strictEqual(Prompt.video(new URL("https://a.b/c?d=e")).video_url.url, "https://a.b/c?d=e")
    assert.deepStrictEqual(Prompt.audio(new Uint8Array([82, 73]), "wav").input_audio, { data: "Ukk=", format: "wav" })
    assert.deepStrictEqual(Prompt.file({ bytes: new Uint8Array([37]), mediaType: "application/pdf" }, "a.pdf").file, {
      filename: "a.pdf",
      file_data: "data:application/pdf;base64,JQ=="
    })
  })
})

describe("Message", () => {
  const message = FastCheck.oneof(
    FastCheck.tuple(instructions, name).map(([content, name]) => Prompt.system(content, name)),
    FastCheck.tuple(instructions, name).map(([content, name]) => Prompt.developer(content, name)),
    FastCheck.tuple(said, name).map(([content, name]) => Prompt.user(content, name)),
    FastCheck.tuple(said, name).map(([content, name]) => Prompt.assistant(content, name)),
    FastCheck.tuple(text, said).map(([id, content]) => Prompt.tool(id, content)),
    text.map(Prompt.prefill)
  )

  it("makes messages that the API knows", () =>
    FastCheck.assert(FastCheck.property(message, (message) => holds(ChatMessages, message))))

  it("turns strings among parts into text, and a call into its id", () => {
    assert.deepStrictEqual(Prompt.user(["Look:", Prompt.uploadedFile("file-1")]).content, [
      { type: "text", text: "Look:" },
      { type: "file", file: { file_id: "file-1" } }
    ])
    const call = { id: "call_1", type: "function", function: { name: "f" } }
    assert.deepStrictEqual(Prompt.tool(call, "42"), { role: "tool", tool_call_id: "call_1", content: "42" })
  })

  it("ends a prefill without white space", () => assert.strictEqual(Prompt.prefill("{\"a\": \n").content, "{\"a\":"))

  it("caches up to the last text of a message, and changes nothing else", () =>
    FastCheck.assert(FastCheck.property(said, ttl, (content, ttl) => {
      const before = Prompt.user(content)
      const after = Prompt.cached(before, ttl)
      holds(ChatMessages, after)
      const parts = typeof before.content === "string" ? [Prompt.text(before.content)] : before.content
      const last = parts.findLastIndex((part) => part.type === "text" && Reflect.get(part, "text") !== "")
      if (last === -1) return assert.deepStrictEqual(after, before)
      const cache_control = { type: "ephemeral", ...(ttl === undefined ? {} : { ttl }) }
      assert.deepStrictEqual<unknown>(
        after.content,
        parts.map((part, index) => index === last ? { ...part, cache_control } : part)
      )
    })))

  it("caches any kind of message, and leaves one without text alone", () => {
    const cached = [{ type: "text", text: "a", cache_control: { type: "ephemeral", ttl: "1h" } }]
    assert.deepStrictEqual<unknown>(Prompt.cached(Prompt.system("a"), "1h").content, cached)
    assert.deepStrictEqual<unknown>(Prompt.cached(Prompt.developer("a"), "1h").content, cached)
    assert.deepStrictEqual<unknown>(Prompt.cached(Prompt.assistant("a"), "1h").content, cached)
    assert.deepStrictEqual<unknown>(Prompt.cached(Prompt.tool("1", "a"), "1h"), {
      role: "tool",
      tool_call_id: "1",
      content: cached
    })
    const call = { role: "assistant", content: null, tool_calls: [] } as const
    assert.deepStrictEqual(Prompt.cached(call), call)
  })

  it.effect("51: sends a reply back as it came, with null for the text that a tool call does not have", () =>
    Effect.gen(function*() {
      const ask = (messages: ChatRequest["messages"]) => Chat.send({ model: "openai/gpt-5-nano", messages })
      const question = Prompt.user("Weather?")
      const first = yield* ask([question])
      const reply = Prompt.fromResponse(first)
      const [call] = reply.tool_calls ?? []
      assert.isDefined(call)
      const second = yield* ask([question, reply, Prompt.tool(call ?? "", "Sunny")])
      yield* ask([question, Prompt.fromResponse(second)])

      const [, sentSecond, sentThird] = (yield* TestModel.requests).map(({ json }) => Object(json["messages"]))
      assert.strictEqual(sentSecond[1].content, null)
      assert.deepStrictEqual(sentSecond[1].reasoning_details, first.choices[0]?.message.reasoning_details)
      assert.strictEqual(sentSecond[1].reasoning_details[0].signature, "sig")
      assert.strictEqual(sentSecond[2].tool_call_id, sentSecond[1].tool_calls[0].id)
      assert.strictEqual(sentThird[1].content, "Sunny it is.")
      assert.deepStrictEqual(Prompt.fromResponse({ id: "", model: "", choices: [] }), {
        role: "assistant",
        content: ""
      })
    }).pipe(Effect.provide(TestModel.layer([
      [Script.reasoning("Hm", { signature: "sig" }), Script.toolCall("weather", {})],
      "Sunny it is.",
      "You are welcome."
    ]))))

  it("does not send the empty text of a tool call", () => {
    const tool_calls = [{ id: "1", type: "function", function: { name: "f" } }]
    const choice = (content: string) => ({ index: 0, message: { role: "assistant" as const, content, tool_calls } })
    const reply = (content: string) => Prompt.fromResponse({ id: "", model: "", choices: [choice(content)] })
    assert.strictEqual(reply("").content, null)
    assert.strictEqual(reply("I look it up.").content, "I look it up.")
    assert.deepStrictEqual(reply("").tool_calls, tool_calls)
  })
})

describe("Routing", () => {
  const model = FastCheck.constantFrom("a/b", "c/d", "e/f", "g/h")
  const provider = FastCheck.constantFrom("Azure", "OpenAI", "tomorrow/s")
  const price = FastCheck.oneof(FastCheck.double({ min: 0, max: 1000, noNaN: true }), FastCheck.constant("0.5"))

  it("names fallback models, none of them twice", () =>
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

  it("makes preferences that the API knows", () =>
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

  it("means what it says", () => {
    assert.deepStrictEqual(Routing.order("Azure", "OpenAI"), { order: ["Azure", "OpenAI"] })
    assert.deepStrictEqual(Routing.onlyInOrder("Azure"), { order: ["Azure"], allow_fallbacks: false })
    assert.deepStrictEqual(Routing.sort("price"), { sort: "price" })
    assert.deepStrictEqual(Routing.sort("price", "none"), { sort: { by: "price", partition: "none" } })
  })

  it("writes prices as decimals", () => {
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
