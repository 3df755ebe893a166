import * as Arr from "effect/Array"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { ReadBody } from "../../http/kernel.js"
import type { ConnectionError, StreamStalledError } from "../../http/OpenRouterError.js"
import { currentClock } from "../../internal/effect/fibers.js"
import { type Limit, limitEach } from "../../internal/timeLimits.js"

/**
 * The next network reads; `undefined` at the end.
 *
 * @internal
 */
export type Read<E> = Effect.Effect<Iterable<Uint8Array> | undefined, E>

/**
 * The reads of one body.
 *
 * @internal
 */
export interface Reads {
  /** Within the limits of the stream. */
  readonly limited: Read<ConnectionError | StreamStalledError>
  /** For what may follow a complete response, or an error: all waits together take at most `drainTimeout`. */
  readonly patient: Read<ConnectionError | "timeout">
  /** Begins to wait for an event: the event timeout counts from here. */
  readonly begin: () => void
}

/** @internal */
export interface ReadOptions {
  readonly idleTimeout?: Duration.DurationInput | undefined
  readonly eventTimeout?: Duration.DurationInput | undefined
}

/** How many milliseconds the rest of a body may take after its last event. */
const drainTimeout = 1000

/** @internal */
export const openReads = (
  readBody: ReadBody,
  { eventTimeout, idleTimeout }: ReadOptions,
  stalled: (limit: Duration.Duration, option: keyof ReadOptions) => StreamStalledError,
  scope: Scope.Scope
): Effect.Effect<Reads> =>
  Effect.gen(function*() {
    const clock = yield* currentClock
    let begunAt = 0
    const limits = [
      ...limitOf(idleTimeout, (limit) => stalled(limit, "idleTimeout")),
      ...limitOf(eventTimeout, (limit) => stalled(limit, "eventTimeout"), () => begunAt)
    ]
    const limited = Arr.isNonEmptyReadonlyArray(limits)
      ? yield* limitEach(readBody, limits, scope)
      : Effect.async(readBody)

    let requestedAt = 0
    let waited = 0
    const since = () => requestedAt - waited
    const patience: Limit<"timeout"> = { millis: drainTimeout, onTimeout: Effect.fail("timeout"), since }
    // Made when it is needed, because it has a timer of its own
    let rest: Read<ConnectionError | "timeout"> | undefined
    const patient = Effect.suspend(() => {
      requestedAt = clock.unsafeCurrentTimeMillis()
      return rest === undefined
        ? Effect.flatMap(limitEach(readBody, [patience], scope), (read) => rest = read)
        : rest
    })
    return {
      limited,
      patient: Effect.map(patient, (read) => {
        waited += clock.unsafeCurrentTimeMillis() - requestedAt
        return read
      }),
      begin: () => {
        begunAt = clock.unsafeCurrentTimeMillis()
      }
    }
  })

const limitOf = (
  limit: Duration.DurationInput | undefined,
  stalled: (limit: Duration.Duration) => StreamStalledError,
  since?: () => number
): ReadonlyArray<Limit<StreamStalledError>> => {
  const duration = Duration.decode(limit ?? Duration.infinity)
  if (!Duration.isFinite(duration)) return []
  const onTimeout = Effect.failSync(() => stalled(duration))
  return [{ millis: Math.max(1, Duration.toMillis(duration)), onTimeout, since }]
}
