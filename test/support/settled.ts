/** Waits until every fiber is done, or waits for the clock or for another fiber. */
import * as Effect from "effect/Effect"

const after = (start: (go: () => void) => () => void): Effect.Effect<void> =>
  Effect.async((resume) => {
    const cancel = start(() => resume(Effect.void))
    return Effect.sync(cancel)
  })

const turn = after((go) => {
  const immediate = setImmediate(go)
  return () => clearImmediate(immediate)
})

const timer = after((go) => {
  const timeout = setTimeout(go, 0)
  return () => clearTimeout(timeout)
})

/**
 * Fibers of Effect 3 run in microtasks, and in a timer of their own after 2048 of them, so two timers fire after all of
 * them. Those of Effect 4 run in immediates, one turn of the loop for each fork, whatever the time is.
 */
export const settled: Effect.Effect<void> = Effect.repeat(
  Effect.zipRight(Effect.repeat(turn, { times: 15 }), timer),
  { times: 1 }
)
