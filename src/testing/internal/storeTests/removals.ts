/** Tests of `list` and `remove`. */
import * as Effect from "effect/Effect"
import {
  allOf,
  appendAll,
  failed,
  isConflict,
  isEqual,
  newPrefix,
  pageOf,
  removed,
  said,
  type StoreTest
} from "./storeTest.js"

const numbered = (prefix: string, from: number, count: number): ReadonlyArray<string> =>
  Array.from({ length: count }, (_, index) => `${prefix}${from + index}`)

const sorted = (texts: ReadonlyArray<string>): ReadonlyArray<string> => [...texts].sort()

/** @internal */
export const removalTests: ReadonlyArray<StoreTest> = [
  {
    name: "a list has each conversation with its version, and those of the prefix only",
    needs: ["list"],
    run: (store) =>
      Effect.gen(function*() {
        const prefix = yield* newPrefix
        yield* appendAll(store, `${prefix}%/a`, ["1"])
        yield* appendAll(store, `${prefix}%/B`, ["1", "2", "3"])
        yield* appendAll(store, `${prefix}%/${"é".repeat(500)}`, ["1"])
        yield* appendAll(store, `${prefix}x/c`, ["1"])
        const found = yield* allOf(store, `${prefix}%/`, 100)
        yield* isEqual(
          "the list",
          Object.fromEntries(found.map(({ id, version }) => [id.slice(prefix.length), version])),
          { "%/a": 1, "%/B": 3, [`%/${"é".repeat(500)}`]: 1 }
        )
        if (!found.every(({ updatedAt }) => Number.isFinite(updatedAt))) {
          return yield* failed("`updatedAt` is no number.")
        }
        yield* isEqual("a list of nothing", yield* pageOf(store, { prefix: `${prefix}none` }), { conversations: [] })
      })
  },
  {
    name: "the pages of a list have each conversation once, while others append, add and remove",
    needs: ["list", "remove"],
    run: (store) =>
      Effect.gen(function*() {
        const prefix = yield* newPrefix
        const stay = numbered(prefix, 100, 15)
        const leave = numbered(`${prefix}0`, 0, 5)
        yield* Effect.forEach([...stay, ...leave], (id) => store.append(id, 0, [said(id)]))
        const found = yield* allOf(store, prefix, 4, (page) =>
          Effect.gen(function*() {
            yield* store.append(`${prefix}later ${page}`, 0, [])
            const id = stay[page]
            if (id !== undefined) yield* store.append(id, (yield* store.load(id)).version, [])
            const gone = leave[page - 1]
            if (gone !== undefined && store.remove !== undefined) yield* store.remove(gone, 1)
          }))
        const ids = found.map(({ id }) => id)
        yield* isEqual("the ids that stay", sorted(ids.filter((id) => stay.includes(id))), sorted(stay))
        yield* isEqual("the number of ids", new Set(ids).size, ids.length)
      })
  },
  {
    name: "a removed conversation is empty, and its versions go on",
    needs: ["remove"],
    run: (store) =>
      Effect.gen(function*() {
        const id = `${yield* newPrefix}a`
        yield* appendAll(store, id, ["1", "2"])
        yield* isEqual("the version of the removal", yield* removed(store, id, 2), 3)
        yield* isEqual("the log", yield* store.load(id), { version: 3, entries: [], removed: 3 })
        yield* isEqual("the version of new entries", yield* store.append(id, 3, [said("3")]), 4)
        yield* isEqual("the new log", yield* store.load(id), { version: 4, entries: [said("3")], removed: 3 })
        yield* isEqual("the second removal", yield* removed(store, id, 4), 5)
        yield* isEqual("the removal of nothing", yield* removed(store, id, 5), 6)
        yield* isEqual("the last log", yield* store.load(id), { version: 6, entries: [], removed: 6 })
      })
  },
  {
    name: "an append that began before a removal is refused, and brings nothing back",
    needs: ["remove"],
    run: (store) =>
      Effect.gen(function*() {
        const id = `${yield* newPrefix}a`
        yield* appendAll(store, id, ["1", "2", "3"])
        yield* removed(store, id, 3)
        for (const version of [0, 1, 2, 3, 5]) {
          yield* isConflict(`an append at version ${version}`, store.append(id, version, [said("late")]))
        }
        yield* isEqual("the log", yield* store.load(id), { version: 4, entries: [], removed: 4 })
        if (store.isNewest === undefined) return
        for (const version of [1, 2, 3]) {
          yield* isEqual(`whether version ${version} is the newest`, yield* store.isNewest(id, version), false)
        }
      })
  },
  {
    name: "a removal at any other version than the newest is refused and removes nothing",
    needs: ["remove"],
    run: (store) =>
      Effect.gen(function*() {
        const prefix = yield* newPrefix
        const id = `${prefix}a`
        yield* appendAll(store, id, ["1", "2"])
        for (const version of [0, 1, 3, -1]) {
          yield* isConflict(`a removal at version ${version} of 2`, removed(store, id, version))
        }
        yield* isEqual("the log", yield* store.load(id), { version: 2, entries: [said("1"), said("2")] })
        yield* isConflict("a removal at version 1 of nothing", removed(store, `${prefix}new`, 1))
        yield* isEqual("the removal of nothing", yield* removed(store, `${prefix}new`, 0), 0)
        yield* isEqual("the log of nothing", yield* store.load(`${prefix}new`), { version: 0, entries: [] })
      })
  },
  {
    name: "of a removal and an append at the same time, one succeeds",
    needs: ["remove"],
    run: (store) =>
      Effect.gen(function*() {
        const prefix = yield* newPrefix
        for (const id of numbered(prefix, 0, 10)) {
          yield* appendAll(store, id, ["1", "2"])
          const [removal, append] = yield* Effect.all([
            Effect.isSuccess(removed(store, id, 2)),
            Effect.isSuccess(store.append(id, 2, [said("3")]))
          ], { concurrency: "unbounded" })
          if (removal === append) {
            return yield* failed(`of a removal and an append, ${removal ? "both" : "none"} succeeded.`)
          }
          yield* isEqual(
            "the log",
            (yield* store.load(id)).entries,
            removal ? [] : [said("1"), said("2"), said("3")]
          )
        }
      })
  },
  {
    name: "a removed conversation is in no list, until something is appended",
    needs: ["list", "remove"],
    run: (store) =>
      Effect.gen(function*() {
        const prefix = yield* newPrefix
        yield* appendAll(store, `${prefix}a`, ["1"])
        yield* appendAll(store, `${prefix}b`, ["1"])
        yield* removed(store, `${prefix}a`, 1)
        const ids = Effect.map(allOf(store, prefix, 10), (found) => sorted(found.map(({ id }) => id)))
        yield* isEqual("the list", yield* ids, [`${prefix}b`])
        yield* store.append(`${prefix}a`, 2, [said("again")])
        yield* isEqual("the later list", yield* ids, [`${prefix}a`, `${prefix}b`])
      })
  }
]
