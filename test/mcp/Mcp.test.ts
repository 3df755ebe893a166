/** Tools of real MCP servers: those of npm, and one of today's SDK, over both transports. */
import { assert, describe, it } from "@effect/vitest"
import { toNodeHandler } from "@modelcontextprotocol/node"
import { createMcpHandler } from "@modelcontextprotocol/server"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import { spawn } from "node:child_process"
import { mkdtempSync, writeFileSync } from "node:fs"
import { createServer } from "node:http"
import { createRequire } from "node:module"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import * as Agent from "../../src/agent/Agent.js"
import type * as AgentStream from "../../src/agent/AgentStream.js"
import type * as Tool from "../../src/agent/Tool.js"
import * as Toolkit from "../../src/agent/Toolkit.js"
import { collect } from "../../src/internal/effect/batches.js"
import * as Mcp from "../../src/mcp/Mcp.js"
import * as McpStdio from "../../src/mcp/stdio/McpStdio.js"
import * as Script from "../../src/testing/Script.js"
import * as TestModel from "../../src/testing/TestModel.js"
import { makeServer } from "./support/server.js"

const require = createRequire(import.meta.url)

const program = (module: string, ...args: ReadonlyArray<string>): Mcp.Transport =>
  McpStdio.make({ command: process.execPath, args: [require.resolve(module), ...args] })

const everything = "@modelcontextprotocol/server-everything/dist/index.js"

const own = (): Mcp.Transport =>
  McpStdio.make({
    command: process.execPath,
    args: ["--import", "tsx", fileURLToPath(new URL("./support/stdioServer.ts", import.meta.url))]
  })

type Event = AgentStream.AgentEvent<Tool.Any, unknown>

/** The events of a run whose model makes these calls at once. */
const eventsOf = (tools: Mcp.Connection["tools"], ...calls: ReadonlyArray<Script.Part>) =>
  Effect.map(
    collect(Agent.stream({ model: "m", input: "go", tools })),
    (events: ReadonlyArray<Event>) => events
  ).pipe(Effect.provide(TestModel.layer([[...calls], "done"], { allowUnused: true })))

/** The outputs, in the order of the calls. */
const outputsOf = (events: ReadonlyArray<Event>) =>
  events.flatMap((event) => event.type === "run.end" ? event.run.items : []).flatMap((item) =>
    item.type === "function_call_output" ? [item.output] : []
  )

/** A server of today's SDK over streamable HTTP. */
const served = (seen: Parameters<typeof makeServer>[0]) =>
  Effect.gen(function*() {
    const headers: Array<string | undefined> = []
    const handler = toNodeHandler(createMcpHandler(() => makeServer(seen)))
    const server = createServer((request, response) => {
      headers.push(request.headers.authorization)
      // The types of the SDK do not know that both may be undefined in other messages
      const { method = "", url = "" } = request
      void handler(Object.assign(request, { method, url }), response)
    })
    yield* Effect.acquireRelease(
      Effect.async<void>((resume) => {
        server.listen(0, "127.0.0.1", () => resume(Effect.void))
      }),
      () =>
        Effect.sync(() => {
          server.closeAllConnections()
          server.close()
        })
    )
    const address = server.address()
    const port = typeof address === "object" && address !== null ? address.port : 0
    return { url: `http://127.0.0.1:${port}/mcp`, headers }
  })

const silent = { cancelled: () => undefined, key: () => undefined }

const transports = [
  { name: "stdio", transport: Effect.sync(own) },
  { name: "streamable HTTP", transport: Effect.map(served(silent), ({ url }) => Mcp.http({ url })) }
]

