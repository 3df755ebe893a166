import { parseJson } from "../../internal/json.js"

/**
 * The JSON values that may be meant by a text, likeliest first: all of it, what stands in fences, and what stands in
 * prose. A text that was cut off counts as a whole only, as a piece of it could be mistaken for the answer.
 *
 * @internal
 */
export const jsonIn = (text: string, wasCut: boolean): ReadonlyArray<unknown> => {
  const trimmed = text.replace(/^\uFEFF/, "").trim()
  const texts = [trimmed, ...(wasCut ? [] : [...fenced(trimmed), ...embedded(trimmed)])]
  const found = new Map<string, unknown>()
  for (const text of texts) {
    const parsed = found.has(text) ? undefined : parseJson(text)
    if (parsed !== undefined) found.set(text, parsed.value)
  }
  return [...found.values()]
}

const fenced = (text: string): ReadonlyArray<string> =>
  [...text.matchAll(/^[ \t]*(`{3,}|~{3,})[^\n`]*\n([\s\S]*?)\n?[ \t]*\1[ \t]*$/gm)].map((match) =>
    (match[2] ?? "").trim()
  )

/** Objects and lists between other words, none from within another. */
const embedded = (text: string): ReadonlyArray<string> => {
  const found: Array<string> = []
  const opener = /\{(?=\s*["}])|\[(?=\s*[[\]{"\-\dtfn])/g
  for (let match = opener.exec(text); match !== null; match = opener.exec(text)) {
    const end = closing(text, match.index)
    // JSON that is never closed is broken, and its pieces are not the answer
    if (end === undefined) break
    found.push(text.slice(match.index, end))
    opener.lastIndex = end
  }
  return found
}

/** Where the bracket at `start` is closed, or undefined. */
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
