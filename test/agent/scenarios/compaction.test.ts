import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as Agent from "../../../src/agent/Agent.js"
import * as Budget from "../../../src/agent/Budget.js"
import * as Compaction from "../../../src/agent/Compaction.js"
import * as Conversation from "../../../src/agent/Conversation.js"
import * as StopWhen from "../../../src/agent/StopWhen.js"
import * as Tool from "../../../src/agent/Tool.js"
import * as Toolkit from "../../../src/agent/Toolkit.js"
import * as Usage from "../../../src/agent/Usage.js"
import { NotFoundResponseError } from "../../../src/http/OpenRouterError.js"
import { stringAt } from "../../../src/internal/json.js"
import * as Models from "../../../src/services/Models.js"
import * as MockHttpClient from "../../../src/testing/MockHttpClient.js"
import * as Script from "../../../src/testing/Script.js"
import * as TestModel from "../../../src/testing/TestModel.js"
import { collect, itemsOf, model, outputsOf, sent, shapeOf } from "./support.js"

const Read = Tool.make("read", { parameters: Schema.Struct({ page: Schema.Number }), success: Schema.String })
const Ask = Tool.make("ask", { requireApproval: true })
const tools = Toolkit.make(Read, Ask)

const page = "All the words of a long page. ".repeat(100)

const handlers = tools.toLayer({
  read: ({ page: number }) => Effect.succeed(`${number} ${page}`),
  ask: () => Effect.void
})

const read = (number: number, inputTokens: number) =>
  Script.turn(Script.toolCall("read", { page: number }, { id: `c${number}` }), {
    cost: 1,
    usage: { inputTokens, outputTokens: 20 }
  })

const options = { model, tools, input: "Read all pages." } as const
const contextLength = 8000

const trimmed = `(This output had ${`1 ${page}`.length} characters. It was removed to save space.)`

const longModel = {
  id: "openai/gpt-5-nano",
  name: "GPT-5 Nano",
  context_length: 400_000,
  architecture: { input_modalities: ["text"], output_modalities: ["text"], modality: "text->text" },
  pricing: { prompt: "0", completion: "0" },
  top_provider: { is_moderated: false }
} as const

const ofModel = (script: Script.Script, endpoints: TestModel.Options["handlers"] = []) =>
  Layer.mergeAll(TestModel.layer(script, { handlers: endpoints }), Conversation.layerMemory, handlers)

const tooLong = Script.error(400, {
  message: "This endpoint's maximum context length is 4000 tokens. However, you requested about 5000 tokens."
})

describe("a history that fills the context", () => {
  const compaction = Compaction.make({ contextLength, strategies: [Compaction.trimOutputs({ keepLast: 1 })] })

  it.effect("69: loses old outputs, keeps their calls, and stays so in later turns", () =>
    Effect.gen(function*() {
      const run = yield* Agent.run({ ...options, compaction })
      const requests = yield* TestModel.requests
      assert.deepStrictEqual(requests.map((request) => outputsOf(request).map(([id]) => id)), [
        [],
        ["c1"],
        ["c1", "c2"],
        ["c1", "c2", "c3"],
        ["c1", "c2", "c3", "c4"]
      ])
      assert.deepStrictEqual(outputsOf(requests[2]), [["c1", `1 ${page}`], ["c2", `2 ${page}`]])
      assert.deepStrictEqual(outputsOf(requests[3]), [["c1", trimmed], ["c2", trimmed], ["c3", `3 ${page}`]])
      assert.deepStrictEqual(itemsOf(requests[4]).slice(0, itemsOf(requests[3]).length), itemsOf(requests[3]))
      assert.deepStrictEqual<unknown>(run.history.slice(0, 7), itemsOf(requests[3]))
      assert.strictEqual(run.items.length, 9)
      assert.strictEqual(stringAt(run.items[1], "output"), `1 ${page}`)
    }).pipe(Effect.provide(ofModel([read(1, 1000), read(2, 4000), read(3, 6500), read(4, 3000), "Done."]))))

  it.effect("is told as an event, with what it saved", () =>
    Effect.gen(function*() {
      const events = yield* collect(Agent.stream({ ...options, compaction }))
      const [told, ...others] = events.filter(({ type }) => type === "context.compacted")
      assert.deepStrictEqual(others, [])
      assert.deepInclude(told, { turn: 4, attempt: 1, strategies: ["trimOutputs"], usage: Usage.none })
      const index = events.findIndex(({ type }) => type === "context.compacted")
      assert.strictEqual(events[index + 1]?.type, "turn.start")
    }).pipe(Effect.provide(ofModel([read(1, 1000), read(2, 3000), read(3, 7500), "Done."]))))

  it.effect("is measured by what the provider reported, and by an estimate of what came since", () =>
    Effect.gen(function*() {
      const sizes: Array<Agent.ContextSize> = []
      yield* Agent.run({
        ...options,
        compaction,
        stopWhen: StopWhen.make("look", (run) => {
          sizes.push(run.context)
          return false
        }, { isBudget: true })
      })
      assert.deepInclude(sizes[0], { used: 1020, limit: contextLength })
      assert.approximately(sizes[0]?.estimate ?? 0, 1071, 1)
      // The output of the call
      assert.approximately(sizes[1]?.estimate ?? 0, 1071 + 1.05 * 755, 5)
    }).pipe(Effect.provide(ofModel([read(1, 1000), "Done."]))))

  it.effect("asks OpenRouter for the context length, once for a model of the client", () =>
    Effect.gen(function*() {
      const asks = { model: "openai/gpt-5-nano", input: "Hello", compaction: Compaction.make() } as const
      const first = yield* Agent.run(asks)
      const second = yield* Agent.run(asks)
      assert.deepStrictEqual([first.context.limit, second.context.limit], [400_000, 400_000])
      assert.deepStrictEqual((yield* TestModel.requests).map(({ method }) => method), ["POST", "GET", "POST"])
    }).pipe(Effect.provide(ofModel(["Hi", "Hi"], [
      MockHttpClient.on(Models.get, () => ({ data: longModel }))
    ]))))

  it.effect("is sent whole while nobody knows the context length", () =>
    Effect.gen(function*() {
      const run = yield* Agent.run({ ...options, compaction: Compaction.make() })
      assert.deepInclude(run.context, { limit: undefined })
      assert.strictEqual(run.text, "Done.")
    }).pipe(Effect.provide(ofModel([read(1, 1_000_000), "Done."], [
      MockHttpClient.on(Models.get, () => Effect.fail(new NotFoundResponseError({ status: 404, message: "none" })))
    ]))))
})

