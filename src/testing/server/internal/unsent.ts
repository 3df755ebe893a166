import type * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as Effect from "effect/Effect"
import * as Net from "node:net"
import { flatMapResponse } from "../../../internal/effect/httpClient.js"
import { type HttpFailure, transportFailure } from "../../../internal/effect/httpFailures.js"
import { socketError, unsent } from "../../internal/socketErrors.js"

/**
 * The header of requests whose client can make connections fail that a server cannot: a server that could refuse the
 * connection would not know of the request. The response has the same header, with the reason.
 *
 * @internal
 */
export const header = "x-effect-openrouter-scripted"

/**
 * A client that fails instead of returning such a response: it connects to where nothing listens, so that the error is
 * the one that this client reports.
 *
 * @internal
 */
export const failingUnsent = (client: HttpClient.HttpClient): HttpClient.HttpClient =>
  flatMapResponse(client, (response) => {
    const how = unsent.find((how) => how === response.headers[header])
    return how === undefined ? Effect.succeed(response) : fail(client, response.request, how)
  })

const fail = (
  client: HttpClient.HttpClient,
  request: HttpClientRequest.HttpClientRequest,
  how: typeof unsent[number]
): Effect.Effect<never, HttpFailure> =>
  how === "connectTimeout"
    // no address on every machine lets a client wait
    ? Effect.fail(transportFailure(request, socketError(how)))
    : Effect.flatMap(how === "unreachable" ? closedPort : Effect.succeed(noHost), (address) =>
      Effect.zipRight(
        client.execute(HttpClientRequest.get(`http://${address}/`)),
        Effect.die(
          new Error(`ScriptedServer: there is a server at ${address}, where none should be. Run the test again.`)
        )
      ))

/** A label of more than 63 letters is no name, so no resolver is asked for it. */
const noHost = `${"unresolved".repeat(7)}.invalid`

/** An address of this machine that nothing listens at. */
const closedPort: Effect.Effect<string> = Effect.async((resume) => {
  const server = Net.createServer()
  server.listen(0, "127.0.0.1", () => {
    const address = server.address()
    const port = typeof address === "object" && address !== null ? address.port : 0
    server.close(() => resume(Effect.succeed(`127.0.0.1:${port}`)))
  })
})
