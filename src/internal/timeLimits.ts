/**
 * The time limits, and when each of them is right.
 *
 * - `timeLimit`: for an effect that heeds interruption, such as a call or a tool. At the limit, it interrupts the
 *   effect, waits for its end, and fails. An interruption of the caller also waits for the end of the effect.
 * - `abandonAfter`: for an effect that may ignore interruption, such as a store of the user's. At the limit, it
 *   interrupts the effect and fails at once. An interruption of the caller does not wait for the effect either.
 * - `leaveAfter`: for an effect that should finish, but may hang, such as the handler of a tool. At the limit, or when the
 *   caller is interrupted, it interrupts the effect and waits for its end, but not for ever.
 * - `limitEach`: for each of many requests for a next value, such as the reads of a stream. At the limit, it cancels
 *   the request and fails at once. An interruption of the caller cancels the request and waits for that.
 * - `makeAlarm`: the timer of the others. At the limit, it calls a function. Its owner cancels it.
 *
 * `Effect.timeout` is right for none of them: it costs a fiber that sleeps, and where interruption is not allowed, as
 * in a finalizer, it waits for the effect however long that takes.
 */
import type * as Arr from "effect/Array"
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import { constVoid } from "effect/Function"
import * as Scope from "effect/Scope"
import type { Pull } from "./effect/batches.js"
import { currentClock, forkInterruptible, interruptNow, isLiveClock, runForkHere } from "./effect/fibers.js"

/**
 * Fails an effect that takes longer than `duration`, after it has ended. The limit also holds where interruption is not
 * allowed, as in a finalizer; there only the limit can end the effect. The effect runs in a fiber of its own, so the
 * fiber refs that it sets stay there.
 *
 * @internal
 */
export const timeLimit = <A, E, R, E2>(
  effect: Effect.Effect<A, E, R>,
  duration: Duration.DurationInput,
  onTimeout: () => E2
): Effect.Effect<A, E | E2, R> =>
  Effect.uninterruptibleMask((restore) =>
    Effect.flatMap(makeAlarm, (alarm) =>
      Effect.flatMap(forkInterruptible(effect), (worker) => {
        let isLate = false
        const callOff = alarm(Duration.toMillis(duration), () => {
          isLate = true
          interruptNow(worker)
        })
        const outcome = Effect.async((resume: (outcome: Effect.Effect<A, E | E2>) => void) => {
          worker.addObserver((exit) => {
            callOff()
            resume(isLate && Exit.isInterrupted(exit) ? Effect.failSync(onTimeout) : exit)
          })
        })
        return Effect.onInterrupt(restore(outcome), () => Fiber.interrupt(worker))
      }))
  )

/**
 * Fails as soon as an effect takes longer than `duration`. The effect is interrupted, but nothing waits for its end:
 * use this where an effect that ignores interruption must not hold up its caller.
 *
 * @internal
 */
export const abandonAfter = <A, E, R, E2>(
  effect: Effect.Effect<A, E, R>,
  duration: Duration.DurationInput,
  onTimeout: () => E2
): Effect.Effect<A, E | E2, R> =>
  Effect.gen(function*() {
    const outcome = yield* Deferred.make<A, E | E2>()
    const worker = yield* forkInterruptible(Effect.flatMap(Effect.exit(effect), (exit) => Deferred.done(outcome, exit)))
    const timer = yield* forkInterruptible(Effect.delay(Deferred.failSync(outcome, onTimeout), duration))
    return yield* Effect.ensuring(
      Deferred.await(outcome),
      Effect.sync(() => {
        interruptNow(worker)
        interruptNow(timer)
      })
    )
  })

/** How `leaveAfter` limits an effect. */
interface Patience<E> {
  /** How long the effect may take. */
  readonly limit: Duration.Duration
  /** What follows when the effect took longer. */
  readonly onTimeout: Effect.Effect<never, E>
  /** How long an effect that was interrupted at the limit may take to end. */
  readonly grace: Duration.Duration
  /** How long an effect without a finite limit may take to end after an interruption of the caller. */
  readonly patience: Duration.Duration
  /** What to do when nothing waits for the effect any more. */
  readonly onLeft: Effect.Effect<void>
  /** Whether the effect, when the caller is interrupted, may finish within the grace before it is interrupted itself. */
  readonly mayFinish?: (() => boolean) | undefined
}

/**
 * Fails an effect that takes longer than its limit, after it has ended; an effect that neither the interruption nor the
 * grace ends is left behind. An interruption of the caller interrupts the effect, too, and waits for its end until the
 * same moment. The effect runs in a fiber of its own, so the fiber refs that it sets stay there.
 *
 * @internal
 */
