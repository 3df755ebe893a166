/** An engine in memory that forgets no decision. */
import * as Workflow from "@effect/workflow/Workflow"
import { layerMemory as forgetful, WorkflowEngine } from "@effect/workflow/WorkflowEngine"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schedule from "effect/Schedule"

/** The engine in memory finds an execution by its id alone. */
const any = Workflow.make({ name: "any", payload: {}, idempotencyKey: () => "" })

/**
 * The engine of `@effect/workflow` in memory. By itself it does not wake an execution for a decision that arrives while the
 * execution is on its way to be suspended.
 *
 * @internal
 */
export const layerMemory: Layer.Layer<WorkflowEngine> = Layer.provide(
  Layer.scoped(
    WorkflowEngine,
    Effect.gen(function*() {
      const engine = yield* WorkflowEngine
      const scope = yield* Effect.scope
      const started = new Set<string>()
      const wake = (executionId: string) =>
        Effect.repeat(engine.poll(any, executionId), {
          until: (result) => result !== undefined,
          schedule: Schedule.spaced("10 millis")
        }).pipe(Effect.exit, Effect.zipRight(engine.resume(any, executionId)))
      return WorkflowEngine.of({
        ...engine,
        execute: (workflow, options) => {
          started.add(options.executionId)
          return engine.execute(workflow, options)
        },
        deferredDone: (deferred, options) =>
          Effect.tap(
            engine.deferredDone(deferred, options),
            () => started.has(options.executionId) ? Effect.forkIn(wake(options.executionId), scope) : Effect.void
          )
      })
    })
  ),
  forgetful
)
