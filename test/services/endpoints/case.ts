/** What a case says of an operation: what it is called with, and what then has to be on the wire. */
import type { Row } from "../../../src/http/row.js"

export interface Case {
  readonly endpoint: Row & ((params: never) => unknown)
  readonly params: unknown
  /** Method, path below the API, and query, as they are written. */
  readonly request: string
  /** The JSON, or the fields of the form; none where there is no body. */
  readonly body: unknown
}

export const that = <P>(
  endpoint: Row & ((params: P) => unknown),
  params: NoInfer<P>,
  request: string,
  body?: unknown
): Case => ({ endpoint, params, request, body })
