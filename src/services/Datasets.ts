/**
 * Public figures about the use of models and apps.
 *
 * @since 0.1.0
 */

export * from "./endpoints/Datasets.js"
