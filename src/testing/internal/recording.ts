/**
 * What a scripted model or a mock has seen: the requests that reached it, and how each answer ended.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"

/**
 * The inference API that a request is for.
 *
 * @since 0.1.0
 * @category models
 */
export type Api = "chat" | "responses" | "messages" | "completions"

/**
 * One request as it arrived. The API key is never kept: `hasKey` says whether one was sent.
 *
 * @since 0.1.0
 * @category models
 */
export interface RecordedRequest {
  /** The position among all the requests of this recording, from 0. */
  readonly index: number
  readonly method: string
  /** The path below the base URL, such as `/chat/completions`; the whole path of what is elsewhere. */
  readonly path: string
  /** Query parameters; one that was given several times is a list. */
  readonly query: { readonly [name: string]: string | ReadonlyArray<string> }
  /** Header names in lower case, without those that carry secrets. */
  readonly headers: { readonly [name: string]: string }
  readonly hasKey: boolean
  /** The decoded JSON, the fields of a form, the text of anything else, or undefined where there was no body. */
  readonly body: unknown
  /** The same as `body` where that is a JSON object or a form, and empty otherwise. */
  readonly json: { readonly [field: string]: unknown }
  readonly api: Api | undefined
  /** The model that the body asks for. */
  readonly model: string | undefined
  /** Whether the body asks for a stream. */
  readonly stream: boolean
}

/**
 * How the answers ended, counted: `finished` were sent to their end (a scripted reset is an end too), `interrupted`
 * were given up by the client before that, `open` are still being sent.
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
  /** How the answers ended so far. */
  readonly responses: Effect.Effect<ResponseCounts>
  /** How many turns of the script are left; infinite once a turn that repeats for ever is next. */
  readonly remaining: Effect.Effect<number>
  /** Waits until that many requests have arrived, and gives them. */
  readonly awaitRequests: (count: number) => Effect.Effect<ReadonlyArray<RecordedRequest>>
  /** Waits until that many answers were given up by the client. */
  readonly awaitInterrupted: (count: number) => Effect.Effect<void>
}

/**
 * The record that the responder writes and users read. It is written synchronously, as sockets and abort signals report
 * what happens outside of any effect.
 *
 * @internal
 */
export interface Recorder extends Recording {
  readonly add: (request: Omit<RecordedRequest, "index">) => RecordedRequest
  /** Counts an answer as open; the first of the two calls decides how it ended. */
  readonly open: () => { readonly finished: () => void; readonly interrupted: () => void }
}

/** @internal */
export const makeRecorder = (remaining: () => number): Recorder => {
  const requests: Array<RecordedRequest> = []
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
        resume(Effect.void)
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
      const added = { index: requests.length, ...request }
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
