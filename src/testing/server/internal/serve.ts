import * as Effect from "effect/Effect"
import type { IncomingMessage, ServerResponse } from "node:http"
import { concat } from "../../../internal/bytes.js"
import { chatError } from "../../internal/errorBodies.js"
import type { Incoming } from "../../internal/incomingRequest.js"
import { once, type Segments } from "../../internal/networkChunks.js"
import type { NoReplyReason } from "../../internal/noReply.js"
import type { PlannedResponse } from "../../internal/plannedResponse.js"
import type { Responder } from "../../internal/responder.js"
import { performWait } from "../../internal/scriptedClient.js"
import { isUnsent } from "../../internal/socketErrors.js"
import { header } from "./unsent.js"

/**
 * Responds to one request of a socket. When the client closes the connection, the rest is not sent.
 *
 * @internal
 */
export const serve = (responder: Responder, request: IncomingMessage, response: ServerResponse): Effect.Effect<void> =>
  Effect.raceFirst(respond(responder, request, response), gone(response))

const respond = Effect.fnUntraced(function*(responder: Responder, request: IncomingMessage, response: ServerResponse) {
  const plan = yield* responder.respond(yield* read(responder, request)).pipe(
    Effect.catchAll((unanswered) => Effect.succeed(notImplemented(unanswered.message))),
    // when a turn or a handler throws, the client receives the error, because it would wait forever otherwise
    Effect.catchAllDefect((defect) => Effect.succeed(notImplemented(`The script threw: ${String(defect)}`)))
  )
  const ending = responder.recorder.open()
  yield* play(plan, response, request.headers[header] !== undefined).pipe(
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

const read = (responder: Responder, request: IncomingMessage): Effect.Effect<Incoming> => {
  const head = {
    method: request.method ?? "GET",
    url: new URL(request.url ?? "/", "http://127.0.0.1"),
    headers: Object.fromEntries(
      Object.entries(request.headers).filter(([name]) => name !== header).map((
        [name, value]
      ) => [name, Array.isArray(value) ? value.join(", ") : value ?? ""])
    )
  }
  return Effect.map(responder.breaksBeforeBody(head) ? Effect.succeed([]) : readBody(request), (chunks) => ({
    ...head,
    body: concat(chunks)
  }))
}

const readBody = (request: IncomingMessage): Effect.Effect<ReadonlyArray<Uint8Array>> =>
  Effect.async((resume) => {
    const chunks: Array<Uint8Array> = []
    request.on("data", (chunk: Uint8Array) => chunks.push(chunk))
    request.on("end", () => resume(Effect.succeed(chunks)))
  })

const play = Effect.fnUntraced(function*(plan: PlannedResponse, response: ServerResponse, canFail: boolean) {
  if (plan.delay !== undefined) yield* performWait(plan.delay)
  if (plan._tag === "NoResponse") {
    return yield* canFail && isUnsent(plan.how)
      ? end(response.writeHead(204, { [header]: plan.how }))
      : noReply(plan.how, response)
  }
  response.writeHead(plan.status, plan.headers)
  response.flushHeaders()
  yield* send(plan.body, response)
})

const noReply = (how: NoReplyReason, response: ServerResponse): Effect.Effect<void> => {
  switch (how) {
    case "silent":
      return Effect.never
    case "stallInHeaders":
      return Effect.zipRight(
        Effect.sync(() => response.socket?.write("HTTP/1.1 200 OK\r\ncontent-type: application/")),
        Effect.never
      )
    case "closeAfterRequest":
      return Effect.sync(() => {
        response.socket?.end()
      })
    default:
      return reset(response)
  }
}

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

/** A client that gets a reset together with the bytes before it may see an ordinary end instead, so it reads first. */
const reset = (response: ServerResponse): Effect.Effect<void> =>
  Effect.zipRight(
    Effect.repeat(eventLoopTurn, { times: 2 }),
    Effect.sync(() => {
      const { socket } = response
      if (socket === null) return
      // Node would end the socket before it resets it, and the client would see that end
      socket._final = (done) => done()
      socket.resetAndDestroy()
    })
  )

const eventLoopTurn: Effect.Effect<void> = Effect.async((resume) => {
  setImmediate(() => resume(Effect.void))
})

const notImplemented = (message: string): PlannedResponse => ({
  _tag: "Response",
  delay: undefined,
  status: 501,
  headers: { "content-type": "application/json" },
  body: once(new TextEncoder().encode(JSON.stringify({ error: chatError(501, { message }) })), "end")
})
