import * as Chat from "@effect/ai/Chat"
import * as LanguageModel from "@effect/ai/LanguageModel"
import { assert, describe, it } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as Agent from "../../src/agent/Agent.js"
import * as Tool from "../../src/agent/Tool.js"
import * as Toolkit from "../../src/agent/Toolkit.js"
import * as AiToolkit from "../../src/ai/AiToolkit.js"
import * as OpenRouterLanguageModel from "../../src/ai/OpenRouterLanguageModel.js"
import { collect } from "../../src/internal/effect/batches.js"
import * as Script from "../../src/testing/Script.js"
import * as TestModel from "../../src/testing/TestModel.js"
import { Foreign, Kit, KitLive, Rich, RichLive, richly } from "../support/effect/ai.js"

const live = (script: Script.Script) =>
  Layer.provideMerge(OpenRouterLanguageModel.layer({ model: "m/m" }), TestModel.layer(script))

class Greeting extends Context.Tag("test/Greeting")<Greeting, string>() {}

const Greet = Tool.make("greet", {
  description: "Greets.",
  parameters: Schema.Struct({ name: Schema.String, since: Schema.optional(Schema.Date) }),
  success: Schema.String,
  failure: Schema.String
})
const Count = Tool.fromJsonSchema("count", {
  parameters: { type: "object", properties: { words: { type: "array", items: { type: "string" } } } },
  toModelOutput: (result) => `There are ${String(result)}.`
})
const Ours = Toolkit.make(Greet, Count)
const OursLive = Ours.toLayer({
  greet: ({ name, since }) =>
    Effect.flatMap(Greeting, (greeting) =>
      name === "nobody" ? Effect.fail("Nobody is here.") : Effect.succeed(
        `${greeting}, ${name}, since ${since?.getUTCFullYear()}`
      )),
  count: ({ words }) => Effect.succeed(Array.isArray(words) ? words.length : 0)
}).pipe(Layer.provide(Layer.succeed(Greeting, "Hello")))

describe("AiToolkit.toAi", () => {
  it.effect("calls the tools of an agent, with their services and their own outputs", () =>
    Effect.gen(function*() {
      const chat = yield* Chat.empty
      const toolkit = yield* AiToolkit.toAi(Ours)
      const { toolResults } = yield* chat.generateText({ prompt: "Greet", toolkit })
      assert.deepStrictEqual(toolResults.map(({ encodedResult, isFailure }) => [encodedResult, isFailure]), [
        ["Hello, Ada, since 1843", false],
        ["Nobody is here.", true],
        ["There are 2.", false]
      ])
      yield* chat.generateText({ prompt: [], toolkit })
      const [first, second] = yield* TestModel.requests
      const [greet, count] = Object(first?.json["tools"])
      assert.deepInclude(greet.function, { name: "greet", description: "Greets.", strict: true })
      assert.sameMembers(greet.function.parameters.required, ["name", "since"])
      assert.property(count.function.parameters.properties, "words")
      assert.deepStrictEqual(
        Object(second?.json["messages"]).slice(-3).map(({ content }: { readonly content: unknown }) => content),
        ["Hello, Ada, since 1843", "Nobody is here.", "There are 2."]
      )
    }).pipe(
      Effect.provide(OursLive),
      Effect.provide(live([
        [
          Script.toolCall("greet", { name: "Ada", since: "1843-01-01T00:00:00.000Z" }),
          Script.toolCall("greet", { name: "nobody", since: null }),
          Script.toolCall("count", { words: ["a", "b"] })
        ],
        "Done."
      ]))
    ))

  it.effect("arguments that do not fit are a failure of the call", () =>
    Effect.gen(function*() {
      const toolkit = yield* AiToolkit.toAi(Ours)
      const { toolResults } = yield* LanguageModel.generateText({ prompt: "Greet", toolkit })
      assert.strictEqual(toolResults[0]?.isFailure, true)
      assert.match(String(toolResults[0]?.encodedResult), /The arguments do not fit: .*name/)
    }).pipe(Effect.provide(OursLive), Effect.provide(live([[Script.toolCall("greet", { name: 1 })]]))))

  it.effect("a tool with an approval needs somebody who decides", () =>
    Effect.gen(function*() {
      const Pay = Tool.make("pay", { requireApproval: true, success: Schema.String })
      const pay = Toolkit.make(Pay)
      const handlers = pay.toLayer({ pay: () => Effect.succeed("paid") })
      const error = yield* Effect.flip(Effect.provide(AiToolkit.toAi(pay), handlers))
      assert.strictEqual(error._tag, "ToolNotCarriedOverError")
      assert.include(error.message, "\"pay\" needs a run of an agent, because it may wait for an approval")
      const answers: Array<unknown> = []
      for (const decision of [true, false]) {
        const approve = () => Effect.succeed(decision)
        const toolkit = yield* Effect.provide(AiToolkit.toAi(pay, { approve }), handlers)
        const { toolResults } = yield* LanguageModel.generateText({ prompt: "Pay", toolkit })
        answers.push(toolResults[0]?.isFailure, toolResults[0]?.encodedResult)
      }
      assert.deepStrictEqual(answers.slice(0, 3), [false, "paid", true])
    }).pipe(Effect.provide(live([[Script.toolCall("pay", {})], [Script.toolCall("pay", {})]]))))

  it.effect("tools that act on a run are refused", () =>
    Effect.gen(function*() {
      const jump = Toolkit.make(Tool.make("jump", { nextTurn: () => ({ model: "other/m" }) }))
      const dig = Toolkit.make(Tool.make("dig", { background: true }))
      const errors = [
        yield* Effect.flip(AiToolkit.toAi(Toolkit.provide(jump, { jump: () => Effect.void }))),
        yield* Effect.flip(AiToolkit.toAi(Toolkit.provide(dig, { dig: () => Effect.void })))
      ]
      assert.deepStrictEqual(errors.map(({ message }) => message.replace(/.*because it |\. Leave it out.*$/g, "")), [
        "changes the parameters of later turns",
        "goes on beside the turns"
      ])
    }))
})

