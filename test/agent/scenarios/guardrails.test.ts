/** Guardrails: what they judge, what they let through, and what nobody sees. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import * as Agent from "../../../src/agent/Agent.js"
import * as Conversation from "../../../src/agent/Conversation.js"
import * as Guardrail from "../../../src/agent/Guardrail.js"
import * as Tool from "../../../src/agent/Tool.js"
import * as Toolkit from "../../../src/agent/Toolkit.js"
import * as Script from "../../../src/testing/Script.js"
import * as TestModel from "../../../src/testing/TestModel.js"
import { quiet } from "../../support/effect/logs.js"
import { collect, itemsOf, lastOutputs, model, sent } from "./support.js"

const Pay = Tool.make("pay", { parameters: Schema.Struct({ usd: Schema.Number }), success: Schema.String })
const tools = Toolkit.make(Pay)

const pay = (usd: number) => Script.toolCall("pay", { usd }, { id: "pay_1" })

const layers = (...turns: Script.Script) => {
  const paid: Array<number> = []
  const handlers = tools.toLayer({ pay: ({ usd }) => Effect.sync(() => `paid ${paid[paid.push(usd) - 1]}`) })
  return { paid, layer: Layer.mergeAll(TestModel.layer(turns), Conversation.layerMemory, quiet, handlers) }
}

/** Everything that a run shows: its events, the run itself, and the stored log. */
const shown = <R>(events: Stream.Stream<unknown, unknown, R>) =>
  Effect.gen(function*() {
    const seen = yield* collect(events)
    return JSON.stringify([seen, yield* Conversation.load("c")])
  })

describe("a guardrail of the input", () => {
  const noKeys = Guardrail.input({
    name: "no keys",
    check: (items) => {
      const text = JSON.stringify(items)
      return Effect.succeed(
        text.includes("sk-")
          ? Guardrail.block("The input has a key.")
          : text.includes("secret")
          ? Guardrail.replace([{ role: "user", content: "Tell me a [removed]." }])
          : Guardrail.pass
      )
    }
  })
  const options = { model, conversation: "c", middleware: noKeys } as const

  it.effect("78: blocks before anything is sent or stored, and the next input is another try", () => {
    const { layer } = layers("Hello.")
    return Effect.gen(function*() {
      const run = yield* Agent.run({ ...options, input: "My key is sk-1" })
      assert.deepStrictEqual(run.outcome, { _tag: "blocked", by: "no keys", reason: "The input has a key." })
      assert.strictEqual(yield* sent, 0)
      assert.notInclude(JSON.stringify(yield* Conversation.load("c")), "sk-1")
      assert.strictEqual((yield* Agent.run({ ...options, input: "Hi" })).text, "Hello.")
    }).pipe(Effect.provide(layer))
  })

  it.effect("78: replaces what is sent and stored", () => {
    const { layer } = layers("A story.")
    return Effect.gen(function*() {
      yield* Agent.run({ ...options, input: "Tell me a secret." })
      assert.deepStrictEqual(itemsOf((yield* TestModel.requests)[0]).map(({ content }) => content), [
        "Tell me a [removed]."
      ])
      assert.notInclude(JSON.stringify(yield* Conversation.load("c")), "secret")
    }).pipe(Effect.provide(layer))
  })
})

describe("a guardrail beside the first request", () => {
  const onTopic = (verdict: Guardrail.Pass | Guardrail.Block) =>
    Guardrail.inputBeside({ name: "topic", check: () => Effect.delay(Effect.succeed(verdict), "1 second") })

  it.effect("79: interrupts the request; nobody saw it, no tool ran, and the rest of the script is unused", () => {
    const { layer, paid } = layers(["I will ", Script.wait("10 seconds"), "pay.", pay(5)])
    return Effect.gen(function*() {
      const options = {
        model,
        tools,
        input: "Go",
        conversation: "c",
        middleware: onTopic(Guardrail.block("off topic"))
      }
      const fiber = yield* Effect.fork(shown(Agent.stream(options)))
      yield* TestClock.adjust("1 second")
      const all = yield* Fiber.join(fiber)
      assert.notInclude(all, "I will")
      assert.include(all, "\"outcome\":{\"_tag\":\"blocked\",\"by\":\"topic\",\"reason\":\"off topic\"}")
      assert.deepStrictEqual(paid, [])
      assert.deepInclude(yield* TestModel.responses, { interrupted: 1, open: 0 })
    }).pipe(Effect.provide(layer))
  })

  it.effect("79: lets the response and its tools wait for the verdict, and then through as they came", () => {
    const { layer, paid } = layers(["I will ", "pay.", pay(5)], "Done.")
    return Effect.gen(function*() {
      const options = { model, tools, input: "Go", middleware: onTopic(Guardrail.pass) }
      const deltas: Array<string> = []
      const fiber = yield* Effect.fork(Stream.runForEach(Agent.stream(options), (event) =>
        Effect.sync(() => {
          if (event.type === "response.output_text.delta") deltas.push(event.delta)
        })))
      yield* TestClock.adjust("900 millis")
      assert.deepStrictEqual([deltas, paid], [[], []])
      yield* TestClock.adjust("100 millis")
      yield* Fiber.join(fiber)
      assert.strictEqual(deltas.join(""), "I will pay.Done.")
      assert.deepStrictEqual(paid, [5])
    }).pipe(Effect.provide(layer))
  })

  it.effect("79: judges new input alone", () => {
    const { layer } = layers([pay(1)], "Done.", "Again.")
    const judged: Array<unknown> = []
    const watch = Guardrail.inputBeside({
      name: "watch",
      check: (items) => Effect.as(Effect.sync(() => judged.push(items)), Guardrail.pass)
    })
    return Effect.gen(function*() {
      const options = { model, tools, conversation: "c", middleware: watch } as const
      yield* Agent.run({ ...options, input: "One" })
      yield* Agent.run({ ...options, input: "Two" })
      assert.deepStrictEqual(judged, [[{ role: "user", content: "One" }], [{ role: "user", content: "Two" }]])
    }).pipe(Effect.provide(layer))
  })
})

