/** How a client reaches its server. */
import type { Transport as SdkTransport } from "@modelcontextprotocol/client"
import * as Redacted from "effect/Redacted"
import type { Protected } from "./oauth/options.js"

/**
 * Sends the requests of a transport, with the token of a login.
 *
 * @since 0.1.0
 * @category models
 */
export type Fetch = (url: string | URL, init?: RequestInit) => Promise<Response>

/**
 * How to reach a server. Each connection needs a new transport of the SDK, which `make` returns.
 *
 * @since 0.1.0
 * @category models
 */
export interface Transport {
  /** `fetch` is there if `oauth` is. */
  readonly make: (fetch?: Fetch) => SdkTransport | Promise<SdkTransport>
  /**
   * Whether the first request asks for the newest version of the protocol. A process would start twice for it, and a server of
   * the time before would have to refuse it.
   */
  readonly negotiates: boolean
  /** The login at the server, if it asks for one. */
  readonly oauth?: Protected | undefined
}

/**
 * The texts of headers or variables, for the SDK.
 *
 * @internal
 */
export const texts = (values: { readonly [name: string]: string | Redacted.Redacted }): Record<string, string> =>
  Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, Redacted.isRedacted(value) ? Redacted.value(value) : value])
  )
