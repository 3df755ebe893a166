import * as Effect from "effect/Effect"
import { encode } from "./document.js"
import type { Entry, Store } from "./entry.js"
import { conflict } from "./errors.js"

/** @internal */
export const make = (): Store => {
  const conversations = new Map<string, Array<ReadonlyArray<Entry>>>()
  const appendsOf = (id: string) => conversations.get(id) ?? []
  return {
    load: (id) =>
      Effect.sync(() => {
        const appends = appendsOf(id)
        return { version: appends.length, entries: appends.flat() }
      }),
    append: (id, version, entries) =>
      Effect.gen(function*() {
        const document = yield* encode(id, entries)
        const appends = appendsOf(id)
        if (appends.length !== version) return yield* conflict(id, version)
        appends.push(document.entries)
        conversations.set(id, appends)
        return version + 1
      })
  }
}
