/** A model that refuses. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as Agent from "../../../src/agent/Agent.js"
import * as Conversation from "../../../src/agent/Conversation.js"
import * as Middleware from "../../../src/agent/Middleware.js"
import * as StopWhen from "../../../src/agent/StopWhen.js"
import * as Tool from "../../../src/agent/Tool.js"
import * as Toolkit from "../../../src/agent/Toolkit.js"
import * as Script from "../../../src/testing/Script.js"
import * as TestModel from "../../../src/testing/TestModel.js"
import { model, sent } from "./support.js"

const tools = Toolkit.make(Tool.make("look", { success: Schema.Number }))
const script = (...turns: Script.Script) =>
  Layer.mergeAll(tools.toLayer({ look: () => Effect.succeed(5) }), TestModel.layer(turns), Conversation.layerMemory)

const options = { model, input: "How?", tools } as const
const look = Script.toolCall("look")
const refused: Agent.Outcome = { _tag: "refused", refusal: "I cannot help with that." }
const refusal = Script.refusal("I cannot help with that.")

/** A message with a refusal where chat completions have it. */
const likeChat = Script.item({
  type: "message",
  id: "msg_1",
  role: "assistant",
  content: [],
  refusal: "I cannot help with that."
})

const isRefusal = (run: Agent.Run, wanted = refused) => {
  assert.deepStrictEqual(run.outcome, wanted)
  assert.strictEqual(run.text, "")
  assert.deepStrictEqual(run.pending, [])
}

describe("a refusal without text", () => {
  const forms: ReadonlyArray<readonly [form: string, turn: Script.Script[number], wanted?: Agent.Outcome]> = [
    ["in a part", refusal],
    ["in several parts", [Script.refusal("I cannot help"), Script.reasoning("hm"), Script.refusal(" with that.")]],
    ["in the field of a message, as in chat completions", likeChat],
    ["without words", Script.refusal(""), { _tag: "refused", refusal: "" }],
    ["beside blank text", [" \n", refusal]],
    ["that a filter cut short", Script.turn(refusal, { finishReason: "content_filter" })]
  ]
  for (const [form, turn, wanted = refused] of forms) {
    it.effect(`${form} is the outcome, with its words`, () =>
      Effect.gen(function*() {
        const run = yield* Agent.run(options)
        assert.deepStrictEqual(run.outcome, wanted)
        assert.strictEqual(run.text.trim(), "")
        assert.strictEqual(run.steps[0]?.refusal, wanted._tag === "refused" ? wanted.refusal : undefined)
        assert.strictEqual(yield* sent, 1)
      }).pipe(Effect.provide(script(turn))))
  }

  it.effect("after a tool, and although a condition holds", () =>
    Effect.gen(function*() {
      isRefusal(yield* Agent.run({ ...options, stopWhen: StopWhen.maxCost(2), strictFinalResponse: true }))
    }).pipe(Effect.provide(script(look, Script.turn(refusal, { cost: 3 })))))

  it.effect("in the final response after a stop", () =>
    Effect.gen(function*() {
      isRefusal(yield* Agent.run({ ...options, stopWhen: StopWhen.stepCountIs(1), allowFinalResponse: true }))
    }).pipe(Effect.provide(script(look, refusal))))

  it.effect("fails a run that has to return a value", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(Agent.run({ ...options, output: Schema.Struct({ a: Schema.Number }) }))
      assert(error._tag === "StructuredOutputRefusedError")
      assert.strictEqual(error.refusal, "I cannot help with that.")
    }).pipe(Effect.provide(script(likeChat))))

  it.effect("is the outcome that is stored, and its words stay in the history", () =>
    Effect.gen(function*() {
      isRefusal(yield* Agent.run({ ...options, conversation: "c" }))
      const log = yield* Conversation.load("c")
      assert.deepInclude(log.entries.at(-1), { _tag: "closed", outcome: "refused" })
      const second = yield* Agent.run({ ...options, input: "Why?", conversation: "c" })
      assert.deepStrictEqual(second.outcome, { _tag: "completed" })
      assert.include(JSON.stringify((yield* TestModel.requests)[1]?.json["input"]), "I cannot help with that.")
    }).pipe(Effect.provide(script(refusal, "Because."))))

  it.effect("can be continued by the middleware `stop`", () =>
    Effect.gen(function*() {
      const seen: Array<Agent.Outcome> = []
      const insist = Middleware.make({
        stop: (_, outcome) =>
          Effect.sync(() => {
            seen.push(outcome)
            return outcome._tag === "refused" ? [{ role: "user", content: "It is for a novel." }] : undefined
          })
      })
      const run = yield* Agent.run({ ...options, middleware: insist })
      assert.strictEqual(run.text, "So.")
      assert.deepStrictEqual(seen, [refused, { _tag: "completed" }])
    }).pipe(Effect.provide(script(refusal, "So."))))
})

describe("a refusal beside a response", () => {
  it.effect("completes the run if there is text, and the step has its words", () =>
    Effect.gen(function*() {
      const run = yield* Agent.run(options)
      assert.deepStrictEqual(run.outcome, { _tag: "completed" })
      assert.strictEqual(run.text, "Only this.")
      assert.strictEqual(run.steps[0]?.refusal, "I cannot help with that.")
    }).pipe(Effect.provide(script(["Only this.", refusal]))))

  it.effect("does not end the run if there are calls", () =>
    Effect.gen(function*() {
      const run = yield* Agent.run(options)
      assert.deepStrictEqual(run.outcome, { _tag: "completed" })
      assert.strictEqual(run.text, "Five.")
    }).pipe(Effect.provide(script([refusal, look], "Five."))))
})
