/** A store whose operations end in time, and are tried again where its storage failed. */
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import { backoff, waits } from "../../../internal/effect/schedules.js"
import { abandonAfter } from "../../../internal/timeLimits.js"
import type { Log, Store } from "./entry.js"
import { type ConversationError, listFailed, noResponse } from "./errors.js"

/** How long a store may take to respond. */
const responseLimit = Duration.seconds(30)

/** How long an operation may take with all its tries. */
const totalLimit = Duration.minutes(1)

/** The pauses between tries: 0.1, 0.4, 1.6 and 5 seconds. After a try without a response there is time for one more. */
const pauses = backoff({ initialDelay: "100 millis", factor: 4, maxDelay: "5 seconds", maxRetries: 4 })

/**
 * A store that responds, or fails: what takes longer than the limit is left behind, also where it heeds no interruption.
 * Otherwise it would hold up the end of a run that waits for it.
 *
 * @internal
 */
export const inTime = (
  { append, isNewest, list, load, now, remove }: Store,
  limit: Duration.Duration = responseLimit
): Store => ({
  list: list === undefined ? undefined : (options) => abandonAfter(list(options), limit, () => noList(limit)),
  remove: remove === undefined
    ? undefined
    : (id, version) => abandonAfter(remove(id, version), limit, () => noResponse(id, "remove", limit)),
  now: now === undefined ? undefined : abandonAfter(now, limit, () => noResponse("", "load", limit)),
  load: (id) => abandonAfter(load(id), limit, () => noResponse(id, "load", limit)),
  append: (id, version, entries) =>
    abandonAfter(append(id, version, entries), limit, () => noResponse(id, "append", limit)),
  isNewest: isNewest === undefined
    ? undefined
    : (id, version) => abandonAfter(isNewest(id, version), limit, () => noResponse(id, "load", limit))
})

const noList = (limit: Duration.Duration) => listFailed({ message: `no response within ${Duration.format(limit)}` })

/**
 * Tries an operation again while the storage fails, for a minute at most. Each try receives the store to use, which
 * fails when the time is over. `mayHelp` says whether another try may help.
 *
 * @internal
 */
export const withRetries = <A, E extends { readonly _tag: string } = ConversationError>(
  store: Store,
  operation: (store: Store) => Effect.Effect<A, E>,
  mayHelp: () => boolean = () => true
): Effect.Effect<A, E> =>
  Effect.gen(function*() {
    const end = (yield* Clock.currentTimeMillis) + Duration.toMillis(totalLimit)
    const left = Effect.map(Clock.currentTimeMillis, (now) => Duration.millis(end - now))
    const pause = waits(pauses)
    for (;;) {
      const limit = Duration.min(responseLimit, yield* left)
      const result = yield* Effect.either(operation(inTime(store, limit)))
      if (Either.isRight(result)) return result.right
      const error = result.left
      const isTemporary = error._tag === "ConversationStoreError" && mayHelp()
      if (!isTemporary || Duration.toMillis(yield* left) <= 0 || !(yield* pause(undefined))) {
        return yield* Effect.fail(error)
      }
    }
  })

/**
 * Loads a conversation, with retries.
 *
 * @internal
 */
export const load = (store: Store, id: string): Effect.Effect<Log, ConversationError> =>
  withRetries(store, (store) => store.load(id))

/**
 * The time by which leases end: that of the store, or of this machine.
 *
 * @internal
 */
export const timeOf = (store: Store): Effect.Effect<number, ConversationError> =>
  store.now === undefined
    ? Clock.currentTimeMillis
    : withRetries(store, ({ now }) => now ?? Clock.currentTimeMillis)
