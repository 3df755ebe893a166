/** Stop conditions and budgets, and what is still sent after a stop. */
import { assert, describe, it } from "@effect/vitest"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as Agent from "../../../src/agent/Agent.js"
import * as StopWhen from "../../../src/agent/StopWhen.js"
import * as Tool from "../../../src/agent/Tool.js"
import * as Toolkit from "../../../src/agent/Toolkit.js"
import * as Script from "../../../src/testing/Script.js"
import * as TestModel from "../../../src/testing/TestModel.js"
import { collect, itemsOf, model, outputsOf, sent, shapeOf, timed } from "./support.js"

const Count = Tool.make("count", { success: Schema.Number })
const Ask = Tool.manual("ask_user", { parameters: Schema.Struct({ question: Schema.String }) })
const tools = Toolkit.make(Count, Ask)

/** How often the tool ran. */
let runs = 0

const script = (...turns: Script.Script) =>
  Layer.mergeAll(
    TestModel.layer(turns),
    tools.toLayer(Effect.sync(() => {
      runs = 0
      return { count: () => Effect.sync(() => ++runs) }
    }))
  )

const call = Script.toolCall("count")
const options = { model, input: "Count!", tools } as const

class NoSuchBudget extends Data.TaggedError("NoSuchBudget")<{ readonly key: string }> {}

describe("without a stop condition", () => {
  it.effect("5: the run continues until a turn without calls", () =>
    Effect.gen(function*() {
      const run = yield* Agent.run(options)
      assert.deepStrictEqual(run.outcome, { _tag: "completed" })
      assert.strictEqual(run.steps.length, 13)
      assert.strictEqual(runs, 12)
    }).pipe(Effect.provide(script(...Array.from({ length: 12 }, () => call), "Twelve."))))

  it.effect("5: a model that never stops calling is stopped after 50 turns, and the outcome has that limit", () =>
    Effect.gen(function*() {
      const run = yield* Agent.run(options)
      assert.deepStrictEqual(run.outcome, { _tag: "stopped", condition: "maxSteps(50)" })
      assert.strictEqual(yield* sent, 50)
      assert.strictEqual(runs, 49)
      assert.deepStrictEqual(run.pending.map(({ callId, reason }) => [callId, reason]), [["call_50_1", "stopped"]])
    }).pipe(Effect.provide(script(Script.forever(call)))))

  it.effect("5: the user can set the limit, and it holds together with other conditions", () =>
    Effect.gen(function*() {
      const run = yield* Agent.run({ ...options, maxSteps: 2, stopWhen: StopWhen.stepCountIs(5) })
      assert.deepStrictEqual(run.outcome, { _tag: "stopped", condition: "maxSteps(2)" })
      assert.strictEqual(yield* sent, 2)
    }).pipe(Effect.provide(script(Script.forever(call)))))

  it.effect("5: without the limit the run goes beyond it", () =>
    Effect.gen(function*() {
      const run = yield* Agent.run({ ...options, maxSteps: Infinity })
      assert.deepStrictEqual(run.outcome, { _tag: "completed" })
      assert.strictEqual(run.steps.length, 61)
    }).pipe(Effect.provide(script(...Array.from({ length: 60 }, () => call), "Sixty."))))

  it.effect("5: an invalid limit is rejected before anything is sent", () =>
    Effect.gen(function*() {
      for (const maxSteps of [0, -1, 1.5, NaN]) {
        const error = yield* Effect.flip(Agent.run({ ...options, maxSteps }))
        assert.strictEqual(error._tag, "InvalidRequestError")
      }
      assert.strictEqual(yield* sent, 0)
    }).pipe(Effect.provide(script())))

  it.effect("5: a response without calls in the last allowed turn completes the run", () =>
    Effect.gen(function*() {
      const run = yield* Agent.run({ ...options, maxSteps: 2 })
      assert.deepStrictEqual(run.outcome, { _tag: "completed" })
    }).pipe(Effect.provide(script(call, "One."))))
})

