/**
 * Rules on models, spending and content, and whom they apply to.
 *
 * @since 0.1.0
 */

export * from "./endpoints/Guardrails.js"
