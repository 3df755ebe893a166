/** Ways to make a history shorter that cost nothing. */
import { jsonText } from "../../../internal/json.js"
import type { InputItem } from "../../../schema/ResponsesItemsRequest.js"
import { withFields } from "../sendable/items.js"
import { isAnswer } from "../state/waiting.js"
import { keptCallIn, readingAdvice } from "./largeOutput.js"
import { divide, itemsOf, noteOf, type Part, partsOf, summaryIn, withNote } from "./parts.js"

type History = ReadonlyArray<InputItem>

/** A shorter output would hardly be shorter than what replaces it. */
const shortest = 400

/**
 * Replaces old outputs of tools by a sentence that says so. The calls stay, with their arguments. Outputs that the model
 * has not seen yet stay, however many they are.
 *
 * @internal
 */
export const trimOutputs = (
  history: History,
  { except, keepLast }: { readonly keepLast: number; readonly except: ReadonlyArray<string> }
): History => {
  const names = new Map(history.flatMap((item) => item.type === "function_call" ? [[item.call_id, item.name]] : []))
  const unseen = history.findLastIndex((item) => !isAnswer(item)) + 1
  const outputs = history.flatMap((item, index) => item.type === "function_call_output" ? [index] : [])
  const old = new Set(outputs.slice(0, Math.max(0, outputs.length - keepLast)).filter((index) => index < unseen))
  return history.map((item, index) => {
    if (!old.has(index) || item.type !== "function_call_output") return item
    const name = names.get(item.call_id)
    const length = typeof item.output === "string" ? item.output.length : jsonText(item.output).length
    return length < shortest || name !== undefined && except.includes(name)
      ? item
      : { ...item, output: removedNote(length, keptCallIn(item.output)) }
  })
}

/** What was kept aside can still be read. */
const removedNote = (length: number, kept: string | undefined): string =>
  kept === undefined
    ? `(This output had ${length} characters. It was removed to save space.)`
    : `(This output was removed to save space. ${readingAdvice(kept, 0)})`

/**
 * Removes the reasoning of turns before the last prompt. Providers want the reasoning of the present task back, in which a
 * call stands; that of earlier ones they do not miss. Its items lose their ids, which belong to that reasoning.
 *
 * @internal
 */
export const dropReasoning = (history: History): History => {
  const parts = partsOf(history)
  const last = parts.findLastIndex(({ kind }) => kind === "prompt")
  return itemsOf(parts.map((part, index) => index < last && part.kind === "turn" ? withoutReasoning(part) : part))
}

const withoutReasoning = (part: Part): Part =>
  part.items.some(({ type }) => type === "reasoning")
    ? { ...part, items: part.items.flatMap((item) => item.type === "reasoning" ? [] : [withoutId(item)]) }
    : part

const withoutId = (item: InputItem): InputItem =>
  item.type === "function_call" || item.type === "message" ? withFields(item, { id: undefined }) : item

/**
 * Removes all turns but the last ones, and what the user said before. Summaries of earlier compactions stay.
 *
 * @internal
 */
export const keepTurns = (history: History, turns: number): History => {
  const { kept, removed } = divide(partsOf(history), turns)
  const summaries = removed.filter((part) => summaryIn(part) !== undefined)
  if (removed.length === summaries.length || removed.every(({ kind }) => kind === "note")) return history
  return itemsOf(summaries.reduceRight(withNote, withNote(kept, noteOf())))
}
