/**
 * Whole responses as the events of a stream. Some servers send JSON though a stream was requested; its readers then
 * need the same events.
 *
 * @since 0.1.0
 */
import { arrayAt, defined, isObject, type JsonObject, objectAt, stringAt } from "../internal/json.js"
import { ChatResult, ChatStreamChunk } from "../schema/Chat.js"
import { CompletionChunk, CompletionResponse } from "../schema/Completions.js"
import { guard } from "../schema/guard.js"
import { ImageGenerationResponse, ImageStreamEvent } from "../schema/Images.js"
import { InternChatEvent, InternChatSteeredResponse } from "../schema/Interns.js"
import { MessagesResult } from "../schema/Messages.js"
import { MessagesStreamEvents } from "../schema/MessagesEvents.js"
import { OpenResponsesResult } from "../schema/Responses.js"
import { StreamEvents } from "../schema/ResponsesEvents.js"

/**
 * The events of a body; undefined if the body is no good response.
 *
 * @internal
 */
export type EventsOf<Event> = (body: unknown) => ReadonlyArray<Event> | undefined

/** The events of the bodies that `isResult` accepts. The last event ends the response, so it must be a good one. */
const eventsOf = <Event>(
  isResult: (body: unknown) => boolean,
  isEvent: (event: unknown) => event is Event,
  events: (body: JsonObject) => ReadonlyArray<unknown>
): EventsOf<Event> =>
(body) => {
  if (!isObject(body) || !isResult(body)) return undefined
  const all = events(body)
  return isEvent(all.at(-1)) ? all.filter(isEvent) : undefined
}

const asDelta = (choice: unknown): unknown => {
  if (!isObject(choice)) return choice
  const { message, ...rest } = choice
  const calls = arrayAt(message, "tool_calls").map((call, index) => isObject(call) ? { index, ...call } : call)
  return { ...rest, delta: { ...objectAt(choice, "message"), ...(calls.length === 0 ? {} : { tool_calls: calls }) } }
}

const chunks = (body: JsonObject): ReadonlyArray<unknown> => [
  { ...body, object: "chat.completion.chunk", choices: arrayAt(body, "choices").map(asDelta) }
]

const isCompletion = guard(ChatResult)

/**
 * A chat completion as one chunk.
 *
 * @internal
 */
export const chatEvents: EventsOf<ChatStreamChunk> = eventsOf(isCompletion, guard(ChatStreamChunk), chunks)

const isSteered = guard(InternChatSteeredResponse)

/**
 * The reply of an intern as one chunk. Where the message went to a running turn, the body is itself the event.
 *
 * @internal
 */
export const internEvents: EventsOf<InternChatEvent> = eventsOf(
  (body) => isSteered(body) || isCompletion(body),
  guard(InternChatEvent),
  (body) => isSteered(body) ? [body] : chunks(body)
)

/**
 * A text completion as one chunk.
 *
 * @internal
 */
export const completionEvents: EventsOf<CompletionChunk> = eventsOf(
  guard(CompletionResponse),
  guard(CompletionChunk),
  (body) => [body]
)

/**
 * The images of a response as one event each.
 *
 * @internal
 */
export const imageEvents: EventsOf<ImageStreamEvent> = eventsOf(
  guard(ImageGenerationResponse),
  guard(ImageStreamEvent),
  ({ created, usage, ...body }) => {
    const images = arrayAt(body, "data")
    return images.map((image, index) =>
      defined({
        type: "image_generation.completed",
        created: created ?? 0,
        ...(isObject(image) ? image : {}),
        usage: index === images.length - 1 ? usage : undefined
      })
    )
  }
)