for (const { name, transport } of transports) {
  describe(`tools of an MCP server over ${name}`, { timeout: 60_000 }, () => {
    const connected = (options: Partial<Mcp.Options> = {}) =>
      Effect.flatMap(transport, (transport) => Mcp.connect({ name: "s", transport, ...options }))

    it.scopedLive("have names that models take, and ask before they change something", () =>
      Effect.gen(function*() {
        const { tools } = yield* connected({ include: ({ name }) => name !== "die" })
        assert.deepStrictEqual(tools.tools.map(({ name }) => name), [
          "s_add",
          "s_shot",
          "s_bad",
          "s_wipe",
          "s_dotted_name",
          "s_dotted_name_2",
          "s_grow",
          "s_slow"
        ])
        const events = yield* eventsOf(tools, Script.toolCall("s_wipe"))
        const end = events.at(-1)
        assert.strictEqual(end?.type === "run.end" ? end.run.outcome._tag : "", "awaiting_approval")
      }))

    it.scopedLive("return texts, structured content, images and files, and failures in their words", () =>
      Effect.gen(function*() {
        const { tools } = yield* connected()
        const events = yield* eventsOf(
          tools,
          Script.toolCall("s_add", { a: 1, b: 2 }),
          Script.toolCall("s_shot"),
          Script.toolCall("s_bad"),
          Script.toolCall("s_add", { a: "x" }),
          Script.toolCall("s_dotted_name_2")
        )
        const [sum, shot, bad, invalid, odd] = outputsOf(events)
        assert.strictEqual(sum, "{\"sum\":3}")
        assert.deepStrictEqual<unknown>(shot, [
          { type: "input_text", text: "here" },
          { type: "input_image", image_url: "data:image/png;base64,iVBORw0KGgo=", detail: "auto" },
          { type: "input_text", text: "A!" },
          { type: "input_file", filename: "b.bin", file_data: "data:application/octet-stream;base64,AAAA" },
          { type: "input_text", text: "c: file:///c.txt" }
        ])
        assert.include(`${bad}`, "no such row")
        assert.match(`${invalid}`, /a|number|invalid/i)
        assert.strictEqual(odd, "odd too")
        const successes = events.flatMap((event) =>
          event.type === "tool.result" && event.status === "success" ? [event.result] : []
        )
        assert.deepInclude(successes, { sum: 3 })
      }))

    it.scopedLive("report progress", () =>
      Effect.gen(function*() {
        const { tools } = yield* connected({ timeout: "500 millis" })
        const events = yield* eventsOf(tools, Script.toolCall("s_slow"))
        const reports = events.flatMap((event) => event.type === "tool.preliminary_result" ? [event.result] : [])
        assert.deepStrictEqual(reports.map((report) => Reflect.get(Object(report), "progress")), [1, 2, 3])
        assert.include(`${outputsOf(events)[0]}`, "took longer than 500ms")
      }))

    it.scopedLive("are listed again when they changed", () =>
      Effect.gen(function*() {
        const { latest, tools } = yield* connected()
        assert.strictEqual(yield* latest, tools)
        yield* eventsOf(tools, Script.toolCall("s_grow"))
        // A server over HTTP is made for each request, so its new tool is gone
        if (name !== "stdio") return
        const again = yield* Effect.repeat(latest, { until: (now) => now !== tools })
        assert.isTrue(again.tools.some((tool) => tool.name === "s_new"))
      }))
  })
}

