/** How to tell that a model goes round in circles. */
import { isObject, parseJson } from "../../internal/json.js"
import type { FunctionCall, Progress, Step } from "./run.js"

type Call = Pick<FunctionCall, "name" | "arguments">

const known = new WeakMap<Call, string>()

/** @internal */
export const fingerprint = (call: Call): string => {
  const found = known.get(call)
  if (found !== undefined) return found
  const made = `${call.name}(${argumentsOf(call.arguments)})`
  known.set(call, made)
  return made
}

const argumentsOf = (text: string): string => {
  if (text.trim() === "") return "{}"
  const parsed = isDeep(text) ? undefined : parseJson(text)
  return parsed === undefined ? text : canonical(parsed.value)
}

/** More brackets than anybody means, and perhaps more than the stack can take. */
const isDeep = (text: string): boolean => {
  let depth = 0
  for (const character of text) {
    if (character === "[" || character === "{") depth++
    if (character === "]" || character === "}") depth--
    if (depth > 500) return true
  }
  return false
}

const canonical = (value: unknown): string => {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`
  if (!isObject(value)) return JSON.stringify(value)
  const fields = Object.keys(value).toSorted().map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`)
  return `{${fields.join(",")}}`
}

/** @internal */
export const consecutive = (run: Pick<Progress, "steps">): number => streak(run.steps, roundOf)

/** @internal */
export const consecutiveText = (run: Pick<Progress, "steps">): number => streak(run.steps, (step) => step.text.trim())

/** How many steps at the end have the same key; an empty one counts as none. */
const streak = (steps: ReadonlyArray<Step>, keyOf: (step: Step) => string): number => {
  const last = steps.at(-1)
  const key = last === undefined ? "" : keyOf(last)
  return key === "" ? 0 : steps.length - 1 - steps.findLastIndex((step) => keyOf(step) !== key)
}

const roundOf = ({ toolCalls }: Step): string =>
  toolCalls.length === 0 ? "" : JSON.stringify([...new Set(toolCalls.map(fingerprint))].toSorted())
