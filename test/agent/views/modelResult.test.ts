import { assert, describe, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Data from "effect/Data"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import type { AgentEvent } from "../../../src/agent/internal/events.js"
import type { Progress } from "../../../src/agent/internal/run.js"
import { makeModelResult, type ModelResult } from "../../../src/agent/internal/views/modelResult.js"
import type { Execute } from "../../../src/agent/internal/views/streamRun.js"
import type * as Tool from "../../../src/agent/Tool.js"
import * as Usage from "../../../src/agent/Usage.js"
import { Payers } from "../../../src/http/spending.js"
import { isOver } from "../../support/effect/fibers.js"
import {
  added,
  argumentsDelta,
  call,
  callOutput,
  done,
  event,
  message,
  runOf,
  tell,
  textDelta,
  turnEnd,
  turnStart
} from "../support/events.js"

class Broken extends Data.TaggedError("Broken")<{ readonly progress: Progress }> {}

const first = turnEnd(1, [call("{\"city\":\"Rome\"}")], { id: "gen-first" })
const second = turnEnd(2, [message("It is ", "m1"), message("warm.", "m2")], { id: "gen-second" })

const failure = (message: string): AgentEvent => ({
  type: "tool.result",
  status: "failure",
  turn: 1,
  toolCallId: "call_1",
  name: "look_up",
  arguments: { city: "Rome" },
  message
})

const script: ReadonlyArray<ReadonlyArray<AgentEvent>> = [
  [turnStart(1), event("response.reasoning_text.delta", { output_index: 0, delta: "Let me " })],
  [event("response.reasoning_text.delta", { output_index: 0, delta: "see." })],
  [added(call("", "call_1", { status: "in_progress" })), argumentsDelta("{\"city\":", 0, { item_id: "fc_call_1" })],
  [argumentsDelta("\"Rome\"}", 0, { item_id: "fc_call_1" }), done(call("{\"city\":\"Rome\"}")), first],
  [{ type: "tool.preliminary_result", turn: 1, toolCallId: "call_1", name: "look_up", result: 0.5 }],
  [failure("no idea"), callOutput("call_1")],
  [turnStart(2), added(message("", "m1", { content: [] })), textDelta("It ", 0, { item_id: "m1" })],
  [textDelta("is ", 0, { item_id: "m1" }), done(message("It is ", "m1"))],
  [added(message("", "m2", { content: [] }), 1), textDelta("warm.", 1, { item_id: "m2" }), second]
]

const run = runOf([first, second], { text: "It is warm." })

type Result<E = never> = ModelResult<Tool.Any, undefined, E>

const start = <E>(execute: Execute<undefined, E, never>): Effect.Effect<Result<E>, never, Scope.Scope> =>
  makeModelResult<Tool.Any, undefined, E, never, never>(execute, {})

/** Emits the events of each response. */
const spend = (usage: Usage.Usage) =>
  Effect.map(Payers, (payers) => payers.forEach((pay) => pay({ usage, unsettled: [] })))

const all = <A, E>(stream: Stream.Stream<A, E>) => Effect.map(Stream.runCollect(stream), (values) => [...values])

const streams = <E>(result: Result<E>) => ({
  text: Effect.map(all(result.textStream), (pieces) => pieces.join("")),
  reasoning: Effect.map(all(result.reasoningStream), (pieces) => pieces.join("")),
  calls: all(result.toolCallsStream),
  tools: all(result.toolStream),
  items: Effect.map(all(result.itemsStream), (snapshots) => [
    ...new Map(snapshots.map((snapshot) => [snapshot.id, snapshot])).values()
  ]),
  messages: all(result.newMessagesStream)
})

describe("the result of a run", () => {
  it.scoped("has all events, for concurrent, late and repeated readers", () =>
    Effect.gen(function*() {
      let runs = 0
      const result = yield* start((emit) => Effect.zipRight(Effect.sync(() => runs++), tell(script, run)(emit)))
      const early = yield* Effect.all(streams(result), { concurrency: "unbounded" })
      assert.strictEqual(early.text, "It is warm.")
      assert.strictEqual(early.reasoning, "Let me see.")
      assert.deepStrictEqual(early.calls, [
        {
          turn: 1,
          toolCallId: "call_1",
          name: "look_up",
          arguments: { city: "Rome" },
          status: "failure",
          message: "no idea",
          result: undefined,
          preliminaryResults: [0.5]
        }
      ])
      assert.deepStrictEqual<unknown>(early.tools.slice(-2), [script[4]?.[0], failure("no idea")])
      assert.deepStrictEqual(early.items.map(({ id, state, turn }) => [turn, id, state]), [
        [1, "fc_call_1", "whole"],
        [1, "output_call_1", "whole"],
        [2, "m1", "whole"],
        [2, "m2", "whole"]
      ])
      const outputs = [...first.response.output, { type: "function_call_output", call_id: "call_1", output: "{}" }]
      assert.deepStrictEqual<unknown>(early.messages, [...outputs, ...second.response.output])
      const late = yield* Effect.all(streams(result))
      assert.deepStrictEqual({ ...late, tools: [] }, { ...early, tools: [] })
      assert.deepStrictEqual(
        late.tools.flatMap((event) => event.type === "delta" ? [event.content] : []).join(""),
        "{\"city\":\"Rome\"}"
      )
      assert.deepStrictEqual((yield* all(result.fullResponsesStream)).at(-1), { type: "run.end", run })
      assert.strictEqual(runs, 1)
    }))

  it.scoped("has the run, its text, its responses, and its usage", () =>
    Effect.gen(function*() {
      const result = yield* start(tell(script, run))
      assert.deepStrictEqual(yield* result.run, run)
      assert.strictEqual(yield* result.text, "It is warm.")
      assert.strictEqual((yield* result.response)?.id, "gen-second")
      assert.deepStrictEqual((yield* result.responses).map(({ id }) => id), ["gen-first", "gen-second"])
      assert.strictEqual((yield* result.usage).totalTokens, 6)
      assert.strictEqual(yield* result.cost, 0.5)
      assert.isUndefined(yield* result.value)
      assert.isUndefined(yield* (yield* start(tell([]))).response)
    }))

  it.scoped("keeps the instructions and tools that its events repeat once", () =>
    Effect.gen(function*() {
      const created = event("response.created", { response: { id: "gen", model: "m", output: [], metadata: null } })
      const told = ["a", "a", "b"].map((user, index) =>
        turnEnd(index + 1, [], { id: `gen-${index}`, metadata: { user } })
      )
      const result = yield* start(tell(told.map((event) => [created, event]), run))
      const kept = (yield* all(result.fullResponsesStream)).flatMap((event) => event.type === "turn.end" ? [event] : [])
      assert.deepStrictEqual(kept, told)
      const [first, second, third] = kept.map(({ response }) => response.metadata)
      assert.strictEqual(first, second)
      assert.notStrictEqual(second, third)
    }))

  it.scoped("names the call in each piece of arguments", () =>
    Effect.gen(function*() {
      const result = yield* start(tell(script, run))
      const [piece] = yield* all(result.toolStream)
      assert.deepInclude(piece, { type: "delta", turn: 1, toolCallId: "call_1", name: "look_up" })
    }))

  it.scoped("fails every getter with the error of the run, after its events, also late", () =>
    Effect.gen(function*() {
      const spent = { ...Usage.none, totalTokens: 9, cost: 0.75 }
      const error = new Broken({ progress: { ...runOf([]), usage: spent, cost: 0.75 } })
      const result = yield* start((emit) => Effect.zipRight(emit([turnStart(1), textDelta("It")]), Effect.fail(error)))
      for (const _ of ["early", "late"]) {
        const seen: Array<string> = []
        const reading = Stream.runForEach(result.textStream, (piece) => Effect.sync(() => seen.push(piece)))
        assert.deepStrictEqual(yield* Effect.exit(reading), Exit.fail(error))
        assert.deepStrictEqual(seen, ["It"])
        const getters: ReadonlyArray<Effect.Effect<unknown, Broken>> = Object.values(streams(result))
        for (const getter of getters) assert.strictEqual(yield* Effect.flip(getter), error)
        assert.strictEqual(yield* Effect.flip(result.run), error)
        assert.strictEqual(yield* Effect.flip(result.text), error)
        assert.strictEqual(yield* Effect.flip(result.response), error)
        assert.strictEqual(yield* Effect.flip(result.responses), error)
        assert.strictEqual(yield* Effect.flip(result.value), error)
        assert.deepStrictEqual(yield* result.usage, spent)
        assert.strictEqual(yield* result.cost, 0.75)
      }
    }))

  it.effect("interrupts the run, and with it its readers, when its scope closes", () =>
    Effect.gen(function*() {
      const log: Array<string> = []
      const scope = yield* Scope.make()
      const result = yield* start((emit) =>
        Effect.forEach(script, (batch) => emit(batch)).pipe(
          Effect.zipRight(spend(first.usage)),
          Effect.zipRight(spend(second.usage)),
          Effect.zipRight(Effect.never),
          Effect.onInterrupt(() => Effect.sync(() => log.push("finalized")))
        )
      ).pipe(Scope.extend(scope))
      const reader = yield* Effect.fork(all(result.textStream))
      const text = yield* Effect.fork(result.text)
      yield* TestClock.adjust("1 hour")
      assert.isFalse(isOver(reader))
      yield* Scope.close(scope, Exit.void)
      assert.deepStrictEqual(log, ["finalized"])
      for (const fiber of [reader, text]) {
        const exit = yield* Fiber.await<unknown, never>(fiber)
        assert.isTrue(Exit.isFailure(exit) && Cause.isInterruptedOnly(exit.cause))
      }
      const late = yield* Effect.exit(all(result.itemsStream))
      assert.isTrue(Exit.isFailure(late) && Cause.isInterruptedOnly(late.cause))
      const pieces = yield* all(Stream.take(result.textStream, 2))
      assert.strictEqual(pieces.join(""), "It is warm.")
      assert.strictEqual(yield* result.cost, 0.5)
      assert.strictEqual((yield* result.usage).totalTokens, 6)
    }))

  it.effect("can be read after its scope", () =>
    Effect.gen(function*() {
      const result = yield* Effect.scoped(Effect.tap(start(tell(script, run)), (result) => result.run))
      assert.strictEqual((yield* all(result.textStream)).join(""), "It is warm.")
      assert.strictEqual(yield* result.text, "It is warm.")
    }))

  it.effect("ends its readers even if its scope closes before it starts", () =>
    Effect.gen(function*() {
      const result = yield* Effect.scoped(start(tell(script, run)))
      const exit = yield* Effect.exit(all(result.textStream))
      assert.isTrue(Exit.isFailure(exit) && Cause.isInterruptedOnly(exit.cause))
      assert.strictEqual(yield* result.cost, 0)
    }))

  it.effect("can be interrupted in an uninterruptible region", () =>
    Effect.gen(function*() {
      const result = yield* Effect.uninterruptible(Effect.scoped(start(() => Effect.never)))
      assert.isTrue(Exit.isFailure(yield* Effect.exit(result.run)))
    }))

  it.scoped("starts at once and waits for no reader", () =>
    Effect.gen(function*() {
      const over = yield* Deferred.make<void>()
      const result = yield* start((emit) =>
        Effect.zipLeft(
          Effect.as(Effect.forEach(Array.from({ length: 10_000 }), () => emit([textDelta("a")])), run),
          Deferred.succeed(over, undefined)
        )
      )
      yield* Effect.fork(Stream.runForEach(result.textStream, () => Effect.never))
      yield* Deferred.await(over)
      assert.strictEqual((yield* all(result.textStream)).join("").length, 10_000)
    }))

  it.scoped("has the usage of a run that died", () =>
    Effect.gen(function*() {
      const result = yield* start((emit) =>
        emit([turnStart(1), first]).pipe(
          Effect.zipRight(spend(first.usage)),
          Effect.zipRight(Effect.die("bug"))
        )
      )
      assert.strictEqual(yield* result.cost, 0.25)
      assert.deepStrictEqual(yield* Effect.exit(result.text), Exit.die("bug"))
    }))
})
