import { arrayAt, isObject, type JsonObject, stringAt } from "../../../internal/json.js"
import { guard } from "../../../schema/guard.js"
import { OpenResponsesResult } from "../../../schema/Responses.js"
import { StreamEvents } from "../../../schema/ResponsesEvents.js"
import { type EventsOf, eventsOf } from "./eventsOf.js"

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
