/** An engine in memory. */
import type * as Layer from "effect/Layer"
import { layerMemory as original, type WorkflowEngine } from "effect/workflow/WorkflowEngine"

/**
 * The engine of Effect in memory. It wakes an execution for a decision, whenever that arrives.
 *
 * @internal
 */
export const layerMemory: Layer.Layer<WorkflowEngine> = original
