/** What the wire is known to do and no recording shows. */
import { chunk, done, finish, json, named, sse, usage, write, type Written } from "./written.js"

const chat = "/chat/completions"

const token = (text: string) => ({ token: text, logprob: -0.5, bytes: null, top_logprobs: [] })

const chatStreams: Readonly<Record<string, Written>> = {
  "chat stream of everything": sse(
    chat,
    ": OPENROUTER PROCESSING\n\n",
    chunk({
      role: "assistant",
      content: "",
      reasoning: "Hm",
      reasoning_details: [{ type: "reasoning.text", text: "Hm", format: null, index: 0 }]
    }),
    chunk({ reasoning: ".", reasoning_details: [{ type: "reasoning.text", text: ".", index: 0 }] }),
    chunk({ reasoning: "sum", reasoning_details: [{ type: "reasoning.summary", summary: "sum", index: 0 }] }),
    chunk({
      reasoning_details: [{ type: "reasoning.text", signature: "c2ln", format: "anthropic-claude-v1", index: 0 }]
    }),
    chunk({ reasoning_details: [{ type: "reasoning.encrypted", data: "ZGF0YQ", id: "rs_1", index: 0 }] }),
    chunk({ content: "Hällo ", annotations: [{ type: "url_citation", url_citation: { url: "https://a.example" } }] }, {
      logprobs: { content: [token("Hällo ")] }
    }),
    ": OPENROUTER PROCESSING\n\n",
    chunk(
      { content: "🌍", images: [{ type: "image_url", image_url: { url: "data:image/png;base64,AA" }, index: 0 }] },
      {
        logprobs: { content: [token("🌍")] }
      }
    ),
    chunk({ tool_calls: [{ index: 0, id: "call_1", type: "function", function: { name: "add", arguments: "" } }] }),
    chunk({ tool_calls: [{ index: 1, id: "call_2", type: "function", function: { name: "now", arguments: null } }] }),
    chunk({ tool_calls: [{ index: 0, id: null, function: { name: null, arguments: `{"a":` } }] }),
    chunk({ tool_calls: [{ index: 0, id: "", type: "", function: { arguments: "1}" } }] }),
    chunk({ content: null, refusal: "No." }),
    finish("tool_calls", "tool_use"),
    usage,
    done
  ),
  "chat stream of two choices": sse(
    chat,
    chunk({ content: "one" }),
    chunk({ content: "two" }, { index: 1 }),
    chunk({ content: "!" }, { index: 1, finish_reason: "stop" }),
    finish("length", "MAX_TOKENS"),
    done
  ),
  "chat stream with sound": sse(
    chat,
    chunk({ audio: { id: "audio_1", data: "AAA", transcript: "Hel" } }),
    chunk({ audio: { data: "BBB", transcript: "lo", expires_at: 9 } }),
    finish("stop"),
    done
  ),
  "chat stream with a mark and carriage returns": {
    ...sse(chat),
    body:
      `\uFEFFdata:${JSON.stringify(chunk({ content: "a" }))}\r\n\r\n:x\r\rdata: ${JSON.stringify(finish("stop"))}\r\r` +
      "data: [DONE]\r\n\r\nnot even an event"
  },
  "chat stream without [DONE]": sse(chat, chunk({ content: "a" }), finish("stop"), usage),
  "chat stream that breaks off": sse(chat, chunk({ content: "a" }), chunk({ content: "b" })),
  "chat stream that breaks off inside an event": sse(chat, chunk({ content: "a" }), `data: {"id":"gen-1","cho`),
  "chat stream with garbage": sse(chat, chunk({ content: "a" }), "data: oops\n\n", chunk({ content: "b" }), done),
  "chat stream with an error as documented": sse(chat, chunk({ content: "a" }), {
    ...usage,
    error: { code: "server_error", message: "Provider disconnected unexpectedly" },
    choices: [{ index: 0, delta: { content: "" }, finish_reason: "error" }]
  }, done),
  "chat stream with a typed error": sse(chat, chunk({ content: "a" }), {
    error: {
      code: 502,
      message: "Network lost.",
      metadata: { error_type: "provider_unavailable", provider_name: "Acme" }
    },
    choices: []
  }, done),
  "chat stream with an error that names its status apart": sse(chat, {
    error: { message: "Too busy", http_status: 529, error_type: "provider_overloaded" }
  }),
  "chat stream that ends in error": sse(
    chat,
    chunk({ content: "a" }),
    finish("error", "MALFORMED_FUNCTION_CALL"),
    usage,
    done
  ),
  "chat stream with an error in its choice": sse(chat, chunk({ content: "a" }), {
    choices: [{
      index: 0,
      delta: {},
      finish_reason: null,
      error: { code: 504, message: "Idle", metadata: { raw: { retryable: true } } }
    }]
  })
}

