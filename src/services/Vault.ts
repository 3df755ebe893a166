/**
 * Secrets for interns: stored here, given to the hosts that they are for, and never shown again.
 *
 * @since 0.1.0
 */

export * from "./endpoints/Vault.js"
