/** What the payers of a fiber are told: once for each attempt that costs, whichever endpoint it is. */
import { assert, describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import * as OpenRouterClient from "../../src/http/OpenRouterClient.js"
import { addSpent, nothing, Payers, type Spent } from "../../src/http/spending.js"
import { interruptNow } from "../../src/internal/effect/fibers.js"
import * as Chat from "../../src/services/Chat.js"
import * as Completions from "../../src/services/Completions.js"
import * as Decisions from "../../src/services/Decisions.js"
import * as Embeddings from "../../src/services/Embeddings.js"
import * as Images from "../../src/services/Images.js"
import * as Messages from "../../src/services/Messages.js"
import * as Models from "../../src/services/Models.js"
import * as Rerank from "../../src/services/Rerank.js"
import * as Responses from "../../src/services/Responses.js"
import * as Stt from "../../src/services/Stt.js"
import * as Tts from "../../src/services/Tts.js"
import * as Videos from "../../src/services/Videos.js"
import * as MockHttpClient from "../../src/testing/MockHttpClient.js"
import * as Script from "../../src/testing/Script.js"
import * as TestModel from "../../src/testing/TestModel.js"

/** Runs an effect, and returns what it spent, also where it failed. */
const spentBy = <A, E, R>(
  effect: Effect.Effect<A, E, R>
): Effect.Effect<Spent & { readonly times: number }, never, R> =>
  Effect.suspend(() => {
    let spent = nothing
    let times = 0
    const pay = (more: Spent) => {
      times++
      spent = addSpent(spent, more)
    }
    return Effect.provideService(effect, Payers, new Set([pay])).pipe(
      Effect.exit,
      Effect.map(() => ({ ...spent, times }))
    )
  })

const model = "test/model"
const hello = { model, messages: [{ role: "user", content: "Hi" }] } as const
const claude = { ...hello, max_tokens: 10 } as const
const response = { model, input: "Hi" } as const

const scripted = (...turns: Script.Script) => TestModel.layer(turns, { client: { retry: false } })

const models: ReadonlyArray<readonly [string, Effect.Effect<unknown, unknown, OpenRouterClient.OpenRouterClient>]> = [
  ["chat", Chat.send(hello)],
  ["a stream of chat", Stream.runDrain(Chat.stream(hello))],
  ["responses", Responses.send(response)],
  ["a stream of responses", Stream.runDrain(Responses.stream(response))],
  ["messages", Messages.send(claude)],
  ["a stream of messages", Stream.runDrain(Messages.stream(claude))]
]

describe("a call of a model", () => {
  for (const [name, call] of models) {
    it.effect(`costs the same if it is interrupted as soon as its cost is known: ${name}`, () =>
      Effect.gen(function*() {
        let spent = nothing
        const pay = (more: Spent) => {
          spent = addSpent(spent, more)
          interruptNow(caller)
        }
        const begun = yield* Deferred.make<void>()
        const caller: Fiber.RuntimeFiber<unknown, unknown> = yield* Effect.fork(
          Effect.zipRight(Deferred.await(begun), Effect.provideService(call, Payers, new Set([pay])))
        )
        yield* Deferred.succeed(begun, undefined)
        yield* Fiber.await(caller)
        assert.deepStrictEqual([spent.usage.cost, spent.unsettled], [0.5, []])
      }).pipe(Effect.provide(scripted(Script.turn("Hello", { cost: 0.5 })))))

    it.effect(`costs what its response says: ${name}`, () =>
      Effect.gen(function*() {
        const { times, unsettled, usage } = yield* spentBy(call)
        // The Messages API counts the tokens of the cache beside the input
        const input = name.includes("messages") ? 20 + 8 + 4 : 20
        assert.deepStrictEqual([times, usage.cost, usage.inputTokens, usage.outputTokens], [1, 0.5, input, 7])
        assert.deepStrictEqual([usage.cachedTokens, usage.cacheWriteTokens, usage.totalTokens], [8, 4, input + 7])
        assert.deepStrictEqual([usage.upstreamCost, unsettled], [0, []])
      }).pipe(Effect.provide(scripted(Script.turn("Hello!", {
        cost: 0.5,
        usage: { inputTokens: 20, outputTokens: 7, cachedTokens: 8, cacheWriteTokens: 4 }
      })))))

    it.effect(`with a key of the user's own costs at its provider: ${name}`, () =>
      Effect.gen(function*() {
        const { usage } = yield* spentBy(call)
        assert.deepStrictEqual([usage.cost, usage.upstreamCost], [0, 3])
      }).pipe(Effect.provide(scripted(Script.turn("Hello!", { cost: 3, usage: { byok: true } })))))

    it.effect(`is unsettled without a usage: ${name}`, () =>
      Effect.gen(function*() {
        const { times, unsettled, usage } = yield* spentBy(call)
        assert.deepStrictEqual([times, usage.cost, unsettled], [1, 0, ["gen-blind"]])
      }).pipe(Effect.provide(scripted(Script.turn("Hello!", { id: "gen-blind", usage: null })))))
  }

  for (const [name, call] of models.filter(([name]) => name === "chat" || name.includes("responses"))) {
    it.effect(`that fails costs what had arrived: ${name}`, () =>
      Effect.gen(function*() {
        const { times, usage } = yield* spentBy(call)
        assert.deepStrictEqual([times, usage.cost], [1, 0.25])
      }).pipe(Effect.provide(scripted(Script.turn(["Hel", Script.fail(502)], { cost: 0.25 })))))
  }

  it.effect("costs with each of its attempts", () =>
    Effect.gen(function*() {
      const { times, usage } = yield* spentBy(Chat.send(hello)).pipe(
        OpenRouterClient.withOptions({ retryPaid: true }),
        Effect.fork,
        Effect.tap(() => TestClock.adjust("1 minute")),
        Effect.flatMap(Fiber.join)
      )
      assert.deepStrictEqual([times, usage.cost], [2, 1.25])
    }).pipe(Effect.provide(TestModel.layer([
      Script.turn(["Hel", Script.fail(502)], { cost: 0.25 }),
      Script.turn("Hello!", { cost: 1 })
    ]))))

  it.effect("that is interrupted while it streams is unsettled", () =>
    Effect.gen(function*() {
      const { unsettled } = yield* spentBy(Stream.runHead(Chat.stream(hello)))
      assert.deepStrictEqual(unsettled, ["gen-left"])
    }).pipe(Effect.provide(scripted(Script.turn(["One ", Script.wait("1 minute"), "two"], { id: "gen-left" })))))

  it.effect("whose time is over is unsettled", () =>
    Effect.gen(function*() {
      const fiber = yield* Effect.fork(spentBy(Chat.send(hello)))
      yield* TestClock.adjust("1 hour")
      const { times, unsettled } = yield* Fiber.join(fiber)
      assert.deepStrictEqual([times, unsettled], [1, ["gen-late"]])
    }).pipe(
      OpenRouterClient.withOptions({ timeout: "10 seconds" }),
      Effect.provide(scripted(Script.turn([Script.wait("1 minute"), "Hello!"], { id: "gen-late" })))
    ))

  it.effect("that is refused costs nothing", () =>
    Effect.gen(function*() {
      assert.strictEqual((yield* spentBy(Chat.send(hello))).times, 0)
    }).pipe(Effect.provide(scripted(Script.error(402)))))
})

const other = (
  name: string,
  call: Effect.Effect<unknown, unknown, OpenRouterClient.OpenRouterClient>,
  handlers: ReadonlyArray<MockHttpClient.Handler>,
  cost: number,
  unsettled: ReadonlyArray<string> = []
) =>
  it.effect(name, () =>
    Effect.gen(function*() {
      const fiber = yield* Effect.fork(spentBy(call))
      yield* TestClock.adjust("1 minute")
      const spent = yield* Fiber.join(fiber)
      assert.deepStrictEqual([spent.usage.cost, spent.unsettled], [cost, unsettled])
    }).pipe(Effect.provide(MockHttpClient.layerClient(handlers, { retry: false }))))

const id = { "x-generation-id": "gen-1" }
const json = (body: unknown) => () => Script.reply(body, { headers: { "content-type": "application/json", ...id } })
const job = { id: "job-1", polling_url: "/videos/job-1", status: "pending" } as const

describe("a call of any other endpoint that costs", () => {
  other(
    "completions",
    Completions.generate({ model, prompt: "Hi" }),
    [MockHttpClient.on(Completions.generate, json({ id: "c", choices: [{ text: "x" }], usage: { cost: 2 } }))],
    2
  )
  const embedding = { object: "list", model, data: [{ object: "embedding", embedding: [1], index: 0 }] }
  other(
    "embeddings",
    Embeddings.generate({ model, input: "Hi" }),
    [MockHttpClient.on(
      Embeddings.generate,
      json({ ...embedding, usage: { prompt_tokens: 1, total_tokens: 1, cost: 2 } })
    )],
    2
  )
  other(
    "embeddings without a usage",
    Embeddings.generate({ model, input: "Hi" }),
    [MockHttpClient.on(Embeddings.generate, json(embedding))],
    0,
    ["gen-1"]
  )
  other(
    "rerank",
    Rerank.rerank({ model, query: "Hi", documents: ["a"] }),
    [MockHttpClient.on(
      Rerank.rerank,
      json({
        id: "r",
        model,
        results: [{ index: 0, relevance_score: 1, document: { text: "a" } }],
        usage: { search_units: 1, cost: 2 }
      })
    )],
    2
  )
  other(
    "images",
    Images.generate({ model, prompt: "Hi" }),
    [MockHttpClient.on(Images.generate, json({ created: 0, data: [{ b64_json: "AA==" }], usage: { cost: 2 } }))],
    2
  )
  other(
    "transcription",
    Stt.createTranscription({ model, input_audio: { data: "AA==", format: "wav" } }),
    [MockHttpClient.on(Stt.createTranscription, json({ text: "Hi", usage: { seconds: 1, cost: 2 } }))],
    2
  )
  other(
    "speech, which has no usage",
    Stream.runDrain(Tts.createSpeech({ model, input: "Hi", voice: "alloy" })),
    [MockHttpClient.on(Tts.createSpeech, () => Script.reply(new Uint8Array([1]), { headers: id }))],
    0,
    ["gen-1"]
  )
  other(
    "decisions",
    Decisions.create({ model, state: "Hi", questions: {} }),
    [MockHttpClient.on(
      Decisions.create,
      json({ id: "d", model, answers: {}, usage: { input_tokens: 1, output_tokens: 1, cost: 2 } })
    )],
    2
  )
  other(
    "a video, when it is done",
    Effect.flatMap(
      Videos.generate({ model, prompt: "Hi" }),
      (job) => Videos.awaitCompletion(job)
    ),
    [
      MockHttpClient.on(Videos.generate, () => Script.reply(job)),
      MockHttpClient.on(Videos.getGeneration, () => Script.reply({ ...job, status: "completed", usage: { cost: 2 } }))
    ],
    2
  )
  other("but not a list of models", Models.list(), [MockHttpClient.on(Models.list, json({ data: [] }))], 0)
})