const message = {
  id: "gen-2",
  type: "message",
  role: "assistant",
  model: "acme/claude",
  content: [],
  stop_reason: null,
  stop_sequence: null,
  usage: { input_tokens: 0, output_tokens: 0, cache_read_input_tokens: null },
  provider: "Acme"
}

const block = (index: number, content_block: unknown, ...deltas: ReadonlyArray<unknown>) => [
  { type: "content_block_start", index, content_block },
  ...deltas.map((delta) => ({ type: "content_block_delta", index, delta })),
  { type: "content_block_stop", index }
]

const messageStreams: Readonly<Record<string, Written>> = {
  "messages stream of everything": named(
    "/messages",
    { type: "message_start", message },
    { type: "ping" },
    ...block(0, { type: "thinking", thinking: "", signature: "" }, { type: "thinking_delta", thinking: "Hm" }, {
      type: "signature_delta",
      signature: "c2ln"
    }),
    ...block(1, { type: "redacted_thinking", data: "eA" }),
    ...block(2, { type: "text", text: "" }, { type: "text_delta", text: "Hällo " }, { type: "text_delta", text: "🌍" }),
    ...block(3, { type: "tool_use", id: "toolu_1", name: "add", input: {} }, {
      type: "input_json_delta",
      partial_json: `{"a":`
    }, { type: "input_json_delta", partial_json: "1}" }),
    { type: "something_new" },
    {
      type: "message_delta",
      delta: { stop_reason: "tool_use", stop_sequence: null },
      usage: { input_tokens: 7, output_tokens: 9, cost: 0.001, is_byok: false }
    },
    { type: "message_stop" }
  ),
  "messages stream with an error": named(
    "/messages",
    { type: "message_start", message },
    ...block(0, { type: "text", text: "" }, { type: "text_delta", text: "Hal" }).slice(0, 2),
    {
      type: "error",
      error: { type: "overloaded_error", message: "Overloaded", error_type: "provider_overloaded" }
    }
  ),
  "messages stream that breaks off": {
    ...named("/messages"),
    body: named("/messages", { type: "message_start", message }).body.slice(0, -30)
  }
}

const response = { id: "gen-3", object: "response", model: "acme/small-1", output: [], status: "in_progress" }

const item = { type: "message", id: "msg_1", role: "assistant", status: "in_progress", content: [] }

const place = { output_index: 0, content_index: 0, item_id: "msg_1" }

const began = [
  { type: "response.created", sequence_number: 0, response },
  { type: "response.output_item.added", sequence_number: 1, output_index: 0, item },
  { type: "response.content_part.added", ...place, part: { type: "output_text", text: "", annotations: [] } },
  { type: "response.output_text.delta", ...place, delta: "Hällo " },
  { type: "response.output_text.delta", ...place, delta: "🌍" }
]

const said = { type: "output_text", text: "Hällo 🌍", annotations: [] }

const finished = { ...item, status: "completed", content: [said] }

const ended = [
  { type: "response.output_text.done", ...place, text: "Hällo 🌍" },
  { type: "response.content_part.done", ...place, part: said },
  { type: "response.output_item.done", output_index: 0, item: finished }
]

const responseStreams: Readonly<Record<string, Written>> = {
  "responses stream": sse("/responses", ...began, ...ended, { type: "response.something.new", x: 1 }, {
    type: "response.completed",
    response: {
      ...response,
      status: "completed",
      output: [finished],
      usage: { input_tokens: 1, output_tokens: 2, total_tokens: 3 }
    }
  }, done),
  "responses stream whose end lists no output": sse("/responses", ...began, ...ended, {
    type: "response.completed",
    response: { ...response, status: "completed" }
  }, done),
  "responses stream that is cut short": sse("/responses", ...began, {
    type: "response.incomplete",
    response: { ...response, status: "incomplete", incomplete_details: { reason: "max_output_tokens" } }
  }, done),
  "responses stream that breaks off": sse("/responses", ...began),
  "responses stream that fails": sse("/responses", ...began, {
    type: "response.failed",
    response: { ...response, status: "failed", error: { code: "server_error", message: "The model broke" } }
  }, done),
  "responses stream with a nested error": sse("/responses", ...began, {
    type: "error",
    error: { code: "rate_limit_exceeded", message: "Slow down" }
  }),
  "responses stream with a flat error": sse("/responses", ...began, {
    type: "error",
    code: "invalid_prompt",
    message: "Not like this",
    param: null,
    sequence_number: 5
  })
}

