/** A history as parts that are kept or removed as a whole. */
import { stringAt } from "../../../internal/json.js"
import type { InputItem } from "../../../schema/ResponsesItemsRequest.js"
import * as History from "../state/history.js"
import { findWaiting, isAnswer, isPrompt } from "../state/waiting.js"
import { tokensOfAll } from "./tokens.js"

/**
 * A part of a history. What a model wrote in a turn belongs together with the outputs of its calls and the answers to its
 * requests; so a call never loses its output, nor its reasoning.
 *
 * - `system`: an instruction of the system or the developer.
 * - `prompt`: input of the user.
 * - `turn`: a turn of the model, with what its calls returned.
 * - `waiting`: a turn of which something waits for the client.
 * - `note`: what an earlier compaction left in place of removed parts.
 *
 * @internal
 */
export interface Part {
  readonly kind: "system" | "prompt" | "turn" | "waiting" | "note"
  readonly items: ReadonlyArray<InputItem>
}

/**
 * The parts of a history, in order.
 *
 * @internal
 */
export const partsOf = (history: ReadonlyArray<InputItem>): ReadonlyArray<Part> => {
  const waiting = waitingItems(history)
  const parts: Array<Part> = []
  let turn: Array<InputItem> = []
  let isAnswered = false
  const close = () => {
    if (turn.length > 0) parts.push({ kind: turn.some((item) => waiting.has(item)) ? "waiting" : "turn", items: turn })
    turn = []
    isAnswered = false
  }
  for (const item of history) {
    if (isPrompt(item)) {
      close()
      parts.push({ kind: kindOf(item), items: [item] })
      continue
    }
    if (isAnswered && !isAnswer(item)) close()
    turn.push(item)
    // The server carries out an approved call in the next turn, and refers to the request in this one
    isAnswered = isAnswer(item) && item.type !== "mcp_approval_response"
  }
  close()
  return parts
}

const kindOf = (item: InputItem): Part["kind"] => {
  if (isNote(item)) return "note"
  return "role" in item && (item.role === "system" || item.role === "developer") ? "system" : "prompt"
}

const waitingItems = (history: ReadonlyArray<InputItem>): ReadonlySet<InputItem> => {
  const pending = new Set(History.pendingCalls(history).map(({ index }) => index))
  return new Set([
    ...history.filter((_, index) => pending.has(index)),
    ...findWaiting(history).map(({ item }) => item)
  ])
}

/** @internal */
export const itemsOf = (parts: ReadonlyArray<Part>): ReadonlyArray<InputItem> => parts.flatMap(({ items }) => items)

/** @internal */
export const tokensOfParts = (parts: ReadonlyArray<Part>): number =>
  parts.reduce((sum, { items }) => sum + tokensOfAll(items), 0)

const omission = "(Earlier parts of this conversation were left out to save space.)"

const summaryIntroduction = "Summary of the earlier parts of this conversation, which were left out to save space:\n\n"

/**
 * What stands in place of removed parts.
 *
 * @internal
 */
export const noteOf = (summary?: string): Part => ({
  kind: "note",
  items: [{ role: "user", content: summary === undefined ? omission : summaryIntroduction + summary }]
})

const isNote = (item: InputItem): boolean => {
  const content = stringAt(item, "content")
  return stringAt(item, "role") === "user" && content !== undefined &&
    (content === omission || content.startsWith(summaryIntroduction))
}

/**
 * What a summary of an earlier compaction says; nothing if a note has none.
 *
 * @internal
 */
export const summaryIn = ({ items, kind }: Part): string | undefined => {
  const content = kind === "note" ? stringAt(items[0], "content") : undefined
  return content?.startsWith(summaryIntroduction) === true ? content.slice(summaryIntroduction.length) : undefined
}

/**
 * Parts divided for a removal that keeps the last turns. `kept` also has the words of the system, everything that waits,
 * the prompts behind the first kept turn, and the last prompt before it, which says what the task is.
 *
 * @internal
 */
export const divide = (
  parts: ReadonlyArray<Part>,
  turns: number
): { readonly removed: ReadonlyArray<Part>; readonly kept: ReadonlyArray<Part> } => {
  const turnsAt = parts.flatMap(({ kind }, index) => kind === "turn" ? [index] : [])
  const first = turns === 0 ? parts.length : turnsAt.at(-turns) ?? 0
  const prompt = parts.slice(0, first).findLastIndex(({ kind }) => kind === "prompt")
  const isKept = ({ kind }: Part, index: number) =>
    index >= first || index === prompt || kind === "system" || kind === "waiting"
  return { removed: parts.filter((part, index) => !isKept(part, index)), kept: parts.filter(isKept) }
}

/**
 * Parts with a note behind the words of the system that begin them. A note further behind would look like new input to a
 * call that waits.
 *
 * @internal
 */
export const withNote = (parts: ReadonlyArray<Part>, note: Part): ReadonlyArray<Part> => {
  const at = parts.findIndex(({ kind }) => kind !== "system")
  return at === -1 ? [...parts, note] : [...parts.slice(0, at), note, ...parts.slice(at)]
}
