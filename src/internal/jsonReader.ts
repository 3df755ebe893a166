/** JSON text as it arrives: each character is read once, and the value grows. */
import { parseExactJson } from "./longNumbers.js"

/**
 * A value as far as it is written. Its closed parts are the same objects in each snapshot, and nothing changes them; the
 * lists and objects that are still open are copies.
 *
 * @internal
 */
export interface Snapshot {
  /** Undefined while no value has begun. */
  readonly value: unknown
  /** The lists and objects in the value that are still open. */
  readonly open: ReadonlySet<unknown>
}

/** A list or an object that is still open. */
type Level =
  | { readonly isList: true; readonly value: Array<unknown>; size: number }
  | { readonly isList: false; readonly value: Record<string, unknown>; key: string; size: number }

type Mode = "value" | "firstElement" | "firstKey" | "key" | "colon" | "next" | "text" | "word"

const escapes = new Map([
  ["\"", "\""],
  ["\\", "\\"],
  ["/", "/"],
  ["b", "\b"],
  ["f", "\f"],
  ["n", "\n"],
  ["r", "\r"],
  ["t", "\t"]
])

const quote = 34
const backslash = 92

/** A number, or `true`, `false` or `null`. */
const ofWord = /[-+.\w]/

/**
 * Reads one JSON value from a text that arrives in pieces. It refuses what `JSON.parse` refuses. Of the value, it shows:
 *
 * - a string as far as it is written, but never half an escape or half a character;
 * - a number or a word when it is over, because `1` may become `12`;
 * - a key with its value only.
 *
 * So each snapshot is a beginning of the next one. Numbers that JavaScript would round are instances of `LongNumber`.
 *
 * @internal
 */
export class JsonReader {
  /** Grows whenever the snapshot changes. */
  changes = 0
  /** How many elements and fields the next snapshot copies. */
  slots = 0
  /** How deep the value is nested, at its deepest place. */
  deepest = 0
  isRefused = false
  private mode: Mode = "value"
  private root: unknown = undefined
  private readonly levels: Array<Level> = []
  /** The string that is being written, without what is in `half` and `escape`. */
  private text = ""
  private isKey = false
  /** The first half of a character whose second half has not arrived. */
  private half = ""
  private escape = ""
  private word = ""

  /** Whether the value is complete. A number at the top is complete only at the end of the text. */
  get isWhole(): boolean {
    return !this.isRefused && this.mode === "next" && this.levels.length === 0
  }

  /** How many lists and objects are open. */
  get depth(): number {
    return this.levels.length
  }

  /** Whether the next character belongs to a string: to its text, or to an escape that has begun with `\`. */
  get isInText(): "no" | "text" | "escape" {
    return this.mode !== "text" ? "no" : this.escape === "\\" ? "escape" : "text"
  }

  /** Takes the next piece of the text; false once the text cannot become JSON. */
  push(piece: string): boolean {
    for (let at = 0; at < piece.length && !this.isRefused;) at = this.take(piece, at)
    return !this.isRefused
  }

  /** Ends the text. Returns whether it was JSON. */
  end(): boolean {
    if (this.mode === "word" && !this.isRefused && this.levels.length === 0) this.endWord()
    return this.isWhole
  }

  /**
   * Takes a piece from a position on. Returns the position behind the list or object at the top when that closes, the
   * position of a character that is refused, or else the end of the piece.
   */
  take(piece: string, from: number): number {
    let at = from
    while (at < piece.length && !this.isRefused) {
      if (this.mode === "text") at = this.takeText(piece, at)
      else if (this.mode === "word") at = this.takeWord(piece, at)
      else {
        const char = piece.charAt(at)
        const isSpace = char === " " || char === "\n" || char === "\r" || char === "\t"
        if (!isSpace && !this.takeMark(char)) return this.refuse(at)
        at++
        if (!isSpace && this.isWhole) return at
      }
    }
    return at
  }

  /** The value as far as it is written. */
  snapshot(): Snapshot {
    const open = new Set<unknown>()
    const isInString = this.mode === "text" && !this.isKey
    let inner: unknown = isInString ? this.text : undefined
    for (let depth = this.levels.length - 1; depth >= 0; depth--) {
      const level = this.levels[depth]
      if (level === undefined) continue
      if (level.isList) {
        const copy = level.value.slice()
        if (inner !== undefined) copy[open.size === 0 ? copy.length : copy.length - 1] = inner
        inner = copy
      } else {
        const copy = { ...level.value }
        if (inner !== undefined) setField(copy, level.key, inner)
        inner = copy
      }
      open.add(inner)
    }
    return { value: inner ?? this.root, open }
  }

  /** The closed elements of a list: of the value itself, or of the list in one of its fields. They do not change any more. */
  closedElements(field: string | undefined, from: number): ReadonlyArray<unknown> {
    const root = this.root
    const list: unknown = field === undefined
      ? root
      : typeof root === "object" && root !== null && Object.hasOwn(root, field)
      ? Reflect.get(root, field)
      : undefined
    if (!Array.isArray(list)) return []
    const depth = field === undefined ? 0 : 1
    const isLastOpen = this.levels[depth]?.value === list && this.levels.length > depth + 1
    return list.slice(from, isLastOpen ? -1 : undefined)
  }

