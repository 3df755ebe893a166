/**
 * Models that go round in circles: how to see it, and a policy that tells them before a stop condition ends the run.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import type { ToolCallOutput } from "../schema/ResponsesItems.js"
import * as Repetition from "./internal/doomLoop.js"
import type { FunctionCall, Progress } from "./internal/run.js"
import { type CheckedCall, refuse, type ToolOutcome } from "./Middleware.js"

/**
 * The same text for calls that ask for the same: of one tool, with the same arguments. Neither the order of fields nor
 * how a number is written matters; arguments that are no JSON are compared as text.
 *
 * @since 0.1.0
 * @category getters
 */
export const fingerprint = (call: Pick<FunctionCall, "name" | "arguments">): string => Repetition.fingerprint(call)

/**
 * How many rounds at the end of a run made the same calls, in whatever order: 1 where the last one differs from that
 * before, 0 where it made none. Calls that a round makes twice count once.
 *
 * @since 0.1.0
 * @category getters
 */
export const consecutive = (run: Pick<Progress, "steps">): number => Repetition.consecutive(run)

/**
 * How many turns at the end of a run said the same: 0 where the last one said nothing.
 *
 * @since 0.1.0
 * @category getters
 */
export const consecutiveText = (run: Pick<Progress, "steps">): number => Repetition.consecutiveText(run)

/**
 * What a message to the model is about: `rounds` in a row made the same calls, this one among them. To `tell` is to add
 * the message to the output, to `block` is to give it in place of one.
 *
 * @since 0.1.0
 * @category models
 */
export interface Repeated {
  readonly action: "tell" | "block"
  readonly rounds: number
  readonly call: CheckedCall
}

/**
 * From which round of the same calls on the model is told, and from which on the calls are not carried out any more. What
 * is below 2 counts as 2, as one round repeats nothing; `Infinity` is never.
 *
 * @since 0.1.0
 * @category models
 */
export interface Options {
  /** Default 3: to try once more is no loop yet. */
  readonly tellAt?: number | undefined
  /** Default 5. */
  readonly blockAt?: number | undefined
  /** What the model is told, in place of our own words. */
  readonly message?: ((repeated: Repeated) => string) | undefined
}

/**
 * The middleware that {@link middleware} makes.
 *
 * @since 0.1.0
 * @category models
 */
export interface DoomLoopMiddleware {
  readonly tool: (
    call: CheckedCall,
    next: (params: unknown) => Effect.Effect<ToolOutcome>
  ) => Effect.Effect<ToolOutcome>
}

/**
 * Tells a model that it makes the same calls again and again, and at last refuses them. Only calls that could be carried
 * out are told about; `StopWhen.repeatedCalls` ends a run for any calls that repeat. For a tool that is there to be
 * polled, set both numbers higher.
 *
 * @since 0.1.0
 * @category middleware
 * @example
 * ```ts
 * import { Agent, DoomLoop, StopWhen } from "effect-openrouter"
 *
 * const program = Agent.run({
 *   model: "openai/gpt-5-nano",
 *   input: "Find the cause.",
 *   middleware: DoomLoop.middleware({ tellAt: 2, blockAt: 3 }),
 *   stopWhen: StopWhen.repeatedCalls(6)
 * })
 * ```
 */
export const middleware = (options: Options = {}): DoomLoopMiddleware => {
  const { blockAt = 5, message = ourMessage, tellAt = 3 } = options
  return {
    tool: (call, next) => {
      const rounds = Repetition.consecutive(call.run)
      if (rounds >= Math.max(2, blockAt)) return Effect.succeed(refuse(message({ action: "block", rounds, call })))
      if (!(rounds >= Math.max(2, tellAt))) return next(call.params)
      const note = message({ action: "tell", rounds, call })
      return Effect.map(
        next(call.params),
        (outcome) => outcome.status === "suspended" ? outcome : { ...outcome, output: withNote(outcome.output, note) }
      )
    }
  }
}

const ourMessage = ({ action, rounds }: Repeated): string => {
  const seen = `You made exactly the same tool calls ${rounds} times in a row`
  return action === "tell"
    ? `Note: ${seen}. If this is not what you need, do something else, or answer with what you have.`
    : `This call was not carried out. ${seen}: do something else, or answer with what you have.`
}

const withNote = (output: ToolCallOutput, note: string): ToolCallOutput =>
  typeof output === "string" ? `${output}\n\n${note}` : [...output, { type: "input_text", text: note }]
