import * as Headers from "@effect/platform/Headers"
import * as HttpClient from "@effect/platform/HttpClient"
import type { HttpClientRequest } from "@effect/platform/HttpClientRequest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import * as OpenRouterClient from "../../http/OpenRouterClient.js"
import { concat } from "../../internal/bytes.js"
import { collect, fromBatches } from "../../internal/effect/batches.js"
import { withoutConfig } from "../../internal/effect/config.js"
import {
  type BodyFailure,
  encodeFailure,
  type HttpFailure,
  transportFailure
} from "../../internal/effect/httpFailures.js"
import { StreamResponse } from "../../internal/effect/httpResponse.js"
import type { Ending } from "./bodyFrames.js"
import type { Wait } from "./connectionParts.js"
import type { Incoming } from "./incomingRequest.js"
import type { Segment, Segments } from "./networkChunks.js"
import type { Responder } from "./responder.js"
import { connectionReset, socketError } from "./socketErrors.js"

/** @internal */
export const performWait = (wait: Wait): Effect.Effect<unknown> =>
  Duration.isDuration(wait.until) ? Effect.sleep(wait.until) : wait.until

/**
 * An HttpClient whose responses come from the responder: no network, no timers but those of the Clock, no promises in a
 * body.
 *
 * @internal
 */
export const makeHttpClient = (responder: Responder): HttpClient.HttpClient =>
  HttpClient.make((request, url, signal) =>
    Effect.flatMap(
      incomingOf(request, url),
      (incoming) =>
        Effect.flatMap(Effect.catchAll(responder.respond(incoming), mistake), (plan) => {
          const record = responder.recorder.open()
          signal.addEventListener("abort", record.interrupted)
          const delay = plan.delay === undefined ? Effect.void : performWait(plan.delay)
          const respond = Effect.suspend(() => {
            if (plan._tag === "Response") {
              const body = (failure: (cause: unknown) => BodyFailure) => bodyOf(plan.body, record, failure)
              return Effect.succeed(new StreamResponse(request, plan.status, Headers.fromInput(plan.headers), body))
            }
            const cause = socketError(plan.how)
            return cause === undefined ? Effect.never : Effect.fail(transportFailure(request, cause))
          })
          return Effect.onExit(Effect.zipRight(delay, respond), (exit) =>
            Effect.sync(() => {
              if (Exit.isSuccess(exit)) return
              if (Exit.isInterrupted(exit)) record.interrupted()
              else record.finished()
            }))
        })
    )
  )

/** A request without a turn or a handler is a defect, so that code that handles failures does not hide it. */
const mistake = (unanswered: { readonly message: string }): Effect.Effect<never> =>
  Effect.die(new Error(unanswered.message))

type Next = Effect.Effect<ReadonlyArray<Uint8Array>, BodyFailure>

const bodyOf = (
  segments: Segments,
  record: { readonly finished: () => void; readonly interrupted: () => void },
  failure: (cause: unknown) => BodyFailure
): Stream.Stream<Uint8Array, BodyFailure> => {
  let buffered: IteratorResult<Segment, Ending> | undefined
  const next: Next = Effect.suspend((): Next => {
    const segment = buffered ?? segments.next()
    buffered = undefined
    if (segment.done === true) {
      if (segment.value === "stall") return Effect.never
      record.finished()
      return segment.value === "end"
        ? Effect.succeed([])
        : Effect.fail(failure(connectionReset()))
    }
    if (segment.value._tag === "Wait") return Effect.zipRight(performWait(segment.value), next)
    buffered = segments.next()
    // a server has finished a response when it has sent the last byte, even if the client does not read on
    if (buffered.done === true && buffered.value === "end") record.finished()
    return Effect.succeed([segment.value.bytes])
  })
  return Stream.ensuring(fromBatches(next), Effect.sync(record.interrupted))
}

const incomingOf = (
  request: HttpClientRequest,
  url: URL
): Effect.Effect<Incoming, HttpFailure> =>
  Effect.map(bytesOf(request), ({ bytes, type }) => ({
    method: request.method,
    url,
    headers: type === undefined ? request.headers : { ...request.headers, "content-type": type },
    body: bytes
  }))

interface Bytes {
  readonly bytes: Uint8Array
  readonly type?: string | undefined
}

const bytesOf = (request: HttpClientRequest): Effect.Effect<Bytes, HttpFailure> => {
  const unreadable = (cause: unknown) => encodeFailure(request, cause)
  const body = request.body
  switch (body._tag) {
    case "Empty":
      return Effect.succeed({ bytes: new Uint8Array(0) })
    case "Uint8Array":
      return Effect.succeed({ bytes: body.body })
    case "Raw":
      return Effect.succeed({
        bytes: body.body instanceof Uint8Array ? body.body : new TextEncoder().encode(String(body.body))
      })
    case "FormData": {
      const form = new Response(body.formData)
      return Effect.map(
        Effect.tryPromise({ try: () => form.arrayBuffer(), catch: unreadable }),
        (buffer) => ({ bytes: new Uint8Array(buffer), type: form.headers.get("content-type") ?? undefined })
      )
    }
    case "Stream":
      return Effect.map(
        Effect.mapError(collect(body.stream), unreadable),
        (pieces) => ({ bytes: concat(pieces) })
      )
  }
}

/**
 * The real client over a scripted HttpClient, with its own key. It ignores the environment of the test. Invalid options
 * are a defect, because they are a mistake of the test.
 *
 * @internal
 */
export const makeClient = (
  options: OpenRouterClient.Options
): Effect.Effect<OpenRouterClient.OpenRouterClient.Service, never, HttpClient.HttpClient> =>
  OpenRouterClient.make({ apiKey: Redacted.make("test-key"), ...options }).pipe(
    withoutConfig,
    Effect.orDie
  )
