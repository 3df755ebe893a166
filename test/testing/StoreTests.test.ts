import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Conversation from "../../src/agent/Conversation.js"
import * as StoreTests from "../../src/testing/StoreTests.js"
import { stores } from "../agent/support/logs.js"

describe.each(Object.entries(stores))("a store of conversations %s", (_, layer) => {
  for (const { effect, name } of StoreTests.make()) {
    it.scoped(name, () => Effect.provide(effect, layer))
  }
})

/** The names of the tests that a changed store does not pass. */
const failuresOf = (change: (store: Conversation.Store) => Partial<Conversation.Store>) =>
  Effect.gen(function*() {
    const store = yield* Conversation.Conversation
    const failures: Array<string> = []
    for (const { effect, name } of StoreTests.make()) {
      const exit = yield* Effect.exit(
        Effect.provideService(effect, Conversation.Conversation, { ...store, ...change(store) })
      )
      if (Exit.isFailure(exit)) failures.push(name)
    }
    return failures
  }).pipe(Effect.provide(Conversation.layerMemory))

/** Faults that a store could have, and a word of a test that finds each. */
const faults: ReadonlyArray<
  readonly [string, (store: Conversation.Store) => Partial<Conversation.Store>, found: string]
> = [
  ["forgets the last entry", ({ load }) => ({
    load: (id) => Effect.map(load(id), (log) => ({ ...log, entries: log.entries.slice(0, -1) }))
  }), "what is loaded is what was appended"],
  ["accepts appends at older versions", ({ append, load }) => ({
    append: (id, version, entries) =>
      Effect.flatMap(load(id), (log) => append(id, Math.max(version, log.version), entries))
  }), "an append at any other version"],
  ["ignores the case of ids", ({ append, load }) => ({
    append: (id, version, entries) => append(id.toLowerCase(), version, entries),
    load: (id) => load(id.toLowerCase())
  }), "conversations are separate"],
  ["begins again at 0 after a removal", ({ load }) => ({
    load: (id) => Effect.map(load(id), (log) => log.entries.length === 0 ? { version: 0, entries: [] } : log)
  }), "its versions go on"],
  ["lists removed conversations", ({ list, remove }) => ({
    remove: (_, version) => Effect.as(remove?.("another", 0) ?? Effect.never, version + 1),
    list
  }), "is in no list"],
  ["has pages by number", ({ list }) => ({
    list: ({ after, limit, prefix }) =>
      Effect.map(list?.({ prefix, after: undefined, limit: 1000 }) ?? Effect.never, ({ conversations }) => {
        const from = Number(after ?? 0)
        const next = from + limit < conversations.length ? `${from + limit}` : undefined
        return { conversations: conversations.slice(from, from + limit), next }
      })
  }), "each conversation once"],
  ["has no list", () => ({ list: undefined }), "a list has each conversation"]
]

describe("the tests of stores", () => {
  it.effect("pass for a store without what they leave out", () =>
    Effect.gen(function*() {
      const names = StoreTests.make({ without: ["list", "remove"] }).map(({ name }) => name)
      assert.isAbove(names.length, 5)
      const failures = yield* failuresOf(() => ({ list: undefined, remove: undefined }))
      assert.deepStrictEqual(names.filter((name) => failures.includes(name)), [])
    }))

  it.effect.each(faults)("find a store that %s", ([, change, found]) =>
    Effect.gen(function*() {
      const failures = yield* failuresOf(change)
      assert.isTrue(failures.some((name) => name.includes(found)), failures.join("\n"))
    }))
})
