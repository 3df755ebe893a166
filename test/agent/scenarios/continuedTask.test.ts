/** What is once per task is not done again when another run continues the task. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as Agent from "../../../src/agent/Agent.js"
import * as Conversation from "../../../src/agent/Conversation.js"
import * as Tool from "../../../src/agent/Tool.js"
import * as Toolkit from "../../../src/agent/Toolkit.js"
import * as Script from "../../../src/testing/Script.js"
import * as TestModel from "../../../src/testing/TestModel.js"
import { model, sent } from "./support.js"

const Pay = Tool.make("pay", {
  parameters: Schema.Struct({ n: Schema.Number }),
  success: Schema.Number,
  requireApproval: true
})
const Heat = Tool.make("heat", { success: Schema.Number, nextTurn: ({ result }) => ({ temperature: result }) })
const Name = Tool.make("name", {
  success: Schema.String,
  failure: Schema.Number,
  nextTurn: ({ current, result }) => ({ instructions: `${current.instructions ?? ""}+${result}` })
})
const Veiled = Tool.make("veiled", {
  success: Schema.String,
  toModelOutput: () => "***",
  nextTurn: ({ result }) => ({ instructions: result })
})
const tools = Toolkit.make(Pay, Heat, Name, Veiled)

const script = (...turns: Script.Script) =>
  Layer.mergeAll(
    TestModel.layer(turns),
    Conversation.layerMemory,
    tools.toLayer({
      pay: ({ n }) => Effect.succeed(n),
      heat: () => Effect.succeed(0.5),
      name: () => Effect.succeed("Ada"),
      veiled: () => Effect.succeed("secret")
    })
  )

const pay = Script.toolCall("pay", { n: 1 })
const sentAs = (field: string) => Effect.map(TestModel.requests, (requests) => requests.map(({ json }) => json[field]))

/** The two ways to continue: by the history, and by a store. */
const ways = ["history", "store"] as const
const first = (way: typeof ways[number]) => way === "store" ? { conversation: "c" } : {}
const again = (way: typeof ways[number], { history }: Agent.Progress) =>
  way === "store" ? { conversation: "c" } : { input: history }

/** Runs once, then lets each pending call execute, until nothing waits. */
const approvingAll = (way: typeof ways[number], options: { readonly tool_choice: "required" | typeof forced }) =>
  Effect.gen(function*() {
    let run = yield* Agent.run({ model, tools, ...options, input: "Pay!", ...first(way) })
    for (let left = 5; run.pending.length > 0 && left > 0; left--) {
      const approve = run.pending.map(({ callId }) => callId)
      run = yield* Agent.run({ model, tools, ...options, ...again(way, run), approve })
    }
    return run
  })

const forced = { type: "function", name: "pay" } as const

