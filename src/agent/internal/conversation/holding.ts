/** Holding a conversation during a run: the renewals of its lease, and its release. */
import * as Cause from "effect/Cause"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Scope from "effect/Scope"
import type { Run } from "../run.js"
import type { ConversationError } from "./errors.js"
import type { Session } from "./session.js"

/**
 * Holds a conversation during a run, and releases it after any end of the run. The lease is renewed well before its end,
 * so that a failed renewal can be repeated. If another run takes the conversation, this run fails at once and spends no
 * more.
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
    Effect.catchTag(
      "ConversationStoreError",
      (error) => Effect.logWarning("conversation: the lease was not renewed; the next renewal will try again", error)
    ),
    Effect.delay(pauseOf(lease)),
    Effect.forever
  )
  return Effect.onExit(
    whileHeld(body, renewal),
    (exit) => session.holds() ? release(session, run, exit) : Effect.void
  )
}

/** A race alone would not wait for the interrupted body, and the conversation must not be released before its end. */
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
  Duration.millis(Math.max(1000, Duration.toMillis(lease) / 3))

const release = (session: Session, run: string, exit: Exit.Exit<Run<unknown>, unknown>): Effect.Effect<void> =>
  Effect.catchAll(
    session.append([{ _tag: "closed", run, ...endOf(exit) }]),
    (error) =>
      Effect.logWarning(
        "conversation: the run ended, but did not release its conversation; the lease will expire",
        error
      )
  )

const endOf = (
  exit: Exit.Exit<Run<unknown>, unknown>
): { readonly outcome: string; readonly by?: string; readonly reason?: string } => {
  if (Exit.isFailure(exit)) return { outcome: Cause.isInterruptedOnly(exit.cause) ? "interrupted" : "failed" }
  const { _tag, ...rest } = exit.value.outcome
  return "by" in rest ? { outcome: _tag, ...rest } : { outcome: _tag }
}
