/** Input that repeats the stored history of its conversation. */
import * as Effect from "effect/Effect"
import type { InvalidRequestError } from "../../../http/OpenRouterError.js"
import { isSameJson } from "../../../internal/canonicalJson.js"
import type { FunctionCallOutputItem, InputItem } from "../../../schema/ResponsesItemsRequest.js"
import type { Entry } from "../conversation/entry.js"
import { histories } from "../conversation/history.js"
import * as History from "../state/history.js"
import { isPrompt } from "../state/waiting.js"
import { invalid } from "./prepare.js"

type Items = ReadonlyArray<InputItem>

/**
 * The items of an input that are not stored yet. An input that begins with the stored history, as a whole or as it was
 * compacted, repeats it; outputs of its pending calls may stand among its items. An input that begins like the stored
 * history, has items of a model or a tool, and then differs, is refused: nobody can say which of both is meant.
 *
 * @internal
 */
export const withoutStored = (whole: Items, sent: Items, items: Items): Effect.Effect<Items, InvalidRequestError> => {
  const inWhole = findStored(whole, items)
  const { added, known, stored, waiting } = inWhole.added !== undefined || sent === whole
    ? inWhole
    : furthest(inWhole, findStored(sent, items))
  if (known === 0) return Effect.succeed(items)
  if (added !== undefined) return Effect.succeed(added)
  if (items.every((item) => isPrompt(item) || isOutputOf(item, waiting))) return Effect.succeed(items)
  return invalid(
    "input",
    `it repeats the first ${known} of the ${stored.length} stored items of the conversation and then differs. It may be an ` +
      "old or a changed copy of the history. Give only what is new, or the whole stored history and what is new behind it"
  )
}

/** How far an input repeats stored items, and what it adds if it repeats all of them. */
interface Found {
  readonly stored: Items
  readonly waiting: ReadonlySet<string>
  readonly known: number
  readonly added: Items | undefined
}

const furthest = (one: Found, other: Found): Found => other.added !== undefined || other.known > one.known ? other : one

const findStored = (stored: Items, items: Items): Found => {
  const waiting = new Set(History.pendingCalls(stored).map(({ callId }) => callId))
  const outputs: Array<FunctionCallOutputItem> = []
  let known = 0
  let read = 0
  for (const item of items) {
    if (known === stored.length) break
    if (isSameJson(item, stored[known])) known++
    else if (isOutputOf(item, waiting)) outputs.push(item)
    else break
    read++
  }
  return { stored, waiting, known, added: known === stored.length ? [...outputs, ...items.slice(read)] : undefined }
}

const isOutputOf = (item: InputItem, calls: ReadonlySet<string>): item is FunctionCallOutputItem =>
  item.type === "function_call_output" && calls.has(item.call_id)

/**
 * Whether the run of this id stored this input before. Then its caller repeats the run, and nothing of the input is new.
 * Without an id, the same words may as well be said twice. Once another run has stored new input, the run is not repeated
 * any more.
 *
 * @internal
 */
export const isRepeated = (entries: ReadonlyArray<Entry>, run: string | undefined, items: Items): boolean => {
  if (run === undefined || items.length === 0) return false
  const at = entries.findLastIndex((entry) => entry._tag === "input" && entry.by === undefined)
  const last = entries[at]
  const stored = last?._tag === "input" ? last.items : []
  const opened = entries.slice(0, Math.max(0, at)).findLast(({ _tag }) => _tag === "opened")
  const said = withoutReplies(items)
  const isSame = said.length === 0
    ? entries.some((entry) => entry._tag === "opened" && entry.run === run)
    : opened?._tag === "opened" && opened.run === run &&
      [stored, ...Object.values(histories(entries.slice(0, at + 1)))].some((all) =>
        isSameJson(said, withoutReplies(all))
      )
  const known = [...stored, ...entries.flatMap((entry) => entry._tag === "output" ? [entry.item] : [])]
  return isSame && items.filter(isReply).every((item) => known.some((other) => isSameJson(item, other)))
}

/** Outputs have places of their own, and the run answers some requests for approvals itself. */
const isReply = ({ type }: InputItem): boolean => type === "function_call_output" || type === "mcp_approval_response"

const withoutReplies = (items: Items): Items => items.filter((item) => !isReply(item))
