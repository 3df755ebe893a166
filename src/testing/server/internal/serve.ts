import * as Effect from "effect/Effect"
import type { IncomingMessage, ServerResponse } from "node:http"
import { concat } from "../../../internal/bytes.js"
import { chatError } from "../../internal/errorBodies.js"
import type { Incoming } from "../../internal/incomingRequest.js"
import { once, type Segments } from "../../internal/networkChunks.js"
import type { PlannedResponse } from "../../internal/plannedResponse.js"
import type { Responder } from "../../internal/responder.js"
import { performWait } from "../../internal/scriptedClient.js"

/**
 * Responds to one request of a socket. When the client closes the connection, the rest is not sent.
 *
 * @internal
 */
export const serve = (responder: Responder, request: IncomingMessage, response: ServerResponse): Effect.Effect<void> =>
  Effect.raceFirst(respond(responder, request, response), gone(response))

const respond = Effect.fnUntraced(function*(responder: Responder, request: IncomingMessage, response: ServerResponse) {
  const plan = yield* responder.respond(yield* read(request)).pipe(
    Effect.catchAll((unanswered) => Effect.succeed(notImplemented(unanswered.message))),
    // when a turn or a handler throws, the client receives the error, because it would wait forever otherwise
    Effect.catchAllDefect((defect) => Effect.succeed(notImplemented(`The script threw: ${String(defect)}`)))
  )
  const ending = responder.recorder.open()
  yield* play(plan, response).pipe(
    Effect.tap(() => Effect.sync(ending.finished)),
    Effect.onInterrupt(() => Effect.sync(ending.interrupted))
  )
})

const gone = (response: ServerResponse): Effect.Effect<void> =>
  Effect.async((resume) => {
    const close = () => resume(Effect.void)
    response.once("close", close)
    return Effect.sync(() => response.off("close", close))
  })

const read = (request: IncomingMessage): Effect.Effect<Incoming> =>
  Effect.async((resume) => {
    const chunks: Array<Uint8Array> = []
    request.on("data", (chunk: Uint8Array) => chunks.push(chunk))
    request.on("end", () =>
      resume(Effect.succeed({
        method: request.method ?? "GET",
        url: new URL(request.url ?? "/", "http://127.0.0.1"),
        headers: Object.fromEntries(
          Object.entries(request.headers).map((
            [name, value]
          ) => [name, Array.isArray(value) ? value.join(", ") : value ?? ""])
        ),
        body: concat(chunks)
      })))
  })

const play = Effect.fnUntraced(function*(plan: PlannedResponse, response: ServerResponse) {
  if (plan.delay !== undefined) yield* performWait(plan.delay)
  if (plan._tag === "NoResponse") {
    return plan.how === "silent" ? yield* Effect.never : yield* reset(response)
  }
  response.writeHead(plan.status, plan.headers)
  response.flushHeaders()
  yield* send(plan.body, response)
})

const send = Effect.fnUntraced(function*(segments: Segments, response: ServerResponse) {
  let next = segments.next()
  while (next.done !== true) {
    yield* next.value._tag === "Wait" ? performWait(next.value) : write(response, next.value.bytes)
    next = segments.next()
  }
  switch (next.value) {
    case "end":
      return yield* end(response)
    case "stall":
      return yield* Effect.never
    case "reset":
      return yield* reset(response)
  }
})

/** One turn of the event loop for each chunk, so that the next one is a network write of its own. */
const write = (response: ServerResponse, bytes: Uint8Array): Effect.Effect<void> =>
  Effect.async((resume) => {
    response.write(bytes, () => setImmediate(() => resume(Effect.void)))
  })

const end = (response: ServerResponse): Effect.Effect<void> =>
  Effect.async((resume) => {
    response.end(() => resume(Effect.void))
  })

const reset = (response: ServerResponse): Effect.Effect<void> =>
  Effect.sync(() => {
    response.socket?.resetAndDestroy()
  })

const notImplemented = (message: string): PlannedResponse => ({
  _tag: "Response",
  delay: undefined,
  status: 501,
  headers: { "content-type": "application/json" },
  body: once(new TextEncoder().encode(JSON.stringify({ error: chatError(501, { message }) })), "end")
})
