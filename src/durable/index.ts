/**
 * Agents that a workflow engine runs.
 *
 * @since 0.1.0
 */

/**
 * Runs of agents that outlive their process and their machine.
 *
 * @since 0.1.0
 */
export * as DurableAgent from "./DurableAgent.js"

/**
 * Engines without a database.
 *
 * @since 0.1.0
 */
export * as DurableEngine from "./DurableEngine.js"
