/** What a turn costs does not depend on how many turns there were, but for the bytes of its request. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as Agent from "../../src/agent/Agent.js"
import * as Conversation from "../../src/agent/Conversation.js"
import * as DoomLoop from "../../src/agent/DoomLoop.js"
import * as Middleware from "../../src/agent/Middleware.js"
import * as StopWhen from "../../src/agent/StopWhen.js"
import * as Tool from "../../src/agent/Tool.js"
import * as Toolkit from "../../src/agent/Toolkit.js"
import { arrayAt } from "../../src/internal/json.js"
import type { OpenResponsesResult } from "../../src/schema/Responses.js"
import type { OutputItems } from "../../src/schema/ResponsesItems.js"
import * as Script from "../../src/testing/Script.js"
import * as TestModel from "../../src/testing/TestModel.js"
import { assertLinearInTurns } from "./work.js"

const Add = Tool.make("add", { parameters: Schema.Struct({ a: Schema.Number }), success: Schema.Number })
const tools = Toolkit.make(Add)
const AddLive = tools.toLayer({ add: ({ a }) => Effect.succeed(a + 1) })

const options = { model: "test/model", input: "Go!", tools, maxSteps: Infinity } as const

const instructions = "Add. ".repeat(1000)

/** Turns of eight calls; each response repeats the instructions of its request. */
const live = (turns: number) => {
  let turn = 0
  const next = () => {
    turn++
    return Script.turn(
      turn > turns ? "done" : Array.from({ length: 8 }, (_, call) => Script.toolCall("add", { a: turn * 8 + call })),
      { fields: { instructions, metadata: { user: "Ada" } } }
    )
  }
  return Layer.mergeAll(AddLive, Conversation.layerMemory, TestModel.layer([Script.forever(next)]))
}

/** Runs, and returns how many items the requests carried. */
const sentBy = <A, E, R>(run: Effect.Effect<A, E, R>, turns: number) =>
  run.pipe(
    Effect.zipRight(TestModel.requests),
    Effect.map((requests) => requests.reduce((sum, { json }) => sum + arrayAt(json, "input").length, 0)),
    Effect.provide(live(turns))
  )

const answer = (turn: number): OutputItems => ({
  type: "message",
  id: `msg_${turn}`,
  role: "assistant",
  status: "completed",
  content: [{ type: "output_text", text: "done", annotations: [] }]
})

const callOf = (turn: number, call: number): OutputItems => ({
  type: "function_call",
  id: `fc_${turn}_${call}`,
  call_id: `call_${turn}_${call}`,
  name: "add",
  arguments: `{"a":${turn * 8 + call}}`,
  status: "completed"
})

/** A model that responds without a connection, with the same turns. It reports how many items each request carries. */
const modelOf = (turns: number, report: (items: number) => void) => {
  let turn = 0
  return Middleware.make({
    model: ({ input }) =>
      Effect.sync((): OpenResponsesResult => {
        turn++
        report(Array.isArray(input) ? input.length : 1)
        const output = turn > turns ? [answer(turn)] : Array.from({ length: 8 }, (_, call) => callOf(turn, call))
        return { id: `resp_${turn}`, model: "test/model", status: "completed", output }
      })
  })
}

/** Runs without a connection: what is left is the work of the run itself. Returns how many items the requests carried. */
const sentWithoutConnection = <A, E, R>(
  run: (model: ReturnType<typeof modelOf>) => Effect.Effect<A, E, R>,
  turns: number
) =>
  Effect.suspend(() => {
    let sent = 0
    const model = modelOf(turns, (items) => {
      sent += items
    })
    const layer = Layer.mergeAll(AddLive, Conversation.layerMemory, TestModel.layer([]))
    return Effect.map(Effect.provide(run(model), layer), () => sent)
  })

/** `GROWTH_TURNS=300` compares 300 turns with 600. */
const turns = Number(process.env["GROWTH_TURNS"] ?? 50)

describe("turns of eight calls cost the same", { timeout: 60_000 + turns * 2000 }, () => {
  /** Each request has a list of its own, into which each item is copied. */
  const perItem = 1
  const compared = <A, E, R>(run: (middleware: ReturnType<typeof modelOf>) => Effect.Effect<A, E, R>) =>
    assertLinearInTurns(turns, perItem, (turns) => sentWithoutConnection(run, turns))

  it.effect("in a run", () => compared((middleware) => Agent.run({ ...options, middleware })))

  it.effect("in a stream", () => compared((middleware) => Stream.runDrain(Agent.stream({ ...options, middleware }))))

  it.effect("in a stored conversation", () =>
    compared((middleware) => Agent.run({ ...options, middleware, conversation: "c" })))

  it.effect("with conditions and middleware that look at the run", () =>
    compared((middleware) =>
      Agent.run({
        ...options,
        stopWhen: [StopWhen.maxCost(1000), StopWhen.repeatedCalls(3), StopWhen.stepCountIs(10_000)],
        middleware: [DoomLoop.middleware(), middleware]
      })
    ))

  it.effect("over a connection, with what the test kit records", () =>
    assertLinearInTurns(20, 8, (turns) => sentBy(Agent.run(options), turns)))
})

describe("turns of eight calls", () => {
  it.effect("have one copy of what each response repeats", () =>
    Effect.gen(function*() {
      const { response, steps } = yield* Effect.provide(Agent.run(options), live(3))
      assert.strictEqual(response?.instructions, instructions)
      assert.strictEqual(steps.length, 4)
      for (const step of steps) {
        assert.strictEqual(step.response.instructions, instructions)
        assert.deepStrictEqual(step.response.metadata, { user: "Ada" })
        assert.strictEqual(step.response.metadata, response?.metadata)
      }
    }))
})
