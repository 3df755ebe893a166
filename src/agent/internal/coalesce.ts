import type { JsonObject } from "../../http/internal/json.js"

/**
 * Puts pieces together that follow each other in the same place: same kind, same item, same part. The other fields of
 * such events are equal; of their numbers the last stays. All other events stay as they are.
 *
 * @internal
 */
export const coalesce = <Event extends object>(events: ReadonlyArray<Event>): ReadonlyArray<Event> => {
  const joined: Array<Event> = []
  for (let start = 0; start < events.length;) {
    const first = events[start]
    if (first === undefined) break
    const end = endOfPieces(events, start)
    joined.push(end - start > 1 && isPiece(first) ? join(first, events.slice(start, end).filter(isPiece)) : first)
    start = end
  }
  return joined
}

interface Piece extends JsonObject {
  readonly delta: string
}

const isPiece = <Event extends object>(event: Event): event is Event & Piece => {
  const type: unknown = Reflect.get(event, "type")
  return typeof type === "string" && type.endsWith(".delta") && typeof Reflect.get(event, "delta") === "string"
}

/** Where the pieces end that belong to the event at `start`. */
const endOfPieces = (events: ReadonlyArray<object>, start: number): number => {
  const first = events[start]
  let end = start + 1
  if (first === undefined || !isPiece(first)) return end
  const place = Object.keys(first).filter((key) => !growing.has(key))
  for (; end < events.length; end++) {
    const next = events[end]
    if (next === undefined || !isPiece(next) || !isAt(next, first, place)) break
  }
  return end
}

const growing: ReadonlySet<string> = new Set(["delta", "sequence_number", "logprobs"])

const isAt = (event: JsonObject, first: JsonObject, place: ReadonlyArray<string>): boolean => {
  for (const key of place) {
    if (event[key] !== first[key]) return false
  }
  return Object.keys(event).length === Object.keys(first).length
}

const join = <Event extends object>(first: Event & Piece, pieces: ReadonlyArray<Piece>): Event => ({
  ...first,
  delta: pieces.map((piece) => piece.delta).join(""),
  ...(Object.hasOwn(first, "sequence_number") ? { sequence_number: pieces.at(-1)?.["sequence_number"] } : {}),
  ...(Array.isArray(first["logprobs"]) ? { logprobs: pieces.flatMap((piece) => piece["logprobs"] ?? []) } : {})
})
