/** What providers refuse in the `input` of a request, each rule with the place that states it or where it was reported. */
import { arrayAt, isObject, type JsonObject, parseJson, stringAt } from "../../../src/internal/json.js"

type Author = "anthropic" | "deepseek" | "google" | "mistralai" | "openai"

/** The families of providers, each with a model. */
export const families: ReadonlyArray<readonly [author: Author, model: string]> = [
  ["openai", "openai/gpt-5"],
  ["anthropic", "anthropic/claude-sonnet-4.5"],
  ["google", "google/gemini-3-flash-preview"],
  ["mistralai", "mistralai/mistral-large"],
  ["deepseek", "deepseek/deepseek-v4"]
]

interface Rule {
  readonly name: string
  /** Where the rule comes from. */
  readonly source: string
  /** The families that have the rule; all if it is absent. */
  readonly authors?: ReadonlyArray<Author>
  /** Whether the item breaks the rule. */
  readonly breaks: (item: JsonObject, index: number, items: ReadonlyArray<JsonObject>, author: Author) => boolean
}

const isBlank = (text: unknown): boolean => typeof text !== "string" || text.trim() === ""

const isCall = ({ type }: JsonObject): boolean => type === "function_call"
const isOutput = ({ type }: JsonObject): boolean => type === "function_call_output"
const isReasoning = ({ type }: JsonObject): boolean => type === "reasoning"
const isMessage = ({ role, type }: JsonObject): boolean =>
  type === "message" || type === undefined && role !== undefined
const isOfModel = (item: JsonObject): boolean =>
  isCall(item) || isReasoning(item) || isMessage(item) && (item["role"] ?? "assistant") === "assistant"

const isSealed = (item: JsonObject): boolean => !isBlank(item["signature"]) || !isBlank(item["encrypted_content"])

const partsOf = (item: JsonObject): ReadonlyArray<unknown> => [...arrayAt(item, "content"), ...arrayAt(item, "output")]

const owners: Readonly<Record<string, Author | "others">> = {
  "anthropic-claude-v1": "anthropic",
  "google-gemini-v1": "google",
  "openai-responses-v1": "openai",
  "azure-openai-responses-v1": "openai",
  "xai-responses-v1": "others"
}

/** The formats of reasoning that have an owner. */
export const formats: ReadonlyArray<string> = Object.keys(owners)

const anyText = (value: unknown, test: (text: string) => boolean): boolean => {
  if (typeof value === "string") return test(value)
  if (typeof value !== "object" || value === null) return false
  return Object.entries(value).some(([key, inner]) => test(key) || anyText(inner, test))
}

const isPlain = (value: unknown, depth = 0): boolean => {
  if (typeof value === "number") return Number.isFinite(value)
  if (typeof value !== "object" || value === null) return true
  return depth < 90 && Object.values(value).every((inner) => isPlain(inner, depth + 1))
}

const isHalf = (text: string): boolean => /\p{Surrogate}/u.test(text)

