/** Tools as an MCP server, for the clients of this library and of the SDK. */
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import * as HttpServer from "@effect/platform/HttpServer"
import { assert, describe, it } from "@effect/vitest"
import { Client, InMemoryTransport, StreamableHTTPClientTransport } from "@modelcontextprotocol/client"
import * as Cause from "effect/Cause"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import { createServer } from "node:http"
import * as Tool from "../../../src/agent/Tool.js"
import * as Toolkit from "../../../src/agent/Toolkit.js"
import * as McpServer from "../../../src/mcp/server/McpServer.js"
import { logsInto } from "../../support/effect/logs.js"

const Add = Tool.make("add", {
  description: "Adds.",
  parameters: Schema.Struct({ a: Schema.Number, b: Schema.optional(Schema.Number) }),
  success: Schema.Struct({ sum: Schema.Number }),
  progress: Schema.Struct({ message: Schema.String })
})
const Fail = Tool.make("fail", { failure: Schema.Struct({ message: Schema.String }) })
const Wipe = Tool.make("wipe", { requireApproval: true, success: Schema.String })
const Hang = Tool.make("hang")
const tools = Toolkit.make(Add, Fail, Wipe, Hang, Tool.server({ type: "openrouter:web_search" }))

const served = (options: Pick<McpServer.Options<never>, "approve"> = {}) =>
  Effect.gen(function*() {
    const started = yield* Deferred.make<void>()
    const interrupted = yield* Deferred.make<void>()
    const keys: Array<string> = []
    const live = tools.toLayer({
      add: ({ a, b = 0 }, call) =>
        Effect.map(call.progress({ message: "half" }), () => {
          keys.push(call.idempotencyKey)
          return { sum: a + b }
        }),
      fail: () => Effect.fail({ message: "It is dark." }),
      wipe: () => Effect.succeed("wiped"),
      hang: () =>
        Effect.onInterrupt(
          Effect.zipRight(Deferred.succeed(started, undefined), Effect.never),
          () => Effect.asVoid(Deferred.succeed(interrupted, undefined))
        )
    })
    const server = createServer()
    const handler = McpServer.handler(tools, { name: "test", version: "1", ...options })
    yield* Layer.build(
      HttpServer.serve(handler).pipe(
        Layer.provide(NodeHttpServer.layer(() => server, { port: 0, host: "127.0.0.1" })),
        Layer.provide(live)
      )
    )
    const address = server.address()
    const port = typeof address === "object" && address !== null ? address.port : 0
    const client = new Client({ name: "client", version: "1" }, { versionNegotiation: { mode: "auto" } })
    yield* Effect.acquireRelease(
      Effect.promise(() => client.connect(new StreamableHTTPClientTransport(new URL(`http://127.0.0.1:${port}/mcp`)))),
      () => Effect.promise(() => client.close())
    )
    return { client, interrupted, keys, started }
  })

const textOf = ({ content }: { readonly content: ReadonlyArray<object> }): unknown =>
  Reflect.get(content[0] ?? {}, "text")

