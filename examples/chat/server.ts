/**
 * A chat with an agent: the server of the page in this folder. `npx tsx examples/chat/serve.ts` starts it with a scripted
 * model and no network.
 */
import { HttpServer, HttpServerRequest, HttpServerResponse } from "@effect/platform"
import { NodeHttpServer } from "@effect/platform-node"
import { Effect, Layer, Schema } from "effect"
import { Agent, Conversation, StopWhen, Tool, Toolkit } from "effect-openrouter"
import { UiChat } from "effect-openrouter/ui"
import { build } from "esbuild"
import { readFile } from "node:fs/promises"
import { createServer } from "node:http"
import { fileURLToPath } from "node:url"

const FindOrder = Tool.make("find_order", {
  description: "Finds an order of the customer.",
  parameters: Schema.Struct({ number: Schema.String }),
  success: Schema.Struct({ item: Schema.String, price: Schema.Number }),
  failure: Schema.String
})

const Refund = Tool.make("refund", {
  description: "Pays money back.",
  parameters: Schema.Struct({ order: Schema.String, amount: Schema.Number }),
  success: Schema.Struct({ receipt: Schema.String }),
  requireApproval: true
})

const tools = Toolkit.make(FindOrder, Refund)

const ToolsLive = tools.toLayer({
  find_order: ({ number }) =>
    number === "1001" ? Effect.succeed({ item: "A lamp", price: 49 }) : Effect.fail("There is no such order."),
  refund: ({ order }, { idempotencyKey }) =>
    Effect.as(Effect.log(`refund ${idempotencyKey}`), { receipt: `R-${order}` })
})

/** A real server knows its user from the request, for example from a cookie. */
const currentUser = Effect.succeed("user-17")

const chat = UiChat.handler({
  run: (options) =>
    Agent.stream({
      model: "openai/gpt-5-mini",
      instructions: "You help customers of a shop. Look up an order before you refund it.",
      tools,
      stopWhen: StopWhen.maxCost(0.5),
      ...options
    }),
  conversation: (id) => Effect.map(currentUser, (user) => `${user}/${id}`),
  protocol: 7
})

const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url))

const script = Effect.promise(() =>
  build({
    entryPoints: [here("page.tsx")],
    bundle: true,
    minify: true,
    format: "esm",
    jsx: "automatic",
    target: "es2022",
    define: { "process.env.NODE_ENV": "\"production\"" },
    write: false
  })
)

const page = Effect.promise(() => readFile(here("index.html"), "utf8"))

/** The page, its script, and the chat under any other path. */
const app = Effect.map(
  Effect.all([page, script]),
  ([html, { outputFiles: [bundle] }]) =>
    Effect.flatMap(HttpServerRequest.HttpServerRequest, ({ url }) => {
      if (url === "/") return Effect.succeed(HttpServerResponse.text(html, { contentType: "text/html" }))
      if (url !== "/page.js") return chat
      return Effect.succeed(HttpServerResponse.text(bundle?.text ?? "", { contentType: "text/javascript" }))
    })
)

/** The server needs an `OpenRouterClient`. */
export const layer = (port: number) =>
  Layer.unwrapEffect(Effect.map(app, (app) => HttpServer.serve(app))).pipe(
    Layer.provideMerge(NodeHttpServer.layer(createServer, { port, host: "127.0.0.1" })),
    Layer.provide([ToolsLive, UiChat.layer, Conversation.layerMemory])
  )
