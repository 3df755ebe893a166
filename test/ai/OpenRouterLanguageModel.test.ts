import * as LanguageModel from "@effect/ai/LanguageModel"
import * as Prompt from "@effect/ai/Prompt"
import type * as Response from "@effect/ai/Response"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as OpenRouterLanguageModel from "../../src/ai/OpenRouterLanguageModel.js"
import { collect } from "../../src/internal/effect/batches.js"
import * as Script from "../../src/testing/Script.js"
import * as TestModel from "../../src/testing/TestModel.js"
import { Foreign, Kit, KitLive, Search, tokensOf } from "../support/effect/ai.js"

const live = (script: Script.Script, config: OpenRouterLanguageModel.Options["config"] = {}) =>
  Layer.mergeAll(
    Layer.provideMerge(OpenRouterLanguageModel.layer({ model: "m/m", config }), TestModel.layer(script)),
    KitLive
  )

const sent = Effect.map(TestModel.requests, (requests) => requests.map(({ json }) => json))

/** Parts without their ids, each as one line. */
const lines = (parts: ReadonlyArray<Response.AnyPart>): ReadonlyArray<string> =>
  parts.map((part) =>
    [
      part.type,
      ..."delta" in part ? [part.delta] : [],
      ..."text" in part ? [part.text] : [],
      ..."params" in part ? [JSON.stringify(part.params)] : [],
      ..."encodedResult" in part ? [JSON.stringify(part.encodedResult)] : [],
      ..."url" in part ? [String(part.url)] : [],
      ..."mediaType" in part ? [part.mediaType] : [],
      ..."reason" in part ? [String(part.reason)] : []
    ].join(" ")
  )