describe("a toolkit as an MCP server", { timeout: 30_000 }, () => {
  it.scopedLive("lists its tools, with the schemas as they are", () =>
    Effect.gen(function*() {
      const { client } = yield* served()
      const { tools } = yield* Effect.promise(() => client.listTools())
      assert.deepStrictEqual(tools.map(({ name }) => name), ["add", "fail", "hang"])
      assert.deepInclude(tools[0], { description: "Adds." })
      assert.deepStrictEqual(tools[0]?.inputSchema.required, ["a"])
    }))

  it.scopedLive("calls them, and says what failed in plain words", () =>
    Effect.gen(function*() {
      const { client, keys } = yield* served()
      const reports: Array<unknown> = []
      const call = (name: string, args = {}) =>
        Effect.promise(() =>
          client.callTool({ name, arguments: args, _meta: { "effect-openrouter/idempotencyKey": "key" } }, {
            onprogress: (report) => {
              reports.push(report)
            }
          })
        )
      const sum = yield* call("add", { a: 1, b: 2 })
      assert.deepStrictEqual(sum.structuredContent, { sum: 3 })
      assert.deepStrictEqual(keys, ["key"])
      const invalid = yield* call("add", { a: "x" })
      assert.isTrue(invalid.isError)
      assert.match(`${textOf(invalid)}`, /^The arguments do not fit: a/)
      assert.strictEqual(textOf(yield* call("fail")), "It is dark.")
      assert.match(`${textOf(yield* call("none"))}`, /^There is no tool "none"/)
      assert.strictEqual(textOf(yield* call("wipe")), "This call is not allowed.")
    }))

  it.scopedLive("offers tools that need an approval to those who decide", () =>
    Effect.gen(function*() {
      const asked: Array<unknown> = []
      const { client } = yield* served({
        approve: (_, { name }) =>
          Effect.sync(() => {
            asked.push(name)
            return true
          })
      })
      const { tools } = yield* Effect.promise(() => client.listTools())
      assert.isTrue(tools.some(({ name }) => name === "wipe"))
      assert.strictEqual(textOf(yield* Effect.promise(() => client.callTool({ name: "wipe" }))), "wiped")
      assert.deepStrictEqual(asked, ["wipe"])
    }))

  it.scopedLive("interrupts the handler of a call that its client cancels", () =>
    Effect.gen(function*() {
      const { client, interrupted, started } = yield* served()
      const controller = new AbortController()
      const going = client.callTool({ name: "hang" }, { signal: controller.signal })
      yield* Deferred.await(started)
      controller.abort()
      yield* Effect.promise(() => going.catch(() => undefined))
      yield* Deferred.await(interrupted)
    }))

  it.scopedLive("serves one client over any transport", () =>
    Effect.gen(function*() {
      const [ours, theirs] = InMemoryTransport.createLinkedPair()
      yield* McpServer.serve(tools, { name: "test", version: "1", transport: () => ours })
      const client = new Client({ name: "client", version: "1" })
      yield* Effect.promise(() => client.connect(theirs))
      const sum = yield* Effect.promise(() => client.callTool({ name: "add", arguments: { a: 1 } }))
      assert.deepStrictEqual(sum.structuredContent, { sum: 1 })
    }).pipe(Effect.provide(tools.toLayer({
      add: ({ a, b = 0 }) => Effect.succeed({ sum: a + b }),
      fail: () => Effect.fail({ message: "" }),
      wipe: () => Effect.succeed(""),
      hang: () => Effect.void
    }))))

  it.scopedLive("logs the defect of a handler, and hides it from the client", () =>
    Effect.gen(function*() {
      const [ours, theirs] = InMemoryTransport.createLinkedPair()
      const logged: Array<string> = []
      const dies = Toolkit.make(Tool.make("dies"))
      yield* McpServer.serve(dies, { name: "test", version: "1", transport: () => ours }).pipe(
        Effect.provide(dies.toLayer({ dies: () => Effect.die(new Error("the secret row")) })),
        Effect.provide(logsInto(({ cause, message }) => logged.push(`${message} ${Cause.pretty(cause)}`)))
      )
      const client = new Client({ name: "client", version: "1" })
      yield* Effect.promise(() => client.connect(theirs))
      const result = yield* Effect.promise(() => client.callTool({ name: "dies" }))
      assert.isTrue(result.isError)
      assert.strictEqual(textOf(result), "The tool failed unexpectedly.")
      assert.lengthOf(logged, 1)
      assert.include(logged[0], "The handler of the tool \"dies\" died")
      assert.include(logged[0], "the secret row")
    }))

  it.scopedLive("fails with a typed error if its transport cannot be started", () =>
    Effect.gen(function*() {
      const empty = Toolkit.make()
      const [started] = InMemoryTransport.createLinkedPair()
      started.start = () => Promise.reject(new Error("no input"))
      for (
        const transport of [() => started, () => {
          throw new Error("no input")
        }]
      ) {
        const error = yield* Effect.flip(McpServer.serve(empty, { name: "test", version: "1", transport }))
        assert.strictEqual(error._tag, "McpError")
        assert.include(error.message, "could not serve its client (no input)")
      }
    }))
})
