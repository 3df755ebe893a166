/**
 * Files that requests can refer to.
 *
 * @since 0.1.0
 */

export type { FileContent } from "../schema/prelude.js"
export * from "./endpoints/Files.js"
