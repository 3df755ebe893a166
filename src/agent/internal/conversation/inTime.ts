import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as FiberId from "effect/FiberId"
import type { ConversationError, ConversationStoreError } from "../../ConversationError.js"
import type { Store } from "../../ConversationStore.js"
import { noAnswer } from "./errors.js"

/** How long a store may take to answer. */
const limit = Duration.seconds(30)

/**
 * A store that answers, or fails: what takes longer than the limit is left behind, also where it heeds no interruption.
 * Otherwise it would hold up the end of a run that waits for it.
 *
 * @internal
 */
export const inTime = ({ append, load }: Store): Store => ({
  load: (id) => answered(load(id), () => noAnswer(id, "load", limit)),
  append: (id, version, entries) => answered(append(id, version, entries), () => noAnswer(id, "append", limit))
})

const answered = <A>(
  asked: Effect.Effect<A, ConversationError>,
  late: () => ConversationStoreError
): Effect.Effect<A, ConversationError> =>
  Effect.gen(function*() {
    const answer = yield* Deferred.make<A, ConversationError>()
    // Daemons, as an interruption is told to the children even of a fiber that does not yet heed it
    const begin = (effect: Effect.Effect<unknown>) => Effect.forkDaemon(Effect.interruptible(effect))
    const worker = yield* begin(Effect.intoDeferred(asked, answer))
    const timer = yield* begin(Effect.delay(Deferred.failSync(answer, late), limit))
    return yield* Effect.ensuring(
      Deferred.await(answer),
      Effect.sync(() => {
        worker.unsafeInterruptAsFork(FiberId.none)
        timer.unsafeInterruptAsFork(FiberId.none)
      })
    )
  })