describe("OpenRouterLanguageModel", () => {
  it.effect("has the text, the reasoning, the sources, the images, the usage and the cost of a response", () =>
    Effect.gen(function*() {
      const response = yield* LanguageModel.generateText({ prompt: "Hello" })
      assert.deepStrictEqual(lines(response.content), [
        "response-metadata",
        "reasoning hm",
        "text Hi",
        "source https://e.org/",
        "file image/png",
        "finish stop"
      ])
      assert.strictEqual(response.text, "Hi")
      assert.deepStrictEqual(tokensOf(response.usage), [12, 5, 3, 2])
      const finish = response.content.at(-1)
      const metadata = finish?.type === "finish" ? finish.metadata.openrouter : undefined
      assert.deepInclude(metadata, { provider: "Acme" })
      assert.strictEqual(metadata?.usage?.cost, 0.5)
    }).pipe(
      Effect.provide(live([
        Script.turn(
          [Script.reasoning("hm"), Script.text("Hi"), Script.citation({ url: "https://e.org/" }), Script.image()],
          {
            cost: 0.5,
            provider: "Acme",
            usage: { inputTokens: 12, outputTokens: 5, reasoningTokens: 3, cachedTokens: 2 }
          }
        )
      ]))
    ))

  it.effect("sends the fields of the model, and those of an override over them", () =>
    Effect.gen(function*() {
      const ask = LanguageModel.generateText({ prompt: "Hello" })
      yield* ask
      yield* OpenRouterLanguageModel.withConfigOverride(ask, { temperature: 0, model: "other/m" })
      yield* ask.pipe(
        OpenRouterLanguageModel.withConfigOverride({ top_p: 0.5 }),
        OpenRouterLanguageModel.withConfigOverride({ temperature: 1 })
      )
      const [first, second, third] = yield* sent
      assert.deepStrictEqual(first, {
        model: "m/m",
        temperature: 0.2,
        messages: [{ role: "user", content: "Hello" }]
      })
      assert.deepInclude(second, { model: "other/m", temperature: 0 })
      assert.deepInclude(third, { model: "m/m", temperature: 1, top_p: 0.5 })
    }).pipe(Effect.provide(live(["1", "2", "3"], { temperature: 0.2 }))))

  it.effect("a model is a layer with the name of the provider", () =>
    Effect.gen(function*() {
      const { text } = yield* Effect.provide(
        LanguageModel.generateText({ prompt: "Hello" }),
        OpenRouterLanguageModel.model("m/m", { temperature: 1 })
      )
      assert.strictEqual(text, "Hi")
      assert.strictEqual(OpenRouterLanguageModel.model("m/m").provider, "openrouter")
    }).pipe(Effect.provide(TestModel.layer(["Hi"]))))

  it.effect("every reason for an end is that of @effect/ai", () =>
    Effect.gen(function*() {
      const reasons = ["stop", "length", "content_filter", "pause_turn", "something_new", null]
      const found: Array<string> = []
      for (const _ of reasons) found.push((yield* LanguageModel.generateText({ prompt: "Hello" })).finishReason)
      for (const _ of reasons) {
        const parts = yield* collect(LanguageModel.streamText({ prompt: "Hello" }))
        found.push(...parts.flatMap((part) => part.type === "finish" ? [part.reason] : []))
      }
      const expected = ["stop", "length", "content-filter", "pause", "other", "unknown"]
      assert.deepStrictEqual(found, [...expected, ...expected])
    }).pipe(Effect.provide(live(
      [1, 2].flatMap(() =>
        ["stop", "length", "content_filter", "pause_turn", "something_new", null].map((finishReason) =>
          Script.turn("Hi", { finishReason })
        )
      )
    ))))

  it.effect("calls end with the reason of calls, whatever the provider says", () =>
    Effect.gen(function*() {
      const { finishReason, toolResults } = yield* LanguageModel.generateText({ prompt: "1 + 2", toolkit: Kit })
      assert.strictEqual(finishReason, "tool-calls")
      assert.deepStrictEqual(toolResults.map(({ result }) => result), [3])
    }).pipe(Effect.provide(live([Script.turn([Script.toolCall("add", { a: 1, b: 2 })], { finishReason: "stop" })]))))

  it.effect("streams text, parallel calls and reasoning between them", () =>
    Effect.gen(function*() {
      const parts = yield* collect(LanguageModel.streamText({ prompt: "1 + 2", toolkit: Kit }))
      const found = lines(parts).filter((line) => !line.startsWith("tool-params-delta"))
      // Effect 4 executes tools before it passes the finish on
      assert.deepStrictEqual([...found.slice(0, -3), ...found.slice(-3).sort()], [
        "response-metadata",
        "reasoning-start",
        "reasoning-delta hm",
        "reasoning-end",
        "text-start",
        "text-delta Let me",
        "text-delta  add",
        "text-end",
        "reasoning-start",
        "reasoning-delta so",
        "reasoning-end",
        "tool-params-start",
        "tool-params-start",
        "tool-params-end",
        "tool-params-end",
        `tool-call {"a":1,"b":2}`,
        "tool-call {}",
        "finish tool-calls",
        `tool-result "noon"`,
        "tool-result 3"
      ])
      const written = parts.flatMap((part) => part.type === "tool-params-delta" ? [part.delta] : []).join("")
      assert.strictEqual(written, `{"a":1,"b":2}{}`)
    }).pipe(
      Effect.provide(live([[
        Script.reasoning("hm"),
        Script.text(["Let me", " add"]),
        Script.reasoning("so"),
        Script.toolCall("add", { a: 1, b: 2 }),
        Script.toolCall("now", {})
      ]]))
    ))

  it.effect("streams images, sources and usage at the end", () =>
    Effect.gen(function*() {
      const parts = yield* collect(LanguageModel.streamText({ prompt: "Draw" }))
      assert.deepStrictEqual(lines(parts).slice(-3), ["source https://e.org/", "file image/png", "finish stop"])
    }).pipe(
      Effect.provide(live([[Script.text("Here"), Script.citation({ url: "https://e.org/" }), Script.image()]]))
    ))

  it.effect("asks for a value with a strict schema, and reads optional fields and records of it", () =>
    Effect.gen(function*() {
      const Person = Schema.Struct({
        name: Schema.String,
        age: Schema.optional(Schema.Number),
        tags: Schema.Record({ key: Schema.String, value: Schema.Number })
      })
      const { value } = yield* LanguageModel.generateObject({ prompt: "Who?", schema: Person, objectName: "person" })
      assert.deepStrictEqual(value, { name: "Ada", tags: { a: 1 } })
      const [request] = yield* sent
      const format = Object(request?.["response_format"])
      assert.strictEqual(format.json_schema.name, "person")
      assert.isTrue(format.json_schema.strict)
      assert.deepStrictEqual(format.json_schema.schema.required, ["name", "age", "tags"])
      assert.deepStrictEqual(request?.["provider"], { require_parameters: true })
    }).pipe(
      Effect.provide(live([
        "Here it is:\n```json\n{\"name\":\"Ada\",\"age\":null,\"tags\":[{\"key\":\"a\",\"value\":1}]}\n```"
      ]))
    ))

  it.effect("sends tools with a strict schema, and reads optional parameters of it", () =>
    Effect.gen(function*() {
      const { toolCalls, toolResults } = yield* LanguageModel.generateText({ prompt: "1", toolkit: Kit })
      assert.deepStrictEqual(toolResults.map(({ result }) => result), [1])
      assert.deepStrictEqual(toolCalls.map(({ params }) => params), [{ a: 1, labels: { x: "y" } }])
      const [request] = yield* sent
      const [add, now] = Object(request?.["tools"])
      assert.deepInclude(add.function, { name: "add", description: "Adds.", strict: true })
      assert.deepStrictEqual(add.function.parameters.required, ["a", "b", "labels"])
      assert.strictEqual(now.function.name, "now")
      assert.strictEqual(request?.["tool_choice"], "auto")
    }).pipe(
      Effect.provide(live([
        [Script.toolCall("add", { a: 1, b: null, labels: [{ key: "x", value: "y" }] })]
      ]))
    ))

  it.effect("sends every choice of a tool", () =>
    Effect.gen(function*() {
      for (
        const toolChoice of [
          "none",
          "required",
          { tool: "now" },
          { oneOf: ["add"] },
          { mode: "required", oneOf: ["add"] }
        ] as const
      ) {
        yield* LanguageModel.generateText({ prompt: "1", toolkit: Kit, toolChoice })
      }
      const requests = yield* sent
      assert.deepStrictEqual(
        requests.map((request) => [request["tool_choice"], Object(request["tools"]).length]),
        [
          ["none", 2],
          ["required", 2],
          [{ type: "function", function: { name: "now" } }, 2],
          ["auto", 1],
          ["required", 1]
        ]
      )
    }).pipe(Effect.provide(live(["1", "2", "3", "4", "5"]))))

  it.effect("sends the tools of OpenRouter, and refuses those of other providers", () =>
    Effect.gen(function*() {
      const model = yield* LanguageModel.LanguageModel
      yield* model.generateText({ prompt: "1", toolkit: { tools: { Search }, handle: () => Effect.die("none") } })
      const [request] = yield* sent
      assert.deepStrictEqual(request?.["tools"], [
        { type: "openrouter:web_search", parameters: { max_results: 3 } }
      ])
      const foreign = { tools: { Foreign }, handle: () => Effect.die("none") }
      const error = yield* Effect.flip(model.generateText({ prompt: "1", toolkit: foreign }))
      assert.include(String(error), "openai.code_interpreter")
    }).pipe(Effect.provide(live(["1"]))))

  it.effect("sends all parts of a prompt", () =>
    Effect.gen(function*() {
      const cacheControl = { type: "ephemeral" } as const
      const prompt = Prompt.make([
        { role: "system", content: "Be kind.", options: { openrouter: { cacheControl } } },
        {
          role: "user",
          content: [
            { type: "text", text: "Look", options: { openrouter: { cacheControl } } },
            { type: "file", mediaType: "image/png", data: new Uint8Array([1, 2, 3]) },
            { type: "file", mediaType: "image/*", data: new URL("https://e.org/a.png") },
            { type: "file", mediaType: "audio/mpeg", data: "AQID" },
            { type: "file", mediaType: "application/pdf", data: "data:application/pdf;base64,AQID", fileName: "a.pdf" },
            { type: "file", mediaType: "video/mp4", data: "https://e.org/a.mp4" }
          ],
          options: { openrouter: { cacheControl } }
        },
        {
          role: "assistant",
          content: [
            { type: "reasoning", text: "hm" },
            { type: "text", text: "I add." },
            { type: "tool-call", id: "c1", name: "add", params: { a: 1 } },
            { type: "tool-call", id: "s1", name: "Search", params: {}, providerExecuted: true }
          ]
        },
        {
          role: "tool",
          content: [
            {
              type: "tool-result",
              id: "c1",
              name: "add",
              isFailure: false,
              result: { sum: 1 },
              providerExecuted: false
            },
            { type: "tool-result", id: "c2", name: "add", isFailure: true, result: "no", providerExecuted: false }
          ],
          options: { openrouter: { cacheControl } }
        },
        { role: "user", content: "Go on" }
      ])
      yield* LanguageModel.generateText({ prompt })
      const [request] = yield* sent
      assert.deepStrictEqual(request?.["messages"], [
        { role: "system", content: [{ type: "text", text: "Be kind.", cache_control: cacheControl }] },
        {
          role: "user",
          content: [
            { type: "text", text: "Look", cache_control: cacheControl },
            { type: "image_url", image_url: { url: "data:image/png;base64,AQID" } },
            { type: "image_url", image_url: { url: "https://e.org/a.png" } },
            { type: "input_audio", input_audio: { data: "AQID", format: "mp3" } },
            { type: "file", file: { filename: "a.pdf", file_data: "data:application/pdf;base64,AQID" } },
            { type: "video_url", video_url: { url: "https://e.org/a.mp4" }, cache_control: cacheControl }
          ]
        },
        {
          role: "assistant",
          content: "I add.",
          reasoning: "hm",
          tool_calls: [{ id: "c1", type: "function", function: { name: "add", arguments: "{\"a\":1}" } }]
        },
        { role: "tool", tool_call_id: "c1", content: "{\"sum\":1}" },
        { role: "tool", tool_call_id: "c2", content: [{ type: "text", text: "no", cache_control: cacheControl }] },
        { role: "user", content: "Go on" }
      ])
    }).pipe(Effect.provide(live(["Hi"]))))
})