const html = "<!DOCTYPE html><html><head><style>p{}</style></head><body><h1>Bad gateway</h1></body></html>"

const refusals: Readonly<Record<string, Written>> = {
  "chat page of a proxy": { path: chat, status: 502, body: html, headers: { "content-type": "text/html" } },
  "chat without a body": { path: chat, status: 503, body: "", headers: { "retry-after": "7" } },
  "chat with half a body": { path: chat, status: 500, body: `{"error":{"message":"Inter` },
  "chat timeout of the edge": json(chat, { error: { code: 524, message: "A timeout occurred" } }, { status: 524 }),
  "chat error with a string": json(chat, { error: { code: "oops", message: "Odd" } }, { status: 400 }),
  "chat error with availability": json(chat, {
    error: { code: 503, message: "No capacity", availability: { code: "busy", retryable: true, retry_after: 12 } }
  }, { status: 503 }),
  "chat status that nobody knows": json(chat, { error: { code: 418, message: "Teapot" } }, { status: 418 }),
  "messages refusal": json("/messages", {
    type: "error",
    error: { type: "not_found_error", message: "No such model" },
    request_id: null
  }, { status: 404 }),
  "responses refusal": json("/responses", { error: { code: "invalid_prompt", message: "No input" }, metadata: null }, {
    status: 400
  }),
  "speech refusal": json("/audio/speech", { error: { code: 400, message: "No such voice" } }, { status: 400 }),
  "embeddings refusal": json("/embeddings", { error: { code: 400, message: "Model x does not exist" } }, {
    status: 400
  })
}

const answers: Readonly<Record<string, Written>> = {
  "chat page in place of an answer": { path: chat, body: html, headers: { "content-type": "text/html" } },
  "chat error in a good status": json(chat, { error: { code: 429, message: "Slow down" }, user_id: "user_1" }),
  "chat with an error in its choice": json(chat, {
    id: "gen-1",
    model: "acme/small-1",
    user_id: "user_1",
    choices: [{
      index: 0,
      finish_reason: "tool_calls",
      message: { role: "assistant", content: "a", tool_calls: [] },
      error: { code: 502, message: "Provider returned error", metadata: { raw: { retryable: true } } }
    }],
    usage: { prompt_tokens: 3, completion_tokens: 5, total_tokens: 8, cost: 0.5 }
  }),
  "responses that failed": json("/responses", {
    id: "gen-3",
    model: "acme/small-1",
    status: "failed",
    output: [],
    error: { code: "rate_limit_exceeded", message: "Slow down" }
  }),
  "speech": {
    path: "/audio/speech",
    body: new Uint8Array([255, 251, 144, 0, 10, 13, 0]),
    headers: { "content-type": "audio/mpeg", "x-generation-id": "gen-tts-1" }
  },
  "credits": json("/credits", { data: { total_credits: 10, total_usage: 2.5 } }, { method: "GET" }),
  "model count": json("/models/count", { data: { count: 3 } }, { method: "GET" }),
  "model count by query": json("/models/count?output_modalities=text", { data: { count: 3 } }, { method: "GET" }),
  "images stream": sse(
    "/images",
    {
      type: "image_generation.partial_image",
      b64_json: "AA",
      partial_image_index: 0
    },
    { type: "image_generation.completed", b64_json: "AAAA", media_type: "image/png", created: 1 },
    done
  ),
  "images stream with an error": sse("/images", {
    type: "error",
    error: { code: "server_error", message: "No picture" }
  }, done)
}

export const written = Object.entries({
  ...chatStreams,
  ...messageStreams,
  ...responseStreams,
  ...refusals,
  ...answers
})
  .map(([name, exchange]) => write(name, exchange))
