/** Whole responses of each API, as JSON: "Once upon", after some reasoning, with a call where the API has calls. */
import { usage } from "../../support/events.js"

const call = { name: "work", arguments: "{\"a\":1}" }

export const wholeResults = {
  chat: {
    id: "gen-1",
    object: "chat.completion",
    created: 1700000000,
    model: "test/model",
    provider: "Test",
    system_fingerprint: null,
    choices: [{
      index: 0,
      finish_reason: "tool_calls",
      native_finish_reason: "tool_use",
      message: {
        role: "assistant",
        content: "Once upon",
        reasoning: "Hm",
        reasoning_details: [{ type: "reasoning.text", text: "Hm", format: "test", index: 0 }],
        tool_calls: [
          { id: "call_1", type: "function", index: 0, function: call },
          { id: "call_2", type: "function", index: 1, function: call }
        ]
      }
    }, {
      index: 1,
      finish_reason: "stop",
      native_finish_reason: "stop",
      message: { role: "assistant", content: "Twice" }
    }],
    usage
  },
  completion: {
    id: "gen-1",
    object: "text_completion",
    created: 1700000000,
    model: "test/model",
    provider: "Test",
    choices: [{ index: 0, text: "Once upon", finish_reason: "stop", native_finish_reason: "stop", logprobs: null }],
    usage
  },
  images: {
    created: 1700000000,
    data: [{ b64_json: "AA", media_type: "image/png" }, { b64_json: "BB" }],
    usage
  },
  message: {
    id: "gen-1",
    type: "message",
    role: "assistant",
    model: "test/model",
    container: null,
    content: [
      { type: "thinking", thinking: "Hm", signature: "Eq0E" },
      { type: "text", text: "Once upon", citations: null },
      { type: "tool_use", id: "toolu_1", name: "work", caller: { type: "direct" }, input: { a: 1 } }
    ],
    stop_reason: "tool_use",
    stop_sequence: null,
    stop_details: null,
    usage: { input_tokens: 7, output_tokens: 3, cost: 0.5 }
  },
  response: {
    id: "gen-1",
    object: "response",
    created_at: 1700000000,
    completed_at: 1700000001,
    model: "test/model",
    status: "completed",
    error: null,
    incomplete_details: null,
    instructions: null,
    metadata: null,
    output: [
      {
        type: "reasoning",
        id: "rs_1",
        summary: [{ type: "summary_text", text: "Hm" }],
        content: [{ type: "reasoning_text", text: ", so" }]
      },
      {
        type: "message",
        id: "msg_1",
        role: "assistant",
        status: "completed",
        content: [{ type: "output_text", text: "Once upon", annotations: [] }]
      },
      { type: "function_call", id: "fc_1", call_id: "call_1", status: "completed", ...call }
    ],
    parallel_tool_calls: true,
    temperature: 1,
    tool_choice: "auto",
    tools: [],
    top_p: 1,
    usage: { input_tokens: 7, output_tokens: 3, total_tokens: 10, cost: 0.5 }
  }
}
