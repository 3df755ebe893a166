/** The stored form of a conversation, from which later runs continue. */
import * as KeyValueStore from "@effect/platform/KeyValueStore"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import * as Agent from "../../../src/agent/Agent.js"
import * as Conversation from "../../../src/agent/Conversation.js"
import * as Tool from "../../../src/agent/Tool.js"
import * as Toolkit from "../../../src/agent/Toolkit.js"
import * as Script from "../../../src/testing/Script.js"
import * as TestModel from "../../../src/testing/TestModel.js"
import { storeOver } from "../../support/effect/storage.js"
import { balance, BankLive, carriedOut, options, pay, script } from "../support/bank.js"
import { itemsOf, lastOutputs, outputsOf, sent } from "./support.js"

const run = { ...options, conversation: "c" } as const

/** A conversation whose stored texts can be read and changed. */
const over = (texts: Map<string, string>) =>
  Conversation.layerKeyValueStore.pipe(Layer.provide(Layer.succeed(
    KeyValueStore.KeyValueStore,
    storeOver(texts)
  )))

const paused = (texts: Map<string, string>) =>
  Effect.provide(
    Effect.orDie(Agent.run({ ...run, input: "Pay" })),
    [over(texts), script([pay(5), balance("abc")])]
  )

/** The texts after a change of each. */
const changed = (texts: Map<string, string>, change: (text: string) => string) =>
  new Map([...texts].map(([key, text]) => [key, change(text)]))

/** The error of a run over these texts; the run sends and changes nothing. */
const refusal = (texts: Map<string, string>) =>
  Effect.gen(function*() {
    const before = [...texts]
    const error = yield* Effect.flip(Agent.run({ ...run, approve: ["pay_5"] }))
    assert.strictEqual(yield* sent, 0)
    assert.deepStrictEqual(yield* carriedOut, [])
    assert.deepStrictEqual([...texts], before)
    return error
  }).pipe(Effect.provide([over(texts), script()]))

/** Damages of a text. */
const damages: ReadonlyArray<readonly [what: string, change: (text: string) => string]> = [
  ["cut off", (text) => text.slice(0, -5)],
  ["of another program", () => "{\"messages\":[]}"],
  ["with an entry of no known kind", (text) => text.replace("\"_tag\":\"turn\"", "\"_tag\":\"spin\"")],
  ["with a call that lost its name", (text) => text.replaceAll("\"name\":\"pay\",", "")]
]

describe("what is stored", () => {
  it.effect("36: is text from which another store continues", () =>
    Effect.gen(function*() {
      const texts = new Map<string, string>()
      const first = yield* paused(texts)
      const copy = new Map<string, string>(JSON.parse(JSON.stringify([...texts])))
      const second = yield* Agent.run({ ...run, approve: ["pay_5"] }).pipe(Effect.provide(over(copy)))
      assert.deepStrictEqual(second.outcome, { _tag: "completed" })
      assert.deepStrictEqual(second.history.slice(0, first.history.length - 1), first.history.slice(0, -1))
      assert.deepStrictEqual(yield* lastOutputs, [["pay_5", "{\"paid\":5}"], ["balance_abc", "3"]])
    }).pipe(Effect.provide(script("Paid."))))

  it.effect("36: is rejected in another version of the format", () =>
    Effect.gen(function*() {
      const texts = new Map<string, string>()
      yield* paused(texts)
      const error = yield* refusal(changed(texts, (text) => text.replace("\"version\":1", "\"version\":2")))
      assert.strictEqual(error._tag, "ConversationVersionError")
      assert.strictEqual(error._tag === "ConversationVersionError" ? error.found : undefined, 2)
    }))

  it.effect.each(damages)("36: is rejected if it is %s", ([, change]) =>
    Effect.gen(function*() {
      const texts = new Map<string, string>()
      yield* paused(texts)
      const damaged = changed(texts, change)
      assert.notDeepEqual([...damaged], [...texts])
      const error = yield* refusal(damaged)
      assert.strictEqual(error._tag, "ConversationDamagedError")
    }))

  it.effect("contains no key, even after errors, and no instructions or tools", () =>
    Effect.gen(function*() {
      const texts = new Map<string, string>()
      const key = "sk-or-v1-0123456789abcdef"
      const turns = [
        Script.error(401, { message: `No such key: ${key}` }),
        [balance("abc"), Script.comment(key)],
        Script.error(402),
        "Three."
      ]
      const asked = Agent.run({ ...run, input: "How much?", instructions: "Be brief", safety_identifier: "u1" })
      const layers = Layer.mergeAll(
        over(texts),
        BankLive,
        TestModel.layer(turns, { client: { apiKey: Redacted.make(key), httpReferer: "https://secret.example" } })
      )
      yield* Effect.retry(asked, { times: 1 }).pipe(
        Effect.flip,
        Effect.zipRight(Agent.run(run)),
        Effect.provide(layers)
      )
      const stored = JSON.stringify([...texts])
      assert.include(stored, "How much?")
      for (const word of [key, "Bearer", "secret.example", "Be brief", "\"u1\"", "\"parameters\""]) {
        assert.notInclude(stored, word)
      }
    }))
})

