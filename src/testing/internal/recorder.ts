import * as Effect from "effect/Effect"
import type { Answers, RecordedRequest, Recording } from "./recording.js"

/**
 * The record that the engine writes and users read. It is written synchronously, as sockets and abort signals report
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
  let answers: Answers = { finished: 0, interrupted: 0, open: 0 }

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
    answers: Effect.sync(() => answers),
    remaining: Effect.sync(remaining),
    awaitRequests: (count) => Effect.zipRight(until(() => requests.length >= count), recorded),
    awaitInterrupted: (count) => until(() => answers.interrupted >= count),
    add: (request) => {
      const added = { index: requests.length, ...request }
      requests.push(added)
      changed()
      return added
    },
    open: () => {
      let ended = false
      answers = { ...answers, open: answers.open + 1 }
      const end = (how: "finished" | "interrupted") => () => {
        if (ended) return
        ended = true
        answers = { ...answers, open: answers.open - 1, [how]: answers[how] + 1 }
        changed()
      }
      return { finished: end("finished"), interrupted: end("interrupted") }
    }
  }
}
