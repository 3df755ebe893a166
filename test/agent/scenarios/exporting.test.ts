/** Conversations as text, from which another store continues. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FastCheck from "effect/FastCheck"
import * as Agent from "../../../src/agent/Agent.js"
import * as Conversation from "../../../src/agent/Conversation.js"
import { canonicalJson } from "../../../src/internal/canonicalJson.js"
import * as TestModel from "../../../src/testing/TestModel.js"
import { options, pay, script } from "../support/bank.js"
import { anyAppends, input, turn } from "../support/logs.js"
import { itemsOf } from "./support.js"

const run = { ...options, conversation: "c" } as const

const exported = Effect.gen(function*() {
  yield* (yield* Conversation.Conversation).append("c", 0, [input("secret"), turn(1, [])])
  return yield* Conversation.export("c")
})

describe("an exported conversation", () => {
  it.effect("96: goes on in another store with the same request", () =>
    Effect.gen(function*() {
      yield* Agent.run({ ...run, input: "Pay" })
      const text = yield* Conversation.export("c")
      assert.strictEqual(text.split("\n").length, (yield* Conversation.load("c")).entries.length + 2)
      yield* Effect.gen(function*() {
        assert.deepStrictEqual((yield* Conversation.import(text, { to: "d" })).id, "d")
        const log = yield* Conversation.load("d")
        assert.deepStrictEqual(Conversation.pending(log).map(({ callId }) => callId), ["pay_5"])
        assert.strictEqual(Conversation.usage(log).cost, 0)
        yield* Agent.run({ ...run, conversation: "d", approve: ["pay_5"] })
      }).pipe(Effect.provide(Conversation.layerMemory))
      yield* Agent.run({ ...run, approve: ["pay_5"] })
      const [, copied, origin] = yield* TestModel.requests
      assert.deepStrictEqual(itemsOf(copied), itemsOf(origin))
    }).pipe(Effect.provide([script(pay(5), "Paid.", "Paid."), Conversation.layerMemory])))

  it.effect("96: has all that was stored, whatever it is", () =>
    Effect.promise(() =>
      FastCheck.assert(
        FastCheck.asyncProperty(anyAppends, (appends) =>
          Effect.gen(function*() {
            const entries = appends.flat()
            if (entries.length === 0) return
            yield* (yield* Conversation.Conversation).append("c", 0, entries)
            const lines = (yield* Conversation.export("c")).trimEnd().split("\n").slice(1)
            assert.deepStrictEqual(lines.map((line) => canonicalJson(JSON.parse(line))), entries.map(canonicalJson))
            const { at, id } = yield* Conversation.import(yield* Conversation.export("c"))
            const fork = yield* Conversation.fork("c")
            assert.strictEqual(at, fork.at)
            const [imported, forked] = [yield* Conversation.load(id), yield* Conversation.load(fork.id)]
            assert.deepStrictEqual(imported.entries.length, forked.entries.length)
          }).pipe(Effect.provide(Conversation.layerMemory), Effect.runPromise)),
        { numRuns: 50 }
      )
    ))

  it.effect("96: is refused at any place where it was cut off, and nothing is stored", () =>
    Effect.gen(function*() {
      const text = yield* exported
      for (let end = 0; end < text.length - 1; end += 7) {
        const error = yield* Effect.flip(Conversation.import(text.slice(0, end), { to: "d" }))
        assert.strictEqual(error._tag, "ConversationDamagedError")
        assert.notInclude(error.message, "secret")
      }
      assert.strictEqual((yield* Conversation.load("d")).version, 0)
    }).pipe(Effect.provide(Conversation.layerMemory)))

  const changes: ReadonlyArray<readonly [string, (text: string) => string, tag: string, path: string]> = [
    ["of another version", (text) => text.replace("\"version\":1", "\"version\":2"), "ConversationVersionError", ""],
    ["of another program", () => "{\"messages\":[]}\n", "ConversationDamagedError", "1"],
    ["without an entry", (text) => text.replace(/\n.*\n$/, "\n"), "ConversationDamagedError", "1"],
    ["with an unknown entry", (text) => text.replace("\"input\"", "\"spin\""), "ConversationDamagedError", "2"],
    ["with a broken line", (text) => text.replace(/\}\n$/, "\n"), "ConversationDamagedError", "3"]
  ]
  it.effect.each(changes)("96: %s is refused", ([, change, tag, path]) =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(Conversation.import(change(yield* exported), { to: "d" }))
      assert.strictEqual(error._tag, tag)
      if (error._tag === "ConversationDamagedError") assert.strictEqual(error.issues[0]?.path.split(".")[0], path)
      assert.strictEqual((yield* Conversation.load("d")).version, 0)
    }).pipe(Effect.provide(Conversation.layerMemory)))

  it.effect("96: does not replace a conversation, and does not exist without one", () =>
    Effect.gen(function*() {
      const text = yield* exported
      const taken = yield* Effect.flip(Conversation.import(text, { to: "c" }))
      const missing = yield* Effect.flip(Conversation.export("none"))
      assert.deepStrictEqual([taken._tag, missing._tag], ["InvalidRequestError", "InvalidRequestError"])
      assert.strictEqual((yield* Conversation.load("c")).version, 1)
    }).pipe(Effect.provide(Conversation.layerMemory)))
})
