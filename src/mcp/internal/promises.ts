/** Effects for the SDK, which awaits promises. */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { runForkHere } from "../../internal/effect/fibers.js"

/**
 * Runs effects with the context of the fiber that made this function. A failure rejects with the error itself.
 *
 * @internal
 */
export const promiseHere: Effect.Effect<<A, E>(effect: Effect.Effect<A, E>) => Promise<A>> = Effect.map(
  runForkHere,
  (run) => <A, E>(effect: Effect.Effect<A, E>) =>
    new Promise<{ readonly value: A }>((resolve, reject) => {
      const answered = Effect.match(effect, { onFailure: reject, onSuccess: (value) => resolve({ value }) })
      run(answered).addObserver((exit) => {
        if (Exit.isFailure(exit)) reject(new Error("the store of the tokens died"))
      })
    }).then(({ value }) => value)
)