for (const way of ways) {
  describe(`continued by its ${way}`, () => {
    for (const tool_choice of ["required", forced] as const) {
      it.effect(`13: a forced call (${JSON.stringify(tool_choice)}) is made once`, () =>
        Effect.gen(function*() {
          const run = yield* approvingAll(way, { tool_choice })
          assert.deepStrictEqual(run.outcome, { _tag: "completed" })
          assert.deepStrictEqual(yield* sentAs("tool_choice"), [tool_choice, "auto"])
        }).pipe(Effect.provide(script(pay, "Paid."))))
    }

    it.effect("13: a forced call is made again for new input", () =>
      Effect.gen(function*() {
        const options = { model, tools, tool_choice: "required" } as const
        const run = yield* Agent.run({ ...options, input: "A", ...first(way) })
        const input = { role: "user", content: "B" } as const
        yield* Agent.run({ ...options, ...first(way), input: way === "store" ? [input] : [...run.history, input] })
        assert.deepStrictEqual(yield* sentAs("tool_choice"), ["required", "auto", "required", "auto"])
      }).pipe(Effect.provide(script(Script.toolCall("heat"), "A.", Script.toolCall("heat"), "B."))))

    it.effect("13: an approval that a server requests is such a call, too", () =>
      Effect.gen(function*() {
        const run = yield* approvingAll(way, { tool_choice: "required" })
        assert.strictEqual(run.text, "Done.")
        assert.deepStrictEqual(yield* sentAs("tool_choice"), ["required", "auto"])
      }).pipe(Effect.provide(script(
        Script.item({ type: "mcp_approval_request", id: "r1", name: "a", arguments: "{}", server_label: "s" }),
        "Done."
      ))))

    it.effect("65: the changes of tools hold", () =>
      Effect.gen(function*() {
        const before = yield* Agent.run({ model, tools, input: "Go!", ...first(way) })
        yield* Agent.run({ model, tools, ...again(way, before), approve: before.pending.map(({ callId }) => callId) })
        assert.deepStrictEqual(yield* sentAs("temperature"), [undefined, 0.5, 0.5])
        assert.deepStrictEqual(yield* sentAs("instructions"), [undefined, "+Ada", "+Ada"])
      }).pipe(Effect.provide(script(
        [Script.toolCall("heat"), Script.toolCall("name")],
        pay,
        "Paid."
      ))))

    it.effect("12: an empty turn is repeated once", () =>
      Effect.gen(function*() {
        const options = { model, tools }
        const error = yield* Effect.flip(Agent.run({ ...options, input: "Go!", ...first(way) }))
        assert.strictEqual(error._tag, "PaymentRequiredResponseError")
        const run = yield* Agent.run({ ...options, ...again(way, error.progress) })
        assert.deepStrictEqual([run.outcome._tag, run.text, yield* sent], ["completed", "", 4])
      }).pipe(Effect.provide(script(
        Script.toolCall("heat"),
        Script.text(""),
        Script.error(402),
        Script.text("")
      ))))

    it.effect("12: an empty turn is repeated, although an empty message stood beside a call", () =>
      Effect.gen(function*() {
        const options = { model, tools }
        const { progress } = yield* Effect.flip(Agent.run({ ...options, input: "Go!", ...first(way) }))
        const run = yield* Agent.run({ ...options, ...again(way, progress) })
        assert.deepStrictEqual([run.outcome._tag, run.text, yield* sent], ["completed", "Warm.", 4])
      }).pipe(Effect.provide(script(
        [Script.text(""), Script.toolCall("heat")],
        Script.error(402),
        Script.text(""),
        "Warm."
      ))))

    it.effect("an output is repaired as often as the option says", () =>
      Effect.gen(function*() {
        const options = { model, output: Schema.Struct({ a: Schema.Number }) }
        const failed = yield* Effect.flip(Agent.run({ ...options, input: "Go!", ...first(way) }))
        const error = yield* Effect.flip(Agent.run({ ...options, ...again(way, failed.progress) }))
        assert.strictEqual(error._tag, "StructuredOutputMismatchError")
        assert.strictEqual(yield* sent, 3)
      }).pipe(Effect.provide(script("{}", Script.error(402), "{}"))))
  })
}

describe("changes of tools that a history shows", () => {
  const call = (name: string, output: string) => [
    { type: "function_call", call_id: name, name, arguments: "{}" } as const,
    { type: "function_call_output", call_id: name, output } as const
  ]
  const cases: ReadonlyArray<
    readonly [what: string, output: ReturnType<typeof call>, instructions: string | undefined]
  > = [
    ["hold: the result is the output", call("name", "Ada"), "+Ada"],
    ["hold: a text that looks like a number is still the text", call("name", "12"), "+12"],
    ["are none for a failed call", call("name", "{\"error\":\"no\"}"), undefined],
    ["are none where the model received something else", call("veiled", "***"), undefined],
    ["are none for an output that does not fit", call("heat", "warm"), undefined]
  ]
  for (const [what, items, instructions] of cases) {
    it.effect(what, () =>
      Effect.gen(function*() {
        yield* Agent.run({ model, tools, input: [{ role: "user", content: "Go!" }, ...items] })
        assert.deepStrictEqual(yield* sentAs("instructions"), [instructions])
      }).pipe(Effect.provide(script("Done."))))
  }
})
