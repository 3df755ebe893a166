/** The same response, "Once upon a time", in the words of each API, whole and broken off. */

/** What the server of a cell sends. */
export interface Wire {
  readonly api: "json" | "chat" | "responses" | "messages"
  readonly type: string
  /** The response until "Once upon"; that of a stream up to the end of an event. */
  readonly begun: string
  /** What follows: the rest of the response. */
  readonly rest: string
  /** A part of what follows: the middle of an event. */
  readonly half: string
  /** A response with another text. */
  readonly saying: (text: string) => string
  /** The same response in the form that was not requested: events for JSON, JSON for events. */
  readonly otherForm: string
  /** One event, or the body, that is this error in the way that the API documents. */
  readonly error: (code: number, message: string) => string
  /** How else errors come, by name; each begins where `begun` ends, or is a body. */
  readonly errors: Readonly<Record<ErrorForm, string>>
}

/** Where an error of a good status hides. */
export type ErrorForm = "documented" | "bare" | "closing" | "unsaid" | "text" | "untyped"

const json = JSON.stringify

export const event = (payload: unknown): string => `data: ${json(payload)}\n\n`

const named = (payload: { readonly type: string; readonly [field: string]: unknown }): string =>
  `event: ${payload.type}\n${event(payload)}`

const done = "data: [DONE]\n\n"
const comment = ": OPENROUTER PROCESSING\n\n"
const id = "gen-1"
const model = "test/model"
const broken = { code: 502, message: "Upstream died" }
const bareError = { error: broken, user_id: "user_1" }

const splitAt = (text: string, said: string): readonly [string, string] => {
  const at = text.indexOf(said) + said.length
  return [text.slice(0, at), text.slice(at)]
}

const completion = (content: string, finish: unknown = "stop", rest: object = {}) => ({
  id,
  object: "chat.completion",
  created: 1,
  model,
  choices: [{ index: 0, finish_reason: finish, message: { role: "assistant", content }, ...rest }],
  usage: { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3, cost: 0.5 }
})

const chunk = (content: string, finish: string | null = null, rest: object = {}) =>
  event({
    id,
    object: "chat.completion.chunk",
    created: 1,
    model,
    choices: [{ index: 0, delta: { role: "assistant", content }, finish_reason: finish }],
    ...rest
  })

const chatJson: Wire = (() => {
  const saying = (text: string) => json(completion(text))
  const [begun, rest] = splitAt(saying("Once upon a time"), "Once upon")
  return {
    api: "json",
    type: "application/json",
    begun,
    rest,
    half: rest.slice(0, 5),
    saying,
    otherForm: comment + chunk("Once upon") + chunk(" a time", "stop") + done,
    error: (code, message) => json({ error: { code, message } }),
    errors: {
      documented: json({ error: broken }),
      bare: json(bareError),
      closing: json(completion("Once upon", null, { error: broken })),
      unsaid: json(completion("Once upon", "error")),
      text: json({ error: "Upstream died" }),
      untyped: json(broken)
    }
  }
})()

const chatStream: Wire = (() => {
  const end = chunk("", "stop") + done
  return {
    api: "chat",
    type: "text/event-stream",
    begun: comment + chunk("Once upon"),
    rest: chunk(" a time") + end,
    half: chunk(" a time").slice(0, 150),
    saying: (text) => comment + chunk(text) + end,
    otherForm: json(completion("Once upon a time")),
    error: (code, message) => chunk("", "error", { error: { code, message } }),
    errors: {
      documented: chunk("", "error", { error: broken }),
      bare: event(bareError),
      closing: chunk("", "stop", { error: broken }) + done,
      unsaid: chunk("", "error") + done,
      text: event({ error: "Upstream died" }) + done,
      untyped: event(broken) + done
    }
  }
})()

const response = (status: string, output: ReadonlyArray<unknown>, rest: object = {}) => ({
  id,
  object: "response",
  model,
  status,
  output,
  usage: null,
  ...rest
})

const message = (text: string, status: string, content = [{ type: "output_text", text, annotations: [] }]) => ({
  type: "message",
  id: "msg_1",
  role: "assistant",
  status,
  content
})

