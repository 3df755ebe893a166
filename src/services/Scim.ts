/**
 * Groups of the identity provider and what they stand for.
 *
 * @since 0.1.0
 */

export * from "./endpoints/Scim.js"
