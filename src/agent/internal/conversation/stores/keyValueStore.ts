/** Conversations in a `KeyValueStore`: a value for each append, and one with what is known of the whole conversation. */
import type * as KeyValueStore from "@effect/platform/KeyValueStore"
import * as Arr from "effect/Array"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Predicate from "effect/Predicate"
import * as Schema from "effect/Schema"
import * as Locks from "../../../../internal/effect/locks.js"
import { toEffect } from "../../../../internal/effect/results.js"
import { getText } from "../../../../internal/effect/storage.js"
import { parseJson } from "../../../../internal/json.js"
import { guard } from "../../../../schema/guard.js"
import { lazyStruct } from "../../../../schema/prelude.js"
import type { Listed, Store } from "../entry.js"
import { conflict, listFailed, storeFailed } from "../errors.js"
import { encode, labelsOf, logOf, missing, nameOf, numbered } from "./document.js"
import { behind, KeyValueIndex } from "./keyValueIndex.js"

/** The version of the last removal, or 0, and the number in the index, if the conversation is there. */
interface Head {
  readonly removed: number
  readonly listed?: number | undefined
}

const Head: Schema.Schema<Head> = lazyStruct(() => ({
  removed: Schema.Number,
  listed: Schema.optional(Schema.Number)
}))

const isHead = guard(Head)

interface Shared {
  readonly byId: Locks.Locks
  readonly index: KeyValueIndex
  readonly indexLock: Locks.Semaphore
}

// They belong to the store, so that two layers of one store exclude each other, too
const shared = new WeakMap<KeyValueStore.KeyValueStore, Shared>()

const sharedOf = (values: KeyValueStore.KeyValueStore): Shared => {
  const found = shared.get(values) ??
    { byId: Locks.make(), index: new KeyValueIndex(values), indexLock: Locks.makeSemaphore(1) }
  shared.set(values, found)
  return found
}

interface Keys {
  readonly head: string
  readonly append: (number: number) => string
}

const keysOf = (id: string) =>
  Effect.map(nameOf(id), (name): Keys => ({
    head: `conversation.${name}`,
    append: (number) => `conversation.${name}.${numbered(number)}`
  }))