const responses: Wire = (() => {
  const open = comment + event({ type: "response.created", response: response("in_progress", []) }) +
    event({ type: "response.output_item.added", output_index: 0, item: message("", "in_progress", []) }) +
    event({
      type: "response.content_part.added",
      output_index: 0,
      item_id: "msg_1",
      content_index: 0,
      part: { type: "output_text", text: "", annotations: [] }
    })
  const delta = (text: string) =>
    event({ type: "response.output_text.delta", output_index: 0, item_id: "msg_1", content_index: 0, delta: text })
  const completed = (text: string) =>
    response("completed", [message(text, "completed")], {
      usage: { input_tokens: 1, output_tokens: 2, total_tokens: 3, cost: 0.5 }
    })
  const end = (text: string) => event({ type: "response.completed", response: completed(text) }) + done
  const failed = (error: unknown) => event({ type: "response.failed", response: response("failed", [], { error }) })
  return {
    api: "responses",
    type: "text/event-stream",
    begun: open + delta("Once upon"),
    rest: delta(" a time") + end("Once upon a time"),
    half: delta(" a time").slice(0, 60),
    saying: (text) => open + delta(text) + end(text),
    otherForm: json(completed("Once upon a time")),
    error: (code, message) => failed({ code, message }),
    errors: {
      documented: failed(broken),
      bare: event(bareError),
      closing: event({ type: "error", error: broken }) + done,
      unsaid: failed(null) + done,
      text: event({ error: "Upstream died" }) + done,
      untyped: event({ type: "error", ...broken }) + done
    }
  }
})()

const messages: Wire = (() => {
  const message = (content: ReadonlyArray<unknown>, stop_reason: string | null) => ({
    id,
    type: "message",
    role: "assistant",
    model,
    content,
    container: null,
    stop_reason,
    stop_details: null,
    stop_sequence: null,
    usage: { input_tokens: 1, output_tokens: 0 }
  })
  const open = comment + named({ type: "message_start", message: message([], null) }) +
    named({ type: "content_block_start", index: 0, content_block: { type: "text", text: "", citations: null } })
  const delta = (text: string) => named({ type: "content_block_delta", index: 0, delta: { type: "text_delta", text } })
  const end = named({ type: "content_block_stop", index: 0 }) +
    named(
      {
        type: "message_delta",
        delta: { stop_reason: "end_turn", stop_sequence: null, stop_details: null, container: null },
        usage: { output_tokens: 2 }
      }
    ) + named({ type: "message_stop" }) + `event: data\n${done}`
  const failed = (error: unknown) => named({ type: "error", error })
  return {
    api: "messages",
    type: "text/event-stream",
    begun: open + delta("Once upon"),
    rest: delta(" a time") + end,
    half: delta(" a time").slice(0, 70),
    saying: (text) => open + delta(text) + end,
    otherForm: json(message([{ type: "text", text: "Once upon a time", citations: null }], "end_turn")),
    error: (code, message) => failed({ code, message }),
    errors: {
      documented: failed({ type: "api_error", message: "Upstream died", error_type: "provider_unavailable" }),
      bare: event(bareError),
      closing: failed(broken) + done,
      unsaid: failed(null) + done,
      text: event({ error: "Upstream died" }) + done,
      untyped: named({ type: "error", ...broken }) + done
    }
  }
})()

/** The first turn of an agent: a call of its tool, paid with $0.25. */
export const toolCall = event({
  type: "response.completed",
  response: response("completed", [
    { type: "function_call", id: "fc_1", call_id: "call_1", name: "work", arguments: "{}", status: "completed" }
  ], { id: "gen-0", usage: { input_tokens: 1, output_tokens: 1, total_tokens: 2, cost: 0.25 } })
}) + done

export const wires = { json: chatJson, chat: chatStream, responses, messages }

/** The rest of a response up to its last event. */
export const withoutDone = ({ rest }: Wire): string => rest.replace(/(event: data\n)?data: \[DONE\]\n\n/, "")

export const head = (status: number | string, headers: string): string =>
  `HTTP/1.1 ${status}${typeof status === "number" ? " Status" : ""}\r\n${headers}${
    /connection:/.test(headers) ? "" : "connection: close\r\n"
  }\r\n`

/** The head of a good response. */
export const good = (wire: Wire, headers = ""): string =>
  head(200, `content-type: ${wire.type}\r\nx-generation-id: ${id}\r\n${headers}`)

export const chunked = (text: string): string => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`

export const lastChunk = "0\r\n\r\n"
