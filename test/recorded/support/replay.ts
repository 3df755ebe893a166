/** A real server on this machine that answers as OpenRouter once did. */
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Http from "node:http"
import * as OpenRouterClient from "../../../src/http/OpenRouterClient.js"
import { listen } from "../../http/support/listen.js"

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly pieces: ReadonlyArray<Uint8Array>
}

export interface Asked {
  readonly method: string
  readonly url: string
  readonly contentType: string
  readonly body: string
}

export class Replay extends Context.Tag("test/Replay")<Replay, {
  /** Answers the next request, which is then the last of `asked`. */
  readonly answerNext: (answer: Answer) => void
  readonly asked: () => Asked | undefined
  readonly origin: string
}>() {}

const ofTheConnection = new Set([
  "connection",
  "keep-alive",
  "transfer-encoding",
  "te",
  "trailer",
  "upgrade",
  "proxy-connection",
  "content-length",
  // The bodies were stored decoded
  "content-encoding"
])

const serve = Effect.gen(function*() {
  let next: Answer | undefined
  let asked: Asked | undefined
  const server = Http.createServer((request, response) => {
    const read: Array<Buffer> = []
    request.on("data", (piece: Buffer) => read.push(piece))
    request.on("end", () => {
      asked = {
        method: request.method ?? "",
        url: request.url ?? "",
        contentType: request.headers["content-type"] ?? "",
        body: Buffer.concat(read).toString("utf8")
      }
      const answer = next ?? { status: 599, headers: {}, pieces: [] }
      next = undefined
      response.statusCode = answer.status
      for (const [name, value] of Object.entries(answer.headers)) {
        if (!ofTheConnection.has(name)) response.setHeader(name, value)
      }
      // What is written at once is joined on its way; two turns of the loop let the client read each piece on its own
      const send = (next: number): void => {
        const piece = answer.pieces[next]
        if (piece === undefined) {
          response.end()
          return
        }
        response.write(piece)
        setImmediate(() => setImmediate(() => send(next + 1)))
      }
      send(0)
    })
  })
  const port = yield* listen(server, () => server.closeAllConnections())
  return Replay.of({
    answerNext: (answer) => {
      next = answer
      asked = undefined
    },
    asked: () => asked,
    origin: `http://127.0.0.1:${port}`
  })
})

export const layer = Layer.scoped(Replay, serve)

/** The client as an application has it, with the server in OpenRouter's place. */
export const client = Layer.unwrapEffect(
  Effect.map(
    Replay,
    ({ origin }) =>
      OpenRouterClient.layer({ apiKey: Redacted.make("sk-test"), baseUrl: `${origin}/api/v1`, retry: false })
  )
).pipe(Layer.provide(FetchHttpClient.layer), Layer.provideMerge(layer))
