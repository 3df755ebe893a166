import { parseJson } from "../../internal/json.js"

/**
 * Finds the JSON values of a text, the likeliest first: the whole text, the content of code fences, then JSON within
 * prose. A truncated text is parsed as a whole only, because a piece of it could be mistaken for the complete value.
 *
 * @internal
 */
export const findJson = (text: string, isTruncated: boolean): ReadonlyArray<unknown> => {
  const trimmed = text.replace(/^\uFEFF/, "").trim()
  const texts = [trimmed, ...(isTruncated ? [] : [...fenced(trimmed), ...embedded(trimmed)])]
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

/** The outermost objects and lists within prose. */
const embedded = (text: string): ReadonlyArray<string> => {
  const found: Array<string> = []
  const opener = /\{(?=\s*["}])|\[(?=\s*[[\]{"\-\dtfn])/g
  for (let match = opener.exec(text); match !== null; match = opener.exec(text)) {
    const end = closing(text, match.index)
    // JSON that is never closed is broken: its inner objects are not the value
    if (end === undefined) break
    found.push(text.slice(match.index, end))
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
