import { ChatResult } from "../../../schema/Chat.js"
import { guard } from "../../../schema/guard.js"
import { InternChatEvent, InternChatSteeredResponse } from "../../../schema/Interns.js"
import { chunks } from "./chatEvents.js"
import { type EventsOf, eventsOf } from "./eventsOf.js"

const isCompletion = guard(ChatResult)
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
