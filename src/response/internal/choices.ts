import { isObject, type JsonObject } from "../../internal/json.js"
import { bareError, errorInChoices } from "../findError.js"
import type { Completeness } from "../protocol.js"
import { type Draft, setField } from "./fields.js"

/**
 * The error of a chunk with choices: its own, or that of a choice.
 *
 * @internal
 */
export const errorOfChunk = (chunk: unknown): unknown => {
  if (!isObject(chunk)) return undefined
  const { choices, error } = chunk
  if (isObject(error) || error === true || typeof error === "string" && error !== "") return chunk
  return Array.isArray(choices) ? errorInChoices(chunk) : bareError(chunk)
}

/**
 * How far a response of choices has come. Each choice has a finish reason, and the usage comes last: after it no output
 * follows. A response that has only usage may be an empty one, and then the end of the stream decides.
 *
 * @internal
 */
export const completenessOf = (
  choices: ReadonlyArray<{ readonly finished: boolean }>,
  known: {
    readonly count: number
    readonly usage: boolean
    readonly usageIsLast: boolean
    readonly ended: boolean
    readonly hasOutput: () => boolean
  }
): Completeness => {
  const finished = choices.filter((choice) => choice.finished).length
  if (finished === choices.length && finished >= known.count) return known.usage || known.ended ? "settled" : "whole"
  const isEnd = known.ended ? finished > 0 || known.usage : known.usageIsLast && known.hasOutput()
  return isEnd ? "settled" : "open"
}

/**
 * Adds the lists of log probabilities of a chunk to those before it.
 *
 * @internal
 */
export const addLogprobs = (logprobs: Draft, added: JsonObject): void => {
  for (const key in added) {
    const known = logprobs[key]
    const more = added[key]
    if (!Array.isArray(more)) setField(logprobs, key, more)
    else if (!Array.isArray(known)) logprobs[key] = [...more]
    else for (const one of more) known.push(one)
  }
}

/**
 * The index of a choice. Upstreams that send one choice omit it.
 *
 * @internal
 */
export const indexOf = (choice: JsonObject): number => typeof choice["index"] === "number" ? choice["index"] : 0

/**
 * The error of an event in a stream whose events have types: an event of type `error`, or an event without a type that
 * has only the fields of an error.
 *
 * @internal
 */
export const typedError = (event: unknown): unknown => {
  if (!isObject(event)) return undefined
  const { type } = event
  return type === "error" ? event : type === undefined ? bareError(event) : undefined
}
