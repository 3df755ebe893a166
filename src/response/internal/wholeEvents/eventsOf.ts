/**
 * Whole responses as the events of a stream. Some servers send JSON though a stream was requested; its readers then
 * need the same events.
 */
import { isObject, type JsonObject } from "../../../internal/json.js"

/**
 * The events of a body; undefined if the body is no good response.
 *
 * @internal
 */
export type EventsOf<Event> = (body: unknown) => ReadonlyArray<Event> | undefined

/**
 * The events of the bodies that `isResult` accepts. The last event ends the response, so it must be a good one.
 *
 * @internal
 */
export const eventsOf = <Event>(
  isResult: (body: unknown) => boolean,
  isEvent: (event: unknown) => event is Event,
  events: (body: JsonObject) => ReadonlyArray<unknown>
): EventsOf<Event> =>
(body) => {
  if (!isObject(body) || !isResult(body)) return undefined
  const all = events(body)
  return isEvent(all.at(-1)) ? all.filter(isEvent) : undefined
}