  private refuse(at: number): number {
    this.isRefused = true
    return at
  }

  private takeMark(char: string): boolean {
    switch (this.mode) {
      case "value":
        return this.begin(char)
      case "firstElement":
        return char === "]" ? this.close(char) : this.begin(char)
      case "firstKey":
        return char === "}" ? this.close(char) : this.beginKey(char)
      case "key":
        return this.beginKey(char)
      case "colon":
        this.mode = "value"
        return char === ":"
      default:
        return this.follow(char)
    }
  }

  private begin(char: string): boolean {
    if (char === "\"") {
      this.beginText(false)
      this.changes++
      return true
    }
    if (char === "{" || char === "[") {
      const level: Level = char === "["
        ? { isList: true, value: [], size: 0 }
        : { isList: false, value: {}, key: "", size: 0 }
      this.place(level.value)
      this.levels.push(level)
      this.deepest = Math.max(this.deepest, this.levels.length)
      this.mode = level.isList ? "firstElement" : "firstKey"
      return true
    }
    if (!/[-\dtfn]/.test(char)) return false
    this.word = char
    this.mode = "word"
    return true
  }

  private beginKey(char: string): boolean {
    if (char !== "\"") return false
    this.beginText(true)
    return true
  }

  private beginText(isKey: boolean): void {
    this.text = ""
    this.isKey = isKey
    this.mode = "text"
  }

  /** What may follow a value. */
  private follow(char: string): boolean {
    const level = this.levels.at(-1)
    if (level === undefined) return false
    if (char !== ",") return this.close(char)
    this.mode = level.isList ? "value" : "key"
    return true
  }

  private close(char: string): boolean {
    const level = this.levels.at(-1)
    if (level === undefined || char !== (level.isList ? "]" : "}")) return false
    this.levels.pop()
    this.slots -= level.size
    this.changes++
    this.mode = "next"
    return true
  }

  private place(value: unknown): void {
    const level = this.levels.at(-1)
    this.changes++
    this.mode = "next"
    if (level === undefined) {
      this.root = value
      return
    }
    level.size++
    this.slots++
    if (level.isList) level.value.push(value)
    else setField(level.value, level.key, value)
  }

  private takeText(piece: string, from: number): number {
    if (this.escape !== "") return this.takeEscape(piece, from)
    let at = from
    let code = 0
    for (; at < piece.length; at++) {
      code = piece.charCodeAt(at)
      if (code === quote || code === backslash || code < 32) break
    }
    if (at > from) this.add(piece.slice(from, at))
    if (at === piece.length) return at
    if (code === quote) this.endText()
    else if (code === backslash) this.escape = "\\"
    else return this.refuse(at)
    return at + 1
  }

  private takeEscape(piece: string, at: number): number {
    const char = piece.charAt(at)
    if (this.escape === "\\" && char !== "u") {
      const meant = escapes.get(char)
      if (meant === undefined) return this.refuse(at)
      this.escape = ""
      this.add(meant)
      return at + 1
    }
    if (this.escape !== "\\" && !/[\da-fA-F]/.test(char)) return this.refuse(at)
    this.escape += char
    if (this.escape.length === 6) {
      const unit = String.fromCharCode(Number.parseInt(this.escape.slice(2), 16))
      this.escape = ""
      this.add(unit)
    }
    return at + 1
  }

  /** Adds to the string. Only the piece is looked at: to look at the whole string each time would copy it each time. */
  private add(piece: string): void {
    const added = this.half + piece
    const last = added.charCodeAt(added.length - 1)
    const isHalf = last >= 0xd800 && last <= 0xdbff
    this.half = isHalf ? added.slice(-1) : ""
    this.text += isHalf ? added.slice(0, -1) : added
    if (!this.isKey) this.changes++
  }

  private endText(): void {
    const text = this.text + this.half
    this.half = ""
    if (!this.isKey) return this.place(text)
    const level = this.levels.at(-1)
    if (level?.isList === false) level.key = text
    this.mode = "colon"
  }

  private takeWord(piece: string, from: number): number {
    let at = from
    while (at < piece.length && ofWord.test(piece.charAt(at))) at++
    this.word += piece.slice(from, at)
    return at === piece.length || this.endWord() ? at : this.refuse(at)
  }

  private endWord(): boolean {
    const parsed = parseExactJson(this.word)
    if (parsed === undefined) {
      this.isRefused = true
      return false
    }
    this.place(parsed.value)
    return true
  }
}

/** An assignment to `__proto__` would change the prototype. */
const setField = (object: Record<string, unknown>, key: string, value: unknown): void => {
  if (key !== "__proto__") object[key] = value
  else Object.defineProperty(object, key, { value, configurable: true, enumerable: true, writable: true })
}
