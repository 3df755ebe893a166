/**
 * Durable runs over a database, on one machine or on many, in Node.
 *
 * @since 0.1.0
 */

/**
 * Engines that keep executions in a database.
 *
 * @since 0.1.0
 */
export * as DurableCluster from "./DurableCluster.js"
