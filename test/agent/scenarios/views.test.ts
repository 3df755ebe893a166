/** Many readers of one run: at once, late, slow. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import * as Agent from "../../../src/agent/Agent.js"
import * as AgentStream from "../../../src/agent/AgentStream.js"
import type { AgentEvent } from "../../../src/agent/internal/events.js"
import * as Tool from "../../../src/agent/Tool.js"
import * as Toolkit from "../../../src/agent/Toolkit.js"
import * as Script from "../../../src/testing/Script.js"
import * as TestModel from "../../../src/testing/TestModel.js"
import { getters } from "./getters.js"
import { collect, model, settled, timed } from "./support.js"

const Research = Tool.make("research", {
  parameters: Schema.Struct({ topic: Schema.String }),
  success: Schema.String,
  progress: Schema.Number
})
const tools = Toolkit.make(Research)
const ResearchLive = tools.toLayer({
  research: ({ topic }, call) => call.progress(0.5).pipe(Effect.delay("10 millis"), Effect.as(`all of ${topic}`))
})

const script = (...turns: Script.Script) => Layer.mergeAll(ResearchLive, TestModel.layer(turns))

const options = { model, input: "Go!", tools } as const

const twoTurns = [
  Script.turn(["Let me see. ", Script.reasoning("Where to look?"), Script.toolCall("research", { topic: "rain" })], {
    cost: 0.25,
    pace: "2 millis"
  }),
  Script.turn("It rains a lot.", { cost: 0.5, pace: "2 millis" })
] as const

const textOf = (events: ReadonlyArray<unknown>) => events.join("")

describe("readers of one run", () => {
  it.effect("40: two at the same time both receive all events, with one request for each turn", () =>
    Effect.gen(function*() {
      const [[one, other]] = yield* timed(Effect.scoped(Effect.flatMap(
        Agent.callModel(options),
        ({ fullResponsesStream }) =>
          Effect.all([collect(fullResponsesStream), collect(fullResponsesStream)], { concurrency: "unbounded" })
      )))
      assert.deepStrictEqual(one, other)
      assert.strictEqual(one.at(-1)?.type, "run.end")
      assert.strictEqual(one.filter(({ type }) => type === "turn.end").length, 2)
      assert.include(one.map(({ type }) => type), "tool.preliminary_result")
      assert.strictEqual((yield* TestModel.requests).length, 2)
      assert.deepStrictEqual(yield* TestModel.responses, { finished: 2, interrupted: 0, open: 0 })
    }).pipe(Effect.provide(script(...twoTurns))))

  it.effect("40: can read every view at the same time, and each view has all turns", () =>
    Effect.gen(function*() {
      const [all] = yield* timed(Effect.scoped(Effect.flatMap(
        Agent.callModel(options),
        (result) => Effect.all(getters(result), { concurrency: "unbounded" })
      )))
      for (const [getter, { exit }] of Object.entries(all)) assert.isTrue(Exit.isSuccess(exit), getter)
      assert.strictEqual(textOf(all.text.seen), "It rains a lot.")
      assert.strictEqual(textOf(all.textStream.seen), "Let me see. It rains a lot.")
      assert.strictEqual(textOf(all.reasoningStream.seen), "Where to look?")
      assert.strictEqual(all.toolCallsStream.seen.length, 1)
      assert.strictEqual(all.newMessagesStream.seen.length, 4)
      assert.strictEqual((yield* TestModel.requests).length, 2)
    }).pipe(Effect.provide(script(...twoTurns))))

  it.effect("40: they receive the events of Agent.stream", () =>
    Effect.gen(function*() {
      const [[shared]] = yield* timed(Effect.scoped(Effect.flatMap(
        Agent.callModel(options),
        ({ fullResponsesStream }) => Effect.all([collect(fullResponsesStream)])
      )))
      const [alone] = yield* timed(collect(Agent.stream(options)))
      assert.deepStrictEqual(typesOf(shared), typesOf(alone))
    }).pipe(Effect.provide(script(...twoTurns, ...twoTurns))))

  it.effect("41: one that starts after the end receives all turns and all tools", () =>
    Effect.gen(function*() {
      const scope = yield* Scope.make()
      const result = yield* Scope.extend(Agent.callModel(options), scope)
      const [early] = yield* timed(Effect.all(getters(result), { concurrency: "unbounded" }))
      yield* Scope.close(scope, Exit.void)
      const late = yield* Effect.all(getters(result))
      for (const getter of ["textStream", "reasoningStream"] as const) {
        assert.strictEqual(textOf(late[getter].seen), textOf(early[getter].seen))
      }
      for (const getter of ["run", "text", "response", "toolCallsStream", "newMessagesStream"] as const) {
        assert.deepStrictEqual(late[getter].seen, early[getter].seen)
      }
      assert.deepStrictEqual(late.itemsStream.seen.at(-1), early.itemsStream.seen.at(-1))
      const isOfTheLoop = (event: unknown) => !String(Reflect.get(Object(event), "type")).startsWith("response.")
      assert.deepStrictEqual(
        late.fullResponsesStream.seen.filter(isOfTheLoop),
        early.fullResponsesStream.seen.filter(isOfTheLoop)
      )
      assert.strictEqual((yield* TestModel.requests).length, 2)
    }).pipe(Effect.provide(script(...twoTurns))))

  it.effect("41: one that starts in the middle receives the earlier events too", () =>
    Effect.gen(function*() {
      const scope = yield* Scope.make()
      const result = yield* Scope.extend(Agent.callModel(options), scope)
      yield* TestModel.awaitRequests(1)
      for (let n = 0; n < 5; n++) {
        yield* settled
        yield* TestClock.adjust(1)
      }
      const [text] = yield* timed(collect(result.textStream))
      assert.strictEqual(textOf(text), "Let me see. It rains a lot.")
      yield* Scope.close(scope, Exit.void)
    }).pipe(Effect.provide(script(...twoTurns))))
})

const typesOf = (events: ReadonlyArray<AgentEvent>) => events.map(({ type }) => type)

describe("a slow reader", () => {
  const count = 400
  let produced = 0
  const long = Script.turn(
    Array.from({ length: count }, (_, n) => [
      Script.waitFor(Effect.sync(() => produced = n + 1)),
      Script.text([`${n} `])
    ]).flat()
  )

  it.effect("43: of Agent.stream does not hold up the response, and receives all of its text", () =>
    Effect.gen(function*() {
      produced = 0
      let seen = ""
      let batches = 0
      const reader = yield* AgentStream.textDeltas(Agent.stream(options)).pipe(
        Stream.runForEach((text) => {
          batches++
          seen += text
          return Effect.sleep("1 minute")
        }),
        Effect.fork
      )
      yield* TestModel.awaitRequests(1)
      yield* settled
      assert.strictEqual(produced, count)
      assert.strictEqual(batches, 1)
      yield* TestClock.adjust("400 minutes")
      yield* Fiber.join(reader)
      assert.strictEqual(seen, Array.from({ length: count }, (_, n) => `${n} `).join(""))
      assert.isBelow(batches, count, "deltas that wait are joined")
    }).pipe(Effect.provide(script(long))))

  it.effect("43: of Agent.stream holds up a response of more than a megabyte", () =>
    Effect.gen(function*() {
      produced = 0
      const reader = yield* Agent.stream(options).pipe(
        Stream.runForEach((event) => event.type === "turn.start" ? Effect.void : Effect.sleep("1 hour")),
        Effect.fork
      )
      yield* TestModel.awaitRequests(1)
      yield* settled
      assert.isAtLeast(produced, 10)
      assert.isAtMost(produced, 14)
      yield* Fiber.interrupt(reader)
      assert.deepStrictEqual(yield* TestModel.responses, { finished: 0, interrupted: 1, open: 0 })
    }).pipe(Effect.provide(script(Script.turn(
      Array.from({ length: 40 }, (_, n) => [
        Script.waitFor(Effect.sync(() => produced = n + 1)),
        Script.text(["x".repeat(100_000)])
      ]).flat()
    )))))

  it.effect("43: that stands still makes no further turn begin, and its end interrupts the run", () =>
    Effect.gen(function*() {
      const reader = yield* Agent.stream(options).pipe(
        Stream.runForEach(({ type }) => type === "turn.end" ? Effect.never : Effect.void),
        Effect.fork
      )
      yield* TestModel.awaitRequests(1)
      yield* settled
      yield* TestClock.adjust("1 hour")
      assert.strictEqual((yield* TestModel.requests).length, 1)
      yield* Fiber.interrupt(reader)
      assert.strictEqual((yield* TestModel.responses).open, 0)
    }).pipe(Effect.provide(Layer.merge(ResearchLive, TestModel.layer(twoTurns, { allowUnused: true })))))

  it.effect("43: of Agent.callModel delays neither the run nor other readers", () =>
    Effect.gen(function*() {
      produced = 0
      yield* Effect.scoped(Effect.gen(function*() {
        const result = yield* Agent.callModel(options)
        const slow = yield* Effect.fork(
          Stream.runForEach(result.textStream, () => Effect.sleep("1 hour"))
        )
        const text = yield* result.text
        assert.strictEqual(produced, count)
        assert.strictEqual(textOf(yield* collect(result.textStream)), text)
        yield* Fiber.interrupt(slow)
      }))
    }).pipe(Effect.provide(script(long))))
})
