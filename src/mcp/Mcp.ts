/**
 * A client of the Model Context Protocol: the tools of a server as tools of an agent. It needs the package
 * `@modelcontextprotocol/client`.
 *
 * @since 0.1.0
 */
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/client"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Redacted from "effect/Redacted"
import type * as Scope from "effect/Scope"
import type { Toolkit } from "../agent/Toolkit.js"
import { makeConnection } from "./internal/connection.js"
import type { McpError } from "./internal/errors.js"
import { loginError, type McpLoginError } from "./internal/oauth/errors.js"
import { finish } from "./internal/oauth/login.js"
import type { OAuth } from "./internal/oauth/options.js"
import { makeSecrets } from "./internal/oauth/secrets.js"
import { vaultOf } from "./internal/oauth/stored.js"
import { type McpTool, type ServerTool, toolkitOf } from "./internal/tools.js"
import { texts, type Transport } from "./internal/transport.js"

export { McpError } from "./internal/errors.js"
export { McpLoginError } from "./internal/oauth/errors.js"
export type { Client, Login, OAuth } from "./internal/oauth/options.js"
export type { McpTool, ServerTool } from "./internal/tools.js"
export type { Fetch, Transport } from "./internal/transport.js"

/**
 * Options of a connection.
 *
 * @since 0.1.0
 * @category models
 */
export interface Options {
  /** The name of the server. It stands in errors, and in front of the names of its tools. */
  readonly name: string
  readonly transport: Transport
  /** What stands in front of the names of the tools. Default: the name of the server, and `_`. */
  readonly prefix?: string | undefined
  /** The tools that the agent may have. Default: all. */
  readonly include?: ((tool: ServerTool) => boolean) | undefined
  /**
   * Whether a call waits for `approve` or `reject`. Default: if the server does not say that the tool is read-only. That is the
   * word of the server: decide yourself for one that you do not trust.
   */
  readonly requireApproval?: ((tool: ServerTool) => boolean) | undefined
  /** The time limit of a call. Default 10 minutes. */
  readonly timeout?: Duration.DurationInput | undefined
}

/**
 * A connection to a server.
 *
 * @since 0.1.0
 * @category models
 */
export interface Connection {
  /** The tools that the server had when it was connected, for `tools` of a run. */
  readonly tools: Toolkit<McpTool>
  /** The tools that it has now: they are listed again if the server said that they changed, or if the connection broke. */
  readonly latest: Effect.Effect<Toolkit<McpTool>, McpError | McpLoginError>
}

/**
 * Connects to a server, and lists its tools. Closing the scope closes the connection, and ends the process of a server that was
 * started for it. A connection that broke, or whose session the server forgot, is made again by the next call. A call that was under
 * way fails; it is repeated once if the server says that the tool is read-only or idempotent.
 *
 * A failure of the server becomes the output of the call, in its words, so the run goes on. Progress of the server is that of the call.
 * An interrupted call is cancelled on the server, too. The server finds the key of the call in `_meta`, as
 * `effect-openrouter/idempotencyKey`.
 *
 * Fails with `McpError` if the server cannot be reached or does not list its tools, and with `McpLoginError` if it asks for a login
 * that fails.
 *
 * @since 0.1.0
 * @category connecting
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { Agent } from "effect-openrouter"
 * import { Mcp } from "effect-openrouter/mcp"
 *
 * const program = Effect.scoped(Effect.gen(function*() {
 *   const docs = yield* Mcp.connect({ name: "docs", transport: Mcp.http({ url: "https://mcp.example.com/mcp" }) })
 *   return yield* Agent.run({ model: "openai/gpt-5-nano", input: "What do the docs say?", tools: docs.tools })
 * }))
 * ```
 */
export const connect = (options: Options): Effect.Effect<Connection, McpError | McpLoginError, Scope.Scope> =>
  Effect.gen(function*() {
    const connection = yield* makeConnection(options.name, options.transport)
    const list: Effect.Effect<Toolkit<McpTool>, McpError | McpLoginError> = toolkitOf(connection, {
      server: options.name,
      prefix: options.prefix ?? `${options.name}_`,
      include: options.include ?? (() => true),
      requireApproval: options.requireApproval ?? (({ readOnly }) => !readOnly),
      timeout: options.timeout ?? "10 minutes"
    })
    const tools = yield* list
    let known = { tools, changes: connection.changes() }
    const latest = Effect.flatMap(connection.ready, () => {
      const changes = connection.changes()
      if (changes === known.changes) return Effect.succeed(known.tools)
      return Effect.tap(list, (tools) =>
        Effect.sync(() => {
          known = { tools, changes }
        }))
    })
    return { tools, latest }
  })

/**
 * A server at an address, over streamable HTTP. For a server that is a program, see `McpStdio`. With `oauth`, the program logs in
 * when the server asks for it: tokens are kept in a store, sent, and refreshed.
 *
 * @since 0.1.0
 * @category transports
 * @example
 * ```ts
 * import { KeyValueStore } from "@effect/platform"
 * import { Console, Effect } from "effect"
 * import { Mcp } from "effect-openrouter/mcp"
 * import { OAuthLoopback } from "effect-openrouter/node"
 *
 * const program = Effect.scoped(Effect.gen(function*() {
 *   const store = yield* KeyValueStore.KeyValueStore
 *   const login = OAuthLoopback.redirect({ open: (url) => Console.log(`Open this page to log in:\n${url}`) })
 *   return yield* Mcp.connect({
 *     name: "issues",
 *     transport: Mcp.http({ url: "https://mcp.example.com/mcp", oauth: { store, login } })
 *   })
 * }))
 * ```
 */
export const http = (options: {
  readonly url: string
  readonly headers?: { readonly [name: string]: string | Redacted.Redacted } | undefined
  readonly oauth?: OAuth | undefined
}): Transport => ({
  negotiates: true,
  oauth: options.oauth === undefined ? undefined : { ...options.oauth, url: options.url },
  make: (fetch) =>
    new StreamableHTTPClientTransport(new URL(options.url), {
      requestInit: { headers: texts(options.headers ?? {}) },
      ...(fetch === undefined ? {} : { fetch })
    })
})

/**
 * Completes a login whose redirect came to another process than the one that began it, for example to another server of a web
 * application. `callback` is the URL of the redirect. The tokens are in the store then, so the next connection needs no login.
 *
 * @since 0.1.0
 * @category connecting
 */
export const completeLogin = (
  options: { readonly name: string; readonly url: string; readonly oauth: OAuth },
  callback: string
): Effect.Effect<void, McpLoginError> =>
  Effect.gen(function*() {
    const { name: server, oauth, url } = options
    const protectedBy = { ...oauth, url }
    const vault = vaultOf(server, protectedBy)
    const { pending } = yield* vault.load
    if (pending === undefined) {
      return yield* loginError(server, "failed", "no login was begun with this store. Connect first.")
    }
    yield* finish({ server, options: protectedBy, vault, secrets: makeSecrets() }, pending, callback)
  })
