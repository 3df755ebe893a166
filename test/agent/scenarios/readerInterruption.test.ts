/** A reader that stops ends the requests: over sockets, in every phase of a run, in every way to start it. */
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import { assert, describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Schedule from "effect/Schedule"
import * as Schema from "effect/Schema"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as Agent from "../../../src/agent/Agent.js"
import * as Tool from "../../../src/agent/Tool.js"
import * as Toolkit from "../../../src/agent/Toolkit.js"
import * as OpenRouterClient from "../../../src/http/OpenRouterClient.js"
import * as Script from "../../../src/testing/Script.js"
import * as ScriptedServer from "../../../src/testing/server/ScriptedServer.js"
import { getters } from "./getters.js"
import { model } from "./support.js"

const Work = Tool.make("work", { progress: Schema.String })
const tools = Toolkit.make(Work)

/** Signals of a tool that never ends. */
interface Worker {
  readonly started: Deferred.Deferred<void>
  readonly log: Array<string>
}

const worker: Effect.Effect<Worker> = Effect.map(Deferred.make<void>(), (started) => ({ started, log: [] }))

const working = ({ log, started }: Worker) =>
  tools.toLayer({
    work: (_, { progress }) =>
      Effect.acquireRelease(Deferred.succeed(started, undefined), () => Effect.sync(() => log.push("released"))).pipe(
        Effect.zipRight(progress("at work")),
        Effect.zipRight(Effect.never),
        Effect.onInterrupt(() => Effect.sync(() => log.push("interrupted")))
      )
  })

const server = (turns: Script.Script) =>
  Layer.provide(ScriptedServer.layerClient({ turns, allowUnused: true }), FetchHttpClient.layer)

const options = { model, input: "Go!", tools } as const

/** A moment of a run. */
interface Phase {
  readonly turns: Script.Script
  readonly requests: number
  /** Whether a request is open then, so that the server detects that it closes. */
  readonly isOpen: boolean
  readonly reached: (worker: Worker, server: ScriptedServer.ScriptedServer.Service) => Effect.Effect<unknown>
  readonly retryTurn?: Schedule.Schedule<unknown>
}

const call = Script.toolCall("work")
const requested = (count: number): Phase["reached"] => (_, { awaitRequests }) => awaitRequests(count)

/** A turn that waits until it is requested, and then lets the test continue. */
const phases: Readonly<Record<string, (latch: Deferred.Deferred<void>) => Phase>> = {
  "while connecting": () => ({ turns: [Script.silent], requests: 1, isOpen: true, reached: requested(1) }),
  "while streaming": (latch) => ({
    turns: [["Once upon", Script.waitFor(Deferred.succeed(latch, undefined)), Script.stall], "Never sent."],
    requests: 1,
    isOpen: true,
    reached: () => Deferred.await(latch)
  }),
  "while a tool runs": () => ({
    turns: [call, "Never sent."],
    requests: 1,
    isOpen: false,
    reached: ({ started }) => Deferred.await(started)
  }),
  "while the client waits to retry": () => ({
    turns: [Script.error(503, { retryAfter: "50 seconds" }), "Never sent."],
    requests: 1,
    isOpen: false,
    reached: requested(1)
  }),
  "while the turn waits to be requested again": () => ({
    turns: [["Once", Script.truncate], "Never sent."],
    requests: 1,
    isOpen: false,
    reached: requested(1),
    retryTurn: Schedule.spaced("1 hour")
  }),
  "in the second turn": (latch) => ({
    turns: [
      Script.toolCall("unknown"),
      ["Once upon", Script.waitFor(Deferred.succeed(latch, undefined)), Script.stall],
      "Never sent."
    ],
    requests: 2,
    isOpen: true,
    reached: () => Deferred.await(latch)
  })
}

/** Starts a run, and returns the effect that stops it. */
const ways = {
  "the fiber of Agent.run": (options: RunOptions) =>
    Effect.map(Effect.fork(Agent.run(options)), (fiber) => Fiber.interrupt(fiber)),
  "the reader of Agent.stream": (options: RunOptions) =>
    Effect.map(Effect.fork(Stream.runDrain(Agent.stream(options))), (fiber) => Fiber.interrupt(fiber)),
  "the scope of Agent.callModel": (options: RunOptions) =>
    Effect.gen(function*() {
      const scope = yield* Scope.make()
      const result = yield* Scope.extend(Agent.callModel(options), scope)
      const readers = yield* Effect.fork(Effect.all(getters(result), { concurrency: "unbounded" }))
      return Effect.gen(function*() {
        yield* Scope.close(scope, Exit.void)
        for (const [getter, { exit }] of Object.entries(yield* Fiber.join(readers))) {
          assert.isTrue(Exit.isInterrupted(exit), getter)
        }
      })
    })
}

type RunOptions = typeof options & { readonly retryTurn: Schedule.Schedule<unknown> | undefined }

describe("interruption", () => {
  for (const [when, phaseOf] of Object.entries(phases)) {
    for (const [way, start] of Object.entries(ways)) {
      it.scopedLive(`42: ${when}, of ${way}, closes the connection and sends nothing more`, () =>
        Effect.gen(function*() {
          const latch = yield* Deferred.make<void>()
          const tool = yield* worker
          const { isOpen, reached, requests, retryTurn, turns } = phaseOf(latch)
          yield* Effect.gen(function*() {
            const service = yield* ScriptedServer.ScriptedServer
            const stop = yield* start({ ...options, retryTurn })
            yield* reached(tool, service)
            if (!isOpen) yield* Effect.repeat(service.responses, { until: ({ open }) => open === 0 })
            yield* stop
            if (isOpen) yield* service.awaitInterrupted(1)
            const { interrupted, open } = yield* service.responses
            assert.deepStrictEqual({ interrupted, open }, { interrupted: isOpen ? 1 : 0, open: 0 })
            assert.strictEqual((yield* service.requests).length, requests)
            if (when === "while a tool runs") assert.deepStrictEqual(tool.log, ["interrupted", "released"])
          }).pipe(Effect.provide(Layer.mergeAll(working(tool), server(turns))))
        }))
    }
  }
})

describe("a reader that stops early", () => {
  it.scopedLive("42: of Agent.stream: the server sees the close, and no follow-up request", () =>
    Effect.gen(function*() {
      const { awaitInterrupted, requests, responses } = yield* ScriptedServer.ScriptedServer
      const events = yield* Agent.stream(options).pipe(
        Stream.filter((event) => event.type === "response.output_text.delta"),
        Stream.take(1),
        Stream.runCollect
      )
      assert.strictEqual(events.length, 1)
      yield* awaitInterrupted(1)
      assert.deepStrictEqual(yield* responses, { finished: 0, interrupted: 1, open: 0 })
      assert.strictEqual((yield* requests).length, 1)
    }).pipe(Effect.provide(Layer.mergeAll(
      tools.toLayer({ work: () => Effect.void }),
      server([["Once", Script.wait("10 millis"), " upon", Script.stall], "Never sent."])
    ))))

  it.scopedLive("42: of Agent.stream while a tool runs: the tool stops, and there is no follow-up request", () =>
    Effect.gen(function*() {
      const tool = yield* worker
      yield* Effect.gen(function*() {
        const { requests } = yield* ScriptedServer.ScriptedServer
        yield* Agent.stream(options).pipe(
          Stream.takeUntil((event) => event.type === "tool.preliminary_result"),
          Stream.runDrain
        )
        assert.strictEqual((yield* requests).length, 1)
        assert.deepStrictEqual(tool.log, ["interrupted", "released"])
      }).pipe(Effect.provide(Layer.mergeAll(working(tool), server([call, "Never sent."]))))
    }))

  it.scopedLive("42: of Agent.callModel does not stop the others: the scope does", () =>
    Effect.gen(function*() {
      const { awaitInterrupted, requests } = yield* ScriptedServer.ScriptedServer
      yield* Effect.scoped(Effect.gen(function*() {
        const result = yield* Agent.callModel(options)
        yield* Stream.runDrain(Stream.take(result.textStream, 1))
        yield* Stream.runDrain(Stream.take(result.textStream, 2))
      }))
      yield* awaitInterrupted(1)
      assert.strictEqual((yield* requests).length, 1)
    }).pipe(Effect.provide(Layer.mergeAll(
      tools.toLayer({ work: () => Effect.void }),
      server([["Once", Script.wait("10 millis"), " upon", Script.stall], "Never sent."])
    ))))

  it.scopedLive("42: Effect.timeout of a run is an interruption like any other", () =>
    Effect.gen(function*() {
      const { awaitInterrupted, requests } = yield* ScriptedServer.ScriptedServer
      const result = yield* Effect.timeoutOption(Agent.run(options), "200 millis")
      assert.strictEqual(result._tag, "None")
      yield* awaitInterrupted(1)
      assert.strictEqual((yield* requests).length, 1)
    }).pipe(Effect.provide(Layer.mergeAll(
      tools.toLayer({ work: () => Effect.void }),
      server([["Once", Script.stall], "Never sent."])
    ))))

  it.scopedLive("42: a run whose turn takes too long ends by the options of its requests", () =>
    Effect.gen(function*() {
      const { awaitInterrupted } = yield* ScriptedServer.ScriptedServer
      const error = yield* Effect.flip(
        Agent.run(options).pipe(OpenRouterClient.withOptions({ idleTimeout: "100 millis" }))
      )
      assert.strictEqual(error._tag, "StreamStalledError")
      yield* awaitInterrupted(1)
    }).pipe(Effect.provide(Layer.mergeAll(
      tools.toLayer({ work: () => Effect.void }),
      server([["Once", Script.stall], "Never sent."])
    ))))
})