/** The text of a block comes as a piece of its own, as in a stream. */
const blockEvents = (block: unknown, index: number): ReadonlyArray<unknown> => {
  const field = stringAt(block, "type") === "thinking" ? "thinking" : "text"
  const text = stringAt(block, "type") === field ? stringAt(block, field) : undefined
  const started = text === undefined || !isObject(block) ? block : { ...block, [field]: "" }
  return [
    { type: "content_block_start", index, content_block: started },
    ...(text === undefined
      ? []
      : [{ type: "content_block_delta", index, delta: { type: `${field}_delta`, [field]: text } }]),
    { type: "content_block_stop", index }
  ]
}

/**
 * A message as the events of its blocks.
 *
 * @internal
 */
export const messageEvents: EventsOf<MessagesStreamEvents> = eventsOf(
  guard(MessagesResult),
  guard(MessagesStreamEvents),
  (body) => [
    { type: "message_start", message: { ...body, content: [], stop_reason: null, stop_sequence: null } },
    ...arrayAt(body, "content").flatMap(blockEvents),
    {
      type: "message_delta",
      delta: defined({
        container: body["container"] ?? null,
        stop_details: body["stop_details"] ?? null,
        stop_reason: body["stop_reason"],
        stop_sequence: body["stop_sequence"] ?? null
      }),
      usage: body["usage"]
    },
    { type: "message_stop" }
  ]
)

/** The events of the parts of an item, and the item without them. */
interface Parts {
  readonly bare: JsonObject
  readonly events: ReadonlyArray<JsonObject>
}

const pieceOf = (list: "content" | "summary", part: unknown, index: number): ReadonlyArray<JsonObject> => {
  const type = stringAt(part, "type")
  const at = list === "content" ? { content_index: index } : { summary_index: index }
  const delta = stringAt(part, type === "refusal" ? "refusal" : "text")
  const name = type === "output_text" || type === "refusal" || type === "reasoning_text"
    ? type
    : type === "summary_text"
    ? "reasoning_summary_text"
    : undefined
  return delta === undefined || name === undefined ? [] : [{ type: `response.${name}.delta`, ...at, delta }]
}

const partsOf = (item: JsonObject): Parts => {
  const pieces = (list: "content" | "summary") =>
    arrayAt(item, list).flatMap((part, index) => pieceOf(list, part, index))
  const events = [...pieces("summary"), ...pieces("content")]
  const args = item["type"] === "function_call" ? stringAt(item, "arguments") : undefined
  const status = item["status"] === undefined ? {} : { status: "in_progress" }
  if (args !== undefined) {
    const type = "response.function_call_arguments"
    return {
      bare: { ...item, ...status, arguments: "" },
      events: [
        { type: `${type}.delta`, delta: args },
        { type: `${type}.done`, arguments: args, name: item["name"] }
      ]
    }
  }
  return {
    bare: {
      ...item,
      ...status,
      ...(Array.isArray(item["content"]) ? { content: [] } : {}),
      ...(Array.isArray(item["summary"]) ? { summary: [] } : {})
    },
    events
  }
}

const itemEvents = (item: unknown, index: number): ReadonlyArray<JsonObject> => {
  if (!isObject(item)) return []
  const { bare, events } = partsOf(item)
  const about = { output_index: index, ...(typeof item["id"] === "string" ? { item_id: item["id"] } : {}) }
  return [
    { type: "response.output_item.added", output_index: index, item: bare },
    ...events.map((event) => ({ ...event, ...about })),
    { type: "response.output_item.done", output_index: index, item }
  ]
}

const isResponse = guard(OpenResponsesResult)

/**
 * A response as the events of its items, if it is complete.
 *
 * @internal
 */
export const responseEvents: EventsOf<StreamEvents> = eventsOf(
  (body) => isResponse(body) && (body.status === "completed" || body.status === "incomplete"),
  guard(StreamEvents),
  (response) => {
    const all = [
      { type: "response.created", response: { ...response, status: "in_progress", output: [], usage: null } },
      ...arrayAt(response, "output").flatMap(itemEvents),
      { type: `response.${stringAt(response, "status") ?? "completed"}`, response }
    ]
    return all.map((event, index) => isObject(event) ? { ...event, sequence_number: index } : event)
  }
)