describe("a guardrail of the output", () => {
  const guard = (
    verdict: (text: string) => Guardrail.Pass | Guardrail.Replace<string> | Guardrail.Reject | Guardrail.Block
  ) => Guardrail.output({ name: "words", check: (text) => Effect.succeed(verdict(text)) })
  const options = { model, tools, input: "Go", conversation: "c" } as const

  it.effect("80: replaces the text in the events, the run and the log alike", () => {
    const { layer } = layers(["The code is ", "1234."])
    return Effect.gen(function*() {
      const middleware = guard((text) => Guardrail.replace(text.replace("1234", "****")))
      const events = yield* collect(Agent.stream({ ...options, middleware }))
      const text = events.flatMap((event) => event.type === "response.output_text.delta" ? [event.delta] : []).join("")
      assert.strictEqual(text, "The code is ****.")
      assert.notInclude(JSON.stringify([events, yield* Conversation.load("c")]), "1234")
      const end = events.at(-1)
      assert.strictEqual(end?.type === "run.end" ? end.run.text : undefined, "The code is ****.")
    }).pipe(Effect.provide(layer))
  })

  it.effect("80: rejects with a reason, asks again, and shows the second response alone", () => {
    const { layer } = layers(Script.turn("Bad word.", { cost: 1 }), Script.turn("Good word.", { cost: 2 }))
    return Effect.gen(function*() {
      const middleware = guard((text) => text.startsWith("Bad") ? Guardrail.reject("It is rude.") : Guardrail.pass)
      const all = yield* shown(Agent.stream({ ...options, middleware }))
      assert.notInclude(all, "Bad word")
      assert.include(all, "Good word")
      const second = itemsOf((yield* TestModel.requests)[1])
      assert.deepStrictEqual(second.map(({ content }) => content), [
        "Go",
        "Your response was not accepted: It is rude. Respond again."
      ])
      assert.strictEqual(Conversation.usage(yield* Conversation.load("c")).cost, 3)
    }).pipe(Effect.provide(layer))
  })

  it.effect("80: blocks after the last retry; it is paid for, its tools do not run, and it is nowhere", () => {
    const { layer, paid } = layers(
      Script.turn(["Bad word.", pay(1)], { cost: 1 }),
      Script.turn(["Bad word.", pay(2)], { cost: 1 }),
      "Good word."
    )
    return Effect.gen(function*() {
      const middleware = guard((text) => text.startsWith("Bad") ? Guardrail.reject("It is rude.") : Guardrail.pass)
      const all = yield* shown(Agent.stream({ ...options, middleware }))
      assert.notInclude(all, "Bad word")
      assert.include(all, "\"outcome\":{\"_tag\":\"blocked\",\"by\":\"words\",\"reason\":\"It is rude.\"}")
      assert.deepStrictEqual(paid, [])
      const log = yield* Conversation.load("c")
      assert.deepInclude(log.entries.at(-1), { outcome: "blocked", by: "words", reason: "It is rude." })
      assert.strictEqual(Conversation.usage(log).cost, 2)
      const next = yield* Agent.run({ ...options, middleware })
      assert.deepStrictEqual([next.text, next.cost, next.conversation?.cost], ["Good word.", 0, 2])
    }).pipe(Effect.provide(layer))
  })

  it.effect("80: does not let through what arrived whole of a response that broke off", () => {
    const broken = () => [pay(1), Script.truncate]
    const { layer, paid } = layers(broken(), "Done.", broken())
    return Effect.gen(function*() {
      assert.strictEqual((yield* Agent.run({ ...options })).text, "Done.")
      assert.deepStrictEqual(paid, [1])
      const middleware = guard(() => Guardrail.pass)
      const error = yield* Effect.flip(Agent.run({ ...options, conversation: "d", middleware }))
      assert.strictEqual(error._tag, "StreamTruncatedError")
      assert.deepStrictEqual(paid, [1])
    }).pipe(Effect.provide(layer))
  })

  it.effect("80: that fails or takes too long blocks, unless it is to pass", () => {
    const { layer } = layers("One.", "Two.", "Three.", "Four.")
    return Effect.gen(function*() {
      const failing = Guardrail.output({ name: "broken", check: () => Effect.fail("no answer") })
      const hanging = Guardrail.output({ name: "slow", check: () => Effect.never, timeout: "5 seconds" })
      const lenient = Guardrail.output({ name: "lenient", check: () => Effect.die("a defect"), onFailure: "pass" })
      const outcomeOf = (middleware: Guardrail.Guardrail<never>) =>
        Effect.gen(function*() {
          const fiber = yield* Effect.fork(Agent.run({ model, input: "Go", middleware }))
          yield* TestClock.adjust("5 seconds")
          yield* TestClock.adjust("1 second")
          return (yield* Fiber.join(fiber)).outcome
        })
      const reason = "The guardrail failed."
      assert.deepStrictEqual(yield* outcomeOf(failing), { _tag: "blocked", by: "broken", reason })
      assert.deepStrictEqual(yield* outcomeOf(hanging), { _tag: "blocked", by: "slow", reason })
      assert.deepStrictEqual(yield* outcomeOf(lenient), { _tag: "completed" })
      const stuck = Guardrail.output({
        name: "stuck",
        check: () => Effect.uninterruptible(Effect.never),
        timeout: "5 seconds"
      })
      assert.deepStrictEqual(yield* outcomeOf(stuck), { _tag: "blocked", by: "stuck", reason })
    }).pipe(Effect.provide(layer))
  })
})

