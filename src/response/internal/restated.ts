import { arrayAt, isObject, type JsonObject, parseJson, stringAt } from "../../internal/json.js"
import { isEmpty, makeDraft } from "./fields.js"

/** Fields whose text arrives in pieces. */
const texts: ReadonlySet<string> = new Set(["text", "refusal", "arguments", "input", "code"])

const lists: ReadonlySet<string> = new Set(["content", "summary"])

/**
 * An item, or a part of one, that a later event states as a whole. What was streamed stays where the later statement is
 * silent: fields that are absent, null or empty, parts that are not listed, and the end of a text of which only the
 * beginning is stated.
 *
 * @internal
 */
export const restated = (known: JsonObject, stated: JsonObject): JsonObject => {
  const merged = makeDraft(restatedPart(known, stated))
  for (const key of lists) {
    const [before, after] = [known[key], stated[key]]
    if (!Array.isArray(before) || !Array.isArray(after)) continue
    merged[key] = joined(before, after, restatedPart)
  }
  return { ...merged }
}

/**
 * Whether a statement of a text has only its beginning. Arguments that are a whole object are not the beginning of
 * others: some providers send them once more.
 *
 * @internal
 */
export const isBeginningOf = (text: string, stated: string, field: string): boolean =>
  text.startsWith(stated) && !(field === "arguments" && isObject(parseJson(stated)?.value))

/** As `restated`, for a part, which has no parts of its own. The fields stand in the order of the statement. */
const restatedPart = (known: JsonObject, stated: JsonObject): JsonObject => {
  const merged = makeDraft(stated)
  for (const key in known) {
    const [before, after] = [known[key], stated[key]]
    const isCutOff = texts.has(key) && typeof before === "string" && typeof after === "string" &&
      isBeginningOf(before, after, key)
    const isSilent = after === undefined || (before !== null && isEmpty(after))
    // A status that was true while the item grew says nothing about the whole
    if (isCutOff || (isSilent && !(key === "status" && before === "in_progress"))) merged[key] = before
  }
  return { ...merged }
}

/**
 * The stated items, joined with those that were streamed and that the statement lacks. They belong together by id, and
 * without a common id by type and order.
 *
 * @internal
 */
export const joined = (
  streamed: ReadonlyArray<unknown>,
  stated: ReadonlyArray<unknown>,
  merge: (known: JsonObject, stated: JsonObject) => JsonObject
): ReadonlyArray<unknown> => {
  const pairs = pairsOf(streamed, stated)
  const paired = new Set(pairs.values())
  const all: Array<unknown> = []
  let next = 0
  const addStreamed = (end: number) => {
    for (; next < end; next++) {
      if (!paired.has(next)) all.push(streamed[next])
    }
  }
  for (const [index, item] of stated.entries()) {
    const place = pairs.get(index)
    const known = place === undefined ? undefined : streamed[place]
    if (place !== undefined) addStreamed(place)
    all.push(isObject(known) && isObject(item) ? merge(known, item) : item)
  }
  addStreamed(streamed.length)
  return all
}

/** The place of the streamed item, for each place of a stated one. */
const pairsOf = (streamed: ReadonlyArray<unknown>, stated: ReadonlyArray<unknown>): ReadonlyMap<number, number> => {
  const pairs = new Map<number, number>()
  const places = new Places(streamed)
  const paired = new Set<number>()
  for (const [index, item] of stated.entries()) {
    const place = places.take(item, paired)
    if (place === undefined) continue
    pairs.set(index, place)
    paired.add(place)
  }
  const free = new Map<string, Array<number>>()
  for (const [place, item] of streamed.toReversed().entries()) {
    const original = streamed.length - 1 - place
    const type = stringAt(item, "type")
    if (type === undefined || paired.has(original)) continue
    const others = free.get(type)
    if (others === undefined) free.set(type, [original])
    else others.push(original)
  }
  for (const [index, item] of stated.entries()) {
    if (pairs.has(index)) continue
    const others = free.get(stringAt(item, "type") ?? "")
    const place = others?.at(-1)
    if (others === undefined || place === undefined || !mayBeSame(streamed[place], item)) continue
    others.pop()
    pairs.set(index, place)
  }
  return pairs
}

/** The places of streamed items by their ids. Some models repeat an id, so an item of the statement takes the first one left. */
class Places {
  private readonly byId = new Map<string, { readonly places: Array<number>; next: number }>()

  constructor(streamed: ReadonlyArray<unknown>) {
    for (const [place, item] of streamed.entries()) {
      for (const id of idsOf(item)) {
        const known = this.byId.get(id)
        if (known === undefined) this.byId.set(id, { places: [place], next: 0 })
        else known.places.push(place)
      }
    }
  }

  take(item: unknown, paired: ReadonlySet<number>): number | undefined {
    for (const id of idsOf(item)) {
      const known = this.byId.get(id)
      if (known === undefined) continue
      for (; known.next < known.places.length; known.next++) {
        const place = known.places[known.next]
        if (place !== undefined && !paired.has(place)) return place
      }
    }
    return undefined
  }
}

const idsOf = (item: unknown): ReadonlyArray<string> =>
  ["id", "call_id"].flatMap((key) => {
    const id = stringAt(item, key)
    return id === undefined ? [] : [`${key} ${id}`]
  })

/** Two items without a common id may be one that got another id, unless they are different calls or texts. */
const mayBeSame = (known: unknown, stated: unknown): boolean => {
  if (stringAt(known, "call_id") !== undefined && stringAt(stated, "call_id") !== undefined) return false
  if (stringAt(known, "id") === undefined || stringAt(stated, "id") === undefined) return true
  const [before, after] = [textOf(known), textOf(stated)]
  return before.startsWith(after) || after.startsWith(before)
}

const textOf = (item: unknown): string =>
  [...arrayAt(item, "summary"), ...arrayAt(item, "content")].map((part) => stringAt(part, "text") ?? "").join("")
