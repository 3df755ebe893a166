import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FastCheck from "effect/FastCheck"
import { ChatContentItems } from "../../src/schema/ChatContent.js"
import type { ChatContentText } from "../../src/schema/ChatContent.js"
import { ChatMessages, type ChatRequest } from "../../src/schema/ChatRequest.js"
import * as Chat from "../../src/services/Chat.js"
import * as Prompt from "../../src/services/Prompt.js"
import * as Script from "../../src/testing/Script.js"
import * as TestModel from "../../src/testing/TestModel.js"
import { holds } from "./support/holds.js"

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

const messageContent: FastCheck.Arbitrary<Prompt.MessageContent> = FastCheck.oneof(
  text,
  FastCheck.array(FastCheck.oneof(text, part))
)
const instructions = FastCheck.oneof(text, FastCheck.array(FastCheck.oneof(text, textPart)))
const name = FastCheck.record({ name: FastCheck.option(text, { nil: undefined }) })

describe("parts of content", () => {
  it("makes parts that fit the schema of the API", () =>
    FastCheck.assert(FastCheck.property(part, (part) => holds(ChatContentItems, part))))

  it("encodes bytes as data URLs", () =>
    FastCheck.assert(FastCheck.property(bytes, mediaType, (bytes, mediaType) => {
      const url = Prompt.image({ bytes, mediaType }).image_url.url
      const [head, data = ""] = url.split(",")
      assert.strictEqual(head, `data:${mediaType};base64`)
      assert.deepStrictEqual(new Uint8Array(Buffer.from(data, "base64")), bytes)
    })))

  it("keeps URLs unchanged and sends audio as plain base64", () => {
    assert.strictEqual(Prompt.image("data:image/png;base64,AA==").image_url.url, "data:image/png;base64,AA==")
    assert.strictEqual(Prompt.video(new URL("https://a.b/c?d=e")).video_url.url, "https://a.b/c?d=e")
    assert.deepStrictEqual(Prompt.audio(new Uint8Array([82, 73]), "wav").input_audio, { data: "Ukk=", format: "wav" })
    assert.deepStrictEqual(Prompt.file({ bytes: new Uint8Array([37]), mediaType: "application/pdf" }, "a.pdf").file, {
      filename: "a.pdf",
      file_data: "data:application/pdf;base64,JQ=="
    })
  })
})

describe("messages", () => {
  const message = FastCheck.oneof(
    FastCheck.tuple(instructions, name).map(([content, name]) => Prompt.system(content, name)),
    FastCheck.tuple(instructions, name).map(([content, name]) => Prompt.developer(content, name)),
    FastCheck.tuple(messageContent, name).map(([content, name]) => Prompt.user(content, name)),
    FastCheck.tuple(messageContent, name).map(([content, name]) => Prompt.assistant(content, name)),
    FastCheck.tuple(text, messageContent).map(([id, content]) => Prompt.tool(id, content)),
    text.map(Prompt.prefill)
  )

  it("makes messages that fit the schema of the API", () =>
    FastCheck.assert(FastCheck.property(message, (message) => holds(ChatMessages, message))))

  it("converts strings in a list of parts to text parts, and a tool call to its id", () => {
    assert.deepStrictEqual(Prompt.user(["Look:", Prompt.uploadedFile("file-1")]).content, [
      { type: "text", text: "Look:" },
      { type: "file", file: { file_id: "file-1" } }
    ])
    const call = { id: "call_1", type: "function", function: { name: "f" } }
    assert.deepStrictEqual(Prompt.tool(call, "42"), { role: "tool", tool_call_id: "call_1", content: "42" })
  })

  it("removes white space at the end of a prefill", () =>
    assert.strictEqual(Prompt.prefill("{\"a\": \n").content, "{\"a\":"))

  it("marks the last text of a message for the cache and changes nothing else", () =>
    FastCheck.assert(FastCheck.property(messageContent, ttl, (content, ttl) => {
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

  it("marks messages of every role for the cache, but not a message without text", () => {
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

  it.effect("51: sends a response back unchanged, with null as the content of a message that has only tool calls", () =>
    Effect.gen(function*() {
      const send = (messages: ChatRequest["messages"]) => Chat.send({ model: "openai/gpt-5-nano", messages })
      const question = Prompt.user("Weather?")
      const first = yield* send([question])
      const message = Prompt.fromResponse(first)
      const [call] = message.tool_calls ?? []
      assert.isDefined(call)
      const second = yield* send([question, message, Prompt.tool(call ?? "", "Sunny")])
      yield* send([question, Prompt.fromResponse(second)])

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

  it("replaces the empty text beside a tool call with null", () => {
    const tool_calls = [{ id: "1", type: "function", function: { name: "f" } }]
    const choice = (content: string) => ({ index: 0, message: { role: "assistant" as const, content, tool_calls } })
    const converted = (content: string) => Prompt.fromResponse({ id: "", model: "", choices: [choice(content)] })
    assert.strictEqual(converted("").content, null)
    assert.strictEqual(converted("I look it up.").content, "I look it up.")
    assert.deepStrictEqual(converted("").tool_calls, tool_calls)
  })
})
