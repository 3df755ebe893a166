/**
 * The files that models leave behind in their containers.
 *
 * @since 0.1.0
 */

export * from "./endpoints/Containers.js"
