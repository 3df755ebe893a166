/** Exchanges that were never recorded, written after what is known of the wire. */
import type { Fields } from "../reading/json.js"
import { apis } from "../reading/reading.js"
import type { Exchange } from "./traffic.js"

const encoder = new TextEncoder()

export interface Written {
  readonly path: string
  readonly method?: string
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body: string | Uint8Array
  readonly request?: Readonly<Record<string, unknown>>
}

export const write = (
  id: string,
  { body, headers = {}, method = "POST", path, request, status = 200 }: Written
): Exchange => {
  const url = new URL(`https://openrouter.ai/api/v1${path}`)
  const stream = headers["content-type"] === "text/event-stream"
  return {
    id,
    kind: id,
    api: apis[path] ?? "other",
    method,
    url,
    request: method === "POST" ? request ?? { model: "acme/small" } : undefined,
    upload: false,
    stream,
    reads: [],
    status,
    headers: { "content-type": "application/json", ...headers },
    body: typeof body === "string" ? encoder.encode(body) : body,
    now: Date.UTC(2026, 0, 1)
  }
}

const events = { headers: { "content-type": "text/event-stream" } }

/** A stream as chat and responses send it; the texts among the events go out as they are. */
export const sse = (path: string, ...parts: ReadonlyArray<unknown>): Written => ({
  path,
  ...events,
  body: parts.map((part) => typeof part === "string" ? part : `data: ${JSON.stringify(part)}\n\n`).join("")
})

/** A stream as Anthropic's API sends it, and OpenRouter's own end of it. */
export const named = (path: string, ...parts: ReadonlyArray<Fields>): Written => ({
  path,
  ...events,
  body: parts.map((part) => `event: ${String(part["type"])}\ndata: ${JSON.stringify(part)}\n\n`).join("") +
    "event: data\ndata: [DONE]\n\n"
})

export const done = "data: [DONE]\n\n"

export const json = (path: string, body: unknown, more: Partial<Written> = {}): Written => ({
  path,
  body: JSON.stringify(body),
  ...more
})

const head = { id: "gen-1", provider: "Acme", model: "acme/small-1", object: "chat.completion.chunk", created: 1 }

/** A chunk of a chat stream. */
export const chunk = (delta: unknown, more: Readonly<Record<string, unknown>> = {}): unknown => ({
  ...head,
  choices: [{ index: 0, delta, finish_reason: null, native_finish_reason: null, logprobs: null, ...more }]
})

export const finish = (reason: string, native = reason): unknown =>
  chunk({ role: "assistant", content: "" }, { finish_reason: reason, native_finish_reason: native })

export const usage = {
  ...head,
  choices: [],
  usage: { prompt_tokens: 3, completion_tokens: 5, total_tokens: 8, cost: 6e-7, is_byok: false }
}
