import { arrayAt, isObject, type JsonObject, jsonText, stringAt } from "../internal/json.js"
import { contentText, withTextContent } from "./internal/contentParts.js"

/**
 * An event that its schema refuses, in the shape of the schema: what its place implies is added, and a fact beside the
 * output that has another type is read, or left out. Undefined if the event says nothing, such as a sign of life.
 *
 * @internal
 */
export const tolerantEvent = (event: unknown): unknown => {
  if (event === null) return undefined
  if (!isObject(event)) return event
  const { choices, type } = event
  if (choices !== undefined && choices !== null) return tolerantChunk(event)
  if (typeof type === "string" && typed.test(type)) return tolerantTyped(type, event)
  const { debug, openrouter_metadata: metadata, usage } = event
  if ([usage, metadata, debug].some(isObject)) return tolerantChunk({ ...event, choices: [] })
  return typeof type === "string" || !tellsMore(event) ? undefined : event
}

/**
 * A whole response that its schema refuses, in the shape of the schema, as with `tolerantEvent`.
 *
 * @internal
 */
export const tolerantBody = (body: unknown): unknown => {
  if (!isObject(body)) return body
  if (Array.isArray(body["choices"])) {
    return { ...withFacts(body), choices: body["choices"].filter(isObject).map(tolerantChoice) }
  }
  if (Array.isArray(body["output"])) {
    return { ...withFacts(body), output: body["output"].filter(isObject).map(tolerantItem) }
  }
  if (Array.isArray(body["content"])) return tolerantMessage(body)
  return withFacts(body)
}

/** The types of events of the APIs whose events have types. */
const typed = /^(response\.|message_|content_block_|image_generation\.)/

const tolerantTyped = (type: string, event: JsonObject): unknown => {
  if (/^response\.(created|in_progress|completed|incomplete|failed)$/.test(type)) {
    return { ...withFacts(event), response: tolerantBody({ output: [], ...withoutNull(event["response"]) }) }
  }
  if (type === "message_start") return { ...event, message: tolerantMessage(withoutNull(event["message"])) }
  if (type === "message_delta") return { ...withFacts(event), delta: withTexts(withoutNull(event["delta"]), texts) }
  if (!tellsMore(event)) return undefined
  const { item } = event
  return {
    // The id of the item tells more than the index
    ...(type.startsWith("response.") ? { output_index: 0 } : {}),
    ...withoutNull(withFacts(event)),
    ...(isObject(item) ? { item: tolerantItem(item) } : {})
  }
}

/** Whether an event with a type has content of its own. */
const tellsMore = (event: JsonObject): boolean => {
  for (const key in event) {
    const value = event[key]
    if (!signFields.has(key) && value !== null && value !== "" && value !== undefined) return true
  }
  return false
}

const signFields: ReadonlySet<string> = new Set([
  "type",
  "id",
  "object",
  "created",
  "created_at",
  "model",
  "provider",
  "choices",
  "sequence_number",
  "output_index",
  "content_index",
  "summary_index",
  "item_id",
  "index"
])

const tolerantChunk = (chunk: JsonObject): JsonObject =>
  Array.isArray(chunk["choices"])
    ? { ...withFacts(chunk), choices: chunk["choices"].filter(isObject).map(tolerantPiece) }
    : withFacts(chunk)

const tolerantPiece = (choice: JsonObject): JsonObject => {
  const { delta, message, text } = choice
  if (delta === undefined && message === undefined && text !== undefined) return tolerantText(choice)
  const piece = isObject(delta) ? delta : isObject(message) ? message : {}
  return { ...withFacts(choice), delta: tolerantParts(withTextContent(piece)) }
}

const tolerantChoice = (choice: JsonObject): JsonObject => {
  const { delta, message, text } = choice
  if (message === undefined && text !== undefined) return tolerantText(choice)
  const whole = isObject(message) ? message : isObject(delta) ? delta : {}
  const parts = tolerantParts(withTextContent(whole))
  const calls = Array.isArray(parts["tool_calls"]) ? { tool_calls: parts["tool_calls"].map(wholeCall) } : {}
  return { ...withFacts(choice), message: { ...parts, ...calls, role: "assistant" } }
}

const tolerantText = (choice: JsonObject): JsonObject => ({ ...withFacts(choice), text: contentText(choice["text"]) })