describe("a request that is refused as too long", () => {
  const compaction = Compaction.make({ contextLength, strategies: [Compaction.trimOutputs({ keepLast: 0 })] })

  it.effect("70: is compacted and sent once more", () =>
    Effect.gen(function*() {
      const run = yield* Agent.run({ ...options, compaction })
      assert.strictEqual(run.text, "Done.")
      const requests = yield* TestModel.requests
      assert.deepStrictEqual(outputsOf(requests[3])[0], ["c1", trimmed])
      assert.strictEqual(run.steps.length, 3)
    }).pipe(Effect.provide(ofModel([read(1, 1000), read(2, 2000), tooLong, "Done."]))))

  it.effect("fails the run when it is refused again", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(Agent.run({ ...options, compaction }))
      assert.strictEqual(error._tag, "BadRequestResponseError")
      assert.strictEqual(error.progress.steps.length, 2)
      assert.strictEqual(yield* sent, 4)
    }).pipe(Effect.provide(ofModel([read(1, 1000), read(2, 2000), tooLong, tooLong]))))

  it.effect("fails the run at once without a compaction, and if nothing can be removed", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(Agent.run({ ...options, input: "x ".repeat(9000) }))
      assert.strictEqual(error._tag, "BadRequestResponseError")
      yield* Effect.flip(Agent.run({ ...options, compaction, input: "x ".repeat(9000) }))
      assert.strictEqual(yield* sent, 2)
    }).pipe(Effect.provide(ofModel([tooLong, tooLong]))))
})

describe("a summary", () => {
  const compaction = Compaction.make({
    contextLength,
    strategies: [Compaction.summarize({ model: "test/cheap", keepTurns: 1 })]
  })
  const summary = Script.turn("Pages 1 and 2 say nothing new.", {
    cost: 0.25,
    usage: { inputTokens: 500, outputTokens: 9 }
  })

  it.effect("stands in place of old turns, and the run pays for it", () =>
    Effect.gen(function*() {
      const run = yield* Agent.run({ ...options, compaction })
      const requests = yield* TestModel.requests
      assert.strictEqual(requests[3]?.model, "test/cheap")
      const asked = stringAt(itemsOf(requests[3])[0], "content") ?? ""
      assert.include(asked, "Call of the tool read: {\"page\":1}")
      assert.notInclude(asked, "\"page\":3")
      assert.deepStrictEqual(shapeOf(requests[4]), [
        "message user",
        "message user",
        "function_call c3",
        "function_call_output c3"
      ])
      assert.include(stringAt(itemsOf(requests[4])[0], "content"), "Pages 1 and 2 say nothing new.")
      assert.strictEqual(stringAt(itemsOf(requests[4])[1], "content"), "Read all pages.")
      assert.strictEqual(run.cost, 3.25)
    }).pipe(Effect.provide(ofModel([read(1, 1000), read(2, 3000), read(3, 7000), summary, "Done."]))))

  it.effect("that fails does not fail the run", () =>
    Effect.gen(function*() {
      const events = yield* collect(Agent.stream({ ...options, compaction }))
      const told = events.find((event) => event.type === "context.compacted")
      assert.deepInclude(told, {
        strategies: [],
        failures: [{ strategy: "summarize", message: "The response has no text." }]
      })
      assert.strictEqual(events.at(-1)?.type, "run.end")
      assert.strictEqual(yield* sent, 5)
    }).pipe(Effect.provide(ofModel([read(1, 1000), read(2, 3000), read(3, 7000), Script.turn([]), "Done."]))))

  it.effect("is not paid for if what stays is too long anyway", () =>
    Effect.gen(function*() {
      const long = { ...options, instructions: "y ".repeat(17_000), compaction }
      const error = yield* Effect.flip(Agent.run({ ...long, maxSteps: 5 }))
      assert.strictEqual(error._tag, "BadRequestResponseError")
      assert.strictEqual(yield* sent, 3)
    }).pipe(Effect.provide(ofModel([read(1, 7900), read(2, 8900), tooLong]))))

  it.effect("71: counts in the budgets of the run", () =>
    Effect.gen(function*() {
      const budget = yield* Budget.make({ usd: 10 })
      const run = yield* Agent.run({ ...options, compaction, budget, stopWhen: StopWhen.maxCost(3.2) })
      assert.deepStrictEqual(run.outcome, { _tag: "stopped", condition: "maxCost(3.2)" })
      assert.strictEqual((yield* Budget.spent(budget)).cost, 3.25)
      assert.strictEqual(yield* sent, 4)
    }).pipe(Effect.provide(ofModel([read(1, 1000), read(2, 3000), read(3, 7000), summary]))))
})

