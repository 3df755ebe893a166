/** A process that dies before or after any of its appends, and the next process that continues. */
import { assert, describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as TestClock from "effect/TestClock"
import * as Agent from "../../../src/agent/Agent.js"
import * as Conversation from "../../../src/agent/Conversation.js"
import * as Tool from "../../../src/agent/Tool.js"
import * as Toolkit from "../../../src/agent/Toolkit.js"
import * as Script from "../../../src/testing/Script.js"
import * as TestModel from "../../../src/testing/TestModel.js"
import { outputsOf } from "./support.js"

const Pay = Tool.make("pay", { success: Schema.String, requireApproval: true })

const Look = Tool.make("look", { success: Schema.String })

const tools = Toolkit.make(Pay, Look)

const agent = { model: "test/model", tools, conversation: "c", lease: "1 minute" } as const

type When = "before" | "after"

/** A store whose process dies at an append: the append never returns. */
const dyingAt = (store: Conversation.Store, fatal: number, when: When, died: Deferred.Deferred<boolean>) => {
  let appends = 0
  const die = Effect.zipRight(Deferred.succeed(died, true), Effect.never)
  return Conversation.Conversation.of({
    ...store,
    append: (id, version, entries) =>
      Effect.suspend(() => {
        appends++
        if (appends < fatal) return store.append(id, version, entries)
        return appends === fatal && when === "after" ? Effect.zipRight(store.append(id, version, entries), die) : die
      })
  })
}

/** Responds with the remaining calls, or with a summary. */
const model = Script.forever((request) =>
  outputsOf(request).length === 0
    ? [Script.toolCall("pay", {}, { id: "pay" }), Script.toolCall("look", {}, { id: "look" })]
    : "Done."
)

/** Runs like a user: approves pending calls, sends input that is not stored yet, and otherwise continues. */
const resume = Effect.gen(function*() {
  const log = yield* Conversation.load("c")
  const waits = Conversation.pending(log).some(({ reason }) => reason === "approval")
  if (Conversation.history(log).length === 0) return yield* Agent.run({ ...agent, input: "Go" })
  return yield* waits ? Agent.run({ ...agent, approve: ["pay"] }) : Agent.run(agent)
})

/** Runs to completion; the first run dies. Returns the idempotency keys of the tools. */
const survived = (first: typeof resume, fatal: number, when: When) =>
  Effect.gen(function*() {
    const ran: Array<string> = []
    const live = tools.toLayer({
      pay: (_, call) => Effect.as(Effect.sync(() => ran.push(call.idempotencyKey)), "paid"),
      look: (_, call) => Effect.as(Effect.sync(() => ran.push(call.idempotencyKey)), "seen")
    })
    return yield* Effect.gen(function*() {
      const store = yield* Conversation.Conversation
      const died = yield* Deferred.make<boolean>()
      yield* first.pipe(
        Effect.provideService(Conversation.Conversation, dyingAt(store, fatal, when, died)),
        Effect.zipRight(Deferred.succeed(died, false)),
        Effect.forkDaemon
      )
      const isDead = yield* Deferred.await(died)
      yield* TestClock.adjust("2 minutes")
      for (let runs = 0; runs < 3; runs++) {
        const { outcome } = yield* resume
        if (outcome._tag === "completed") break
      }
      const log = yield* Conversation.load("c")
      assert.deepStrictEqual(Conversation.pending(log), [])
      const recorded = log.entries.flatMap((entry) => entry._tag === "tool" ? [entry.record.callId] : [])
      assert.deepStrictEqual(recorded.toSorted(), ["look", "pay"], `${fatal} ${when}`)
      const requests = yield* TestModel.requests
      assert.deepStrictEqual(outputsOf(requests.at(-1)), [["pay", "paid"], ["look", "seen"]])
      return { isDead, ran: ran.toSorted() }
    }).pipe(Effect.provide(Layer.mergeAll(Conversation.layerMemory, live, TestModel.layer([model]))))
  })

describe("a process that dies at an append", () => {
  it.effect("does not execute a tool again if its result was stored, and otherwise executes it with the same key", () =>
    Effect.gen(function*() {
      const results: Array<unknown> = []
      for (let fatal = 1;; fatal++) {
        const before = yield* survived(resume, fatal, "before")
        const after = yield* survived(resume, fatal, "after")
        if (!before.isDead) break
        results.push([before.ran.join(), after.ran.join()])
      }
      const once = "c/look,c/pay"
      assert.deepStrictEqual(results, [
        [once, once],
        [once, once],
        ["c/look,c/look,c/pay", once],
        [once, once]
      ])
    }))

  it.effect("does so after an approval", () =>
    Effect.gen(function*() {
      const approved = Effect.zipRight(resume, resume)
      const results: Array<unknown> = []
      for (let fatal = 5;; fatal++) {
        const before = yield* survived(approved, fatal, "before")
        const after = yield* survived(approved, fatal, "after")
        if (!before.isDead) break
        results.push([before.ran.join(), after.ran.join()])
      }
      const once = "c/look,c/pay"
      assert.deepStrictEqual(results, [
        [once, once],
        ["c/look,c/pay,c/pay", once],
        [once, once],
        [once, once]
      ])
    }))
})
