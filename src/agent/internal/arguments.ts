/** The arguments of calls. A model writes them, so no number of them is rounded, and JSON text in a text is read again. */
import * as Effect from "effect/Effect"
import { withReasonOfDigits } from "../../internal/effect/schemaIssues.js"
import { parseExactJson, parseUnrounded } from "../../internal/longNumbers.js"
import type { Issue } from "../../schema/guard.js"
import type * as JsonSchema from "../../schema/jsonSchema.js"

/**
 * Parses the arguments of a call. No text means no arguments. Numbers that would be rounded keep their digits, for the
 * schema of the tool.
 *
 * @internal
 */
export const parseArguments = (text: string): { readonly value: unknown } | undefined =>
  parseExactJson(text.trim() === "" ? "{}" : text)

/**
 * The arguments of a call as plain data, whatever they are; `{}` if they are not JSON. Who decides about a call sees these.
 *
 * @internal
 */
export const shownArguments = (text: string): unknown => parseUnrounded(text)?.value ?? {}

/**
 * The arguments of a call as plain data; undefined if they are not JSON, or nested too deeply to be written as JSON again.
 *
 * @internal
 */
export const plainArguments = (text: string): unknown =>
  text.trim() === "" ? {} : isTooDeep(text) ? undefined : parseUnrounded(text)?.value

/**
 * Whether JSON is nested so deeply that a function which follows its nesting could exceed the stack.
 *
 * @internal
 */
export const isTooDeep = (json: string): boolean => {
  let depth = 0
  let isString = false
  for (let at = 0; at < json.length; at++) {
    const character = json[at]
    if (isString && character === "\\") at++
    else if (character === "\"") isString = !isString
    else if (isString) continue
    else if (character === "[" || character === "{") depth++
    else if (character === "]" || character === "}") depth--
    if (depth > 500) return true
  }
  return false
}

/**
 * Decodes arguments. If they do not fit, each value that came as JSON text is read once, and they are decoded again; if
 * that does not help, the first issues stay.
 *
 * @internal
 */
export const decodingTexts = <A, R>(
  decode: (value: unknown) => Effect.Effect<A, ReadonlyArray<Issue>, R>,
  readTexts: JsonSchema.Converted["readTexts"]
): typeof decode =>
(value) =>
  Effect.catchAll(decode(value), (issues) => {
    const fail = Effect.fail(issues.map(withReasonOfDigits))
    const read = Effect.orElse(Effect.try(() => readTexts(value)), () => Effect.succeed(value))
    return Effect.flatMap(read, (read) => read === value ? fail : Effect.orElse(decode(read), () => fail))
  })

/**
 * Issues in one line.
 *
 * @internal
 */
export const issuesText = (issues: ReadonlyArray<Issue>): string =>
  issues.map(({ message, path }) => path === "" ? message : `${path}: ${message}`).join("; ")
