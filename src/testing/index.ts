/**
 * Tools for tests: a scripted model, and mocks of single endpoints. The scripted server is in `testing/server`.
 *
 * @since 0.1.0
 */

/**
 * The script language: the responses of a model, turn by turn.
 *
 * @since 0.1.0
 */
export * as Script from "./Script.js"

/**
 * A scripted model, below the real client.
 *
 * @since 0.1.0
 */
export * as TestModel from "./TestModel.js"

/**
 * An HttpClient that responds to single endpoints with typed handlers.
 *
 * @since 0.1.0
 */
export * as MockHttpClient from "./MockHttpClient.js"

/**
 * Tests for a store of conversations.
 *
 * @since 0.1.0
 */
export * as StoreTests from "./StoreTests.js"
