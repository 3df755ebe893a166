import type * as KeyValueStore from "@effect/platform/KeyValueStore"
import * as Arr from "effect/Array"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Locks from "../../../internal/effect/locks.js"
import { encode, logOf, missing, nameOf, numbered } from "./document.js"
import type { Store } from "./entry.js"
import { conflict, storeFailed } from "./errors.js"

// By store, not by layer: two layers over one store exclude each other too
const locks = new WeakMap<KeyValueStore.KeyValueStore, Locks.Locks>()

const locksOf = (values: KeyValueStore.KeyValueStore): Locks.Locks => {
  const found = locks.get(values) ?? Locks.make()
  locks.set(values, found)
  return found
}

const keysOf = (id: string) =>
  Effect.map(nameOf(id), (name) => (number: number): string => `conversation.${name}.${numbered(number)}`)

/** @internal */
export const make = (values: KeyValueStore.KeyValueStore): Store => {
  const locked = locksOf(values)

  const get = (id: string, key: string) => Effect.mapError(values.get(key), storeFailed(id, "load"))

  /** Reads ahead, ever further: nothing tells how many appends there are. */
  const textsOf = Effect.fnUntraced(function*(id: string) {
    const key = yield* keysOf(id)
    const texts: Array<string> = []
    for (let ahead = 4;; ahead = Math.min(2 * ahead, 64)) {
      const next = texts.length + 1
      const read = yield* Effect.forEach(
        Arr.range(next, next + ahead - 1),
        (number) => get(id, key(number)),
        { concurrency: ahead }
      )
      const whole = Arr.takeWhile(read, Option.isSome)
      for (const { value } of whole) texts.push(value)
      const rest = read.slice(whole.length)
      if (rest.length > 0 && rest.every(Option.isNone)) return texts
      // What stands behind a gap was either appended during this read, or is all that is left
      if (rest.length > 0 && Option.isNone(yield* get(id, key(texts.length + 1)))) {
        return yield* missing(id, texts.length + 1)
      }
    }
  })

  const append = Effect.fnUntraced(function*(id: string, version: number, text: string) {
    const key = yield* keysOf(id)
    const isNewest = (version === 0 || Option.isSome(yield* get(id, key(version)))) &&
      Option.isNone(yield* get(id, key(version + 1)))
    if (!isNewest) return yield* conflict(id, version)
    yield* Effect.mapError(values.set(key(version + 1), text), storeFailed(id, "append"))
    return version + 1
  })

  return {
    load: (id) => Effect.flatMap(textsOf(id), (texts) => logOf(id, texts)),
    append: (id, version, entries) =>
      Effect.flatMap(encode(id, entries), ({ text }) => locked(id)(append(id, version, text)))
  }
}
