import { assert, describe, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as FastCheck from "effect/FastCheck"
import * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import type { AgentEvent } from "../../../src/agent/internal/events.js"
import { EventLog } from "../../../src/agent/internal/views/eventLog.js"
import { interruption, isOver } from "../../support/effect/fibers.js"
import { cut, event, message, textDelta, turnEnd, turnRetry, turnStart } from "../support/events.js"

const make = <E = never>() =>
  new EventLog<AgentEvent, E>((event) => event.type === "turn.end" || event.type === "turn.retry")

const readAll = <E>(journal: EventLog<AgentEvent, E>) =>
  Stream.runCollect(journal.stream).pipe(Effect.map((events) => [...events]))

/** The events in short form; consecutive deltas of one place count as one. */
const said = (events: ReadonlyArray<AgentEvent>): ReadonlyArray<string> => {
  const lines: Array<{ readonly place: string; text: string }> = []
  for (const event of events) {
    const { delta, logprobs: _, sequence_number: __, ...rest }: { readonly [key: string]: unknown } = { ...event }
    const place = JSON.stringify(rest)
    const last = lines.at(-1)
    if (typeof delta === "string" && last?.place === place) last.text += delta
    else lines.push({ place, text: typeof delta === "string" ? delta : "" })
  }
  return lines.map(({ place, text }) => `${place} ${text}`)
}

const anyEvent: FastCheck.Arbitrary<AgentEvent> = FastCheck.oneof(
  {
    weight: 8,
    arbitrary: FastCheck.tuple(FastCheck.string(), FastCheck.nat(1)).map(([text, at]) => textDelta(text, at))
  },
  { weight: 3, arbitrary: FastCheck.string().map((text) => textDelta(text, 0, { content_index: 1 })) },
  {
    weight: 3,
    arbitrary: FastCheck.string().map((delta) => event("response.reasoning_text.delta", { output_index: 0, delta }))
  },
  {
    weight: 1,
    arbitrary: FastCheck.string().map((delta) => event("response.tomorrow.delta", { delta, place: delta.length }))
  },
  { weight: 1, arbitrary: FastCheck.constant(event("response.tomorrow", { delta: 1 })) },
  { weight: 1, arbitrary: FastCheck.constant(turnRetry(1)) },
  { weight: 1, arbitrary: FastCheck.constant(turnEnd(1, [message("x")])) }
)

const script = FastCheck.array(anyEvent, { maxLength: 60 }).chain((events) =>
  FastCheck.record({
    events: FastCheck.constant(events),
    batches: cut(events),
    starts: FastCheck.array(FastCheck.nat(30), { minLength: 1, maxLength: 5 }),
    fails: FastCheck.boolean()
  })
)

describe("an event log", () => {
  it.effect.prop(
    "tells every reader the same, wherever it begins, and ends as the run",
    [script],
    ([drawn]) =>
      Effect.gen(function*() {
        const journal = make<string>()
        const exit: Exit.Exit<void, string> = drawn.fails ? Exit.fail("broken") : Exit.void
        const read = () => {
          const events: Array<AgentEvent> = []
          return journal.stream.pipe(
            Stream.runForEach((event) => Effect.sync(() => events.push(event))),
            Effect.exit,
            Effect.map((exit) => ({ events, exit }))
          )
        }
        const readers: Array<Fiber.Fiber<Effect.Effect.Success<ReturnType<typeof read>>>> = []
        for (const [at, batch] of drawn.batches.entries()) {
          for (const start of drawn.starts) {
            if (start === at) readers.push(yield* Effect.fork(read()))
          }
          yield* Effect.yieldNow()
          yield* journal.append(batch)
          yield* Effect.yieldNow()
        }
        yield* journal.end(exit)
        readers.push(yield* Effect.fork(read()))
        for (const reader of readers) {
          const { events, exit: ended } = yield* Fiber.join(reader)
          assert.deepStrictEqual(said(events), said(drawn.events))
          assert.deepStrictEqual(ended, exit)
        }
        assert.strictEqual(journal.size.waiting, 0)
      }),
    { fastCheck: { numRuns: 150 } }
  )

  it.effect("keeps the joined text, not each delta", () =>
    Effect.gen(function*() {
      const journal = make()
      for (let turn = 1; turn <= 10; turn++) {
        yield* journal.append([turnStart(turn)])
        for (let n = 0; n < 5000; n++) yield* journal.append([textDelta("word ", 0, { sequence_number: n })])
        yield* journal.append([turnEnd(turn, [])])
      }
      yield* journal.end(Exit.void)
      assert.isAtMost(journal.size.events, 50)
      const events = yield* readAll(journal)
      const text = events.map((event) => event.type === "response.output_text.delta" ? event.delta : "").join("")
      assert.strictEqual(text, "word ".repeat(50_000))
    }))

  it.effect("joins the deltas of a long turn before its end", () =>
    Effect.gen(function*() {
      const journal = make()
      for (let n = 0; n < 100_000; n++) yield* journal.append([textDelta("w")])
      assert.isAtMost(journal.size.events, 2048 + 50)
    }))

  it.effect("does not join events that a reader has started to read", () =>
    Effect.gen(function*() {
      const journal = make()
      const gate = yield* Deferred.make<void>()
      const began = yield* Deferred.make<void>()
      const seen: Array<AgentEvent> = []
      yield* journal.append([textDelta("a")])
      const reader = yield* journal.stream.pipe(
        Stream.runForEach((event) =>
          Effect.sync(() => seen.push(event)).pipe(
            Effect.zipRight(Deferred.succeed(began, undefined)),
            Effect.zipRight(Deferred.await(gate))
          )
        ),
        Effect.fork
      )
      yield* Deferred.await(began)
      const rest = [textDelta("b"), textDelta("c"), turnEnd(1, [])]
      yield* journal.append(rest)
      assert.deepStrictEqual((yield* readAllOf(journal, 2)).map((event) => event.type), [
        "response.output_text.delta",
        "turn.end"
      ])
      yield* journal.append([textDelta("d"), textDelta("e"), turnEnd(2, [])])
      yield* journal.end(Exit.void)
      yield* Deferred.succeed(gate, undefined)
      yield* Fiber.join(reader)
      assert.deepStrictEqual(seen, [textDelta("a"), ...rest, textDelta("de"), turnEnd(2, [])])
    }))

  it.effect("wakes a thousand readers, and removes readers that stop", () =>
    Effect.gen(function*() {
      const journal = make()
      let woken = 0
      const count = Stream.tap(journal.stream, () => Effect.sync(() => woken++))
      const readers = yield* Effect.forEach(
        Array.from({ length: 1000 }),
        () => Effect.fork(Effect.map(Stream.runCollect(count), (events) => [...events]))
      )
      const allWait = Effect.repeat(Effect.yieldNow(), { until: () => journal.size.waiting === 1000 })
      yield* allWait
      yield* journal.append([textDelta("a")])
      yield* Effect.repeat(Effect.yieldNow(), { until: () => woken === 1000 })
      yield* allWait
      yield* Fiber.interruptAll(readers.slice(0, 600))
      assert.strictEqual(journal.size.waiting, 400)
      yield* journal.append([textDelta("b"), turnEnd(1, [])])
      yield* journal.end(Exit.void)
      for (const reader of readers.slice(600)) {
        const text = (yield* Fiber.join(reader)).map((event) =>
          event.type === "response.output_text.delta" ? event.delta : ""
        )
        assert.strictEqual(text.join(""), "ab")
      }
      assert.strictEqual(journal.size.waiting, 0)
    }))

  it.effect("wakes readers without reading the clock", () =>
    Effect.gen(function*() {
      const journal = make()
      const reader = yield* Effect.fork(readAllOf(journal, 2))
      yield* Effect.fork(Effect.zipRight(Effect.sleep("1 hour"), journal.append([textDelta("late")])))
      yield* journal.append([turnStart(1)])
      yield* TestClock.adjust("59 minutes")
      assert.isFalse(isOver(reader))
      yield* TestClock.adjust("1 minute")
      assert.deepStrictEqual(yield* Fiber.join(reader), [turnStart(1), textDelta("late")])
    }))

  it.effect("does not wait for a reader that reads nothing", () =>
    Effect.gen(function*() {
      const journal = make()
      const reader = yield* journal.stream.pipe(Stream.runForEach(() => Effect.never), Effect.fork)
      for (let n = 0; n < 10_000; n++) yield* journal.append([textDelta("w")])
      yield* journal.end(Exit.void)
      assert.strictEqual(said(yield* readAll(journal)).length, 1)
      yield* Fiber.interrupt(reader)
    }))

  it.effect("ends early and late readers with an interruption or a defect of the run", () =>
    Effect.gen(function*() {
      for (const cause of [interruption, Cause.die("broken")]) {
        const journal = make()
        const early = yield* Effect.fork(readAll(journal))
        yield* journal.append([turnStart(1)])
        yield* journal.end(Exit.failCause(cause))
        assert.deepStrictEqual(yield* Fiber.await(early), Exit.failCause(cause))
        assert.deepStrictEqual(yield* Effect.exit(readAll(journal)), Exit.failCause(cause))
        assert.deepStrictEqual(yield* readAllOf(journal, 1), [turnStart(1)])
      }
    }))

  it.effect("accepts no event after its end", () =>
    Effect.gen(function*() {
      const journal = make<string>()
      yield* journal.end(Exit.void)
      yield* journal.append([textDelta("too late")])
      yield* journal.end(Exit.fail("too late"))
      assert.deepStrictEqual(yield* readAll(journal), [])
    }))
})

const readAllOf = (journal: EventLog<AgentEvent, never>, count: number) =>
  journal.stream.pipe(Stream.take(count), Stream.runCollect, Effect.map((events) => [...events]))

describe("joining deltas", () => {
  const kept = (events: ReadonlyArray<AgentEvent>) =>
    Effect.gen(function*() {
      const journal = make()
      yield* journal.append(events)
      yield* journal.end(Exit.void)
      return yield* readAll(journal)
    })

  it.effect("joins their log probabilities and keeps the last sequence number", () =>
    Effect.gen(function*() {
      const probability = (token: string) => ({ token, logprob: -1, top_logprobs: [] })
      const pieces = ["a", "b", "c"].map((token, n) =>
        textDelta(token, 0, { logprobs: [probability(token)], sequence_number: n })
      )
      assert.deepStrictEqual(yield* kept(pieces), [
        textDelta("abc", 0, { logprobs: ["a", "b", "c"].map(probability), sequence_number: 2 })
      ])
    }))

  it.effect("does not join deltas that differ in other fields", () =>
    Effect.gen(function*() {
      const events = [
        textDelta("a"),
        textDelta("b", 1),
        textDelta("c", 1, { content_index: 1 }),
        textDelta("d", 1, { item_id: "other", content_index: 1 }),
        textDelta("e", 1, { item_id: "other", content_index: 1, extra: "new" }),
        event("response.refusal.delta", { output_index: 1, item_id: "other", content_index: 1, delta: "f" }),
        turnStart(2),
        event("response.tomorrow.delta", { delta: "g" }),
        event("response.tomorrow.delta", { delta: { text: "h" } })
      ]
      assert.deepStrictEqual(yield* kept(events), events)
    }))
})
