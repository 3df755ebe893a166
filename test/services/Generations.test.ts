import { assert, describe, it } from "@effect/vitest"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Schedule from "effect/Schedule"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import { ConnectionError, InvalidRequestError, type PartialResponse } from "../../src/http/OpenRouterError.js"
import type { Generation } from "../../src/schema/Generations.js"
import * as Chat from "../../src/services/Chat.js"
import * as Generations from "../../src/services/Generations.js"
import * as MockHttpClient from "../../src/testing/MockHttpClient.js"
import * as Script from "../../src/testing/Script.js"
import * as TestModel from "../../src/testing/TestModel.js"

const record: Generation = {
  id: "gen-1",
  model: "openai/gpt-5-nano",
  created_at: "2026-01-01T00:00:00Z",
  total_cost: 0.0015,
  usage: 0.0015,
  tokens_prompt: 10,
  tokens_completion: 25,
  native_tokens_prompt: 12,
  native_tokens_completion: 31,
  finish_reason: "stop",
  cancelled: true
}

/** Knows nothing of the generation at first, like OpenRouter. */
const late = (missing: number, then: Generation | Script.Failure = record) => {
  const asked: Array<{ readonly id: string; readonly at: number }> = []
  const handler = MockHttpClient.on(Generations.getGeneration, ({ id }) =>
    Effect.map(Clock.currentTimeMillis, (at) => {
      asked.push({ id, at })
      return asked.length <= missing
        ? Script.error(404, { message: `Generation ${id} not found` })
        : "total_cost" in then
        ? { data: { ...then, id } }
        : then
    }))
  return { asked, handler, layer: MockHttpClient.layerClient([handler], { retry: false }) }
}

const times = ({ asked }: ReturnType<typeof late>) => asked.map(({ at }) => at)

describe("awaitGeneration", () => {
  it.effect("requests again with growing delays until the record exists", () => {
    const server = late(3)
    return Effect.gen(function*() {
      const fiber = yield* Effect.fork(Generations.awaitGeneration({ id: "gen-1" }))
      yield* TestClock.adjust("1 minute")
      assert.deepStrictEqual((yield* Fiber.join(fiber)).data, record)
      assert.deepStrictEqual(times(server), [0, 500, 1250, 2375])
    }).pipe(Effect.provide(server.layer))
  })

  it.effect("fails with the 404 after half a minute", () => {
    const server = late(Infinity)
    return Effect.gen(function*() {
      const fiber = yield* Effect.fork(Effect.flip(Generations.awaitGeneration({ id: "gen-1" })))
      yield* TestClock.adjust("1 hour")
      assert.strictEqual((yield* Fiber.join(fiber))._tag, "NotFoundResponseError")
      const gaps = times(server).slice(1).map((at, index) => at - (times(server)[index] ?? 0))
      assert.deepStrictEqual(gaps.map(Math.floor), [500, 750, 1125, 1687, 2531, 3796, 5000, 5000, 5000, 5000])
    }).pipe(Effect.provide(server.layer))
  })

  it.effect("uses the schedule of the caller", () => {
    const server = late(Infinity)
    return Effect.gen(function*() {
      const schedule = Schedule.intersect(Schedule.spaced("2 seconds"), Schedule.recurs(2))
      const fiber = yield* Effect.fork(Effect.flip(Generations.awaitGeneration({ id: "gen-1" }, { schedule })))
      yield* TestClock.adjust("1 minute")
      yield* Fiber.join(fiber)
      assert.deepStrictEqual(times(server), [0, 2000, 4000])
    }).pipe(Effect.provide(server.layer))
  })

  it.effect("fails at once with any other error", () => {
    const server = late(1, Script.error(401))
    return Effect.gen(function*() {
      const fiber = yield* Effect.fork(Effect.flip(Generations.awaitGeneration({ id: "gen-1" })))
      yield* TestClock.adjust("1 minute")
      assert.strictEqual((yield* Fiber.join(fiber))._tag, "UnauthorizedResponseError")
      assert.deepStrictEqual(times(server), [0, 500])
    }).pipe(Effect.provide(server.layer))
  })
})

const partial: PartialResponse = {
  text: "Once",
  reasoning: "",
  toolCalls: [],
  generationId: "gen-2",
  result: undefined
}

const settled = (call: Parameters<typeof Generations.settle>[0], generation: Generation = record) => {
  const server = late(0, generation)
  return Effect.map(
    Effect.provide(Generations.settle(call), server.layer),
    (settlement) => ({ settlement, asked: server.asked.map(({ id }) => id) })
  )
}

describe("settle", () => {
  it.effect("returns the cost of a call by its id, its partial response, or its error", () =>
    Effect.gen(function*() {
      const { settlement } = yield* settled("gen-1")
      assert.deepStrictEqual(settlement, {
        generationId: "gen-1",
        cost: 0.0015,
        inputTokens: 12,
        outputTokens: 31,
        finishReason: "stop",
        cancelled: true,
        generation: record
      })
      assert.deepStrictEqual((yield* settled(partial)).asked, ["gen-2"])
      const broken = new ConnectionError({ phase: "body", message: "It broke.", partial })
      assert.deepStrictEqual((yield* settled(broken)).asked, ["gen-2"])
    }))

  it.effect("uses the tokens that OpenRouter counted, or undefined, when the native counts are missing", () =>
    Effect.gen(function*() {
      const { native_tokens_completion: _, ...counted } = { ...record, native_tokens_prompt: null }
      const { settlement } = yield* settled("gen-1", counted)
      assert.deepStrictEqual([settlement.inputTokens, settlement.outputTokens], [10, 25])
      const bare = { ...counted, tokens_prompt: null, tokens_completion: null, finish_reason: null, cancelled: null }
      const nothing = (yield* settled("gen-1", bare)).settlement
      assert.deepStrictEqual(
        [nothing.inputTokens, nothing.outputTokens, nothing.finishReason, nothing.cancelled],
        [undefined, undefined, undefined, false]
      )
    }))

  it.effect("fails without a request when there is no generation id", () => {
    const server = late(0)
    return Effect.gen(function*() {
      const { generationId: _, ...unnamed } = partial
      const calls = [
        "",
        unnamed,
        new ConnectionError({ phase: "connect", message: "Nobody there." }),
        new InvalidRequestError({ message: "Not sent." })
      ]
      for (const call of calls) {
        const error = yield* Effect.flip(Generations.settle(call))
        assert.strictEqual(error._tag, "InvalidRequestError")
      }
      assert.deepStrictEqual(server.asked, [])
    }).pipe(Effect.provide(server.layer))
  })

  it.effect("returns the cost of a stream that was cut off", () => {
    const server = late(2)
    const turns = [["Once upon", Script.truncate]]
    return Effect.gen(function*() {
      const story = Chat.stream({ model: "openai/gpt-5-nano", messages: [{ role: "user", content: "A story" }] })
      const error = yield* Effect.flip(Stream.runDrain(story))
      if (error._tag !== "StreamTruncatedError") return assert.fail(error._tag)
      const fiber = yield* Effect.fork(Generations.settle(error))
      yield* TestClock.adjust("2 seconds")
      const { cost, generationId } = yield* Fiber.join(fiber)
      assert.strictEqual(cost, 0.0015)
      assert.strictEqual(generationId, error.generationId)
    }).pipe(Effect.provide(TestModel.layer(turns, { handlers: [server.handler] })))
  })
})
