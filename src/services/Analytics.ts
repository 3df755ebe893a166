/**
 * How the account has used models: activity by day, and queries over its usage data.
 *
 * @since 0.1.0
 */

export * from "./endpoints/Analytics.js"
