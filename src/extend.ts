/**
 * For what the library does not have: endpoints of your own, and other ways to carry out the activities of a run.
 *
 * @since 0.1.0
 */

/** @since 0.1.0 */
export * as Activities from "./agent/Activities.js"

/** @since 0.1.0 */
export * as Endpoint from "./http/Endpoint.js"

/** @since 0.1.0 */
export * as EventStream from "./stream/EventStream.js"
