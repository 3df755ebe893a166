import * as Cause from "effect/Cause"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Scope from "effect/Scope"
import type { ConversationError } from "../../ConversationError.js"
import type { Run } from "../../Run.js"
import type { Session } from "./session.js"

/**
 * Holds a conversation while a run goes on, and gives it back however the run ends. The lease is renewed well before it
 * ends, so that there is another chance where the storage fails. Where somebody else took the conversation, the run fails
 * at once and spends no more.
 *
 * @internal
 */
export const holding = <E, R>(
  session: Session,
  run: string,
  lease: Duration.DurationInput,
  body: Effect.Effect<Run<unknown>, E, R>
): Effect.Effect<Run<unknown>, E | ConversationError, R> => {
  const renewal = session.append([]).pipe(
    Effect.catchTag("ConversationStoreError", (error) => Effect.logWarning("A lease could not be renewed yet", error)),
    Effect.delay(pauseOf(lease)),
    Effect.forever
  )
  return Effect.onExit(
    whileHeld(body, renewal),
    (exit) => isClaimed(session, run) ? give(session, run, exit) : Effect.void
  )
}

/** A race would not wait for the body when it is interrupted, and the conversation is not to be given back before. */
const whileHeld = <A, E, R, E2>(
  body: Effect.Effect<A, E, R>,
  renewal: Effect.Effect<never, E2>
): Effect.Effect<A, E | E2, R> =>
  Effect.acquireUseRelease(
    Scope.make(),
    (scope) => Effect.flatMap(Effect.forkIn(body, scope), (running) => Effect.raceFirst(Fiber.join(running), renewal)),
    Scope.close
  )

const pauseOf = (lease: Duration.DurationInput): Duration.Duration =>
  Duration.max(Duration.times(lease, 1 / 3), "1 second")

const isClaimed = (session: Session, run: string): boolean =>
  session.log.entries.some((entry) => entry._tag === "opened" && entry.run === run)

const give = (session: Session, run: string, exit: Exit.Exit<Run<unknown>, unknown>): Effect.Effect<void> => {
  const outcome = Exit.isSuccess(exit)
    ? exit.value.outcome._tag
    : Cause.isInterruptedOnly(exit.cause)
    ? "interrupted"
    : "failed"
  return Effect.catchAll(
    session.append([{ _tag: "closed", run, outcome }]),
    (error) => Effect.logWarning("A run is over, but could not give its conversation back", error)
  )
}
