/**
 * The members of the organization.
 *
 * @since 0.1.0
 */

export * from "./endpoints/Organization.js"
