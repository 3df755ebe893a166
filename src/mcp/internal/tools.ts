/** The tools of a server as tools of an agent. */
import type { CallToolResult } from "@modelcontextprotocol/client"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Tool from "../../agent/Tool.js"
import * as Toolkit from "../../agent/Toolkit.js"
import { runForkHere } from "../../internal/effect/fibers.js"
import type { Connection } from "./connection.js"
import { outputOf, valueOf } from "./content.js"
import type { McpError } from "./errors.js"
import { idempotencyMeta } from "./meta.js"
import type { McpLoginError } from "./oauth/errors.js"

/**
 * A tool as its server describes it. `readOnly` is the word of the server that it changes nothing.
 *
 * @since 0.1.0
 * @category models
 */
export interface ServerTool {
  readonly name: string
  readonly description: string | undefined
  readonly readOnly: boolean
}

/**
 * A tool of a server, as a tool of an agent: with its handler, and with a failure in plain words.
 *
 * @since 0.1.0
 * @category models
 */
export type McpTool = Tool.Tool<string, {
  readonly kind: "provided"
  readonly arguments: { readonly [key: string]: unknown }
  readonly params: { readonly [key: string]: unknown }
  readonly success: unknown
  readonly failure: string
  readonly progress: unknown
  readonly answer: unknown
  readonly error: never
  readonly requirements: never
}>

/** @internal */
export interface ToolOptions {
  readonly server: string
  readonly prefix: string
  readonly include: (tool: ServerTool) => boolean
  readonly requireApproval: (tool: ServerTool) => boolean
  readonly timeout: Duration.DurationInput
}

/**
 * The tools that the server has now.
 *
 * @internal
 */
export const toolkitOf = (
  connection: Connection,
  options: ToolOptions
): Effect.Effect<Toolkit.Toolkit<McpTool>, McpError | McpLoginError> =>
  Effect.gen(function*() {
    const { tools } = yield* connection.request(
      "list its tools",
      // Without a cursor, the SDK reads all pages
      (client, signal) => client.listTools(undefined, { signal }),
      true
    )
    const names = new Names()
    const all = tools.flatMap(({ annotations, description, inputSchema, name, title }) => {
      const described = { name, description: description ?? title, readOnly: annotations?.readOnlyHint === true }
      if (!options.include(described)) return []
      const tool = Tool.fromJsonSchema(names.next(`${options.prefix}${name}`), {
        ...(described.description === undefined ? {} : { description: described.description }),
        parameters: { ...inputSchema },
        failure: Schema.String,
        timeout: options.timeout,
        requireApproval: options.requireApproval(described),
        toModelOutput: outputOf
      })
      const isRepeatable = described.readOnly || annotations?.idempotentHint === true
      return [Toolkit.provide(Toolkit.make(tool), { [tool.name]: handlerOf(connection, name, isRepeatable) })]
    })
    return Toolkit.merge(...all)
  })

const handlerOf = (connection: Connection, name: string, isRepeatable: boolean) =>
(
  params: { readonly [key: string]: unknown },
  { idempotencyKey, progress }: Tool.ToolCall<unknown>
): Effect.Effect<unknown, string> =>
  Effect.gen(function*() {
    const run = yield* runForkHere
    const result = yield* connection.request(
      `execute ${name}`,
      (client, signal) =>
        client.callTool({ name, arguments: { ...params }, _meta: { [idempotencyMeta]: idempotencyKey } }, {
          signal,
          // The tool has a timeout of its own
          timeout: longest,
          resetTimeoutOnProgress: true,
          onprogress: (report) => {
            run(progress(report))
          }
        }),
      isRepeatable
    ).pipe(Effect.mapError(({ message }) => message))
    return yield* read(result)
  })

/** What a timer takes at most, in milliseconds. */
const longest = 2_147_483_647

const read = (result: CallToolResult): Effect.Effect<unknown, string> => {
  const value = valueOf(result)
  if (result.isError !== true) return Effect.succeed(value)
  const output = outputOf(value)
  return Effect.fail(typeof output === "string" ? output : JSON.stringify(output))
}

/** Names that models take: letters, digits, `_` and `-`, at most 64 of them, each name once. */
class Names {
  private readonly taken = new Set<string>()

  next(wanted: string): string {
    const base = wanted.replace(/[^a-zA-Z0-9_-]/g, "_").slice(0, 64)
    let name = base
    for (let count = 2; this.taken.has(name); count++) name = `${base.slice(0, 63 - `${count}`.length)}_${count}`
    this.taken.add(name)
    return name
  }
}
