/** The responses of the benchmark server, in the shapes of the API. */
const id = "gen-1762105039-NYyXNcBmYFEZ0gq155P3"

export const chatChunk = (content: string, finish: string | null = null) => ({
  id,
  provider: "Fireworks",
  model: "openai/gpt-5-nano",
  object: "chat.completion.chunk",
  created: 1762105039,
  choices: [{
    index: 0,
    delta: { role: "assistant", content },
    finish_reason: finish,
    native_finish_reason: finish,
    logprobs: null
  }]
})

const chatUsage = { prompt_tokens: 9, completion_tokens: 12, total_tokens: 21, cost: 0.00001 }

export const chatResult = {
  id,
  provider: "Fireworks",
  model: "openai/gpt-5-nano",
  object: "chat.completion",
  created: 1762105039,
  system_fingerprint: null,
  choices: [{
    index: 0,
    logprobs: null,
    finish_reason: "stop",
    native_finish_reason: "stop",
    message: { role: "assistant", content: "Hello! How can I help you today?", refusal: null, reasoning: null }
  }],
  usage: chatUsage
}

export const chatEvents = (count: number): ReadonlyArray<unknown> => [
  ...Array.from({ length: count }, (_, index) => chatChunk(` word${index}`)),
  chatChunk("", "stop"),
  { ...chatChunk(""), choices: [], usage: chatUsage }
]

const toolCallDelta = (turn: number) => ({
  index: 0,
  id: `call_${turn}`,
  type: "function",
  function: { name: "add", arguments: JSON.stringify({ a: turn, b: 1 }) }
})

export const chatToolEvents = (turn: number): ReadonlyArray<unknown> => [
  {
    ...chatChunk(""),
    choices: [{
      index: 0,
      delta: { role: "assistant", content: null, tool_calls: [toolCallDelta(turn)] },
      finish_reason: null,
      native_finish_reason: null,
      logprobs: null
    }]
  },
  chatChunk("", "tool_calls"),
  { ...chatChunk(""), choices: [], usage: chatUsage }
]

const response = (status: string, output: ReadonlyArray<unknown>) => ({
  id,
  object: "response",
  created_at: 1762105039,
  completed_at: status === "completed" ? 1762105041 : null,
  model: "openai/gpt-5-nano",
  status,
  output,
  output_text: "",
  error: null,
  incomplete_details: null,
  instructions: null,
  max_output_tokens: null,
  metadata: {},
  parallel_tool_calls: true,
  presence_penalty: 0,
  frequency_penalty: 0,
  temperature: 1,
  top_p: 1,
  tool_choice: "auto",
  tools: [],
  usage: status === "completed"
    ? {
      input_tokens: 9,
      input_tokens_details: { cached_tokens: 0 },
      output_tokens: 12,
      output_tokens_details: { reasoning_tokens: 0 },
      total_tokens: 21,
      cost: 0.00001
    }
    : null
})

const numbered = (events: ReadonlyArray<object>): ReadonlyArray<unknown> =>
  events.map((event, sequence_number) => ({ ...event, sequence_number }))

export const responseEvents = (count: number): ReadonlyArray<unknown> => {
  const words = Array.from({ length: count }, (_, index) => ` word${index}`)
  const place = { output_index: 0, item_id: "msg_tmp_qzgme5u598q" }
  const part = { type: "output_text", annotations: [], logprobs: [] }
  const message = { id: place.item_id, type: "message", role: "assistant" }
  const whole = { ...message, status: "completed", content: [{ ...part, text: words.join("") }] }
  return numbered([
    { type: "response.created", response: response("in_progress", []) },
    { type: "response.in_progress", response: response("in_progress", []) },
    { type: "response.output_item.added", output_index: 0, item: { ...message, status: "in_progress", content: [] } },
    { type: "response.content_part.added", ...place, content_index: 0, part: { ...part, text: "" } },
    ...words.map((delta) => ({ type: "response.output_text.delta", ...place, content_index: 0, delta, logprobs: [] })),
    { type: "response.output_text.done", ...place, content_index: 0, text: words.join(""), logprobs: [] },
    { type: "response.content_part.done", ...place, content_index: 0, part: { ...part, text: words.join("") } },
    { type: "response.output_item.done", output_index: 0, item: whole },
    { type: "response.completed", response: response("completed", [whole]) }
  ])
}

export const responseToolEvents = (turn: number): ReadonlyArray<unknown> => {
  const item = {
    id: `fc_tmp_${turn}`,
    type: "function_call",
    call_id: `call_${turn}`,
    name: "add",
    arguments: JSON.stringify({ a: turn, b: 1 })
  }
  const place = { output_index: 0, item_id: item.id }
  const whole = { ...item, status: "completed" }
  return numbered([
    { type: "response.created", response: response("in_progress", []) },
    { type: "response.in_progress", response: response("in_progress", []) },
    { type: "response.output_item.added", output_index: 0, item: { ...item, arguments: "", status: "in_progress" } },
    { type: "response.function_call_arguments.delta", ...place, delta: item.arguments },
    { type: "response.function_call_arguments.done", ...place, name: item.name, arguments: item.arguments },
    { type: "response.output_item.done", output_index: 0, item: whole },
    { type: "response.completed", response: response("completed", [whole]) }
  ])
}

const listedModel = (index: number) => ({
  id: `maker/model-${index}`,
  canonical_slug: `maker/model-${index}-2025-11-02`,
  hugging_face_id: "",
  name: `Maker: Model ${index}`,
  created: 1762105039,
  description: "A model that follows instructions, calls tools and reads images, with a long context. ".repeat(9),
  context_length: 262144,
  architecture: {
    modality: "text+image->text",
    input_modalities: ["text", "image"],
    output_modalities: ["text"],
    tokenizer: "Other",
    instruct_type: null
  },
  pricing: { prompt: "0.0000002", completion: "0.0000008", request: "0", image: "0", web_search: "0" },
  top_provider: { context_length: 262144, max_completion_tokens: 32768, is_moderated: false },
  per_request_limits: null,
  supported_parameters: ["max_tokens", "temperature", "tools", "tool_choice", "top_p", "reasoning", "seed", "stop"],
  supported_voices: null,
  default_parameters: { temperature: null, top_p: null, frequency_penalty: null },
  knowledge_cutoff: null,
  expiration_date: null,
  links: { details: `/api/v1/models/maker/model-${index}-2025-11-02/endpoints` }
})

export const modelCount = 340

export const modelList = {
  data: Array.from({ length: modelCount }, (_, index) => listedModel(index)),
  total_count: modelCount,
  links: { next: null }
}
