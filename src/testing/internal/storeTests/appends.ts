/** Tests of `load`, `append` and `isNewest`. */
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import type { Entry } from "../../../agent/Conversation.js"
import { appendAll, failed, isConflict, isEqual, newPrefix, said, type StoreTest } from "./storeTest.js"

/** Ids that a path, a key, a query or a column without regard to case could confuse. */
const hardIds: ReadonlyArray<string> = [
  "",
  ".",
  "..",
  "../..",
  "/",
  "a/b",
  "a\\b",
  "a%2Fb",
  "a%",
  "a_",
  "ab",
  "a'b",
  "a\"b",
  "A",
  "a",
  "a ",
  "a.",
  "a:b",
  "a\nb",
  "con",
  "000001.json",
  "é",
  "e\u0301",
  "ﬀ",
  "日本語",
  "👩‍🚀",
  "__proto__",
  "x".repeat(2000),
  `${"x".repeat(2000)}y`,
  "X".repeat(2000)
]

const hardTexts: ReadonlyArray<string> = [
  "",
  "\0",
  "\ud800",
  "\u2028",
  "é",
  "e\u0301",
  "👩‍🚀",
  "'; --",
  "\\",
  "\r\n",
  "%s"
]

/** An entry with fields that no release of this library knows. */
const unknownFields: Entry = JSON.parse(
  JSON.stringify({ ...said("known"), of_later: { deep: [1, null, "text", { nothing: [] }] } })
)

/** @internal */
export const appendTests: ReadonlyArray<StoreTest> = [
  {
    name: "a conversation that does not exist is empty, at version 0",
    run: (store) =>
      Effect.gen(function*() {
        const id = `${yield* newPrefix}new`
        yield* isEqual("the log", yield* store.load(id), { version: 0, entries: [] })
        yield* isEqual("the log, loaded again", yield* store.load(id), { version: 0, entries: [] })
      })
  },
  {
    name: "what is loaded is what was appended, in order, each append as one version",
    run: (store) =>
      Effect.gen(function*() {
        const id = `${yield* newPrefix}a`
        yield* isEqual("the first version", yield* store.append(id, 0, [said("1"), said("2")]), 1)
        yield* isEqual("the version after an append without entries", yield* store.append(id, 1, []), 2)
        yield* isEqual("the third version", yield* store.append(id, 2, [said("3"), unknownFields]), 3)
        const entries = [said("1"), said("2"), said("3"), unknownFields]
        yield* isEqual("the log", yield* store.load(id), { version: 3, entries })
      })
  },
  {
    name: "an append at any other version than the newest is refused and writes nothing",
    run: (store) =>
      Effect.gen(function*() {
        const prefix = yield* newPrefix
        const id = `${prefix}a`
        yield* appendAll(store, id, ["1", "2"])
        for (const version of [0, 1, 3, 1000, -1]) {
          yield* isConflict(`an append at version ${version} of 2`, store.append(id, version, [said("not this")]))
        }
        yield* isConflict("an append at version 1 of nothing", store.append(`${prefix}new`, 1, [said("not this")]))
        yield* isEqual("the log", yield* store.load(id), { version: 2, entries: [said("1"), said("2")] })
        yield* isEqual("the log of nothing", yield* store.load(`${prefix}new`), { version: 0, entries: [] })
      })
  },
  {
    name: "of many appends at one version, one is written, and completely",
    run: (store) =>
      Effect.gen(function*() {
        const id = `${yield* newPrefix}a`
        for (let version = 0; version < 5; version++) {
          const names = Array.from({ length: 10 }, (_, index) => `${version}/${index}`)
          const all = yield* Effect.forEach(
            names,
            (name) => Effect.either(Effect.as(store.append(id, version, [said(name), said(`${name}, too`)]), name)),
            { concurrency: "unbounded" }
          )
          const won = all.flatMap((one) => Either.isRight(one) ? [one.right] : [])
          const lost = all.flatMap((one) => Either.isLeft(one) ? [one.left._tag] : [])
          if (won.length !== 1) return yield* failed(`${won.length} of 10 appends at version ${version} succeeded.`)
          yield* isEqual("the other appends", lost, lost.map(() => "ConversationConflictError"))
          const log = yield* store.load(id)
          yield* isEqual("the version", log.version, version + 1)
          yield* isEqual("the newest entries", log.entries.slice(-2), [said(`${won[0]}`), said(`${won[0]}, too`)])
        }
      })
  },
  {
    name: "conversations are separate, whatever their ids",
    run: (store) =>
      Effect.gen(function*() {
        const prefix = yield* newPrefix
        yield* Effect.forEach(hardIds, (id) => store.append(prefix + id, 0, [said(id)]))
        for (const id of hardIds) {
          yield* isEqual(`the log of ${JSON.stringify(id.slice(0, 20))}`, yield* store.load(prefix + id), {
            version: 1,
            entries: [said(id)]
          })
        }
      })
  },
  {
    name: "texts are kept as they are, also large ones",
    run: (store) =>
      Effect.gen(function*() {
        const id = `${yield* newPrefix}a`
        const entries = [...hardTexts, "語\\\"\u0001".repeat(500_000)].map(said)
        yield* store.append(id, 0, entries)
        const log = yield* store.load(id)
        for (const [index, entry] of entries.entries()) yield* isEqual(`text ${index}`, log.entries[index], entry)
      })
  },
  {
    name: "a log that was loaded does not change",
    run: (store) =>
      Effect.gen(function*() {
        const id = `${yield* newPrefix}a`
        yield* store.append(id, 0, [said("1")])
        const log = yield* store.load(id)
        yield* store.append(id, 1, [said("2")])
        yield* isEqual("the older log", log, { version: 1, entries: [said("1")] })
      })
  },
  {
    name: "`isNewest`, if there is one, says whether an append came later",
    run: (store) =>
      Effect.gen(function*() {
        if (store.isNewest === undefined) return
        const id = `${yield* newPrefix}a`
        yield* appendAll(store, id, ["1", "2"])
        yield* isEqual("version 1 of 2", yield* store.isNewest(id, 1), false)
        yield* isEqual("version 2 of 2", yield* store.isNewest(id, 2), true)
      })
  }
]
