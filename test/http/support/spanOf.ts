/** Calls whose first span is read: what it holds of their text. */
import { assert } from "@effect/vitest"
import * as Effect from "effect/Effect"
import type * as OpenRouterClient from "../../../src/http/OpenRouterClient.js"
import * as Chat from "../../../src/services/Chat.js"
import * as Responses from "../../../src/services/Responses.js"
import { tracer } from "../../support/effect/tracing.js"
import { memory, over, respond, type Responder } from "./memory.js"
import * as Rows from "./rows.js"

export const json = (value: unknown): unknown =>
  typeof value === "string" && value.startsWith("[") ? JSON.parse(value) : value

/** The attributes and events of the first span of a call. */
export const spanOf = <A, E>(
  call: Effect.Effect<A, E, OpenRouterClient.OpenRouterClient>,
  telemetry: OpenRouterClient.TelemetryOptions | undefined,
  responder: Responder = respond(200, Rows.reply),
  options: OpenRouterClient.Options = {}
) =>
  Effect.gen(function*() {
    const { spans, tracer: recording } = tracer()
    const client = { ...options, ...(telemetry === undefined ? {} : { telemetry }), retry: false as const }
    yield* Effect.exit(Effect.withTracer(Effect.provide(call, over(memory(responder), client)), recording))
    const span = spans[0] ?? assert.fail("no span")
    const at = (name: string) => json(span.attributes.get(name))
    return { span, at, input: at("gen_ai.input.messages"), output: at("gen_ai.output.messages") }
  })

export const model = "acme/small"
export const usage = { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 }

export const conversation = Chat.send({
  model,
  messages: [
    { role: "system", content: "Be brief." },
    { role: "user", content: [{ type: "text", text: "What is this?" }] },
    {
      role: "assistant",
      content: null,
      tool_calls: [{ id: "call_1", type: "function", function: { name: "look", arguments: `{"at":"it"}` } }]
    },
    { role: "tool", tool_call_id: "call_1", content: "A stone" }
  ]
})

export const chatReply = {
  id: "gen-1",
  object: "chat.completion",
  created: 1,
  model,
  system_fingerprint: null,
  choices: [{
    index: 0,
    finish_reason: "stop",
    message: { role: "assistant", content: "A stone.", reasoning: "It is grey." }
  }],
  usage
}

export const responsesReply = {
  id: "resp_1",
  object: "response",
  created_at: 1,
  completed_at: 2,
  model,
  status: "completed",
  error: null,
  incomplete_details: null,
  instructions: null,
  metadata: null,
  parallel_tool_calls: true,
  temperature: null,
  top_p: null,
  presence_penalty: null,
  frequency_penalty: null,
  tool_choice: "auto",
  tools: [],
  output: [
    { type: "reasoning", id: "rs_1", summary: [{ type: "summary_text", text: "Look." }] },
    {
      type: "function_call",
      id: "fc_1",
      call_id: "call_1",
      name: "look",
      arguments: `{"at":"it"}`,
      status: "completed"
    }
  ],
  usage: {
    input_tokens: 1,
    output_tokens: 1,
    total_tokens: 2,
    input_tokens_details: { cached_tokens: 0 },
    output_tokens_details: { reasoning_tokens: 0 }
  }
}

export const responsesOf = (fields: object, output: ReadonlyArray<unknown> = responsesReply.output) =>
  spanOf(
    Responses.send({ model, input: "Hi" }),
    { content: "span" },
    respond(200, { ...responsesReply, output, ...fields })
  )

export const noContent = (span: { readonly attributes: ReadonlyMap<string, unknown>; readonly events: unknown }) => {
  assert.notInclude(JSON.stringify([...span.attributes]), "stone")
  assert.notInclude(JSON.stringify([...span.attributes]), "brief")
  assert.deepStrictEqual(span.events, [])
}
