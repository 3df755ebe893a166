/** Files, and values under a key. The failures of Effect 4 are other classes, and its `get` returns no `Option`. */
import type { PlatformError } from "@effect/platform/Error"
import type { KeyValueStore } from "@effect/platform/KeyValueStore"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"

/** @internal */
export type StorageFailure = PlatformError

/**
 * Whether the operating system gave this reason.
 *
 * @internal
 */
export const hasReason = (error: PlatformError, reason: "AlreadyExists" | "NotFound"): boolean =>
  error._tag === "SystemError" && error.reason === reason

/**
 * The operation on a file that failed; `undefined` for a failure without a file.
 *
 * @internal
 */
export const failedMethod = (error: StorageFailure): string | undefined => error.method

/**
 * The text under a key; `undefined` if there is none.
 *
 * @internal
 */
export const getText = (values: KeyValueStore, key: string): Effect.Effect<string | undefined, StorageFailure> =>
  Effect.map(values.get(key), Option.getOrUndefined)