describe("a stop with calls pending", () => {
  const stopped = { ...options, stopWhen: StopWhen.stepCountIs(1) } as const
  const outcome: Agent.Outcome = { _tag: "stopped", condition: "stepCountIs(1)" }

  it.effect("6: with a final response the calls execute, and one more request follows", () =>
    Effect.gen(function*() {
      const run = yield* Agent.run({ ...stopped, allowFinalResponse: true })
      assert.strictEqual(run.text, "One, and that is all.")
      assert.deepStrictEqual(run.outcome, outcome)
      assert.deepStrictEqual(run.pending, [])
      assert.strictEqual(runs, 2)
      const [first, second, ...more] = yield* TestModel.requests
      assert.deepStrictEqual(more, [])
      assert.strictEqual(second?.json["tool_choice"], "none")
      assert.deepStrictEqual(second?.json["tools"], first?.json["tools"])
      assert.deepStrictEqual(outputsOf(second), [["call_1_1", "1"], ["call_1_2", "2"]])
      const directive = itemsOf(second).at(-1)
      assert.strictEqual(directive?.["role"], "user")
      assert.include(String(directive?.["content"]), "cannot call tools any more")
      assert.strictEqual(run.steps.length, 2)
    }).pipe(Effect.provide(script([call, call], "One, and that is all."))))

  it.effect("6: the final response is in the stream and in the cost", () =>
    Effect.gen(function*() {
      const events = yield* collect(Agent.stream({ ...stopped, allowFinalResponse: true }))
      const types = events.map(({ type }) => type).filter((type) => !type.startsWith("response."))
      assert.deepStrictEqual(types, [
        "turn.start",
        "turn.end",
        "tool.result",
        "tool.call_output",
        "turn.start",
        "turn.end",
        "run.end"
      ])
      const end = events.at(-1)
      assert.strictEqual(end?.type === "run.end" ? end.run.cost : 0, 3)
    }).pipe(Effect.provide(script(Script.turn(call, { cost: 1 }), Script.turn("One.", { cost: 2 })))))

  it.effect("6: calls of the final response do not execute, and are listed as pending", () =>
    Effect.gen(function*() {
      const run = yield* Agent.run({ ...stopped, allowFinalResponse: true })
      assert.deepStrictEqual(run.outcome, outcome)
      assert.deepStrictEqual(run.pending.map(({ callId }) => callId), ["call_2_1"])
      assert.strictEqual(runs, 1)
      assert.strictEqual(yield* sent, 2)
    }).pipe(Effect.provide(script(call, call))))

  it.effect("6: a manual call pauses the run instead", () =>
    Effect.gen(function*() {
      const run = yield* Agent.run({ ...stopped, allowFinalResponse: true })
      assert.deepStrictEqual(run.outcome, { _tag: "awaiting_tools" })
      assert.deepStrictEqual(run.pending.map(({ callId, reason }) => [callId, reason]), [["call_1_2", "manual"]])
      assert.strictEqual(runs, 1)
      assert.strictEqual(yield* sent, 1)
    }).pipe(Effect.provide(script([call, Script.toolCall("ask_user", { question: "?" })]))))

  it.effect("6: a run that completes has no final request", () =>
    Effect.gen(function*() {
      const run = yield* Agent.run({ ...stopped, allowFinalResponse: true })
      assert.deepStrictEqual(run.outcome, { _tag: "completed" })
      assert.strictEqual(yield* sent, 1)
    }).pipe(Effect.provide(script("Nothing to count."))))

  it.effect("6: an unknown tool and arguments that do not fit have outputs before the final request", () =>
    Effect.gen(function*() {
      const run = yield* Agent.run({ ...stopped, allowFinalResponse: true })
      assert.strictEqual(run.text, "Sorry.")
      assert.strictEqual(outputsOf((yield* TestModel.requests)[1]).length, 2)
    }).pipe(Effect.provide(script([Script.toolCall("nothing"), Script.toolCall("count", "{")], "Sorry."))))

  for (const allowFinalResponse of [undefined, false]) {
    it.effect(`7: with allowFinalResponse ${allowFinalResponse} no call executes and no more requests are sent`, () =>
      Effect.gen(function*() {
        const run = yield* Agent.run({ ...stopped, allowFinalResponse })
        assert.deepStrictEqual(run.outcome, outcome)
        assert.deepStrictEqual(run.pending, [
          { callId: "call_1_1", name: "count", arguments: {}, turn: 1, reason: "stopped" },
          { callId: "call_1_2", name: "ask_user", arguments: { question: "?" }, turn: 1, reason: "stopped" }
        ])
        assert.strictEqual(runs, 0)
        assert.strictEqual(yield* sent, 1)
      }).pipe(Effect.provide(script([call, Script.toolCall("ask_user", { question: "?" })]))))
  }

  it.effect("7: the next run over the history executes the calls", () =>
    Effect.gen(function*() {
      const { history } = yield* Agent.run(stopped)
      const run = yield* Agent.run({ model, input: history, tools })
      assert.strictEqual(run.text, "One.")
      assert.strictEqual(runs, 1)
      assert.deepStrictEqual(outputsOf((yield* TestModel.requests)[1]), [["call_1_1", "1"]])
    }).pipe(Effect.provide(script(call, "One."))))

  it.effect("8: an empty text adds no directive", () =>
    Effect.gen(function*() {
      const run = yield* Agent.run({ ...stopped, allowFinalResponse: "" })
      assert.strictEqual(run.text, "One.")
      const [, second] = yield* TestModel.requests
      assert.deepStrictEqual(shapeOf(second), [
        "message user",
        "function_call call_1_1",
        "function_call_output call_1_1"
      ])
      assert.strictEqual(second?.json["tool_choice"], "none")
    }).pipe(Effect.provide(script(call, "One."))))

  it.effect("8: a text is the directive", () =>
    Effect.gen(function*() {
      const run = yield* Agent.run({ ...stopped, allowFinalResponse: "Enough. What have you got?" })
      const [, second] = yield* TestModel.requests
      assert.deepStrictEqual(itemsOf(second).at(-1), { role: "user", content: "Enough. What have you got?" })
      assert.deepStrictEqual(run.history.map((item) => "role" in item ? item.role : item.type), [
        "user",
        "function_call",
        "function_call_output",
        "user",
        "assistant"
      ])
    }).pipe(Effect.provide(script(call, "One."))))
})

