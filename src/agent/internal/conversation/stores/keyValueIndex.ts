/** The ids in a `KeyValueStore`, which cannot list its keys: values of many ids each. */
import type * as KeyValueStore from "@effect/platform/KeyValueStore"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { getText, type StorageFailure } from "../../../../internal/effect/storage.js"
import { parseJson } from "../../../../internal/json.js"
import { guard } from "../../../../schema/guard.js"
import { lazyStruct } from "../../../../schema/prelude.js"
import { numbered } from "./document.js"

/** How many ids one value holds. */
const size = 100

/** Some ids with their numbers. `count` is how many were added to this value, also those that were removed. */
interface Part {
  readonly count: number
  readonly ids: ReadonlyArray<Numbered>
}

interface Numbered {
  readonly number: number
  readonly id: string
}

const Part: Schema.Schema<Part> = lazyStruct(() => ({
  count: Schema.Number,
  ids: Schema.Array(Schema.Struct({ number: Schema.Number, id: Schema.String }))
}))

const isPart = guard(Part)

/**
 * An index of ids, each with a number that no other one gets. One effect uses it at a time.
 *
 * @internal
 */
export class KeyValueIndex {
  /** The newest value that is known. */
  private newest = 1

  constructor(private readonly values: KeyValueStore.KeyValueStore) {}

  add(id: string): Effect.Effect<number, StorageFailure> {
    return Effect.gen(this, function*() {
      let part = yield* this.read(this.newest)
      while (part !== undefined && part.count >= size) part = yield* this.read(++this.newest)
      const { count, ids } = part ?? { count: 0, ids: [] }
      const number = (this.newest - 1) * size + count
      yield* this.write(this.newest, { count: count + 1, ids: [...ids, { number, id }] })
      return number
    })
  }

  remove(number: number): Effect.Effect<void, StorageFailure> {
    return Effect.gen(this, function*() {
      const at = Math.floor(number / size) + 1
      const part = yield* this.read(at)
      if (part === undefined) return
      yield* this.write(at, { ...part, ids: part.ids.filter((one) => one.number !== number) })
    })
  }

  /** The ids of one value, from a number on; `undefined` behind the last value. */
  from(number: number): Effect.Effect<Part["ids"] | undefined, StorageFailure> {
    return Effect.map(
      this.read(Math.floor(number / size) + 1),
      (part) => part?.ids.filter((one) => one.number >= number)
    )
  }

  private read(at: number): Effect.Effect<Part | undefined, StorageFailure> {
    return Effect.map(getText(this.values, keyOf(at)), (text) => {
      const value = text === undefined ? undefined : parseJson(text)?.value
      return isPart(value) ? value : undefined
    })
  }

  private write(at: number, part: Part): Effect.Effect<void, StorageFailure> {
    return this.values.set(keyOf(at), JSON.stringify(part))
  }
}

/**
 * The first number of the value behind that of a number.
 *
 * @internal
 */
export const behind = (number: number): number => (Math.floor(number / size) + 1) * size

const keyOf = (at: number): string => `conversations.${numbered(at)}`
