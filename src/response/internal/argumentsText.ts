import { isObject, jsonText, parseJson } from "../../internal/json.js"
import { TextBuffer } from "./textBuffer.js"

/**
 * The JSON text of a call's arguments while its pieces arrive. An honest provider sends each piece once. Others send the
 * text so far in each piece, all of it once more at the end, or `{}` before the text. The joined pieces are right if they
 * are JSON; only otherwise another reading is tried, so that no honest piece is ever lost.
 *
 * @internal
 */
export class ArgumentsText {
  private readonly joined = new TextBuffer()
  private readonly end = new JsonEnd()
  private last = ""
  private count = 0
  /** Whether each piece begins with the whole piece before it. */
  private isCumulative = true

  add(piece: unknown): void {
    const text = typeof piece === "string" ? piece : isObject(piece) || Array.isArray(piece) ? jsonText(piece) : ""
    if (text === "") return
    this.joined.append(text)
    this.end.add(text)
    if (text.trim() === "") return
    const isPlaceholder = this.last.trim() === "{}"
    this.isCumulative &&= isPlaceholder || text.startsWith(this.last)
    this.count = isPlaceholder ? 1 : this.count + 1
    this.last = text
  }

  /** Whether the text is a whole object or list. */
  get isWhole(): boolean {
    return this.end.isReached
  }

  toString(): string {
    const text = this.joined.toString()
    return this.isDoubtful(text) && parseJson(text) === undefined ? this.otherReading(text) : text
  }

  /** Joined pieces of an honest text seldom begin with a bracket that opens the whole. */
  private isDoubtful(text: string): boolean {
    return text !== this.last && (/^\s*[[{]/.test(this.last) || /^\s*\{\}/.test(text))
  }

  private otherReading(text: string): string {
    const last = this.last
    if (parseJson(last) === undefined) {
      if (this.isCumulative && this.count > 2) return last
    } else {
      if (this.isCumulative) return last
      const before = text.slice(0, text.trimEnd().length - last.trimEnd().length)
      if (isSame(before, last) || isRepeated(text.trim(), last.trim())) return last
    }
    const rest = withoutPlaceholders(text)
    return parseJson(rest) === undefined ? text : rest
  }
}

/** The text without `{}` before and after it, which stands for arguments that are not known yet, or no more. */
const withoutPlaceholders = (text: string): string => {
  let rest = text.trim()
  while (rest.startsWith("{}")) rest = rest.slice(2).trimStart()
  while (rest.endsWith("{}")) rest = rest.slice(0, -2).trimEnd()
  return rest
}

const isRepeated = (text: string, part: string): boolean =>
  text.length % part.length === 0 && part.repeat(text.length / part.length) === text

const isSame = (a: string, b: string): boolean => {
  const [first, second] = [parseJson(a), parseJson(b)]
  return first !== undefined && second !== undefined && jsonText(first.value) === jsonText(second.value)
}

/** Watches for the bracket that closes a text of JSON, one character at a time. */
class JsonEnd {
  private depth = 0
  private isInText = false
  private isEscaped = false
  isReached = false

  add(piece: string): void {
    for (let i = 0; i < piece.length; i++) this.read(piece.charCodeAt(i))
  }

  private read(code: number): void {
    if (this.isInText) {
      if (this.isEscaped) this.isEscaped = false
      else if (code === 92) this.isEscaped = true
      else if (code === 34) this.isInText = false
    } else if (code === 34) this.isInText = this.depth > 0
    else if (code === 123 || code === 91) {
      this.depth++
      this.isReached = false
    } else if ((code === 125 || code === 93) && this.depth > 0) {
      this.depth--
      this.isReached = this.depth === 0
    }
  }
}