describe("AiToolkit.fromAi", () => {
  it.effect("an agent calls the tools of @effect/ai", () =>
    Effect.gen(function*() {
      const tools = yield* AiToolkit.fromAi(yield* Kit)
      const run = yield* Agent.run({ model: "m/m", input: "1 + 2", tools })
      assert.strictEqual(run.text, "3")
      const outputs = run.items.flatMap((item) => item.type === "function_call_output" ? [item.output] : [])
      assert.deepStrictEqual(outputs.slice(0, 2), ["1", "noon"])
      assert.match(String(outputs[2]), /add/)
      const [request] = yield* TestModel.requests
      const [add] = Object(request?.json["tools"])
      assert.deepInclude(add, { type: "function", name: "add", description: "Adds.", strict: true })
      assert.sameMembers(add.parameters.required, ["a", "b", "labels"])
    }).pipe(
      Effect.provide(KitLive),
      Effect.provide(TestModel.layer([
        [
          Script.toolCall("add", { a: 1, b: null, labels: [{ key: "x", value: "y" }] }),
          Script.toolCall("now", {}),
          Script.toolCall("add", { a: "one", b: null, labels: null })
        ],
        "3"
      ]))
    ))

  it.effect("results before the last one are progress, and a tool that asks for an approval waits for it", () =>
    Effect.gen(function*() {
      const tools = yield* AiToolkit.fromAi(yield* Rich)
      const look = yield* collect(Agent.stream({ model: "m/m", input: "Look", tools }))
      assert.deepStrictEqual(
        look.flatMap((event) => event.type === "tool.preliminary_result" ? [event.result] : []),
        richly.progress
      )
      const ask = yield* Agent.run({ model: "m/m", input: "Ask", tools })
      assert.strictEqual(ask.outcome._tag, richly.outcome)
    }).pipe(
      Effect.provide(RichLive),
      Effect.provide(TestModel.layer(
        [[Script.toolCall("look", { at: "sea" })], "Seen.", [Script.toolCall("ask", {})], "Asked."],
        { allowUnused: true }
      ))
    ))

  it.effect("a model receives what a tool of @effect/ai has for it", () =>
    Effect.gen(function*() {
      const chat = yield* Chat.empty
      yield* chat.generateText({ prompt: "Look", toolkit: Rich })
      yield* chat.generateText({ prompt: [], toolkit: Rich })
      const [first, second] = yield* TestModel.requests
      assert.deepStrictEqual(Object(first?.json["tools"])[0].function.parameters.required, ["at"])
      assert.deepStrictEqual(Object(second?.json["messages"]).at(-1).content, richly.content)
    }).pipe(Effect.provide(RichLive), Effect.provide(live([[Script.toolCall("look", { at: "sea" })], "Seen."]))))

  it.effect("a tool that a provider executes is refused", () =>
    Effect.gen(function*() {
      const kit = { tools: { Foreign }, handle: () => Effect.die("none") }
      const error = yield* Effect.flip(AiToolkit.fromAi(kit))
      assert.include(error.message, "\"Code\"")
    }))
})
