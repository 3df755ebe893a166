/** Servers over HTTP that forget their sessions, and that say that their tools changed. */
import { assert, describe, it } from "@effect/vitest"
import { NodeStreamableHTTPServerTransport, toNodeHandler } from "@modelcontextprotocol/node"
import { createMcpHandler, McpServer } from "@modelcontextprotocol/server"
import * as Effect from "effect/Effect"
import { randomUUID } from "node:crypto"
import type { RequestListener, ServerResponse } from "node:http"
import * as Agent from "../../src/agent/Agent.js"
import * as Mcp from "../../src/mcp/Mcp.js"
import * as Script from "../../src/testing/Script.js"
import * as TestModel from "../../src/testing/TestModel.js"
import { listening } from "./support/authorization.js"

const done = { content: [{ type: "text" as const, text: "done" }] }

/** A server with sessions. `forget` is what a restart does; `status` is how it answers unknown sessions. */
const withSessions = (status: 400 | 404) =>
  Effect.gen(function*() {
    const sessions = new Map<string, { readonly server: McpServer; readonly receive: RequestListener }>()
    const calls: Array<string> = []
    const streams: Array<ServerResponse> = []
    const make = async () => {
      const server = new McpServer({ name: "test", version: "1" }, { capabilities: { tools: { listChanged: true } } })
      const tool = (name: string, annotations: { readonly [hint: string]: boolean }): void => {
        server.registerTool(name, { annotations }, () => {
          calls.push(name)
          return done
        })
      }
      tool("read", { readOnlyHint: true })
      tool("replace", { readOnlyHint: false, idempotentHint: true })
      tool("append", { readOnlyHint: false })
      const transport = new NodeStreamableHTTPServerTransport({
        sessionIdGenerator: randomUUID,
        onsessioninitialized: (id) => void sessions.set(id, { server, receive })
      })
      await server.connect(transport)
      const receive: RequestListener = (request, response) => void transport.handleRequest(request, response)
      return receive
    }
    const origin = yield* listening((request, response) => {
      if (request.method === "GET") streams.push(response)
      const id = request.headers["mcp-session-id"]
      if (typeof id !== "string") return void make().then((receive) => receive(request, response))
      const session = sessions.get(id)
      if (session !== undefined) return session.receive(request, response)
      const error = { code: -32000, message: "Bad Request: No valid session ID provided" }
      response.writeHead(status, { "content-type": "application/json" })
        .end(JSON.stringify({ jsonrpc: "2.0", error, id: null }))
    })
    const { tools, latest } = yield* Mcp.connect({
      name: "s",
      transport: Mcp.http({ url: `${origin}/mcp` }),
      requireApproval: () => false
    })
    return { tools, latest, calls, sessions, streams }
  })

/** The output of a call without arguments. */
const outputOf = (tools: Mcp.Connection["tools"], name: string) =>
  Effect.map(
    Agent.run({ model: "m", input: "go", tools }),
    ({ items }) => items.flatMap((item) => item.type === "function_call_output" ? [`${item.output}`] : [])[0] ?? ""
  ).pipe(Effect.provide(TestModel.layer([Script.toolCall(name), "done"], { allowUnused: true })))

/** Lets the sockets work, which a loop of effects alone would not. */
const turn = Effect.promise(() => new Promise<void>((resolve) => setImmediate(resolve)))

const later = <A, E>(effect: Effect.Effect<A, E>) => Effect.zipRight(turn, effect)

describe("a session that the server forgot", { timeout: 30_000 }, () => {
  for (const status of [404, 400] as const) {
    it.scopedLive(`is made again after a ${status}; a call is repeated only if that is safe`, () =>
      Effect.gen(function*() {
        const { calls, sessions, tools } = yield* withSessions(status)
        assert.strictEqual(sessions.size, 1)
        sessions.clear()
        assert.include(yield* outputOf(tools, "s_append"), "could not execute append")
        assert.deepStrictEqual(calls, [])
        assert.strictEqual(yield* outputOf(tools, "s_append"), "done")
        for (const name of ["read", "replace"]) {
          sessions.clear()
          assert.strictEqual(yield* outputOf(tools, `s_${name}`), "done")
        }
        assert.deepStrictEqual(calls, ["append", "read", "replace"])
        assert.strictEqual(sessions.size, 1)
      }))
  }
})

describe("tools that change over HTTP", { timeout: 30_000 }, () => {
  const isNew = ({ name }: { readonly name: string }) => name === "s_new"

  it.scopedLive("are listed again within a session", () =>
    Effect.gen(function*() {
      const { latest, sessions, streams, tools } = yield* withSessions(404)
      assert.strictEqual(yield* latest, tools)
      // Before the client listens, the server has nobody to tell
      yield* Effect.repeat(later(Effect.sync(() => streams.some(({ headersSent }) => headersSent))), {
        until: (isSent) => isSent
      })
      for (const { server } of sessions.values()) server.registerTool("new", {}, () => done)
      const again = yield* Effect.repeat(later(latest), { until: (now) => now.tools.some(isNew) })
      assert.notStrictEqual(again, tools)
    }))

  it.scopedLive("are listed again without a session, whenever asked once nobody says so any more", () =>
    Effect.gen(function*() {
      const names = ["old"]
      const make = (): McpServer => {
        const server = new McpServer({ name: "test", version: "1" }, { capabilities: { tools: { listChanged: true } } })
        for (const name of names) server.registerTool(name, {}, () => done)
        return server
      }
      let handler = createMcpHandler(make)
      const origin = yield* listening((request, response) => {
        const { method = "", url = "" } = request
        void toNodeHandler(handler)(Object.assign(request, { method, url }), response)
      })
      const { latest, tools } = yield* Mcp.connect({ name: "s", transport: Mcp.http({ url: `${origin}/mcp` }) })
      assert.strictEqual(yield* latest, tools)
      names.push("new")
      handler.notify.toolsChanged()
      yield* Effect.repeat(later(latest), { until: (now) => now.tools.some(isNew) })
      // Another server behind the address: the stream of changes ends
      const before = handler
      handler = createMcpHandler(make)
      yield* Effect.promise(() => before.close())
      names.push("newest")
      yield* Effect.repeat(later(latest), { until: (now) => now.tools.some(({ name }) => name === "s_newest") })
    }))
})
