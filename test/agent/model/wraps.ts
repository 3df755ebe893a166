/** The middleware `tool` of the model test. */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type { CheckedCall, ToolOutcome } from "../../../src/agent/Middleware.js"
import * as Middleware from "../../../src/agent/Middleware.js"
import { Conversation } from "./conversation.js"
import type { Process } from "./trace.js"
import type { Case, Wrap } from "./world.js"

class Unwrapped extends Schema.TaggedError<Unwrapped>()("Unwrapped", { n: Schema.Number }) {}

type Next = (params: unknown) => Effect.Effect<ToolOutcome>

const number = Schema.decodeUnknownSync(Schema.Struct({ n: Schema.Number }))

/** The call of these parameters. */
export const callNumber = (params: unknown): number => number(params).n

/** Treats each call as the case says; undefined if it treats none. */
export const wraps = (world: Case, process: Process) => {
  const conversation = new Conversation(world.turns)
  const isNeeded = world.turns.some((turn) => turn.calls.some(({ wrap }) => wrap !== "nothing"))
  return isNeeded
    ? Middleware.make({
      tool: (call, next) => {
        const n = callNumber(call.params)
        return wrapped(conversation.callOf(n).wrap, n, process, call, next)
      }
    })
    : undefined
}

const wrapped = (
  wrap: Wrap,
  n: number,
  process: Process,
  { params }: CheckedCall,
  next: Next
): Effect.Effect<ToolOutcome, Unwrapped> => {
  switch (wrap) {
    case "nothing":
    case "blocks":
      return next(params)
    case "delays":
      return Effect.delay(next(params), 10).pipe(Effect.zipLeft(Effect.sleep(10)))
    case "changes":
      return Effect.map(
        next(params),
        (outcome) => outcome.status === "success" ? { ...outcome, output: JSON.stringify({ changed: n }) } : outcome
      )
    case "refuses":
      return Effect.succeed(Middleware.refuse("Not this one."))
    case "throws":
      if (process.failsFirst(n, "before")) throw new Error("not this one")
      return next(params)
    case "fails after":
      return Effect.tap(next(params), () => process.failsFirst(n, "after") ? new Unwrapped({ n }) : Effect.void)
    case "repeats":
      return Effect.zipRight(next(params), next(params))
  }
}
