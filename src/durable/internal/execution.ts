/** An execution of a workflow, seen from anywhere, and its deferreds. */
import type * as DurableDeferred from "@effect/workflow/DurableDeferred"
import type * as Workflow from "@effect/workflow/Workflow"
import { WorkflowEngine } from "@effect/workflow/WorkflowEngine"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import type * as Schema from "effect/Schema"
import { deferredResult, nameOf } from "./effect.js"

/**
 * An execution. What `workflow` receives wakes it, but only when it is suspended: an engine delivers one message at a time to
 * an execution, and its run is one. So what must arrive during its work goes to `notes`, a workflow of the same execution id that
 * never runs.
 *
 * @internal
 */
export interface Execution {
  readonly workflow: Workflow.Any
  readonly notes: Workflow.Any
  readonly executionId: string
}

/** @internal */
export type Deferred<A> = DurableDeferred.DurableDeferred<Schema.Schema<A, unknown>>

/**
 * What a deferred has. Those of this module do not fail.
 *
 * @internal
 */
export const read = <A>(
  workflow: Workflow.Any,
  executionId: string,
  deferred: Deferred<A>
): Effect.Effect<Option.Option<A>, never, WorkflowEngine> =>
  Effect.flatMap(
    deferredResult(workflow, executionId, deferred),
    Option.match({ onNone: () => Effect.succeedNone, onSome: (exit) => Effect.asSome(exit) })
  )

/**
 * Completes a deferred, unless it is complete.
 *
 * @internal
 */
export const write = <A>(
  workflow: Workflow.Any,
  executionId: string,
  deferred: Deferred<A>,
  value: A
): Effect.Effect<void, never, WorkflowEngine> =>
  Effect.flatMap(WorkflowEngine, (engine) =>
    engine.deferredDone(deferred, {
      workflowName: nameOf(workflow),
      executionId,
      deferredName: deferred.name,
      exit: Exit.succeed(value)
    }))
