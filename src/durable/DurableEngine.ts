/**
 * Engines for durable runs.
 *
 * @since 0.1.0
 */
import type { WorkflowEngine } from "@effect/workflow/WorkflowEngine"
import type * as Layer from "effect/Layer"
import * as Memory from "./internal/memory.js"

/**
 * An engine in memory, for tests: executions are suspended, resumed and replayed as in a database, until the process ends.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerMemory: Layer.Layer<WorkflowEngine> = Memory.layerMemory