export const leaveAfter = <A, E, R, E2>(
  effect: Effect.Effect<A, E, R>,
  { grace, limit, mayFinish, onLeft, onTimeout, patience }: Patience<E2>
): Effect.Effect<A, E | E2, R> =>
  Effect.uninterruptibleMask((restore) =>
    Effect.flatMap(makeAlarm, (alarm) =>
      Effect.flatMap(forkInterruptible(effect), (worker) => {
        let outcome: Effect.Effect<A, E | E2> | undefined = undefined
        let isLate = false
        let callOff = constVoid
        let resumed: (outcome: Effect.Effect<A, E | E2>) => void = constVoid
        const settle = (settled: Effect.Effect<A, E | E2>): void => {
          if (outcome !== undefined) return
          outcome = settled
          callOff()
          resumed(settled)
        }
        const leave = (): void => settle(Effect.zipRight(onLeft, onTimeout))
        const interrupt = (): void => {
          isLate = true
          callOff = alarm(Duration.toMillis(grace), leave)
          interruptNow(worker)
        }
        if (Duration.isFinite(limit)) callOff = alarm(Duration.toMillis(limit), interrupt)
        worker.addObserver((exit) => settle(isLate && Exit.isInterrupted(exit) ? onTimeout : exit))
        const settled: Effect.Effect<A, E | E2> = Effect.async((resume) => {
          resumed = resume
          if (outcome !== undefined) resume(outcome)
        })
        const interrupted = Effect.suspend(() => {
          // An alarm that is set now would never be called off
          if (outcome !== undefined) return Effect.exit(settled)
          if (mayFinish?.() === true) {
            callOff()
            callOff = alarm(Duration.toMillis(grace), interrupt)
          } else {
            // The worker may end at once, and calls off the alarm that is there
            if (!Duration.isFinite(limit)) callOff = alarm(Duration.toMillis(patience), leave)
            if (!isLate) interruptNow(worker)
          }
          return Effect.exit(settled)
        })
        return Effect.onInterrupt(restore(settled), () => interrupted)
      }))
  )

/**
 * How many milliseconds a request for the next value may take, and the error where it takes longer.
 *
 * @internal
 */
export interface Limit<E> {
  readonly millis: number
  readonly onTimeout: Effect.Effect<never, E>
  /** The start of the limit; by default, the time of the request. */
  readonly since?: (() => number) | undefined
}

/**
 * Fails each request that takes longer than one of the limits. The time between two requests does not count. One alarm
 * serves all limits and requests: it reads the clock when it rings, so a value that arrives in time costs no timer.
 *
 * @internal
 */
export const limitEach = <A, E, E2>(
  pull: Pull<A, E>,
  limits: Arr.NonEmptyReadonlyArray<Limit<E2>>,
  scope: Scope.Scope
): Effect.Effect<Effect.Effect<A, E | E2>> =>
  Effect.gen(function*() {
    const clock = yield* currentClock
    const alarm = yield* makeAlarm
    let requestedAt = 0
    let onLimit: ((limit: Limit<E2>) => void) | undefined

    const end = ({ millis, since }: Limit<E2>): number => (since === undefined ? requestedAt : since()) + millis
    const leastBy = (measure: (limit: Limit<E2>) => number): Limit<E2> =>
      limits.reduce((least, limit) => measure(limit) < measure(least) ? limit : least)
    const shortest = leastBy(({ millis }) => millis).millis

    let callOff = constVoid
    const check = (): void => {
      const next = leastBy(end)
      const left = onLimit === undefined ? shortest : end(next) - clock.unsafeCurrentTimeMillis()
      if (left > 0) callOff = alarm(left, check)
      else onLimit?.(next)
    }
    check()
    yield* Scope.addFinalizer(scope, Effect.sync(() => callOff()))

    return Effect.async((resume) => {
      requestedAt = clock.unsafeCurrentTimeMillis()
      let cancel: Effect.Effect<void> | void = undefined
      onLimit = ({ onTimeout }) => {
        onLimit = undefined
        resume(cancel === undefined ? onTimeout : Effect.zipRight(Effect.forkDaemon(cancel), onTimeout))
      }
      cancel = pull((next) => {
        onLimit = undefined
        resume(next)
      })
      return cancel
    })
  })

/**
 * Calls a function after a number of milliseconds. Returns how to call it off.
 *
 * @internal
 */
export type Alarm = (millis: number, ring: () => void) => () => void

/**
 * The alarm of the current clock. A timer costs a fraction of a fiber that sleeps; the fiber is for other clocks than
 * the runtime's own, such as those of tests.
 *
 * @internal
 */
export const makeAlarm: Effect.Effect<Alarm> = Effect.flatMap(currentClock, (clock) =>
  isLiveClock(clock)
    ? Effect.succeed(timerAlarm)
    : Effect.map(runForkHere, (runFork) => (millis, ring) => {
      const sleeper = runFork(Effect.map(clock.sleep(Duration.millis(millis)), ring))
      return () => interruptNow(sleeper)
    }))

/** The longest time that a timer can count, in milliseconds: 24 days. */
const maxTimer = 2 ** 31 - 1

const timerAlarm: Alarm = (millis, ring) => {
  const timer = setTimeout(ring, Math.min(millis, maxTimer))
  return () => clearTimeout(timer)
}
