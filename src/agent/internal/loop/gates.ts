/** The gates between a response of the model and everything that receives it. */
import * as Effect from "effect/Effect"
import type { StreamEvents } from "../../../schema/ResponsesEvents.js"
import type { Middleware, ResponseGate } from "../../Middleware.js"
import type { RunError } from "../errors.js"
import { runCallback } from "../userCode.js"

/**
 * One gate of the gates of all middleware, for one response; undefined if no middleware has one. The response passes the
 * gate of the last middleware first.
 *
 * @internal
 */
export const openGates = (
  middleware: ReadonlyArray<Middleware>
): Effect.Effect<ResponseGate<RunError> | undefined, RunError, unknown> =>
  Effect.gen(function*() {
    let gates: ResponseGate<RunError> | undefined = undefined
    for (const { gate } of middleware.toReversed()) {
      if (gate === undefined) continue
      const opened: ResponseGate<RunError> = typed(yield* runCallback(name, () => Effect.succeed(gate())))
      gates = gates === undefined ? opened : behind(gates, opened)
    }
    return gates
  })

const name = "the middleware `gate`"

const typed = (gate: ResponseGate): ResponseGate<RunError> => ({
  events: (events) => runCallback(name, () => gate.events(events)),
  response: (response) => runCallback(name, () => gate.response(response))
})

/** What passes the first gate has to pass the second one. */
const behind = <E>(first: ResponseGate<E>, second: ResponseGate<E>): ResponseGate<E> => ({
  events: (events) => Effect.flatMap(first.events(events), second.events),
  response: (response) =>
    Effect.gen(function*() {
      const passed = yield* first.response(response)
      const events: ReadonlyArray<StreamEvents> = yield* second.events(passed.events)
      const last = yield* second.response(passed.response)
      return { ...last, events: [...events, ...last.events] }
    })
})
