/** An `HttpClient` without a network: it responds from a script and records the requests and their times. */
import * as HttpClient from "@effect/platform/HttpClient"
import type * as HttpClientError from "@effect/platform/HttpClientError"
import type { HttpClientRequest } from "@effect/platform/HttpClientRequest"
import * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as OpenRouterClient from "../../../src/http/OpenRouterClient.js"
import { transportFailure } from "../../../src/internal/effect/httpFailures.js"
import { variables as provided } from "../../support/effect/variables.js"

export interface SentRequest {
  readonly method: string
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | undefined
  /** Milliseconds of the clock. */
  readonly at: number
}

/** Handles a request: with a response, by breaking the connection, or later. */
export type Responder = (request: HttpClientRequest) => Effect.Effect<Response, HttpClientError.HttpClientError>

export const respond =
  (status: number, body?: unknown, headers: Readonly<Record<string, string>> = {}): Responder => () =>
    Effect.sync(() =>
      new Response(body === undefined ? null : typeof body === "string" ? body : JSON.stringify(body), {
        status,
        headers
      })
    )

/** A connection that breaks before there is a response. */
export const broken = (code: string, message = "it broke"): Responder => (request) =>
  Effect.fail(
    transportFailure(
      request,
      Object.assign(new TypeError("fetch failed"), { cause: Object.assign(new Error(message), { code }) })
    )
  )

/** A response whose body breaks after some text. */
export const cutOff = (status: number, text: string, headers: Readonly<Record<string, string>> = {}): Responder => () =>
  Effect.sync(() => {
    const pieces = [new TextEncoder().encode(text)]
    const body = new ReadableStream<Uint8Array>({
      pull: (controller) => {
        const piece = pieces.shift()
        if (piece === undefined) controller.error(Object.assign(new Error("terminated"), { code: "UND_ERR_SOCKET" }))
        else controller.enqueue(piece)
      }
    })
    return new Response(body, { status, headers })
  })

export interface Memory {
  readonly client: HttpClient.HttpClient
  readonly requests: Array<SentRequest>
}

/** Uses the responders in order, and the last one again for all further requests. */
export const memory = (...responders: ReadonlyArray<Responder>): Memory => {
  const requests: Array<SentRequest> = []
  const client = HttpClient.make((request, url) =>
    Effect.gen(function*() {
      const at = yield* Clock.currentTimeMillis
      const next = responders[Math.min(requests.length, responders.length - 1)] ?? respond(200, {})
      requests.push({
        method: request.method,
        url: url.toString(),
        headers: { ...request.headers },
        body: bodyOf(request),
        at
      })
      return HttpClientResponse.fromWeb(request, yield* next(request))
    })
  )
  return { client, requests }
}

const bodyOf = ({ body }: HttpClientRequest): SentRequest["body"] =>
  body._tag === "Uint8Array" ? new TextDecoder().decode(body.body) : undefined

export const key = Redacted.make("sk-or-v1-0123456789abcdef")

/** Environment variables of the test's own, so that those of the machine play no part. */
export const environment = (variables: Readonly<Record<string, string>> = {}): Layer.Layer<never> => provided(variables)

export const over = (
  { client }: Memory,
  options: OpenRouterClient.Options = {},
  variables: Readonly<Record<string, string>> = {}
) =>
  OpenRouterClient.layer({ apiKey: key, ...options }).pipe(
    Layer.provide(Layer.succeed(HttpClient.HttpClient, client)),
    Layer.provide(environment(variables))
  )
