import { CompletionChunk, CompletionResponse } from "../../../schema/Completions.js"
import { guard } from "../../../schema/guard.js"
import { type EventsOf, eventsOf } from "./eventsOf.js"

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
