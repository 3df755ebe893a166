/** Single items in a form that every provider takes, whatever stands around them. */
import * as Hash from "effect/Hash"
import { isObject, type JsonObject } from "../../../internal/json.js"
import type { InputItem } from "../../../schema/ResponsesItemsRequest.js"
import { sendableArguments, sendableName } from "./calls.js"
import { cleanValue, isBlank, wellFormed, withoutHalves } from "./text.js"

/**
 * An item as it is sent, if it says anything. `written` are the arguments of a call that the item shows differently.
 *
 * @internal
 */
export interface Form {
  readonly item: InputItem | undefined
  readonly written?: string | undefined
}

const forms = new WeakMap<InputItem, Form>()

/**
 * The form of an item. It is computed once, so that a turn costs only its new items; an item that is right already is
 * returned itself.
 *
 * @internal
 */
export const formOf = (item: InputItem): Form => {
  const known = forms.get(item)
  if (known !== undefined) return known
  const form = makeForm(item)
  forms.set(item, form)
  return form
}

const makeForm = (item: InputItem): Form => {
  switch (item.type) {
    case "reasoning":
      return { item: reasoningForm(cleanValue(item, withoutHalves)) }
    case "function_call": {
      const { text, written } = sendableArguments(item.arguments)
      const { arguments: _, ...rest } = item
      const clean = cleanValue(rest, wellFormed)
      const fields = { name: sendableName(clean.name), ...idOf(clean, "fc"), ...statusOf(clean), arguments: text }
      return { item: withFields(clean === rest ? item : { ...clean, arguments: text }, fields), written }
    }
    case "custom_tool_call": {
      const clean = cleanValue(item, wellFormed)
      return { item: withFields(clean, { name: sendableName(clean.name), ...idOf(clean, "ctc"), ...statusOf(clean) }) }
    }
    case "function_call_output":
    case "custom_tool_call_output": {
      const clean = cleanValue(item, wellFormed)
      return { item: withFields(clean, { output: outputForm(clean.output), ...idOf(clean, "fc"), ...statusOf(clean) }) }
    }
    case undefined:
    case "message":
      return { item: messageForm(cleanValue(item, wellFormed)) }
    default: {
      const clean = cleanValue(item, wellFormed)
      const output: unknown = Reflect.get(clean, "output")
      return { item: typeof output === "string" && isBlank(output) ? withFields(clean, { output: noOutput }) : clean }
    }
  }
}

/** What the model reads in place of an output that says nothing. */
const noOutput = "(no output)"

/** What the model reads in place of a message of the user that says nothing. */
const noMessage = "(no message)"

const outputForm = (output: unknown): unknown => {
  if (!Array.isArray(output)) return isBlank(output) ? noOutput : output
  const parts = partsForm(output)
  return parts.length === 0 ? noOutput : parts
}

/** Reasoning of which nothing is signed has no blank parts. Providers compare everything else byte by byte. */
const reasoningForm = (item: InputItem): InputItem => {
  const summary: unknown = Reflect.get(item, "summary")
  const content: unknown = Reflect.get(item, "content")
  const isSigned = !isBlank(Reflect.get(item, "signature"))
  return withFields(item, {
    ...statusOf(item),
    summary: Array.isArray(summary) ? partsForm(summary) : [],
    ...(isSigned || !Array.isArray(content) ? {} : { content: partsForm(content) })
  })
}

const messageForm = (item: InputItem): InputItem | undefined => {
  const content = contentForm(Reflect.get(item, "content"))
  const role: unknown = Reflect.get(item, "role") ?? "assistant"
  if (content === undefined && role !== "user") return undefined
  return withFields(item, { ...statusOf(item), ...messageId(item, content), content: content ?? noMessage })
}

const contentForm = (content: unknown): unknown => {
  if (!Array.isArray(content)) return isBlank(content) ? undefined : content
  const parts = partsForm(content)
  return parts.length === 0 ? undefined : parts
}

/** The parts that say anything; the list itself if all do. */
const partsForm = (parts: ReadonlyArray<unknown>): ReadonlyArray<unknown> => {
  const kept = parts.flatMap((part) => {
    if (!isObject(part)) return [part]
    const text = textFields.find((field) => Object.hasOwn(part, field))
    return text !== undefined && isBlank(part[text]) ? [] : [withFields(part, {})]
  })
  return kept.length === parts.length && kept.every((part, index) => part === parts[index]) ? parts : kept
}

const textFields = ["text", "refusal"]

/** An item of the past is complete, whatever became of it: its output says so. */
const statusOf = (item: object): JsonObject => Reflect.get(item, "status") === undefined ? {} : { status: "completed" }

const validId = /^[a-zA-Z0-9_-]{1,64}$/

/** OpenAI refuses ids of another prefix. None is needed, because `call_id` joins a call with its output. */
const idOf = (item: object, prefix: string): JsonObject => {
  const id: unknown = Reflect.get(item, "id")
  return typeof id === "string" && id.startsWith(prefix) && validId.test(id) ? {} : { id: undefined }
}

const messageId = (item: object, content: unknown): JsonObject => {
  const id: unknown = Reflect.get(item, "id")
  if (id === undefined || typeof id === "string" && id.startsWith("msg") && validId.test(id)) return {}
  return { id: Array.isArray(content) && typeof id === "string" ? madeId(content) : undefined }
}

/**
 * An id for a message without a usable one. It follows from the content, so that it is the same in each request.
 *
 * @internal
 */
export const madeId = (content: unknown): string =>
  `msg_made_${(Hash.string(JSON.stringify(content)) >>> 0).toString(36)}`

/**
 * An item with other values in some fields, without those that are `undefined` or `null`. It is the item itself if it
 * has these values.
 *
 * @internal
 */
export const withFields = <A extends object>(item: A, fields: JsonObject): A => {
  const isNull = (key: string, value: unknown): boolean => value === undefined || value === null && !nullable.has(key)
  const merged = { ...item, ...fields }
  const entries = Object.entries(merged).filter(([key, value]) => !isNull(key, value))
  const isSame = entries.length === Object.keys(item).length &&
    entries.every(([key, value]) => Reflect.get(item, key) === value)
  // The fields have the types that the item has there
  return isSame ? item : Object.fromEntries(entries) as A
}

/** Fields of reasoning that OpenRouter sends, and takes back, as null. */
const nullable: ReadonlySet<string> = new Set(["encrypted_content", "content", "signature", "format"])
