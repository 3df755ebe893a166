/**
 * Models that repeat the same calls: how to detect it, and a middleware that warns the model before a stop condition
 * ends the run.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import { isObject } from "../internal/json.js"
import { decimal, LongNumber, parseExactJson } from "../internal/longNumbers.js"
import type { ToolCallOutput } from "../schema/ResponsesItems.js"
import { isTooDeep } from "./internal/arguments.js"
import type { FunctionCall, Progress, Step } from "./internal/run.js"
import { type CheckedCall, refuse, type ToolOutcome } from "./Middleware.js"

type Call = Pick<FunctionCall, "name" | "argumentsText">

const fingerprints = new WeakMap<Call, string>()

/**
 * A text that is equal for equal calls: of one tool, with the same arguments. Neither the order of fields nor the
 * notation of numbers matters; arguments that are not JSON are compared as text.
 *
 * @since 0.1.0
 * @category getters
 */
export const fingerprint = (call: Pick<FunctionCall, "name" | "argumentsText">): string => {
  const found = fingerprints.get(call)
  if (found !== undefined) return found
  const made = `${call.name}(${normalizeArguments(call.argumentsText)})`
  fingerprints.set(call, made)
  return made
}

const normalizeArguments = (text: string): string => {
  if (text.trim() === "") return "{}"
  const parsed = isTooDeep(text) ? undefined : parseExactJson(text)
  return parsed === undefined ? text : normalize(parsed.value)
}

const normalize = (value: unknown): string => {
  if (value instanceof LongNumber) return value.number === undefined ? decimal(value.text) : String(value.number)
  if (Array.isArray(value)) return `[${value.map(normalize).join(",")}]`
  if (!isObject(value)) return JSON.stringify(value)
  const fields = Object.keys(value).toSorted().map((key) => `${JSON.stringify(key)}:${normalize(value[key])}`)
  return `{${fields.join(",")}}`
}

/**
 * The number of turns at the end of a run that made the same calls, in any order: 1 if the last turn differs from the
 * one before, 0 if it made no calls. Equal calls of one turn count once.
 *
 * @since 0.1.0
 * @category getters
 */
export const consecutive = (run: Pick<Progress, "steps">): number => countRepeats(run.steps, callsOf)

/**
 * The number of turns at the end of a run that had the same text: 0 if the last turn had no text.
 *
 * @since 0.1.0
 * @category getters
 */
export const consecutiveText = (run: Pick<Progress, "steps">): number =>
  countRepeats(run.steps, (step) => step.text.trim())

/** The number of steps at the end that have the same key; 0 if the key is empty. */
const countRepeats = (steps: ReadonlyArray<Step>, keyOf: (step: Step) => string): number => {
  const last = steps.at(-1)
  const key = last === undefined ? "" : keyOf(last)
  return key === "" ? 0 : steps.length - 1 - steps.findLastIndex((step) => keyOf(step) !== key)
}

const callsOf = ({ toolCalls }: Step): string =>
  toolCalls.length === 0 ? "" : JSON.stringify([...new Set(toolCalls.map(fingerprint))].toSorted())

/**
 * What a message to the model is about: `turns` in a row made the same calls, `call` among them. The action `warn` adds
 * the message to the output of the call; `block` sends it in place of the output.
 *
 * @since 0.1.0
 * @category models
 */
export interface Repeated {
  readonly action: "warn" | "block"
  readonly turns: number
  readonly call: CheckedCall
}

/**
 * How many turns with the same calls it takes until the model receives a warning, and until the calls are blocked.
 * Numbers below 2 count as 2, because a single turn repeats nothing; `Infinity` disables an action.
 *
 * @since 0.1.0
 * @category models
 */
export interface Options {
  /** Default 3, because a second try is normal. */
  readonly warnAt?: number | undefined
  /** Default 5. */
  readonly blockAt?: number | undefined
  /** The text for the model. The default says how often it made the same calls. */
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
 * Warns a model that makes the same calls again and again, and then blocks these calls. Only calls that would execute
 * are counted here; `StopWhen.repeatedCalls` ends a run for any repeated calls. For a tool that the model polls, use
 * higher numbers.
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
 *   middleware: DoomLoop.middleware({ warnAt: 2, blockAt: 3 }),
 *   stopWhen: StopWhen.repeatedCalls(6)
 * })
 * ```
 */
export const middleware = (options: Options = {}): DoomLoopMiddleware => {
  const { blockAt = 5, message = defaultMessage, warnAt = 3 } = options
  return {
    tool: (call, next) => {
      const turns = consecutive(call.run)
      if (turns >= Math.max(2, blockAt)) return Effect.succeed(refuse(message({ action: "block", turns, call })))
      if (!(turns >= Math.max(2, warnAt))) return next(call.params)
      const warning = message({ action: "warn", turns, call })
      return Effect.map(
        next(call.params),
        (outcome) =>
          outcome.status === "suspended" ? outcome : { ...outcome, output: withWarning(outcome.output, warning) }
      )
    }
  }
}

const defaultMessage = ({ action, turns }: Repeated): string => {
  const repeated = `You made exactly the same tool calls ${turns} times in a row`
  return action === "warn"
    ? `Note: ${repeated}. If this is not what you need, do something else, or answer with what you have.`
    : `This call was not carried out. ${repeated}: do something else, or answer with what you have.`
}

const withWarning = (output: ToolCallOutput, warning: string): ToolCallOutput =>
  typeof output === "string" ? `${output}\n\n${warning}` : [...output, { type: "input_text", text: warning }]
