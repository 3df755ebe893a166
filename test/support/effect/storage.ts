/** Stores and failures of tests. Those of Effect 4 have other forms. */
import { type PlatformError, SystemError } from "@effect/platform/Error"
import * as KeyValueStore from "@effect/platform/KeyValueStore"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { StorageFailure } from "../../../src/internal/effect/storage.js"

/** A store over a map that tests can read and change. */
export const storeOver = (texts: Map<string, string>): KeyValueStore.KeyValueStore =>
  KeyValueStore.makeStringOnly({
    get: (key) => Effect.sync(() => Option.fromNullable(texts.get(key))),
    set: (key, value) => Effect.sync(() => void texts.set(key, value)),
    remove: (key) => Effect.sync(() => void texts.delete(key)),
    clear: Effect.sync(() => texts.clear()),
    size: Effect.sync(() => texts.size)
  })

/** A failure of an operation on a file. */
export const fileFailure = (method: string, path: string): PlatformError =>
  new SystemError({ reason: "Unknown", module: "FileSystem", method, pathOrDescriptor: path })

/** A failure of an operation on a store. */
export const storeFailure = (method: string, message: string): StorageFailure =>
  new SystemError({ reason: "TimedOut", module: "KeyValueStore", method, description: message })
