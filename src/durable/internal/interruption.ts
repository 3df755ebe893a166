/** Interruption of an execution: an engine looks for it when an execution is suspended, and this module during its work. */
import * as DurableDeferred from "@effect/workflow/DurableDeferred"
import type { WorkflowEngine, WorkflowInstance } from "@effect/workflow/WorkflowEngine"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { asIs, type Instance, suspend } from "./effect.js"
import { type Execution, read, write } from "./execution.js"

const request = DurableDeferred.make("interrupt", { success: asIs(Schema.is(Schema.Null)) })

/** The time between two looks. Each is a read from the storage of the engine. */
const interval = Duration.seconds(1)

/**
 * Asks an execution to stop, wherever it is.
 *
 * @internal
 */
export const requestStop = ({ executionId, notes }: Execution): Effect.Effect<void, never, WorkflowEngine> =>
  write(notes, executionId, request, null)

/**
 * Whether an execution was asked to stop.
 *
 * @internal
 */
export const isStopped = ({ executionId, notes }: Execution): Effect.Effect<boolean, never, WorkflowEngine> =>
  Effect.map(read(notes, executionId, request), Option.isSome)

/**
 * Carries out an activity, and suspends it when the execution is asked to stop. The engine ends an interrupted execution when
 * it is suspended.
 *
 * @internal
 */
export const unlessStopped = <A, E, R>(
  execution: Execution,
  own: Instance,
  effect: Effect.Effect<A, E, R>
): Effect.Effect<A, E, R | WorkflowEngine | WorkflowInstance> => {
  const isAsked = isStopped(execution)
  const stopped = Effect.repeat(Effect.delay(isAsked, interval), { until: (is) => is })
  const unlessAsked = Effect.raceFirst(Effect.asSome(effect), Effect.as(stopped, Option.none<A>()))
  return Effect.flatMap(
    Effect.flatMap(isAsked, (is) => is ? Effect.succeedNone : unlessAsked),
    // In the fiber of the activity, which is the one to suspend
    Option.match({ onNone: () => suspend(own, "interrupted"), onSome: Effect.succeed })
  )
}
