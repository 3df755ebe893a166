/** Calls that every provider takes back: their names, ids and arguments. */
import * as Hash from "effect/Hash"
import { excerpt, isObject, parseJson } from "../../../internal/json.js"
import type { FunctionCallOutputItem } from "../../../schema/ResponsesItemsRequest.js"
import { isBlank, wellFormed, wellFormedJson } from "./text.js"

/** OpenAI's rule for names, which the others accept too. */
const validName = /^[a-zA-Z0-9_-]{1,64}$/

/**
 * A name that a tool can have. A model may invent others, such as `functions.read`.
 *
 * @internal
 */
export const sendableName = (name: unknown): string => {
  const written = typeof name === "string" ? name : ""
  if (validName.test(written)) return written
  const letters = written.replace(/[^a-zA-Z0-9_-]+/g, "_")
  // Google requires a letter or an underscore first
  return (letters === "" ? "unnamed" : /^[a-zA-Z_]/.test(letters) ? letters : `_${letters}`).slice(0, 64)
}

/** Anthropic's characters, and OpenAI's length. */
const validId = /^[a-zA-Z0-9_-]{1,64}$/

/** Kimi was trained with ids of this form, and calls worse tools with others. */
const kimiId = /^functions\.[\w-]+:\d+$/

/**
 * The ids of calls as they are sent: each is valid, and no two calls have the same. An output has the id of its call. What
 * an id becomes does not depend on later items, so that the beginning of a request stays the same.
 *
 * @internal
 */
export class CallIds {
  private readonly used = new Set<string>()
  private readonly waiting = new Map<string, Array<string>>()
  private readonly last = new Map<string, string>()

  constructor(private readonly isForKimi: boolean = false) {}

  ofCall(id: unknown): string {
    const written = typeof id === "string" ? id : ""
    const sent = this.unique(this.valid(written))
    this.last.set(written, sent)
    const waiting = this.waiting.get(written)
    if (waiting === undefined) this.waiting.set(written, [sent])
    else waiting.push(sent)
    return sent
  }

  ofOutput(id: unknown): string {
    const written = typeof id === "string" ? id : ""
    return this.waiting.get(written)?.shift() ?? this.last.get(written) ?? this.valid(written)
  }

  private valid(written: string): string {
    if (validId.test(written) || this.isForKimi && kimiId.test(written)) return written
    const letters = written.replace(/[^a-zA-Z0-9_-]+/g, "_")
    if (letters === "") return "call"
    return letters.length <= 64 ? letters : `${letters.slice(0, 48)}_${(Hash.string(written) >>> 0).toString(36)}`
  }

  private unique(id: string): string {
    for (let count = 1;; count++) {
      const sent = count === 1 ? id : `${id.slice(0, 56)}_${count}`
      if (this.used.has(sent)) continue
      this.used.add(sent)
      return sent
    }
  }
}

/** Parsers of providers limit how deep JSON may be nested; the lowest known limit is 100, for the whole request. */
const maxDepth = 64

const isPlain = (value: unknown, depth = 0): boolean => {
  if (typeof value === "number") return Number.isFinite(value)
  if (typeof value !== "object" || value === null) return true
  return depth < maxDepth && Object.values(value).every((inner) => isPlain(inner, depth + 1))
}

const fence = /^\s*```(?:json)?\s*\n([^]*?)\n?\s*```\s*$/i

/** The JSON text of an object, or `undefined`. */
const objectText = (text: string): string | undefined => {
  const value = parseJson(text)?.value
  return isObject(value) && isPlain(value) ? wellFormedJson(text) : undefined
}

/**
 * The arguments of a call as the text of a JSON object, and what the model wrote if the run did not read this object. A
 * code fence and JSON text within JSON text leave no doubt about the object.
 *
 * @internal
 */
export const sendableArguments = (
  written: unknown
): { readonly text: string; readonly written: string | undefined } => {
  if (isObject(written)) return sendableArguments(JSON.stringify(written))
  if (typeof written !== "string" || isBlank(written)) return { text: "{}", written: undefined }
  const inner = parseJson(written)?.value
  const text = objectText(written) ?? (typeof inner === "string" ? objectText(inner) : undefined)
  return text === undefined
    ? { text: objectText(fence.exec(written)?.[1] ?? "") ?? "{}", written }
    : { text, written: undefined }
}

/** How much the model sees of arguments that are no object. */
const writtenLength = 500

/**
 * The text of an output that also shows the arguments that the model wrote, where its call is sent with others.
 *
 * @internal
 */
export const withWrittenText = (output: string, written: string): string => {
  const value = parseJson(output)?.value
  if (!isObject(value)) return `${output}\n\n${writtenText(written)}`
  const comma = Object.keys(value).length === 0 ? "" : ","
  return `${output.trimEnd().slice(0, -1)}${comma}"arguments_as_written":${JSON.stringify(shown(written))}}`
}

/**
 * A sentence with the arguments that the model wrote.
 *
 * @internal
 */
export const writtenText = (written: string): string => `The call was written with these arguments: ${shown(written)}`

const shown = (written: string): string => wellFormed(excerpt(written, writtenLength))

/**
 * The same for any output.
 *
 * @internal
 */
export const withWritten = (
  output: FunctionCallOutputItem["output"],
  written: string
): FunctionCallOutputItem["output"] =>
  typeof output === "string"
    ? withWrittenText(output, written)
    : [...output, { type: "input_text", text: writtenText(written) }]

/**
 * Whether JSON is nested deeper than parsers of providers read.
 *
 * @internal
 */
export const isTooDeep = (json: string): boolean => {
  const value = parseJson(json)?.value
  return typeof value === "object" && value !== null && depthOf(value) > maxDepth
}

/** The depth of a value, counted no further than needed. */
const depthOf = (value: unknown, depth = 0): number =>
  typeof value !== "object" || value === null || depth > maxDepth
    ? depth
    : Object.values(value).reduce<number>((most, inner) => Math.max(most, depthOf(inner, depth + 1)), depth)
