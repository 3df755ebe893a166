/** What Effect 3 and Effect 4 say differently of workflows, beyond a name. */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import type * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as SchemaTransformation from "effect/SchemaTransformation"
import type { Scope } from "effect/Scope"
import * as Activity from "effect/workflow/Activity"
import type { DurableClock } from "effect/workflow/DurableClock"
import type * as DurableDeferred from "effect/workflow/DurableDeferred"
import * as Workflow from "effect/workflow/Workflow"
import { WorkflowEngine, WorkflowInstance } from "effect/workflow/WorkflowEngine"

/**
 * A workflow. Its payload is a field, because an engine takes structs alone.
 *
 * @internal
 */
export type AgentWorkflow<P, A, E> = Workflow.Workflow<
  string,
  Schema.Struct<{ readonly payload: Schema.Codec<P, unknown> }>,
  Schema.Codec<A, unknown>,
  Schema.Codec<E, unknown>
>

/** @internal */
export const makeWorkflow = <P, I, A, B, E, F>(options: {
  readonly name: string
  readonly payload: Schema.Codec<P, I>
  readonly key: (payload: P) => string
  readonly success: Schema.Codec<A, B>
  readonly error: Schema.Codec<E, F>
}): AgentWorkflow<P, A, E> =>
  Workflow.make(options.name, {
    payload: Schema.Struct({ payload: encodedAsJson(options.payload) }),
    idempotencyKey: ({ payload }) => options.key(payload),
    success: encodedAsJson(options.success),
    error: encodedAsJson(options.error)
  })

/**
 * What is left of what a run needs, beside what an engine gives to it.
 *
 * @since 0.1.0
 * @category models
 */
export type Outside<R> = Exclude<R, WorkflowEngine | WorkflowInstance | Workflow.Execution<string> | Scope>

/** @internal */
export const register = <P, A, E, R>(
  workflow: AgentWorkflow<P, A, E>,
  execute: (payload: P, executionId: string) => Effect.Effect<A, E, R>
): Layer.Layer<never, never, WorkflowEngine | Outside<R>> =>
  workflow.toLayer(({ payload }, executionId) => execute(payload, executionId))

/** @internal */
export const nameOf = (workflow: Workflow.Any): string => workflow._tag

/**
 * The result of an execution, if it is complete or suspended.
 *
 * @internal
 */
export const poll = <P, A, E>(
  workflow: AgentWorkflow<P, A, E>,
  executionId: string
): Effect.Effect<Option.Option<Workflow.Result<A, E>>, never, WorkflowEngine> => workflow.poll(executionId)

/**
 * What a deferred of an execution has, also from outside of the execution.
 *
 * @internal
 */
export const deferredResult = <A>(
  workflow: Workflow.Any,
  executionId: string,
  deferred: DurableDeferred.DurableDeferred<Schema.Codec<A, unknown>>
): Effect.Effect<Option.Option<Exit.Exit<A>>, never, WorkflowEngine> =>
  Effect.flatMap(WorkflowEngine, (engine) =>
    Effect.provideService(
      engine.deferredResult(deferred),
      WorkflowInstance,
      WorkflowInstance.initial(workflow, executionId)
    ))

/**
 * Whether a clock of this execution has come to its time.
 *
 * @internal
 */
export const hasRung = (
  engine: WorkflowEngine["Service"],
  { deferred }: DurableClock
): Effect.Effect<boolean, never, WorkflowInstance> => Effect.map(engine.deferredResult(deferred), Option.isSome)

/**
 * The instance that the engine gives to the execution or to the activity of this fiber.
 *
 * @internal
 */
export type Instance = WorkflowInstance["Service"]

/**
 * Suspends an execution until it is resumed, for a reason or for the one that it has. An activity that suspends counts as not
 * executed.
 *
 * @internal
 */
export const suspend = (instance: Instance, reason?: string): Effect.Effect<never> =>
  Effect.suspend(() => {
    if (reason !== undefined) instance.cause = Cause.die(reason)
    return Workflow.suspend(instance)
  })

/**
 * Why an execution is suspended, if it is because of failures.
 *
 * @internal
 */
export const reasonOf = ({ cause }: Workflow.Suspended): string | undefined => {
  if (cause === undefined) return undefined
  const reasons = cause.reasons.flatMap((one) => Cause.isDieReason(one) ? [String(one.defect)] : [])
  return reasons.join("; ")
}

/** @internal */
export const activity = <A, E, R>(options: {
  readonly name: string
  readonly success: Schema.Codec<A, unknown>
  readonly error: Schema.Codec<E, unknown>
  readonly execute: Effect.Effect<A, E, R | WorkflowInstance>
}): Effect.Effect<A, E, Exclude<R, Scope | WorkflowInstance | WorkflowEngine> | WorkflowEngine | WorkflowInstance> =>
  Activity.make<R | WorkflowInstance, Schema.Codec<A, unknown>, Schema.Codec<E, unknown>>(options)

/**
 * JSON that a predicate knows, with all its fields. Fields that are undefined are absent in it.
 *
 * @internal
 */
export const asIs = <A>(is: (value: unknown) => value is A): Schema.Codec<A, unknown> =>
  encodedAsJson(Schema.Json.pipe(Schema.decodeTo(
    Schema.declare(is),
    // `declare` checks what was JSON, and JSON is what a value becomes
    SchemaTransformation.transform({
      decode: (json) => json as A,
      encode: (value) => JSON.parse(JSON.stringify(value))
    })
  )))

/**
 * A schema for an engine, which reads and writes the encoded form and never looks into it.
 *
 * @internal
 */
export const encodedAsJson = <A, I>(schema: Schema.Codec<A, I>): Schema.Codec<A, unknown> =>
  // A schema is invariant in its encoded form. An engine encodes it, and gives to it what it encoded
  schema as unknown as Schema.Codec<A, unknown>
