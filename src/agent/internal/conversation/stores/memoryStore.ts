/** Conversations in memory. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { toEffect } from "../../../../internal/effect/results.js"
import type { Entry, Store } from "../entry.js"
import { conflict } from "../errors.js"
import { encode } from "./document.js"

interface Stored {
  /** The version of the last removal, or 0. */
  readonly removed: number
  readonly appends: Array<ReadonlyArray<Entry>>
  updatedAt: number
}

const versionOf = ({ appends, removed }: Stored): number => removed + appends.length

/** @internal */
export const makeMemoryStore = (): Store => {
  const conversations = new Map<string, Stored>()
  const storedOf = (id: string): Stored => conversations.get(id) ?? { removed: 0, appends: [], updatedAt: 0 }
  return {
    load: (id) =>
      Effect.sync(() => {
        const stored = storedOf(id)
        const log = { version: versionOf(stored), entries: stored.appends.flat() }
        return stored.removed === 0 ? log : { ...log, removed: stored.removed }
      }),
    append: (id, version, entries) =>
      Effect.gen(function*() {
        const document = yield* toEffect(encode(id, entries))
        const now = yield* Clock.currentTimeMillis
        const stored = storedOf(id)
        if (versionOf(stored) !== version) return yield* conflict(id, version)
        stored.appends.push(document.entries)
        stored.updatedAt = now
        conversations.set(id, stored)
        return version + 1
      }),
    isNewest: (id, version) => Effect.sync(() => versionOf(storedOf(id)) <= version),
    list: ({ after, limit, prefix }) =>
      Effect.sync(() => {
        const ids = [...conversations]
          .filter(([id, { appends }]) =>
            appends.length > 0 && id.startsWith(prefix) && (after === undefined || id > after)
          )
          .map(([id]) => id)
          .sort(byText)
        const found = ids.slice(0, limit).map((id) => {
          const stored = storedOf(id)
          return { id, version: versionOf(stored), updatedAt: stored.updatedAt }
        })
        return { conversations: found, next: ids.length > limit ? found.at(-1)?.id : undefined }
      }),
    remove: (id, version) =>
      Effect.suspend(() => {
        const stored = storedOf(id)
        if (versionOf(stored) !== version) return Effect.fail(conflict(id, version))
        if (version === 0) return Effect.succeed(0)
        conversations.set(id, { removed: version + 1, appends: [], updatedAt: 0 })
        return Effect.succeed(version + 1)
      })
  }
}

/** The order of `<`, which depends on no language. */
const byText = (one: string, other: string): number => one < other ? -1 : one > other ? 1 : 0
