/** A chat server on loopback, before a scripted OpenRouter. */
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as HttpServer from "@effect/platform/HttpServer"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schedule from "effect/Schedule"
import * as Schema from "effect/Schema"
import { createServer } from "node:http"
import * as Agent from "../../../src/agent/Agent.js"
import * as Conversation from "../../../src/agent/Conversation.js"
import * as Tool from "../../../src/agent/Tool.js"
import * as Toolkit from "../../../src/agent/Toolkit.js"
import type * as Script from "../../../src/testing/Script.js"
import * as ScriptedServer from "../../../src/testing/server/ScriptedServer.js"
import * as UiChat from "../../../src/ui/UiChat.js"
import type { Mount } from "../../support/effect/routers.js"

const Weather = Tool.make("weather", {
  parameters: Schema.Struct({ city: Schema.String }),
  success: Schema.Struct({ celsius: Schema.Number }),
  failure: Schema.Struct({ message: Schema.String }),
  progress: Schema.Struct({ done: Schema.Number })
})
const Pay = Tool.make("pay", {
  parameters: Schema.Struct({ eur: Schema.Number }),
  success: Schema.Struct({ receipt: Schema.String, at: Schema.Date }),
  requireApproval: true
})
const Ask = Tool.manual("ask", { parameters: Schema.Struct({ question: Schema.String }), success: Schema.String })

export const tools = Toolkit.make(Weather, Pay, Ask)

/** The payments, by the key of their call. */
export class Paid extends Context.Tag("test/ui/Paid")<Paid, Array<string>>() {}

export const ToolsLive = Layer.provideMerge(
  Layer.unwrapEffect(Effect.map(Paid, (paid) =>
    tools.toLayer({
      weather: ({ city }, { progress }) =>
        city === "Atlantis"
          ? Effect.fail({ message: "There is no such city." })
          : Effect.as(progress({ done: 50 }), { celsius: city.length }),
      pay: ({ eur }, { idempotencyKey }) =>
        Effect.sync(() => {
          paid.push(idempotencyKey)
          return { receipt: `r-${eur}`, at: new Date(0) }
        })
    }))),
  Layer.sync(Paid, () => [])
)

export const model = "m/m"

type Settings = Omit<Parameters<typeof UiChat.handler>[0], "run" | "conversation"> & {
  readonly retries?: number
  /** The runs and the conversations. Default: in memory. */
  readonly stores?: Layer.Layer<UiChat.LiveChats | Conversation.Conversation>
  /** How the server gets its chat. Default: it has nothing else. */
  readonly mount?: Mount
}

const inMemory = Layer.merge(UiChat.layer, Conversation.layerMemory)

/** Starts a server that closes with the scope. `openRouter` is the scripted OpenRouter behind it. */
export const startChat = (
  turns: Script.Script,
  { mount = HttpServer.serve, retries = 1, stores = inMemory, ...settings }: Settings = {}
) =>
  Effect.gen(function*() {
    const server = createServer()
    const chat = UiChat.handler({
      run: (options) => Agent.stream({ model, tools, retryTurn: Schedule.recurs(retries), ...options }),
      conversation: (id) => Effect.succeed(conversationOf(id)),
      stopUnreadAfter: "200 millis",
      ...settings
    })
    const openRouter = ScriptedServer.layerClient({ turns, allowUnused: true, client: { retry: false } })
    const context = yield* Layer.build(
      mount(chat).pipe(
        Layer.provide(NodeHttpServer.layer(() => server, { port: 0, host: "127.0.0.1" })),
        Layer.provideMerge(Layer.mergeAll(stores, ToolsLive, openRouter)),
        Layer.provide(FetchHttpClient.layer)
      )
    )
    const address = server.address()
    const port = typeof address === "object" && address !== null ? address.port : 0
    return {
      api: `http://127.0.0.1:${port}/api/chat`,
      openRouter: Context.get(context, ScriptedServer.ScriptedServer),
      paid: Context.get(context, Paid),
      log: (id: string) => Effect.provide(Conversation.load(conversationOf(id)), context)
    }
  })

/** A browser chooses the id of its chat, and the server the rest. */
export const conversationOf = (id: string): string => `user-17/${id}`