describe("budgets", () => {
  it.effect("9: a response that reaches the limit is the last, and no tool runs after it", () =>
    Effect.gen(function*() {
      const run = yield* Agent.run({ ...options, stopWhen: StopWhen.maxCost(0.5) })
      assert.deepStrictEqual(run.outcome, { _tag: "stopped", condition: "maxCost(0.5)" })
      assert.strictEqual(run.cost, 0.5)
      assert.strictEqual(run.steps.length, 1)
      assert.strictEqual(yield* sent, 1)
      assert.strictEqual(runs, 0)
    }).pipe(Effect.provide(script(Script.forever(Script.turn(call, { cost: 0.5 }))))))

  it.effect("9: the sum has every response, the crossing one included", () =>
    Effect.gen(function*() {
      const run = yield* Agent.run({ ...options, stopWhen: StopWhen.maxCost(1) })
      assert.strictEqual(run.cost, 1.25)
      assert.strictEqual(run.steps.length, 3)
      assert.strictEqual(runs, 2)
      assert.deepStrictEqual(run.steps.map(({ usage }) => usage.cost), [0.25, 0.25, 0.75])
    }).pipe(Effect.provide(script(
      Script.turn(call, { cost: 0.25 }),
      Script.turn(call, { cost: 0.25 }),
      Script.turn(call, { cost: 0.75 })
    ))))

  it.effect("9: the final response is the only request beyond the limit, and its cost counts", () =>
    Effect.gen(function*() {
      const run = yield* Agent.run({ ...options, stopWhen: StopWhen.maxCost(0.5), allowFinalResponse: true })
      assert.strictEqual(run.cost, 1)
      assert.strictEqual(yield* sent, 2)
      assert.strictEqual(runs, 1)
    }).pipe(Effect.provide(script(Script.turn(call, { cost: 0.5 }), Script.turn("One.", { cost: 0.5 })))))

  it.effect("9: a response that crosses the limit without calls completes the run", () =>
    Effect.gen(function*() {
      const run = yield* Agent.run({ ...options, stopWhen: StopWhen.maxCost(0.5) })
      assert.deepStrictEqual(run.outcome, { _tag: "completed" })
    }).pipe(Effect.provide(script(Script.turn("One.", { cost: 3 })))))

  it.effect("9: a limit of tokens counts those of all responses", () =>
    Effect.gen(function*() {
      const run = yield* Agent.run({ ...options, stopWhen: StopWhen.maxTokensUsed(200) })
      assert.deepStrictEqual(run.outcome, { _tag: "stopped", condition: "maxTokensUsed(200)" })
      assert.strictEqual(run.usage.totalTokens, 220)
      assert.strictEqual(runs, 1)
    }).pipe(Effect.provide(script(
      Script.forever(Script.turn(call, { usage: { inputTokens: 100, outputTokens: 10 } }))
    ))))
})

