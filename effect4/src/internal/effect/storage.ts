/** Files, and values under a key. The failures of Effect 3 are other classes, and its `get` returns an `Option`. */
import type * as Effect from "effect/Effect"
import type { KeyValueStore, KeyValueStoreError } from "effect/persistence/KeyValueStore"
import type { PlatformError } from "effect/PlatformError"

/** @internal */
export type StorageFailure = PlatformError | KeyValueStoreError

/**
 * Whether the operating system gave this reason.
 *
 * @internal
 */
export const hasReason = (error: PlatformError, reason: "AlreadyExists" | "NotFound"): boolean =>
  error.reason._tag === reason

/**
 * The operation on a file that failed; `undefined` for a failure without a file.
 *
 * @internal
 */
export const failedMethod = (error: StorageFailure): string | undefined =>
  error._tag === "PlatformError" ? error.reason.method : undefined

/**
 * The text under a key; `undefined` if there is none.
 *
 * @internal
 */
export const getText = (values: KeyValueStore, key: string): Effect.Effect<string | undefined, StorageFailure> =>
  values.get(key)
