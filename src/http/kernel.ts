/** What a stream needs of the kernel: to make a call, and to read its body. */
export { type Ask, openBody, type Read, reading } from "./internal/body.js"
export { callable } from "./internal/callable.js"
export { toResponseError } from "./internal/errorBody.js"
export { execute } from "./internal/execute.js"
export type { KernelError, Opened } from "./internal/opened.js"
export { readJson } from "./internal/readBody.js"
export { failed, noting, spanName, spanOptions } from "./internal/telemetry.js"
