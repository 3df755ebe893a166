/**
 * The record of a scripted model or a mock: the requests that it received, and how each response ended.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import { isObject } from "../../internal/json.js"
import { SharedParts } from "./sharedParts.js"

/**
 * The inference API that a request is for.
 *
 * @since 0.1.0
 * @category models
 */
export type Api = "chat" | "responses" | "messages" | "completions"

/**
 * One request as it arrived. The API key is never stored: `hasKey` tells whether one was sent.
 *
 * @since 0.1.0
 * @category models
 */
export interface RecordedRequest {
  /** The position among all the requests of this recording, from 0. */
  readonly index: number
  readonly method: string
  /** The path below the base URL, such as `/chat/completions`; the whole path when it is not below it. */
  readonly path: string
  /** Query parameters; a repeated one is a list. */
  readonly query: { readonly [name: string]: string | ReadonlyArray<string> }
  /** Header names in lower case, without those that contain secrets. */
  readonly headers: { readonly [name: string]: string }
  readonly hasKey: boolean
  /** The decoded JSON, the fields of a form, the text of anything else, or undefined without a body. */
  readonly body: unknown
  /** The same as `body` when it is a JSON object or a form, otherwise empty. */
  readonly json: { readonly [field: string]: unknown }
  readonly api: Api | undefined
  /** The model in the body. */
  readonly model: string | undefined
  /** Whether the body requests a stream. */
  readonly stream: boolean
}

/**
 * The number of responses by their end: `finished` were sent to their end (a scripted reset is an end too), the client
 * closed the connection of those that are `interrupted`, and `open` are still being sent.
 *
 * @since 0.1.0
 * @category models
 */
export interface ResponseCounts {
  readonly finished: number
  readonly interrupted: number
  readonly open: number
}

/**
 * The record of one scripted model, mock or server.
 *
 * @since 0.1.0
 * @category models
 */
export interface Recording {
  /** The requests so far, in order of arrival. */
  readonly requests: Effect.Effect<ReadonlyArray<RecordedRequest>>
  /** The number of responses by their end, so far. */
  readonly responses: Effect.Effect<ResponseCounts>
  /** The number of turns left in the script; infinite when the next turn repeats forever. */
  readonly remaining: Effect.Effect<number>
  /** Waits until `count` requests have arrived, and returns them. */
  readonly awaitRequests: (count: number) => Effect.Effect<ReadonlyArray<RecordedRequest>>
  /** Waits until the client has interrupted `count` responses. */
  readonly awaitInterrupted: (count: number) => Effect.Effect<void>
}

/**
 * The record that the responder writes and users read. It is written synchronously, because sockets and abort
 * signals report outside of effects.
 *
 * @internal
 */
export interface Recorder extends Recording {
  readonly add: (request: Omit<RecordedRequest, "index">) => RecordedRequest
  /** Counts a response as open; the first of the two calls decides how it ended. */
  readonly open: () => { readonly finished: () => void; readonly interrupted: () => void }
}

/** @internal */
export const makeRecorder = (remaining: () => number): Recorder => {
  const requests: Array<RecordedRequest> = []
  const shared = new SharedParts()
  const watchers = new Set<() => void>()
  let responses: ResponseCounts = { finished: 0, interrupted: 0, open: 0 }

  const changed = () => {
    for (const watch of Array.from(watchers)) watch()
  }

  const until = (reached: () => boolean): Effect.Effect<void> =>
    Effect.async((resume) => {
      const watch = () => {
        if (!reached()) return
        watchers.delete(watch)
        // After the request has been processed as far as it can be now: Effect 4 would continue the waiting fiber here
        queueMicrotask(() => resume(Effect.void))
      }
      watchers.add(watch)
      watch()
      return Effect.sync(() => watchers.delete(watch))
    })

  const recorded = Effect.sync(() => requests.slice())

  return {
    requests: recorded,
    responses: Effect.sync(() => responses),
    remaining: Effect.sync(remaining),
    awaitRequests: (count) => Effect.zipRight(until(() => requests.length >= count), recorded),
    awaitInterrupted: (count) => until(() => responses.interrupted >= count),
    add: (request) => {
      const body = shared.of(request.body)
      const added = { index: requests.length, ...request, body, json: isObject(body) ? body : request.json }
      requests.push(added)
      changed()
      return added
    },
    open: () => {
      let ended = false
      responses = { ...responses, open: responses.open + 1 }
      const end = (how: "finished" | "interrupted") => () => {
        if (ended) return
        ended = true
        responses = { ...responses, open: responses.open - 1, [how]: responses[how] + 1 }
        changed()
      }
      return { finished: end("finished"), interrupted: end("interrupted") }
    }
  }
}
