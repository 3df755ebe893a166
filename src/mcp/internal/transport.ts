/** How a client reaches its server. */
import type { Transport as SdkTransport } from "@modelcontextprotocol/client"
import * as Redacted from "effect/Redacted"

/**
 * How to reach a server. Each connection needs a new transport of the SDK, which `make` returns.
 *
 * @since 0.1.0
 * @category models
 */
export interface Transport {
  readonly make: () => SdkTransport | Promise<SdkTransport>
  /**
   * Whether the first request asks for the newest version of the protocol. A process would start twice for it, and a server of
   * the time before would have to refuse it.
   */
  readonly negotiates: boolean
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