describe("conditions", () => {
  it.effect("10: a response that reached its token limit holds with that reason, and its calls do not execute", () =>
    Effect.gen(function*() {
      const run = yield* Agent.run({ ...options, stopWhen: StopWhen.finishReasonIs("max_output_tokens") })
      assert.deepStrictEqual(run.outcome, { _tag: "stopped", condition: "finishReasonIs(max_output_tokens)" })
      assert.strictEqual(run.steps.at(-1)?.finishReason, "max_output_tokens")
      assert.strictEqual(runs, 1)
      assert.strictEqual(yield* sent, 2)
    }).pipe(Effect.provide(script(
      call,
      Script.turn([call, Script.toolCall("count", "{\"a\":")], { finishReason: "length" })
    ))))

  it.effect("10: the condition holds for a truncated text", () =>
    Effect.gen(function*() {
      const run = yield* Agent.run({ ...options, stopWhen: StopWhen.finishReasonIs("max_output_tokens") })
      assert.deepStrictEqual(run.outcome, { _tag: "stopped", condition: "finishReasonIs(max_output_tokens)" })
      assert.strictEqual(run.text, "Once upon")
    }).pipe(Effect.provide(script(Script.turn("Once upon", { finishReason: "length" })))))

  for (
    const [finishReason, reason] of [["length", "max_output_tokens"], ["content_filter", "content_filter"]] as const
  ) {
    it.effect(`10: without the condition the outcome is incomplete: ${reason}`, () =>
      Effect.gen(function*() {
        const run = yield* Agent.run(options)
        assert.deepStrictEqual(run.outcome, { _tag: "incomplete", reason })
        assert.strictEqual(run.steps[0]?.finishReason, reason)
        assert.strictEqual(run.text, "Once upon")
        assert.strictEqual(run.response?.status, "incomplete")
      }).pipe(Effect.provide(script(Script.turn("Once upon", { finishReason })))))
  }

  it.effect("10: a reason that does not occur does not stop the run", () =>
    Effect.gen(function*() {
      const run = yield* Agent.run({ ...options, stopWhen: StopWhen.finishReasonIs("content_filter") })
      assert.deepStrictEqual(run.outcome, { _tag: "completed" })
    }).pipe(Effect.provide(script(call, "One."))))

  it.effect("11: any of several conditions stops the run, and the outcome has its name", () =>
    Effect.gen(function*() {
      const run = yield* Agent.run({
        ...options,
        stopWhen: [StopWhen.maxCost(100), StopWhen.beforeToolCall("count"), StopWhen.stepCountIs(7)]
      })
      assert.deepStrictEqual(run.outcome, { _tag: "stopped", condition: "beforeToolCall(count)" })
      assert.strictEqual(runs, 0)
    }).pipe(Effect.provide(script(call))))

  it.effect("11: conditions receive each response as soon as it arrives, including the first", () =>
    Effect.gen(function*() {
      const seen: Array<readonly [steps: number, calls: number, results: number, runs: number]> = []
      yield* Agent.run({
        ...options,
        stopWhen: ({ steps }) => {
          seen.push([steps.length, steps.at(-1)?.toolCalls.length ?? 0, steps.at(-2)?.toolResults.length ?? 0, runs])
          return false
        }
      })
      assert.deepStrictEqual(seen, [[1, 1, 0, 0], [2, 2, 1, 1], [3, 0, 2, 3]])
    }).pipe(Effect.provide(script(call, [call, call], "Three."))))

  it.effect("11: the run waits for an effectful condition", () =>
    Effect.gen(function*() {
      const isOver = ({ steps }: Agent.Progress) => Effect.delay(Effect.succeed(steps.length === 2), 10)
      const [run, millis] = yield* timed(Agent.run({ ...options, stopWhen: isOver }))
      assert.strictEqual(millis, 20)
      assert.deepStrictEqual(run.outcome, { _tag: "stopped", condition: "isOver" })
      assert.strictEqual(yield* sent, 2)
    }).pipe(Effect.provide(script(Script.forever(call)))))

  it.effect("11: a condition that fails fails the run with its error and the progress", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(Agent.run({
        ...options,
        stopWhen: ({ steps }) =>
          steps.length < 2 ? Effect.succeed(false) : Effect.fail(new NoSuchBudget({ key: "team" }))
      }))
      assert(error._tag === "NoSuchBudget")
      assert.strictEqual(error.key, "team")
      assert.strictEqual(error.progress.steps.length, 2)
      assert.strictEqual(error.progress.cost, 3)
      assert.strictEqual(runs, 1)
    }).pipe(Effect.provide(script(Script.turn(call, { cost: 1 }), Script.turn(call, { cost: 2 })))))

  it.effect("11: a condition that throws fails the run with a CallbackError that names it", () =>
    Effect.gen(function*() {
      const broken = (): boolean => {
        throw new Error("no such table")
      }
      const error = yield* Effect.flip(Agent.run({ ...options, stopWhen: [() => false, broken] }))
      assert(error._tag === "CallbackError")
      assert.include(error.callback, "broken")
      assert.include(error.message, "no such table")
      assert.strictEqual(error.progress.steps.length, 1)
      assert.strictEqual(runs, 0)
    }).pipe(Effect.provide(script(call))))

  it.effect("11: a predicate without a name of its own has its position as its name", () =>
    Effect.gen(function*() {
      const lists = [
        { stopWhen: () => true },
        { stopWhen: [() => true] },
        { stopWhen: [StopWhen.maxCost(9), () => true] }
      ]
      const names: Array<string> = []
      for (const { stopWhen } of lists) {
        const { outcome } = yield* Agent.run({ ...options, stopWhen })
        names.push(outcome._tag === "stopped" ? outcome.condition : outcome._tag)
      }
      assert.deepStrictEqual(names, ["predicate 1", "predicate 1", "predicate 2"])
    }).pipe(Effect.provide(script(Script.forever(call)))))
})

describe("a request that refers to a stored response", () => {
  for (
    const [parameter, given] of [
      ["previous_response_id", { previous_response_id: "resp_1" }],
      ["previous_response_id", { previous_response_id: () => "resp_1" }],
      ["store", { store: true }]
    ] as const
  ) {
    it.effect(`is refused before anything is sent: ${parameter}, ${typeof Object.values(given)[0]}`, () =>
      Effect.gen(function*() {
        // The types refuse `store: true`, JavaScript does not
        const error = yield* Effect.flip(Agent.run({ ...options, ...(given as { previous_response_id?: string }) }))
        assert(error._tag === "InvalidRequestError")
        assert.strictEqual(error.parameter, parameter)
        assert.strictEqual(yield* sent, 0)
      }).pipe(Effect.provide(script())))
  }

  it.effect("is sent where it refers to none", () =>
    Effect.gen(function*() {
      yield* Agent.run({ ...options, previous_response_id: null, store: false })
      assert.strictEqual(yield* sent, 1)
    }).pipe(Effect.provide(script("None."))))
})
