import * as Effect from "effect/Effect"
import { objectAt, stringAt } from "../../internal/json.js"
import * as Script from "../Script.js"
import { route } from "./handler.js"
import type { Handler } from "./handler.js"
import type { RecordedRequest } from "./recording.js"

/** USD per input token and per output token. */
const prices: { readonly [model: string]: { readonly name: string; readonly input: number; readonly output: number } } =
  {
    "openai/gpt-5-nano": { name: "GPT-5 Nano", input: 5e-8, output: 4e-7 },
    "anthropic/claude-haiku-4.5": { name: "Claude Haiku 4.5", input: 1e-6, output: 5e-6 },
    "google/gemini-2.5-flash": { name: "Gemini 2.5 Flash", input: 3e-7, output: 2.5e-6 },
    "mistralai/mistral-nemo": { name: "Mistral Nemo", input: 2e-8, output: 4e-8 }
  }

const unknownModel = (model: string | undefined): Script.Failure =>
  Script.error(400, { message: `${model} is not a valid model ID` })

/**
 * Four models that repeat the question in their response, at their price, a word every 20 milliseconds. Over the
 * Responses API they first call the first tool once, with words of the question as its arguments.
 *
 * @internal
 */
export const turns: Script.Script = [
  Script.forever((request) => {
    const price = prices[request.model ?? ""]
    if (price === undefined) return unknownModel(request.model)
    const words = `You said: "${question(request)}" This response comes from a script, so it is the same every time.`
    const inputTokens = Math.ceil(JSON.stringify(request.json).length / 4)
    const content = toolCall(request) ?? Script.text(toolOutput(request) ?? words)
    const outputTokens = content._tag === "Text" ? content.deltas.length : content.fragments.length
    return Script.turn(content, {
      usage: { inputTokens, outputTokens },
      cost: inputTokens * price.input + outputTokens * price.output,
      pace: "20 millis"
    })
  })
]

const open = { auth: "optional" } as const

/** @internal */
export const handlers: ReadonlyArray<Handler> = [
  route("GET", "/models", () => {
    const data = Object.keys(prices).map(model)
    return { data, total_count: data.length, links: { next: null } }
  }, open),
  route("GET", "/models/count", () => ({ data: { count: Object.keys(prices).length } }), open),
  route("GET", "/key", (request) => Effect.sync(() => request.hasKey ? { data: key } : Script.error(401)))
]

const lastAsked = (request: RecordedRequest): unknown => {
  const asked = request.json["input"] ?? request.json["prompt"] ?? request.json["messages"]
  return Array.isArray(asked) ? asked.at(-1) : asked
}

const question = (request: RecordedRequest): string => textOf(lastAsked(request)) ?? "nothing"

const toolOutput = (request: RecordedRequest): string | undefined => {
  const output = stringAt(lastAsked(request), "output")
  return output === undefined ? undefined : `The tool says ${output}, and so do I.`
}

const toolCall = (request: RecordedRequest): Script.ToolCall | undefined => {
  const tools: unknown = request.json["tools"]
  const tool: unknown = Array.isArray(tools) ? tools.find((tool) => stringAt(tool, "type") === "function") : undefined
  const name = stringAt(tool, "name")
  const mayCall = request.json["tool_choice"] !== "none" && toolOutput(request) === undefined
  if (request.api !== "responses" || !mayCall || name === undefined) return undefined
  return Script.toolCall(name, argumentsFor(objectAt(tool, "parameters"), question(request)))
}

/** The last word of the question for each text, the first choice where there is one, and 1 or true for the rest. */
const argumentsFor = (parameters: unknown, asked: string): { readonly [name: string]: unknown } => {
  const word = /([\p{L}\p{N}-]+)[^\p{L}\p{N}]*$/u.exec(asked)?.[1] ?? asked
  const value = (schema: unknown): unknown => {
    const choices: unknown = typeof schema === "object" && schema !== null ? Reflect.get(schema, "enum") : undefined
    if (Array.isArray(choices)) return choices[0]
    const type = stringAt(schema, "type")
    if (type === "object") return argumentsFor(schema, asked)
    if (type === "array") return []
    return type === "number" || type === "integer" ? 1 : type === "boolean" ? true : word
  }
  return Object.fromEntries(
    Object.entries(objectAt(parameters, "properties") ?? {}).map(([name, schema]) => [name, value(schema)])
  )
}

const textOf = (value: unknown): string | undefined => {
  if (typeof value === "string") return value
  if (Array.isArray(value)) return value.map(textOf).find((text) => text !== undefined)
  return stringAt(value, "text") ?? stringAt(value, "content") ??
    (typeof value === "object" && value !== null && "content" in value ? textOf(value.content) : undefined)
}

const model = (id: string): { readonly [field: string]: unknown } => {
  const { input, name, output } = prices[id] ?? { name: id, input: 0, output: 0 }
  return {
    id,
    canonical_slug: id,
    name,
    created: 1750000000,
    description: "A model of the scripted server.",
    context_length: 128000,
    architecture: {
      modality: "text->text",
      input_modalities: ["text"],
      output_modalities: ["text"],
      tokenizer: "Other",
      instruct_type: null
    },
    pricing: { prompt: decimal(input), completion: decimal(output), request: "0", image: "0" },
    top_provider: { context_length: 128000, max_completion_tokens: 16384, is_moderated: false },
    per_request_limits: null,
    supported_parameters: ["max_tokens", "temperature", "tools", "tool_choice"],
    default_parameters: {},
    supported_voices: null,
    links: { details: `/api/v1/models/${id}/endpoints` }
  }
}

/** Prices are decimal strings without an exponent. */
const decimal = (price: number): string => price.toFixed(12).replace(/\.?0+$/, "")

const key = {
  label: "sk-or-v1-scr...ted",
  limit: null,
  limit_remaining: null,
  limit_reset: null,
  usage: 0,
  usage_daily: 0,
  usage_weekly: 0,
  usage_monthly: 0,
  byok_usage: 0,
  byok_usage_daily: 0,
  byok_usage_weekly: 0,
  byok_usage_monthly: 0,
  include_byok_in_limit: false,
  is_free_tier: true,
  is_provisioning_key: false,
  is_management_key: false
}
