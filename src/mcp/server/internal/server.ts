/** The server of the SDK, and how it calls tools. */
import { type CallToolResult, Server } from "@modelcontextprotocol/server"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Tool from "../../../agent/Tool.js"
import * as Toolkit from "../../../agent/Toolkit.js"
import { interruptNow, runForkHere } from "../../../internal/effect/fibers.js"
import { isObject, stringAt } from "../../../internal/json.js"
import { besideSpan } from "../../../internal/logs.js"
import type { JsonSchemaError } from "../../../schema/jsonSchema.js"
import { idempotencyMeta } from "../../internal/meta.js"
import { contentOf } from "./content.js"

interface Options<R> {
  readonly name: string
  readonly version: string
  readonly approve?: Toolkit.CallOptions<R>["approve"]
}

/**
 * Makes servers that offer these tools. Their calls have the services of the fiber that runs this.
 *
 * @internal
 */
export const makeServer = <T extends Tool.Any, R>(
  toolkit: Toolkit.Toolkit<T>,
  { approve, name, version }: Options<R>
): Effect.Effect<() => Server, JsonSchemaError, Tool.Requirements<T> | R> =>
  Effect.gen(function*() {
    const context = yield* Effect.context<Tool.Requirements<T> | R>()
    const run = yield* runForkHere
    const offered = Toolkit.callable(toolkit, approve !== undefined)
    const tools = yield* Effect.forEach(offered, (tool) =>
      Effect.map(Toolkit.jsonSchema(tool), (schema) => ({
        name: tool.name,
        ...(tool.description === undefined ? {} : { description: tool.description }),
        inputSchema: { ...schema, type: "object" as const }
      })))
    const call = (name: string, args: unknown, key: string | undefined, progress: (value: unknown) => void) =>
      Toolkit.call(toolkit, name, args, {
        ...(approve === undefined ? {} : { approve }),
        ...(key === undefined ? {} : { idempotencyKey: key }),
        progress: (value) => Effect.sync(() => progress(value))
      }).pipe(
        Effect.match({
          onFailure: ({ message }): CallToolResult => ({ isError: true, content: [{ type: "text", text: message }] }),
          onSuccess: ({ output, result }): CallToolResult => ({
            content: contentOf(output),
            ...(isObject(result) ? { structuredContent: { ...result } } : {})
          })
        }),
        // The text of a defect goes to the log, not to the client
        Effect.catchAllDefect((defect) =>
          Effect.as(
            besideSpan(Effect.logError(`The handler of the tool "${name}" died`, Cause.die(defect))),
            { isError: true, content: [{ type: "text" as const, text: "The tool failed unexpectedly." }] }
          )
        ),
        Effect.provide(context)
      )
    return () => {
      const server = new Server({ name, version }, { capabilities: { tools: {} } })
      server.setRequestHandler("tools/list", () => ({ tools }))
      server.setRequestHandler("tools/call", ({ params }, { mcpReq }) => {
        const token = mcpReq._meta?.progressToken
        let count = 0
        const progress = (value: unknown): void => {
          if (token === undefined) return
          const told = {
            progressToken: token,
            progress: ++count,
            message: stringAt(value, "message") ?? JSON.stringify(value)
          }
          mcpReq.notify({ method: "notifications/progress", params: told }).catch(() => undefined)
        }
        const key = stringAt(mcpReq._meta, idempotencyMeta)
        const fiber = run(call(params.name, params.arguments ?? {}, key, progress))
        mcpReq.signal.addEventListener("abort", () => interruptNow(fiber))
        return new Promise((resolve, reject) =>
          fiber.addObserver((exit) =>
            Exit.isSuccess(exit) ? resolve(exit.value) : reject(new Error("The tool failed unexpectedly."))
          )
        )
      })
      return server
    }
  })
