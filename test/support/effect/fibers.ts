/** Fibers as tests see them. Effect 4 has other functions for it, and no supervisors. */
import * as Cause from "effect/Cause"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as FiberId from "effect/FiberId"
import type * as Option from "effect/Option"
import * as Supervisor from "effect/Supervisor"

/** How a fiber ended; nothing while it runs. */
export const poll = <A, E>(fiber: Fiber.RuntimeFiber<A, E>): Effect.Effect<Option.Option<Exit.Exit<A, E>>> =>
  Fiber.poll(fiber)

export const isOver = (fiber: Fiber.RuntimeFiber<unknown, unknown>): boolean => fiber.unsafePoll() !== null

/** Interrupts a fiber, and returns how it ended. */
export const interruptedExit = <A, E>(fiber: Fiber.RuntimeFiber<A, E>): Effect.Effect<Exit.Exit<A, E>> =>
  Effect.zipRight(Fiber.interrupt(fiber), Fiber.await(fiber))

/** Counts the fibers that effects start and that have not ended. */
export interface Watch {
  readonly within: <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
  readonly alive: Effect.Effect<number>
}

export const makeWatch: Effect.Effect<Watch> = Effect.map(Supervisor.track, (supervisor) => ({
  within: Effect.supervised(supervisor),
  alive: Effect.map(supervisor.value, (fibers) => fibers.length)
}))

export const interruption: Cause.Cause<never> = Cause.interrupt(FiberId.none)

/** A deferred value without an effect. */
export const deferred = <A, E = never>(): Deferred.Deferred<A, E> => Deferred.unsafeMake(FiberId.none)

/** How often the event loop turns until every fiber waits. Fibers of Effect 3 run in microtasks. */
export const turnsToRest = 4

/** Interrupts a fiber from within another one, which goes on until it waits. */
export const interruptSoon = (fiber: Fiber.RuntimeFiber<unknown, unknown>): void =>
  fiber.unsafeInterruptAsFork(FiberId.none)
