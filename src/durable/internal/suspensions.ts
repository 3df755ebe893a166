/** Activities that are suspended by what is inside of them, such as the turns of an agent in a tool. */
import { WorkflowInstance } from "@effect/workflow/WorkflowEngine"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import type { Instance } from "./effect.js"

/**
 * What tells an activity that it is suspended. Suspension interrupts a fiber inside of the activity, and its code may wait for
 * something else then, as a race does.
 *
 * @internal
 */
export interface Suspensions {
  /** Carries out what may suspend the activity around it, and tells that activity. */
  readonly noticed: <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R | WorkflowInstance>
  /** Carries out the effect of an activity. Ends with an interruption once the activity is suspended. */
  readonly unlessSuspended: <A, E, R>(own: Instance, effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
}

/** @internal */
export const makeSuspensions = (): Suspensions => {
  const signals = new WeakMap<Instance, Deferred.Deferred<void>>()
  return {
    noticed: (effect) =>
      Effect.flatMap(WorkflowInstance, (around) =>
        Effect.onExit(effect, () => {
          const signal = around.suspended ? signals.get(around) : undefined
          return signal === undefined ? Effect.void : Deferred.succeed(signal, undefined)
        })),
    unlessSuspended: (own, effect) =>
      Effect.flatMap(Deferred.make<void>(), (signal) => {
        signals.set(own, signal)
        return Effect.raceFirst(effect, Effect.zipRight(Deferred.await(signal), Effect.interrupt))
      })
  }
}