const tolerantParts = (message: JsonObject): JsonObject => {
  const made = withTexts(message, ["role", "refusal", "reasoning"])
  return Array.isArray(made["tool_calls"])
    ? { ...made, tool_calls: made["tool_calls"].filter(isObject).map(tolerantCall) }
    : { ...made, ...(made["tool_calls"] === undefined ? {} : { tool_calls: null }) }
}

const tolerantCall = (call: JsonObject): JsonObject => {
  const inner = isObject(call["function"]) ? call["function"] : {}
  const { arguments: args } = inner
  const text = args === undefined || args === null || typeof args === "string" ? {} : { arguments: jsonText(args) }
  return { ...withTexts(withNumbers(call), ["id", "type"]), function: { ...withTexts(inner, ["name"]), ...text } }
}

const wholeCall = (call: unknown): JsonObject => ({
  ...(isObject(call) ? call : {}),
  id: stringAt(call, "id") ?? "",
  type: stringAt(call, "type") ?? "function",
  function: { name: "", ...(isObject(call) ? withoutNull(call["function"]) : {}) }
})

const tolerantItem = (item: JsonObject): JsonObject => {
  switch (item["type"]) {
    case "function_call":
      return {
        ...item,
        name: stringAt(item, "name") ?? "",
        call_id: stringAt(item, "call_id") ?? stringAt(item, "id") ?? "",
        arguments: typeof item["arguments"] === "string" ? item["arguments"] : jsonText(item["arguments"] ?? {})
      }
    case "message":
      return { ...item, content: Array.isArray(item["content"]) ? item["content"].filter(isObject) : asParts(item) }
    default:
      return item
  }
}

const asParts = (item: JsonObject): ReadonlyArray<JsonObject> => {
  const text = contentText(item["content"])
  return text === "" ? [] : [{ type: "output_text", text, annotations: [] }]
}

const tolerantMessage = (message: JsonObject): JsonObject => ({
  usage: {},
  stop_reason: null,
  stop_sequence: null,
  ...withFacts(withTexts(withoutNull(message), ["id", "model"])),
  role: "assistant",
  type: "message",
  content: arrayAt(message, "content").filter(isObject)
})

/** The facts about a response: usage, times, names. None is worth the loss of a paid response. */
const withFacts = (source: JsonObject): JsonObject => {
  const fields = withNumbers(withTexts(source, texts))
  const { logprobs, usage } = fields
  return {
    ...fields,
    ...(usage === undefined ? {} : { usage: isObject(usage) ? counts(usage) : null }),
    ...(logprobs === undefined || isObject(logprobs) ? {} : { logprobs: null })
  }
}

const texts = [
  "id",
  "model",
  "object",
  "provider",
  "service_tier",
  "system_fingerprint",
  "finish_reason",
  "native_finish_reason",
  "status",
  "stop_reason",
  "stop_sequence"
]

const numbers = ["created", "created_at", "completed_at", "index", "output_index", "content_index", "sequence_number"]

const withTexts = (source: JsonObject, keys: ReadonlyArray<string>): JsonObject =>
  replaced(
    source,
    keys,
    (value) => typeof value === "number" ? String(value) : typeof value === "string" ? value : null
  )

const withNumbers = (source: JsonObject): JsonObject => replaced(source, numbers, numberOf)

const replaced = (
  source: JsonObject,
  keys: ReadonlyArray<string>,
  change: (value: unknown) => unknown
): JsonObject => {
  const found = keys.filter((key) => source[key] !== undefined && source[key] !== null && Object.hasOwn(source, key))
  return found.length === 0
    ? source
    : { ...source, ...Object.fromEntries(found.map((key) => [key, change(source[key])])) }
}

/** A number, also where it was sent as text. */
const numberOf = (value: unknown): number | null => {
  const number = typeof value === "string" && value.trim() !== "" ? Number(value) : value
  return typeof number === "number" && Number.isFinite(number) ? number : null
}

const counts = (usage: JsonObject): JsonObject =>
  Object.fromEntries(
    Object.entries(usage).map(([key, value]) => [key, isObject(value) ? details(value) : count(key, value)])
  )

const details = (usage: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(usage).map(([key, value]) => [key, count(key, value)]))

/** The counts and costs of a usage are numbers; its other fields stay. */
const count = (key: string, value: unknown): unknown => {
  if (/(^|_)(tokens|cost|requests|executed|requested)$/.test(key)) return numberOf(value)
  return key === "is_byok" && typeof value !== "boolean" ? null : value
}

const withoutNull = (source: unknown): JsonObject =>
  isObject(source)
    ? Object.fromEntries(Object.entries(source).filter(([, value]) => value !== null))
    : {}
