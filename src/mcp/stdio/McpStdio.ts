/**
 * MCP servers that are programs. It needs Node.
 *
 * @since 0.1.0
 */
import { getDefaultEnvironment, StdioClientTransport } from "@modelcontextprotocol/client/stdio"
import type * as Redacted from "effect/Redacted"
import { texts, type Transport } from "../internal/transport.js"

/**
 * A server that is a program: it is started for the connection, and speaks over its input and output. It has the variables of
 * `env`, and of the surroundings only a few such as `PATH`.
 *
 * @since 0.1.0
 * @category transports
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { Agent } from "effect-openrouter"
 * import { Mcp } from "effect-openrouter/mcp"
 * import { McpStdio } from "effect-openrouter/mcp/stdio"
 *
 * const program = Effect.scoped(Effect.gen(function*() {
 *   const files = yield* Mcp.connect({
 *     name: "files",
 *     transport: McpStdio.make({ command: "npx", args: ["-y", "@modelcontextprotocol/server-filesystem", "./docs"] })
 *   })
 *   return yield* Agent.run({ model: "openai/gpt-5-nano", input: "What do the docs say?", tools: files.tools })
 * }))
 * ```
 */
export const make = (options: {
  readonly command: string
  readonly args?: ReadonlyArray<string> | undefined
  readonly env?: { readonly [name: string]: string | Redacted.Redacted } | undefined
  readonly cwd?: string | undefined
}): Transport => ({
  negotiates: false,
  make: () =>
    new StdioClientTransport({
      command: options.command,
      args: [...options.args ?? []],
      env: { ...getDefaultEnvironment(), ...texts(options.env ?? {}) },
      ...(options.cwd === undefined ? {} : { cwd: options.cwd })
    })
})
