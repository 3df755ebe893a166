import * as Effect from "effect/Effect"
import { stringAt } from "../../http/internal/json.js"
import { route } from "../Handler.js"
import type { Handler } from "../Handler.js"
import type { RecordedRequest } from "../Recording.js"
import * as Script from "../Script.js"

/** USD for a token in and a token out. */
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
 * Four models that answer everything with what they were asked, at their price, a word every 20 milliseconds.
 *
 * @internal
 */
export const turns: Script.Script = [
  Script.forever((request) => {
    const price = prices[request.model ?? ""]
    if (price === undefined) return unknownModel(request.model)
    const words = `You said: "${question(request)}" This answer comes from a script, so it is the same every time.`
    const inputTokens = Math.ceil(JSON.stringify(request.json).length / 4)
    const text = Script.text(words)
    const outputTokens = text.deltas.length
    return Script.turn(text, {
      usage: { inputTokens, outputTokens },
      cost: inputTokens * price.input + outputTokens * price.output,
      pace: "20 millis"
    })
  })
]

/** @internal */
export const handlers: ReadonlyArray<Handler> = [
  route("GET", "/models", () => ({
    data: Object.keys(prices).map(model),
    total_count: Object.keys(prices).length,
    links: { next: null }
  })),
  route("GET", "/models/count", () => ({ data: { count: Object.keys(prices).length } })),
  route("GET", "/key", (request) => Effect.sync(() => request.hasKey ? { data: key } : Script.error(401)))
]

const question = (request: RecordedRequest): string => {
  const asked = request.json["input"] ?? request.json["prompt"] ?? request.json["messages"]
  const last = Array.isArray(asked) ? asked.at(-1) : asked
  return textOf(last) ?? "nothing"
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
