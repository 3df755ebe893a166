/**
 * Workspaces with their members and budgets.
 *
 * @since 0.1.0
 */

export * from "./endpoints/Workspaces.js"