describe("a stored conversation that was compacted", () => {
  const compaction = Compaction.make({
    contextLength,
    strategies: [Compaction.summarize({ model: "test/cheap", keepTurns: 1 })]
  })
  const stored = { model, tools, compaction, conversation: "c" } as const
  const summary = Script.turn("Nothing new.", { cost: 0.25, usage: { inputTokens: 500, outputTokens: 3 } })

  it.effect("sends in the next run what the last one sent, and keeps all that was said", () =>
    Effect.gen(function*() {
      const first = yield* Agent.run({ ...stored, input: "Read all pages." })
      yield* Agent.run({ ...stored, input: "And?" })
      const requests = yield* TestModel.requests
      const before = itemsOf(requests[4])
      assert.deepStrictEqual(itemsOf(requests[5]).slice(0, before.length), before)
      const log = yield* Conversation.load("c")
      assert.deepStrictEqual(Conversation.history(log).slice(0, 4), first.history.slice(0, 4))
      assert.strictEqual(Conversation.history(log, { whole: true }).length, 10)
      assert.strictEqual(Conversation.usage(log).cost, 3.25)
    }).pipe(
      Effect.provide(ofModel([read(1, 1000), read(2, 3000), read(3, 7000), summary, "Done.", "That is all."]))
    ))

  it.effect("takes back the history that a run returned, without storing it twice", () =>
    Effect.gen(function*() {
      const first = yield* Agent.run({ ...stored, input: "Read all pages." })
      yield* Agent.run({ ...stored, input: [...first.history, { role: "user", content: "And?" }] })
      const log = yield* Conversation.load("c")
      assert.strictEqual(Conversation.history(log, { whole: true }).length, 10)
    }).pipe(
      Effect.provide(ofModel([read(1, 1000), read(2, 3000), read(3, 7000), summary, "Done.", "That is all."]))
    ))

  it.effect("pays for a summary before its first turn once, whether the turn succeeds or not", () =>
    Effect.gen(function*() {
      yield* Agent.run({ ...stored, input: "Read all pages." })
      const again = { ...stored, input: "And?" } as const
      yield* Effect.flip(Agent.run(again))
      assert.strictEqual(Conversation.usage(yield* Conversation.load("c")).cost, 3.25)
      yield* Agent.run(again)
      const log = yield* Conversation.load("c")
      assert.strictEqual(Conversation.usage(log).cost, 3.5)
      assert.strictEqual(Conversation.history(log, { whole: true }).length, 10)
      assert.strictEqual(Conversation.history(log).length, 5)
    }).pipe(Effect.provide(ofModel([
      read(1, 1000),
      read(2, 3000),
      read(3, 5000),
      Script.turn("Done.", { usage: { inputTokens: 7500, outputTokens: 3 } }),
      summary,
      Script.error(402),
      summary,
      "That is all."
    ]))))

  it.effect("keeps a call that waits, with its turn", () =>
    Effect.gen(function*() {
      const first = yield* Agent.run({ ...stored, input: "Read all pages." })
      assert.deepStrictEqual(first.pending.map(({ callId }) => callId), ["a1"])
      const second = yield* Agent.run({ ...stored, approve: ["a1"] })
      assert.strictEqual(second.text, "Done.")
      assert.deepStrictEqual(outputsOf((yield* TestModel.requests).at(-1)).map(([id]) => id), ["a1"])
    }).pipe(Effect.provide(ofModel([
      read(1, 1000),
      read(2, 3000),
      Script.turn(Script.toolCall("ask", {}, { id: "a1" }), { usage: { inputTokens: 7500, outputTokens: 9 } }),
      summary,
      "Done."
    ]))))
})
