/** Stores and failures of tests. Those of Effect 3 have other forms. */
import * as Effect from "effect/Effect"
import * as KeyValueStore from "effect/persistence/KeyValueStore"
import { type PlatformError, systemError } from "effect/PlatformError"

/** A store over a map that tests can read and change. */
export const storeOver = (texts: Map<string, string>): KeyValueStore.KeyValueStore =>
  KeyValueStore.makeStringOnly({
    get: (key) => Effect.sync(() => texts.get(key)),
    set: (key, value) => Effect.sync(() => void texts.set(key, value)),
    remove: (key) => Effect.sync(() => void texts.delete(key)),
    clear: Effect.sync(() => texts.clear()),
    size: Effect.sync(() => texts.size),
    keys: Effect.sync(() => [...texts.keys()])
  })

/** A failure of an operation on a file. */
export const fileFailure = (method: string, path: string): PlatformError =>
  systemError({ _tag: "Unknown", module: "FileSystem", method, pathOrDescriptor: path })

/** A failure of an operation on a store. */
export const storeFailure = (method: string, message: string): KeyValueStore.KeyValueStoreError =>
  new KeyValueStore.KeyValueStoreError({ method, message })