const rules: ReadonlyArray<Rule> = [
  {
    name: "the name of a call has letters, digits, _ and - only, 64 at most",
    source: "OpenAI, 400: string does not match pattern '^[a-zA-Z0-9_-]+$'; Anthropic and Mistral alike",
    breaks: (item) => isCall(item) && !/^[a-zA-Z0-9_-]{1,64}$/.test(String(item["name"]))
  },
  {
    name: "the arguments of a call are a JSON object",
    source: "Anthropic: tool_use.input must be an object; Mistral and DeepSeek: arguments must be valid JSON",
    breaks: (item) => isCall(item) && !isObject(parseJson(String(item["arguments"]))?.value)
  },
  {
    name: "arguments have finite numbers, whole characters, and few levels",
    source: "protobuf's JSON parser (Google): range of double, UTF-8, 100 levels",
    breaks: (item) => {
      const value = isCall(item) ? parseJson(String(item["arguments"]))?.value : undefined
      return !isPlain(value) || anyText(value, isHalf)
    }
  },
  {
    name: "ids of calls have letters, digits, _ and - only, 64 at most",
    source: "Anthropic: tool_use.id matches ^[a-zA-Z0-9_-]+$; OpenAI: call_id of 64 characters at most",
    breaks: (item) => (isCall(item) || isOutput(item)) && !/^[a-zA-Z0-9_-]{1,64}$/.test(String(item["call_id"]))
  },
  {
    name: "each call has an id of its own, and one output behind it",
    source: "Anthropic: tool_use ids must be unique; each needs a tool_result in the next message",
    breaks: (item, index, items) => {
      const same = items.flatMap((other, at) => other["call_id"] === item["call_id"] ? [at] : [])
      return isCall(item) && (same.length !== 2 || same[0] !== index || !isOutput(items[same[1] ?? 0] ?? {}))
    }
  },
  {
    name: "an output answers a call",
    source: "OpenAI, 400: no tool call found for function call output",
    breaks: (item, index, items) =>
      isOutput(item) && !items.slice(0, index).some((call) => isCall(call) && call["call_id"] === item["call_id"])
  },
  {
    name: "an output says something",
    source: "several providers, 400: tool content must not be empty",
    breaks: (item) =>
      isOutput(item) && (Array.isArray(item["output"]) ? item["output"].length === 0 : isBlank(item["output"]))
  },
  {
    name: "a message has content",
    source: "Anthropic: all messages must have non-empty content; DeepSeek: content or tool_calls must be set",
    breaks: (item) =>
      isMessage(item) && (Array.isArray(item["content"]) ? item["content"].length === 0 : isBlank(item["content"]))
  },
  {
    name: "a text has other characters than white space",
    source: "Anthropic, 400: text content blocks must contain non-whitespace text",
    breaks: (item) =>
      (isMessage(item) || isOutput(item)) &&
      partsOf(item).some((part) =>
        isObject(part) && ("text" in part && isBlank(part["text"]) || "refusal" in part && isBlank(part["refusal"]))
      )
  },
  {
    name: "annotations and logprobs are lists",
    source: "OpenAI's schema of output_text",
    breaks: (item) =>
      partsOf(item).some((part) => isObject(part) && (part["annotations"] === null || part["logprobs"] === null))
  },
  {
    name: "text is well-formed Unicode",
    source: "RFC 8259, 8.2: behavior with unpaired surrogates is unpredictable; UTF-8 has none",
    breaks: (item) => anyText(item, isHalf)
  },
  {
    name: "text has no NUL",
    source: "servers that keep requests in PostgreSQL",
    breaks: (item) => !isReasoning(item) && anyText(item, (text) => text.includes("\0"))
  },
  {
    name: "items of the past are complete",
    source: "OpenAI's schema of input items, as the strictest validators read it",
    breaks: (item) => "status" in item && item["status"] !== "completed"
  },
  {
    name: "ids of items begin with their kind",
    source: "OpenAI, 400: Invalid 'input[1].id'. Expected an ID that begins with 'fc'; with 'msg' for messages",
    authors: ["openai"],
    breaks: (item) =>
      "id" in item && (isCall(item) && !/^fc[\w-]{0,62}$/.test(String(item["id"])) ||
        isMessage(item) && !/^msg[\w-]{0,61}$/.test(String(item["id"])))
  },
  {
    name: "no id stands for two items",
    source: "OpenAI, 400: Duplicate item found with id",
    authors: ["openai"],
    breaks: (item, index, items) =>
      !isReasoning(item) && "id" in item && items.findIndex(({ id }) => id === item["id"]) !== index
  },
  {
    name: "reasoning holds more than its id",
    source: "OpenAI, 404: Item with id 'rs_…' not found. Items are not persisted when `store` is set to false",
    breaks: (item) =>
      isReasoning(item) && !isSealed(item) &&
      [...arrayAt(item, "content"), ...arrayAt(item, "summary")].every((part) => isBlank(stringAt(part, "text")))
  },
  {
    name: "reasoning of a Responses API is encrypted",
    source: "as above: without encrypted_content, the id is looked up",
    breaks: (item) =>
      isReasoning(item) && String(item["format"]).endsWith("responses-v1") && isBlank(item["encrypted_content"])
  },
  {
    name: "reasoning of a signed format is signed",
    source: "Anthropic: thinking.signature is required; Google: corrupted thought signature",
    breaks: (item) => isReasoning(item) && /^(anthropic|google)-/.test(String(item["format"])) && !isSealed(item)
  },
  {
    name: "reasoning is signed",
    source: "Anthropic: thinking.signature is required",
    authors: ["anthropic"],
    breaks: (item) => isReasoning(item) && !isSealed(item)
  },
  {
    name: "reasoning is not another author's",
    source: "OpenAI, 400: invalid_encrypted_content; Anthropic, 400: Invalid signature in thinking block",
    breaks: (item, _index, _items, author) => {
      const owner = isReasoning(item) ? owners[String(item["format"])] : undefined
      return owner !== undefined && owner !== author
    }
  },
  {
    name: "reasoning stands before what it is about",
    source: "OpenAI, 400: Item of type 'reasoning' was provided without its required following item",
    breaks: (item, index, items) => isReasoning(item) && !isOfModel(items[index + 1] ?? {})
  }
]

/** The rules that a request breaks, as text. */
export const refusals = (input: ReadonlyArray<JsonObject>, author: Author): ReadonlyArray<string> =>
  rules.filter(({ authors }) => authors?.includes(author) ?? true).flatMap(({ breaks, name }) =>
    input.flatMap((item, index) =>
      breaks(item, index, input, author) ? [`${author} at ${index}: ${name}: ${JSON.stringify(item)}`] : []
    )
  )
