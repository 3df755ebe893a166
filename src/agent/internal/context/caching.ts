/**
 * Prompt caching. Providers cache a prompt from its beginning, as far as it is the same as before: tools, instructions, and
 * then the items. Most of them do so by themselves; the others cache what a request marks.
 */
import { isObject, jsonText, stringAt } from "../../../internal/json.js"
import type { InputItem } from "../../../schema/ResponsesItemsRequest.js"
import type { ResponsesRequest } from "../../../schema/ResponsesRequest.js"
import { endsBlock } from "../state/history.js"

/** More marks than this are refused. */
const mostMarks = 4

const mark = { mode: "explicit" } as const

/**
 * A request as caches of prompts serve it best. Requests of one session go to the provider that has the cache. If a model
 * needs marks, they are at the end of the instructions, of the input, and of the input of the request before; those of the
 * caller stay, and count.
 *
 * @internal
 */
export const cacheable = (request: ResponsesRequest, session: string): ResponsesRequest => {
  const inSession = { ...request, session_id: request.session_id ?? sessionId(session) }
  return needsMarks(request) ? withMarks(inSession) : inSession
}

const longestSessionId = 256

/** A longer id is refused. Two sessions that begin alike share a provider, which harms nobody. */
const sessionId = (session: string): string => session.slice(0, longestSessionId)

/** Whether a model that may respond caches only what is marked. */
const needsMarks = ({ model, models }: ResponsesRequest): boolean =>
  [model, ...(models ?? [])].some((name) => /^~?(anthropic|qwen)\//.test(name ?? ""))

const withMarks = ({ instructions, ...request }: ResponsesRequest): ResponsesRequest => {
  // Only texts of the input can be marked
  const told = instructions?.trim() ? [systemItem(instructions)] : []
  const input = [...told, ...itemsOf(request.input).map(inParts)]
  const own = input.reduce((sum, item) => sum + marksIn(item), hasMark(request) ? 1 : 0)
  for (const index of placesIn(input, told.length > 0).slice(0, Math.max(0, mostMarks - own))) {
    const item = input[index]
    if (item !== undefined) input[index] = marked(item)
  }
  return { ...request, input }
}

const systemItem = (text: string): InputItem => ({
  type: "message",
  role: "system",
  content: [{ type: "input_text", text }]
})

const itemsOf = (input: ResponsesRequest["input"]): ReadonlyArray<InputItem> =>
  typeof input === "string" ? [{ type: "message", role: "user", content: input }] : input ?? []

/** Where the marks go, the most useful first. A mark of the request before is read again where it is found exactly. */
const placesIn = (input: ReadonlyArray<InputItem>, isTold: boolean): ReadonlyArray<number> => {
  const newest = lastPlace(input, input.length)
  let before = newest
  while (before >= 0 && isSaid(input[before])) before--
  while (before >= 0 && !isSaid(input[before])) before--
  const places = [newest, lastPlace(input, before + 1), isTold ? 0 : -1]
  return [...new Set(places)].filter((index) => index >= 0 && marksIn(input[index]) === 0)
}

/** Whether an item is not from the model, so that it stands in the input of a request for the first time. */
const isSaid = (item: InputItem | undefined): boolean => item !== undefined && endsBlock(item)

const lastPlace = (input: ReadonlyArray<InputItem>, end: number): number =>
  input.slice(0, end).findLastIndex((item) => isSaid(item) && textsIn(item).length > 0)

/** The parts of an item that can carry a mark: texts that say anything, and that the model did not write. */
const textsIn = (item: InputItem): ReadonlyArray<object> =>
  partsIn(item).filter((part) =>
    stringAt(part, "type") === "input_text" && (stringAt(part, "text") ?? "").trim() !== ""
  )

const partsIn = (item: InputItem): ReadonlyArray<object> => {
  const parts: unknown = Reflect.get(item, fieldOf(item))
  return Array.isArray(parts) ? parts.filter(isObject) : []
}

/** The field with the text of an item. */
const fieldOf = ({ type }: InputItem): "output" | "content" => type === "function_call_output" ? "output" : "content"

const known = new WeakMap<InputItem, InputItem>()

/**
 * An item whose text is a part, whether it is marked or not: with the marks, which move on, nothing else may change. It is
 * computed once for each item.
 */
const inParts = (item: InputItem): InputItem => {
  const isText = item.type === "function_call_output" || isSaid(item) && (item.type ?? "message") === "message"
  const field = fieldOf(item)
  const text = stringAt(item, field)
  if (!isText || text === undefined) return item
  const made = known.get(item) ?? withField(item, field, [{ type: "input_text", text }])
  known.set(item, made)
  return made
}

const marked = (item: InputItem): InputItem => {
  const last = textsIn(item).at(-1)
  return withField(
    item,
    fieldOf(item),
    partsIn(item).map((part) => part === last ? { ...part, prompt_cache_breakpoint: mark } : part)
  )
}

// The parts have the types that the field takes
const withField = (item: InputItem, field: "output" | "content", parts: ReadonlyArray<object>): InputItem =>
  ({ ...item, [field]: parts }) as InputItem

const marksIn = (item: InputItem | undefined): number => item === undefined ? 0 : partsIn(item).filter(hasMark).length

const hasMark = (value: object): boolean =>
  isObject(Reflect.get(value, "prompt_cache_breakpoint")) || isObject(Reflect.get(value, "cache_control"))

/** What stands before the items in a prompt. */
const prefix = ["model", "tools", "instructions"] as const

/**
 * Compares each request of a run with the one before: a change of what stands before the items makes the provider read and
 * write its cache anew.
 *
 * @internal
 */
export class CachedPrefix {
  private last: ResponsesRequest | undefined = undefined

  /** The fields that are not as in the request before. */
  changed(request: ResponsesRequest): ReadonlyArray<string> {
    const { last } = this
    this.last = request
    if (last === undefined) return []
    return prefix.filter((field) =>
      last[field] !== request[field] && jsonText(last[field]) !== jsonText(request[field])
    )
  }
}
