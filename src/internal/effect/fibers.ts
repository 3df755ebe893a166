/** Fibers that plain callbacks start and interrupt. */
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as DefaultServices from "effect/DefaultServices"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as FiberId from "effect/FiberId"
import * as Runtime from "effect/Runtime"
import type * as Scope from "effect/Scope"

/**
 * Starts effects from callbacks, with the context of the fiber that made this function.
 *
 * @internal
 */
export const runForkHere: Effect.Effect<<A, E>(effect: Effect.Effect<A, E>) => Fiber.RuntimeFiber<A, E>> = Effect.map(
  Effect.runtime<never>(),
  (runtime) => {
    const runFork = Runtime.runFork(runtime)
    return (effect) => runFork(Effect.interruptible(effect))
  }
)

/**
 * Starts a daemon that can be interrupted, whatever the surroundings allow. A child would not do: an interruption
 * reaches the children of a fiber even while that fiber does not allow interruption.
 *
 * @internal
 */
export const forkInterruptible = <A, E, R>(
  effect: Effect.Effect<A, E, R>
): Effect.Effect<Fiber.RuntimeFiber<A, E>, never, R> => Effect.forkDaemon(Effect.interruptible(effect))

/**
 * Starts a fiber in the surrounding scope. It starts even if it is interrupted first, and can be interrupted only where
 * the effect allows it.
 *
 * @internal
 */
export const forkUninterruptible = <A, E, R>(
  effect: Effect.Effect<A, E, R>
): Effect.Effect<Fiber.RuntimeFiber<A, E>, never, R | Scope.Scope> => Effect.uninterruptible(Effect.forkScoped(effect))

/**
 * Interrupts a fiber and does not wait for its end.
 *
 * @internal
 */
export const interruptNow = (fiber: Fiber.RuntimeFiber<unknown, unknown>): void => {
  fiber.unsafeInterruptAsFork(FiberId.none)
}

/**
 * As `interruptNow`, in the name of the fiber that runs this.
 *
 * @internal
 */
export const interruptFork = (fiber: Fiber.RuntimeFiber<unknown, unknown>): Effect.Effect<void> =>
  Effect.fiberIdWith((id) => Fiber.interruptAsFork(fiber, id))

/**
 * Whether a clock is the runtime's own, so that plain timers agree with it. The clocks of tests are not.
 *
 * @internal
 */
export const isLiveClock = (clock: Clock.Clock): boolean =>
  clock === Context.get(DefaultServices.liveServices, Clock.Clock)

/**
 * The clock of the fiber that runs this.
 *
 * @internal
 */
export const currentClock: Effect.Effect<Clock.Clock> = Clock.clockWith(Effect.succeed)