/** @internal */
export const makeKeyValueStore = (values: KeyValueStore.KeyValueStore): Store => {
  const { byId, index, indexLock } = sharedOf(values)

  const headAt = (key: string) =>
    Effect.map(getText(values, key), (text): Head => {
      const head = text === undefined ? undefined : parseJson(text)?.value
      return isHead(head) ? head : { removed: 0 }
    })

  const setHead = (key: string, head: Head) => values.set(key, JSON.stringify(head))

  /** Reads batches of growing size, because the number of appends is not known. */
  const load = Effect.fnUntraced(function*(id: string) {
    const failed = storeFailed(id, "load")
    const keys = yield* keysOf(id)
    const get = (number: number) => Effect.mapError(getText(values, keys.append(number)), failed)
    const { removed } = yield* Effect.mapError(headAt(keys.head), failed)
    const texts: Array<string> = []
    for (let size = 4;; size = Math.min(2 * size, 64)) {
      const next = removed + texts.length + 1
      const read = yield* Effect.forEach(Arr.range(next, next + size - 1), get, { concurrency: size })
      const whole = Arr.takeWhile(read, Predicate.isNotUndefined)
      texts.push(...whole)
      const rest = read.slice(whole.length)
      if (rest.length > 0 && rest.every(Predicate.isUndefined)) return { texts, removed }
      // Values behind a gap were appended during this read, or the gap is damage
      const gap = removed + texts.length + 1
      if (rest.length > 0 && (yield* get(gap)) === undefined) return yield* missing(id, gap)
    }
  })

  /** Whether a version is the newest one, with or without appends. The head matters only where no append is. */
  const newestAs = (keys: Keys, version: number) =>
    Effect.gen(function*() {
      const isThere = version !== 0 && (yield* getText(values, keys.append(version))) !== undefined
      const isEmpty = !isThere && (yield* headAt(keys.head)).removed === version
      const isNewest = (isThere || isEmpty) && (yield* getText(values, keys.append(version + 1))) === undefined
      return isNewest ? { isEmpty } : undefined
    })

  /** Puts a conversation into the index before its first append, so that each conversation is there. */
  const addToIndex = (id: string, { head: key }: Keys) =>
    Effect.gen(function*() {
      const head = yield* headAt(key)
      if (head.listed !== undefined) return
      yield* setHead(key, { ...head, listed: yield* indexLock.withPermits(1)(index.add(id)) })
    })

  const append = Effect.fnUntraced(function*(id: string, version: number, text: string) {
    const failed = storeFailed(id, "append")
    const keys = yield* keysOf(id)
    const newest = yield* Effect.mapError(newestAs(keys, version), failed)
    if (newest === undefined) return yield* conflict(id, version)
    if (newest.isEmpty) yield* Effect.mapError(addToIndex(id, keys), failed)
    yield* Effect.mapError(values.set(keys.append(version + 1), text), failed)
    return version + 1
  })

  const remove = Effect.fnUntraced(function*(id: string, version: number) {
    const failed = storeFailed(id, "remove")
    const keys = yield* keysOf(id)
    if ((yield* Effect.mapError(newestAs(keys, version), failed)) === undefined) return yield* conflict(id, version)
    if (version === 0) return 0
    const begin = Effect.gen(function*() {
      const { listed } = yield* headAt(keys.head)
      if (listed !== undefined) yield* indexLock.withPermits(1)(index.remove(listed))
      // From here on nobody reads the appends
      yield* setHead(keys.head, { removed: version + 1 })
      for (let number = 1; number <= version; number++) {
        // A store of files cannot remove what is not there
        if (yield* values.has(keys.append(number))) yield* values.remove(keys.append(number))
      }
      return version + 1
    })
    return yield* Effect.mapError(begin, failed)
  })

  /** The newest append, found in few steps because appends have no gaps. */
  const newest = (keys: Keys, removed: number) =>
    Effect.gen(function*() {
      const textOf = (version: number) => getText(values, keys.append(version))
      let [known, text]: readonly [number, string | undefined] = [removed, undefined]
      let isBounded = false
      for (let step = 1; step >= 1; step = isBounded ? step / 2 : step * 2) {
        const found: string | undefined = yield* textOf(known + step)
        if (found === undefined) isBounded = true
        else [known, text] = [known + step, found]
      }
      return { version: known, text }
    })

  const listed = (number: number, id: string) =>
    Effect.gen(function*() {
      const keys = yield* keysOf(id)
      const head = yield* headAt(keys.head)
      const { text, version } = yield* newest(keys, head.removed)
      // The index may hold an id without appends, or twice, after a crash
      if (head.listed !== number || text === undefined) return undefined
      return { id, version, updatedAt: labelsOf(text).at ?? 0 } satisfies Listed
    })

  const list: NonNullable<Store["list"]> = ({ after, limit, prefix }) =>
    Effect.gen(function*() {
      const conversations: Array<Listed> = []
      let from = after === undefined ? 0 : Number(after)
      for (;;) {
        const ids = yield* indexLock.withPermits(1)(index.from(from))
        if (ids === undefined) return { conversations, next: undefined }
        for (const { id, number } of ids) {
          if (conversations.length === limit) return { conversations, next: `${number}` }
          const one = id.startsWith(prefix) ? yield* byId(id)(listed(number, id)) : undefined
          if (one !== undefined) conversations.push(one)
        }
        from = behind(from)
      }
    }).pipe(Effect.mapError(listFailed))

  return {
    // A store of files shows the beginning of a value while it is written
    load: (id) => Effect.flatMap(byId(id)(load(id)), ({ removed, texts }) => logOf(id, texts, removed)),
    append: (id, version, entries) =>
      Effect.flatMap(
        Clock.currentTimeMillis,
        (at) => Effect.flatMap(toEffect(encode(id, entries, { at })), ({ text }) => byId(id)(append(id, version, text)))
      ),
    isNewest: (id, version) =>
      Effect.flatMap(keysOf(id), (keys) =>
        Effect.mapBoth(newestAs(keys, version), {
          onFailure: storeFailed(id, "load"),
          onSuccess: Predicate.isNotUndefined
        })),
    list,
    remove: (id, version) => byId(id)(remove(id, version))
  }
}
