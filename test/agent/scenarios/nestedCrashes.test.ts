/** A process that dies while agents run inside of its tools, and the next process that continues. */
import { assert, describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as TestClock from "effect/TestClock"
import * as Agent from "../../../src/agent/Agent.js"
import * as Conversation from "../../../src/agent/Conversation.js"
import { makeWorld, run } from "../support/nestedAgents.js"
import { sent } from "./support.js"

describe("a process that dies while runs are inside of tools", () => {
  const dyingAt = (store: Conversation.Store, fatal: number, died: Deferred.Deferred<boolean>) => {
    let appends = 0
    return Conversation.Conversation.of({
      ...store,
      append: (id, version, entries) =>
        Effect.suspend(() => {
          appends++
          if (appends < fatal) return store.append(id, version, entries)
          return appends > fatal ? Effect.never : Effect.zipRight(
            store.append(id, version, entries),
            Effect.zipRight(Deferred.succeed(died, true), Effect.never)
          )
        })
    })
  }

  it.effect.each(Array.from({ length: 14 }, (_, index) => index + 1))(
    "pays nothing again that was stored: it dies after append %i",
    (fatal) => {
      const { done, layer } = makeWorld(["boss", "looker"], { inOrder: true })
      const resume = Effect.gen(function*() {
        const log = yield* Conversation.load("c")
        const waits = Conversation.pending(log).filter(({ reason }) => reason === "approval").map(({ callId }) =>
          callId
        )
        if (waits.length > 0) return yield* Agent.run({ ...run, approve: waits })
        return yield* Agent.run(Conversation.history(log).length === 0 ? { ...run, input: "Go" } : run)
      })
      return Effect.gen(function*() {
        const store = yield* Conversation.Conversation
        const died = yield* Deferred.make<boolean>()
        yield* Effect.repeat(resume, { times: 5, until: ({ outcome }) => outcome._tag === "completed" }).pipe(
          Effect.provideService(Conversation.Conversation, dyingAt(store, fatal, died)),
          Effect.exit,
          Effect.zipRight(Deferred.succeed(died, false)),
          Effect.forkDaemon
        )
        const isDead = yield* Deferred.await(died)
        yield* TestClock.adjust("1 minute")
        yield* Effect.repeat(resume, { times: 5, until: ({ outcome }) => outcome._tag === "completed" })
        assert.strictEqual(isDead, fatal < 20)
        assert.deepStrictEqual([...done].sort(), ["c/call_1/1/call_1/1/call_1", "c/call_1/2/call_1"])
        assert.strictEqual(yield* sent, 8)
        assert.strictEqual(Conversation.usage(yield* Conversation.load("c")).cost, 8)
      }).pipe(Effect.provide(layer))
    }
  )
})