describe("parameters that tools change", () => {
  const Learn = Tool.make("learn", {
    parameters: Schema.Struct({ skill: Schema.String }),
    success: Schema.Struct({ at: Schema.Date }),
    nextTurn: ({ current, params, result }) => ({
      instructions: `${current.instructions ?? ""} ${params.skill}@${result.at.getUTCFullYear()}`,
      temperature: (current.temperature ?? 0) + 0.25
    })
  })
  const Confirm = Tool.make("confirm", { requireApproval: true })
  const tools = Toolkit.make(Learn, Confirm)
  const live = tools.toLayer({
    learn: () => Effect.succeed({ at: new Date(Date.UTC(1999, 1, 1)) }),
    confirm: () => Effect.void
  })
  const learn = (skill: string) => Script.toolCall("learn", { skill }, { id: skill })
  const confirm = (id: string) => Script.toolCall("confirm", {}, { id })
  const params = { model: "test/model", tools, conversation: "c", instructions: "You know:" } as const

  const changes = Effect.map(
    TestModel.requests,
    (requests) => requests.map(({ json }) => [json["instructions"], json["temperature"]])
  )

  it.effect("apply in later runs of the conversation, on top of their own parameters", () =>
    Effect.gen(function*() {
      yield* Agent.run({ ...params, input: "Go" })
      yield* Agent.run({ ...params, approve: ["c1"] })
      yield* Agent.run({ ...params, approve: ["c2"], temperature: ({ turn }) => turn })
      assert.deepStrictEqual(yield* changes, [
        ["You know:", undefined],
        ["You know: chess@1999", 0.25],
        ["You know: chess@1999 go@1999", 0.5],
        ["You know: chess@1999 go@1999", 1.5]
      ])
    }).pipe(Effect.provide([
      over(new Map()),
      live,
      TestModel.layer([learn("chess"), [learn("go"), confirm("c1")], confirm("c2"), "Done."])
    ])))
})

describe("ids of calls that a model repeats", () => {
  it.effect("28: are unique in the store, so that each call is approved and answered separately", () =>
    Effect.gen(function*() {
      const texts = new Map<string, string>()
      const first = yield* Agent.run({ ...run, input: "Pay" }).pipe(Effect.provide(over(texts)))
      const ids = first.pending.map((call) => call.callId)
      assert.deepStrictEqual(first.pending.map((call) => call.arguments), [{ amount: 1 }, { amount: 2 }])
      assert.strictEqual(new Set(ids).size, 2)
      const [one = "", two = ""] = ids
      assert.strictEqual(one, "same")
      const copy = new Map(texts)
      const second = yield* Agent.run({ ...run, approve: [two] }).pipe(Effect.provide(over(copy)))
      assert.deepStrictEqual(second.pending.map((call) => call.callId), [one])
      const third = yield* Agent.run({ ...run, approve: [one] }).pipe(Effect.provide(over(new Map(copy))))
      assert.deepStrictEqual(yield* carriedOut, [`pay 2 as ${two}`, `pay 1 as ${one}`])
      assert.deepStrictEqual(outputsOf((yield* TestModel.requests)[1]), [[one, "{\"paid\":1}"], [two, "{\"paid\":2}"]])
      assert.strictEqual(third.pending.length, 1)
      const calls = third.history.flatMap((item) => item.type === "function_call" ? [item.call_id] : [])
      assert.strictEqual(new Set(calls).size, 3)
    }).pipe(Effect.provide(script([pay(1, "same"), pay(2, "same")], pay(3, "same")))))

  it.effect("28: are unique in a later run, whose call of the same id waits for its own approval", () =>
    Effect.gen(function*() {
      yield* Agent.run({ ...run, input: "Pay" })
      const paid = yield* Agent.run({ ...run, approve: ["same"] })
      const [again] = paid.pending
      assert.deepStrictEqual(paid.outcome, { _tag: "awaiting_approval" })
      assert.notStrictEqual(again?.callId, "same")
      assert.deepStrictEqual(yield* carriedOut, ["pay 1 as same"])
      yield* Agent.run({ ...run, approve: [again?.callId ?? ""] })
      const calls = itemsOf((yield* TestModel.requests)[2]).filter((item) => item["type"] === "function_call")
      assert.deepStrictEqual(calls.map((item) => item["call_id"]), ["same", again?.callId])
    }).pipe(Effect.provide([over(new Map()), script(pay(1, "same"), pay(1, "same"), "Twice.")])))
})
