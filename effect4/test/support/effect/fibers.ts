/** Fibers as tests see them. Effect 3 has other functions for it, and supervisors. */
import * as Cause from "effect/Cause"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Metric from "effect/Metric"
import * as Option from "effect/Option"

/** How a fiber ended; nothing while it runs. */
export const poll = <A, E>(fiber: Fiber.Fiber<A, E>): Effect.Effect<Option.Option<Exit.Exit<A, E>>> =>
  Effect.sync(() => Option.fromUndefinedOr(fiber.pollUnsafe()))

export const isOver = (fiber: Fiber.Fiber<unknown, unknown>): boolean => fiber.pollUnsafe() !== undefined

/** Interrupts a fiber, and returns how it ended. */
export const interruptedExit = <A, E>(fiber: Fiber.Fiber<A, E>): Effect.Effect<Exit.Exit<A, E>> =>
  Effect.andThen(Fiber.interrupt(fiber), Fiber.await(fiber))

/** Counts the fibers that effects start and that have not ended. */
export interface Watch {
  readonly within: <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
  readonly alive: Effect.Effect<number>
}

export const makeWatch: Effect.Effect<Watch> = Effect.sync(() => {
  let alive = 0
  return {
    within: Effect.provideService(Metric.FiberRuntimeMetrics, {
      recordFiberStart: () => {
        alive++
      },
      recordFiberEnd: () => {
        alive--
      }
    }),
    alive: Effect.sync(() => alive)
  }
})

export const interruption: Cause.Cause<never> = Cause.interrupt()

/** A deferred value without an effect. */
export const deferred = <A, E = never>(): Deferred.Deferred<A, E> => Deferred.makeUnsafe()

/** How often the event loop turns until every fiber waits. Fibers of Effect 4 run in immediates, one for each fork. */
export const turnsToRest = 40

/** Interrupts a fiber from within another one, which goes on until it waits. */
export const interruptSoon = (fiber: Fiber.Fiber<unknown, unknown>): void =>
  queueMicrotask(() => fiber.interruptUnsafe())
