import { parseExactJson } from "../../internal/longNumbers.js"
import { afterReasoning } from "./reasoningText.js"

/**
 * A JSON value within a text, from `start` to `end`.
 *
 * @internal
 */
export interface Piece {
  readonly value: unknown
  readonly start: number
  readonly end: number
}

/**
 * Finds the JSON values of a text, the likeliest first: if what follows the reasoning is JSON as a whole, that alone;
 * otherwise the code blocks and the objects and lists within prose, the last one first, because a model corrects its
 * drafts. A truncated text is parsed as a whole only, because a piece of it could be mistaken for the complete value.
 * The time is in proportion to the length of the text.
 *
 * @internal
 */
export const findJson = (text: string, isTruncated: boolean): ReadonlyArray<Piece> => {
  const whole = asWhole(text, 0, text.length)
  if (whole !== undefined) return [whole]
  const found = embedded(text, 0)
  const start = afterReasoning(text, found)
  if (start === text.length) return []
  const rest = start === 0 ? undefined : asWhole(text, start, text.length)
  if (rest !== undefined) return [rest]
  if (isTruncated) return []
  const pieces = [...fenced(text, start), ...(start === 0 ? found : embedded(text, start))]
  const byPlace = pieces.sort((a, b) => b.start - a.start)
  // An empty object or list in prose is rarely the value, though it fits where all fields are optional
  return [...byPlace.filter((piece) => !isEmpty(piece.value)), ...byPlace.filter((piece) => isEmpty(piece.value))]
}

const isEmpty = (value: unknown): boolean =>
  typeof value === "object" && value !== null && Object.keys(value).length === 0

const asWhole = (text: string, start: number, end: number): Piece | undefined => {
  const parsed = parseExactJson(text.slice(start, end).replace(/^\uFEFF/, "").trim())
  return parsed && { value: parsed.value, start, end }
}

const fenceLine = /^[ \t]*(`{3,}|~{3,})(.*)$/

/** The contents of code blocks that are JSON as a whole. */
const fenced = (text: string, from: number): ReadonlyArray<Piece> => {
  const found: Array<Piece> = []
  let open: { readonly fence: string; readonly start: number } | undefined
  for (let start = from; start < text.length;) {
    const feed = text.indexOf("\n", start)
    const end = feed === -1 ? text.length : feed
    const [, fence = "", info = ""] = fenceLine.exec(text.slice(start, end).trimEnd()) ?? []
    if (open !== undefined && info === "" && fence === open.fence) {
      const piece = asWhole(text, open.start, start)
      if (piece !== undefined) found.push(piece)
      open = undefined
    } else if (open === undefined && fence !== "" && !info.includes("`")) {
      open = { fence, start: end + 1 }
    }
    start = end + 1
  }
  return found
}

/** The outermost objects and lists within prose. */
const embedded = (text: string, from: number): ReadonlyArray<Piece> => {
  const found: Array<Piece> = []
  const opener = /\{(?=\s*["}])|\[(?=\s*(?:[[\]{"\-\d]|true|false|null))/g
  opener.lastIndex = from
  for (let match = opener.exec(text); match !== null; match = opener.exec(text)) {
    const end = closing(text, match.index)
    // JSON that is never closed is broken: its inner objects are not the value
    if (end === undefined) break
    const parsed = parseExactJson(text.slice(match.index, end))
    if (parsed !== undefined) found.push({ value: parsed.value, start: match.index, end })
    opener.lastIndex = end
  }
  return found
}

/** The position after the bracket that closes the one at `start`; undefined when nothing closes it. */
const closing = (text: string, start: number): number | undefined => {
  let depth = 0
  let inString = false
  for (let at = start; at < text.length; at++) {
    const character = text[at]
    if (inString) {
      if (character === "\\") at++
      else if (character === "\"") inString = false
    } else if (character === "\"") inString = true
    else if (character === "{" || character === "[") depth++
    else if (character === "}" || character === "]") {
      depth--
      if (depth === 0) return at + 1
    }
  }
  return undefined
}
