/** The ids of runs and the keys of calls. A replay of a run has the same ones. */
import * as Effect from "effect/Effect"
import { randomText } from "../../../internal/crypto.js"
import { type Reference, reference } from "../../../internal/effect/references.js"
import type { PendingCall } from "../run.js"

/** @internal */
export const randomId: Effect.Effect<string> = randomText(16)

/**
 * The id for a run that has none of its own: random, or derived from the tool call that starts the run.
 *
 * @internal
 */
export const NextRunId: Reference<Effect.Effect<string>> = reference(
  "effect-openrouter/agent/NextRunId",
  () => randomId
)

/**
 * The ids of the runs that an execution of a tool call starts, in their order.
 *
 * @internal
 */
export const idsBelow = (idempotencyKey: string): Effect.Effect<string> => {
  let count = 0
  return Effect.sync(() => `${idempotencyKey}/${++count}`)
}

/**
 * The key of a call in a run or a conversation. The id of a call, which a model may choose, adds no `/`: so no call has the
 * key of another one.
 *
 * @internal
 */
export const idempotencyKey = (scope: string, callId: string, removed?: number): string =>
  `${scope}/${escapeId(callId)}${removalMark(removed)}`

/**
 * What keys have after the removal of a conversation at a version, because a model may choose the same ids again. No id that
 * is escaped ends so.
 *
 * @internal
 */
export const removalMark = (removed: number | undefined): string => removed === undefined ? "" : `%r${removed}`

/**
 * An id as a part of a longer one, without `/`.
 *
 * @internal
 */
export const escapeId = (id: string): string => id.replace(/[%/]/g, encodeURIComponent)

/**
 * The id of a pending call within its run, without a `/` that the model wrote.
 *
 * @internal
 */
export const localId = ({ callId, path }: PendingCall): string => path === undefined ? escapeId(callId) : callId