describe("a guardrail of tools", () => {
  const limit = Guardrail.tool({
    name: "limit",
    check: ({ params }) => {
      const usd = Number(Reflect.get(Object(params), "usd"))
      return Effect.succeed(
        usd > 1000
          ? Guardrail.block("Fraud?")
          : usd > 100
          ? Guardrail.reject("At most 100 USD.")
          : usd > 10
          ? Guardrail.replace({ usd: 10 })
          : Guardrail.pass
      )
    }
  })
  const options = { model, tools, input: "Go", conversation: "c", middleware: limit } as const

  it.effect("81: passes a call, changes it, or tells the model why it does not execute", () => {
    const { layer, paid } = layers(
      [5, 50, 500].map((usd, n) => Script.toolCall("pay", { usd }, { id: `p${n}` })),
      "Done."
    )
    return Effect.gen(function*() {
      yield* Agent.run(options)
      assert.deepStrictEqual(paid, [5, 10])
      assert.deepStrictEqual(yield* lastOutputs, [
        ["p0", "paid 5"],
        ["p1", "paid 10"],
        ["p2", "{\"error\":\"At most 100 USD.\"}"]
      ])
    }).pipe(Effect.provide(layer))
  })

  it.effect("81: blocks the run; the call is left, and the next prompt goes on without it", () => {
    const { layer, paid } = layers([pay(5000)], "I am sorry.")
    return Effect.gen(function*() {
      const run = yield* Agent.run(options)
      assert.deepStrictEqual(run.outcome, { _tag: "blocked", by: "limit", reason: "Fraud?" })
      assert.deepStrictEqual(run.pending.map(({ callId, reason }) => [callId, reason]), [["pay_1", "stopped"]])
      assert.deepStrictEqual(paid, [])
      const next = yield* Agent.run({ ...options, input: "What now?" })
      assert.strictEqual(next.text, "I am sorry.")
      assert.deepStrictEqual(paid, [])
    }).pipe(Effect.provide(layer))
  })

  it.effect("81: judges what the model receives of a result, and keeps the result", () => {
    const { layer } = layers([pay(5)], "Done.")
    const hidden = Guardrail.toolOutput({
      name: "hidden",
      check: ({ output }) =>
        Effect.succeed(String(output).includes("paid") ? Guardrail.replace("done") : Guardrail.pass)
    })
    return Effect.gen(function*() {
      const run = yield* Agent.run({ ...options, middleware: [limit, hidden] })
      assert.deepStrictEqual(yield* lastOutputs, [["pay_1", "done"]])
      assert.strictEqual(run.steps[0]?.toolResults[0]?.result, "paid 5")
    }).pipe(Effect.provide(layer))
  })
})
