/**
 * Tools of an MCP server, and an MCP server of one's own: an agent reads the files of this folder, and then asks a server that this
 * program starts.
 */
import { FetchHttpClient, HttpServer } from "@effect/platform"
import { NodeHttpServer, NodeRuntime } from "@effect/platform-node"
import { Console, Effect, Layer, Schema } from "effect"
import { Agent, StopWhen, Tool, Toolkit } from "effect-openrouter"
import { Mcp } from "effect-openrouter/mcp"
import { McpServer } from "effect-openrouter/mcp/server"
import { McpStdio } from "effect-openrouter/mcp/stdio"
import { Script } from "effect-openrouter/testing"
import { ScriptedServer } from "effect-openrouter/testing/server"
import { createServer } from "node:http"
import { fileURLToPath } from "node:url"

const folder = fileURLToPath(new URL(".", import.meta.url))

/** In a program of yours, `npx -y @modelcontextprotocol/server-filesystem` would start it. */
const files = McpStdio.make({
  command: process.execPath,
  args: [fileURLToPath(import.meta.resolve("@modelcontextprotocol/server-filesystem/dist/index.js")), folder]
})

const Count = Tool.make("count_words", {
  description: "Counts the words of a text.",
  parameters: Schema.Struct({ text: Schema.String }),
  success: Schema.Struct({ words: Schema.Number })
})
const words = Toolkit.make(Count)

const server = createServer()

const WordServer = HttpServer.serve(McpServer.handler(words, { name: "words", version: "1.0.0" })).pipe(
  Layer.provide(
    words.toLayer({ count_words: ({ text }) => Effect.succeed({ words: text.trim().split(/\s+/).length }) })
  ),
  Layer.provide(NodeHttpServer.layer(() => server, { port: 0, host: "127.0.0.1" }))
)

const program = Effect.gen(function*() {
  const read = yield* Mcp.connect({ name: "files", transport: files, include: ({ readOnly }) => readOnly })
  const address = server.address()
  const port = typeof address === "object" ? address?.port : undefined
  const count = yield* Mcp.connect({
    name: "words",
    transport: Mcp.http({ url: `http://127.0.0.1:${port}/mcp` }),
    // A server of one's own, which changes nothing
    requireApproval: () => false
  })
  const run = yield* Agent.run({
    model: "openai/gpt-5-mini",
    input: "How many words does the title of the page in browser/index.html have?",
    tools: Toolkit.merge(read.tools, count.tools),
    stopWhen: StopWhen.maxCost(0.5)
  })
  for (const { toolResults } of run.steps) {
    for (const { name, output } of toolResults) {
      yield* Console.log(`${name}: ${JSON.stringify(output).slice(0, 60)}`)
    }
  }
  yield* Console.log(run.text)
})

const turns = [
  Script.toolCall("files_read_text_file", { path: `${folder}browser/index.html`, head: 8 }),
  ({ json }: Script.RecordedRequest) => {
    const title = /<title>(.*?)<\/title>/.exec(JSON.stringify(json["input"]))?.[1] ?? ""
    return Script.toolCall("words_count_words", { text: title })
  },
  ({ json }: Script.RecordedRequest) => `It has ${/"words\\*":(\d+)/.exec(JSON.stringify(json["input"]))?.[1]} words.`
]

program.pipe(
  Effect.scoped,
  Effect.provide(WordServer),
  Effect.provide(Layer.provide(ScriptedServer.layerClient({ turns }), FetchHttpClient.layer)),
  NodeRuntime.runMain
)