describe("a connection to an MCP server", { timeout: 60_000 }, () => {
  it.scopedLive("cancels a call on the server that is interrupted", () =>
    Effect.gen(function*() {
      const cancelled = yield* Deferred.make<void>()
      const { url } = yield* served({
        ...silent,
        cancelled: () => {
          Deferred.unsafeDone(cancelled, Effect.void)
        }
      })
      const { tools } = yield* Mcp.connect({ name: "s", transport: Mcp.http({ url }) })
      // A reader that stops interrupts the run
      yield* Agent.stream({ model: "m", input: "go", tools }).pipe(
        Stream.takeUntil(({ type }) => type === "tool.preliminary_result"),
        Stream.runDrain,
        Effect.provide(TestModel.layer([Script.toolCall("s_slow"), "done"], { allowUnused: true }))
      )
      yield* Deferred.await(cancelled)
    }))

  it.scopedLive("is made again after the process of the server died", () =>
    Effect.gen(function*() {
      const { tools } = yield* Mcp.connect({ name: "s", transport: own() })
      const events = yield* eventsOf(tools, Script.toolCall("s_die"))
      assert.include(`${outputsOf(events)[0]}`, "could not execute die")
      assert.deepStrictEqual(outputsOf(yield* eventsOf(tools, Script.toolCall("s_add", { a: 1, b: 1 }))), [
        "{\"sum\":2}"
      ])
    }))

  it.scopedLive("sends headers and the key of the call, and says what failed without them", () =>
    Effect.gen(function*() {
      const keys: Array<unknown> = []
      const { headers, url } = yield* served({ ...silent, key: (key) => keys.push(key) })
      const authorization = Redacted.make("Bearer secret")
      const { tools } = yield* Mcp.connect({ name: "s", transport: Mcp.http({ url, headers: { authorization } }) })
      yield* eventsOf(tools, Script.toolCall("s_add", { a: 1, b: 1 }))
      assert.isTrue(headers.every((header) => header === "Bearer secret"))
      assert.match(`${keys[0]}`, /\//)
      const nobody = Mcp.http({ url: "http://127.0.0.1:9/mcp", headers: { authorization } })
      const error = yield* Effect.flip(Mcp.connect({ name: "nobody", transport: nobody }))
      assert.include(error.message, "the server \"nobody\" could not be connected")
      assert.notInclude(JSON.stringify(error), "secret")
    }))
})

describe("the servers of npm", { timeout: 60_000 }, () => {
  it.scopedLive("everything-server, over its input and output", () =>
    Effect.gen(function*() {
      const { tools } = yield* Mcp.connect({ name: "all", transport: program(everything, "stdio") })
      const outputs = outputsOf(
        yield* eventsOf(
          tools,
          Script.toolCall("all_echo", { message: "hi" }),
          Script.toolCall("all_get-structured-content", { location: "Chicago" }),
          Script.toolCall("all_get-tiny-image")
        )
      )
      assert.include(`${outputs[0]}`, "hi")
      assert.include(`${outputs[1]}`, "\"humidity\":82")
      assert.isTrue(Array.isArray(outputs[2]) && outputs[2].some(({ type }) => type === "input_image"))
    }))

  it.scopedLive("everything-server, over streamable HTTP", () =>
    Effect.gen(function*() {
      const port = 20_000 + process.pid % 20_000
      const child = yield* Effect.acquireRelease(
        Effect.sync(() =>
          spawn(process.execPath, [require.resolve(everything), "streamableHttp"], {
            env: { ...process.env, PORT: `${port}` },
            stdio: ["ignore", "ignore", "pipe"]
          })
        ),
        (child) => Effect.sync(() => child.kill())
      )
      yield* Effect.async<void>((resume) => {
        child.stderr.on("data", (data) => `${data}`.includes("listening") && resume(Effect.void))
      })
      const { tools } = yield* Mcp.connect({
        name: "all",
        transport: Mcp.http({ url: `http://127.0.0.1:${port}/mcp` })
      })
      assert.deepStrictEqual(
        outputsOf(yield* eventsOf(tools, Script.toolCall("all_get-sum", { a: 1, b: 2 }))).map((output) =>
          `${output}`.includes("3")
        ),
        [true]
      )
    }))

  it.scopedLive("filesystem-server and memory-server, in one run", () =>
    Effect.gen(function*() {
      const folder = mkdtempSync(join(tmpdir(), "mcp-"))
      writeFileSync(join(folder, "a.txt"), "from the file")
      const files = yield* Mcp.connect({
        name: "files",
        transport: program("@modelcontextprotocol/server-filesystem/dist/index.js", folder)
      })
      const memory = yield* Mcp.connect({
        name: "memory",
        transport: McpStdio.make({
          command: process.execPath,
          args: [require.resolve("@modelcontextprotocol/server-memory/dist/index.js")],
          env: { MEMORY_FILE_PATH: join(folder, "memory.jsonl") }
        }),
        requireApproval: () => false
      })
      const outputs = outputsOf(
        yield* eventsOf(
          Toolkit.merge(files.tools, memory.tools),
          Script.toolCall("files_read_text_file", { path: join(folder, "a.txt") }),
          Script.toolCall("memory_create_entities", {
            entities: [{ name: "Ada", entityType: "person", observations: ["wrote the first program"] }]
          })
        )
      )
      assert.include(`${outputs[0]}`, "from the file")
      assert.include(`${outputs[1]}`, "Ada")
    }))
})
