import type { HttpClientResponse } from "@effect/platform/HttpClientResponse"
import type { ConfigError } from "effect/ConfigError"
import type { Scope } from "effect/Scope"
import type { OpenRouterError } from "../OpenRouterError.js"
import type { RequestOptions } from "../requestOptions.js"
import type { ResponseInfo } from "../responseInfo.js"

/**
 * An answer whose status is good and whose body has not been read.
 *
 * @internal
 */
export interface Opened {
  readonly response: HttpClientResponse
  readonly info: ResponseInfo
  readonly options: RequestOptions
  readonly scrub: (text: string) => string
  /** What has been read of a body that is read as text. */
  readonly heard: Array<Uint8Array>
  readonly connection: Connection
}

/**
 * A connection is given up when its scope closes, unless the body was read to its end: then another call may have it.
 *
 * @internal
 */
export interface Connection {
  readonly scope: Scope
  ended: boolean
}

/** @internal */
export type KernelError = OpenRouterError | ConfigError
