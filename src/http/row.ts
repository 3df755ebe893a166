/**
 * An endpoint as one row of data. The kernel, the test kit and the documentation read it.
 *
 * @since 0.1.0
 */
import type { Protocol } from "../response/protocol.js"
import type { Status } from "./OpenRouterError.js"

/**
 * Whether an endpoint requires the API key, accepts it, or must not receive it.
 *
 * @since 0.1.0
 * @category models
 */
export type Auth = "required" | "optional" | "none"

/**
 * One endpoint as data.
 *
 * @since 0.1.0
 * @category models
 */
export interface Row {
  readonly operationId: string
  /** `resource.method`, as in OpenRouter's own SDKs. */
  readonly name: string
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE"
  /** The path, with `{parameters}`. */
  readonly path: string
  /** The start of the path, relative to the base URL, such as `../alpha`. Default: the base URL itself. */
  readonly base?: string
  readonly query: ReadonlyArray<string>
  /** Lists in the query whose items are joined by commas. By default, the name is repeated for each item. */
  readonly joined?: ReadonlyArray<string>
  readonly body: "none" | "json" | "multipart" | "form"
  readonly success: "json" | "sse" | "binary" | "empty"
  readonly errors: ReadonlyArray<Status>
  readonly auth: Auth
  /** How a listing with pages continues. */
  readonly paging?: "offset" | "cursor"
  /** What the endpoint does in the vocabulary of the GenAI conventions (`gen_ai.operation.name`); inference only. */
  readonly operation?: "chat" | "embeddings" | "text_completion" | "generate_content"
  /** Whether a call costs money although it has no `operation`. A call that costs is not bought twice. */
  readonly paid?: boolean
  /**
   * Whether the same request may be sent twice. By default, GET, PUT, DELETE and calls that cost money are repeatable;
   * other writes are not.
   */
  readonly repeatable?: boolean
  /** How events add up to the response: of a stream, and of a body that is one though JSON was requested. */
  readonly protocol?: Protocol<unknown, unknown>
}

/**
 * Whether a call of an endpoint costs money.
 *
 * @internal
 */
export const isPaid = (row: Row): boolean => row.operation !== undefined || row.paid === true

/**
 * The URL that the path of a row is appended to.
 *
 * @internal
 */
export const baseUrlOfRow = (row: Row, baseUrl: string): string =>
  row.base === undefined ? baseUrl : new URL(row.base, `${baseUrl}/`).href

/** @internal */
export const pathPlaceholder = /\{(\w+)\}/g

/** @internal */
export const pathParameters = (path: string): ReadonlyArray<string> =>
  Array.from(path.matchAll(pathPlaceholder), (match) => match[1] ?? "")
