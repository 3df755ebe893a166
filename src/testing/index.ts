/**
 * What to test with: a scripted model, and mocks for single endpoints. The scripted server is in `testing/server`.
 *
 * @since 0.1.0
 */

/**
 * The script language: what a model answers, turn by turn.
 *
 * @since 0.1.0
 */
export * as Script from "./Script.js"

/**
 * A model that answers from a script, below the real client.
 *
 * @since 0.1.0
 */
export * as TestModel from "./TestModel.js"

/**
 * An HttpClient that answers single endpoints from typed handlers.
 *
 * @since 0.1.0
 */
export * as MockHttpClient from "./MockHttpClient.js"
