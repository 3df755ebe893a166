/**
 * Files that requests can refer to.
 *
 * @since 0.1.0
 */

export * from "./endpoints/Files.js"
