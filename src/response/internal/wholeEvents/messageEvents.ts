import { arrayAt, defined, isObject, stringAt } from "../../../internal/json.js"
import { guard } from "../../../schema/guard.js"
import { MessagesResult } from "../../../schema/Messages.js"
import { MessagesStreamEvents } from "../../../schema/MessagesEvents.js"
import { type EventsOf, eventsOf } from "./eventsOf.js"

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
