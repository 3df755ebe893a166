import { arrayAt, isObject, type JsonObject, objectAt } from "../../../internal/json.js"
import { ChatResult, ChatStreamChunk } from "../../../schema/Chat.js"
import { guard } from "../../../schema/guard.js"
import { type EventsOf, eventsOf } from "./eventsOf.js"

const asDelta = (choice: unknown): unknown => {
  if (!isObject(choice)) return choice
  const { message, ...rest } = choice
  const calls = arrayAt(message, "tool_calls").map((call, index) => isObject(call) ? { index, ...call } : call)
  return { ...rest, delta: { ...objectAt(choice, "message"), ...(calls.length === 0 ? {} : { tool_calls: calls }) } }
}

/**
 * A whole completion as one chunk.
 *
 * @internal
 */
export const chunks = (body: JsonObject): ReadonlyArray<unknown> => [
  { ...body, object: "chat.completion.chunk", choices: arrayAt(body, "choices").map(asDelta) }
]

/**
 * A chat completion as one chunk.
 *
 * @internal
 */
export const chatEvents: EventsOf<ChatStreamChunk> = eventsOf(guard(ChatResult), guard(ChatStreamChunk), chunks)
