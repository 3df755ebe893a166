/** The beginning of JSON that breaks off: what can be read of a response that did not arrive whole. */
import { parseJson } from "./json.js"

/** @internal */
export interface JsonPrefix {
  readonly value: unknown
  /** Whether the value is complete, whatever follows it. */
  readonly isWhole: boolean
}

/**
 * What can be read of a text that begins as JSON. Strings, lists and objects that break off are kept as far as they
 * arrived; a number or a word at the end of the text may go on, so it is left out. Undefined if no value begins.
 *
 * Each character is read a fixed number of times, and nesting uses no stack.
 *
 * @internal
 */
export const readJsonPrefix = (text: string): JsonPrefix | undefined => {
  const tokens = new Tokens(text)
  const builder = new Builder()
  let token = tokens.next()
  while (token !== undefined && builder.take(token)) token = builder.isWhole ? undefined : tokens.next()
  return builder.found
}

/** Deeper values could be read, but not printed: `JSON.stringify` uses the stack. */
const maxDepth = 1000

type Expected = "value" | "firstValue" | "key" | "firstKey" | "colon" | "next"

/** Puts tokens together, for as long as they fit. */
class Builder {
  private readonly open: Array<Container> = []
  private readonly top: Array<unknown> = []
  private expected: Expected = "value"
  private isCut = false

  get isWhole(): boolean {
    return this.open.length === 0 && this.expected === "next" && !this.isCut
  }

  get found(): JsonPrefix | undefined {
    return this.top.length === 0 ? undefined : { value: this.top[0], isWhole: this.isWhole }
  }

  /** Adds a token; false if nothing can follow it, or if it does not fit. */
  take(token: Token): boolean {
    if (token.mark === undefined) return this.scalar(token.value, token.isCut)
    const inner = this.open.at(-1)
    switch (token.mark) {
      case "[":
      case "{": {
        if (!this.isAtValue || this.open.length === maxDepth) return false
        const container = new Container(token.mark === "[")
        this.place(container.value)
        this.open.push(container)
        this.expected = container.isList ? "firstValue" : "firstKey"
        return true
      }
      case "]":
      case "}":
        if (inner?.isList !== (token.mark === "]")) return false
        if (this.expected !== "next" && this.expected !== (inner.isList ? "firstValue" : "firstKey")) return false
        this.open.pop()
        this.expected = "next"
        return true
      case ",":
        if (inner === undefined || this.expected !== "next") return false
        this.expected = inner.isList ? "value" : "key"
        return true
      case ":":
        if (this.expected !== "colon") return false
        this.expected = "value"
        return true
    }
  }

  private get isAtValue(): boolean {
    return this.expected === "value" || this.expected === "firstValue"
  }

  private scalar(value: unknown, isCut: boolean): boolean {
    if (this.isAtValue) {
      this.place(value)
      this.isCut = isCut
      return !isCut
    }
    const inner = this.open.at(-1)
    const isKey = this.expected === "key" || this.expected === "firstKey"
    if (inner === undefined || !isKey || typeof value !== "string" || isCut) return false
    inner.key = value
    this.expected = "colon"
    return true
  }

  private place(value: unknown): void {
    const inner = this.open.at(-1)
    if (inner === undefined) this.top.push(value)
    else inner.add(value)
    this.expected = "next"
  }
}

/** A list or an object that is being read. */
class Container {
  key = ""
  private readonly list: Array<unknown> = []
  private readonly object: Record<string, unknown> = {}

  constructor(readonly isList: boolean) {}

  get value(): unknown {
    return this.isList ? this.list : this.object
  }

  add(value: unknown): void {
    if (this.isList) this.list.push(value)
    // Defined, not assigned: an assignment to `__proto__` would change the prototype
    else Object.defineProperty(this.object, this.key, { value, configurable: true, enumerable: true, writable: true })
  }
}

type Mark = "{" | "}" | "[" | "]" | "," | ":"

type Token =
  | { readonly mark: Mark }
  /** `isCut`: a text that ends before its closing quote. */
  | { readonly mark?: undefined; readonly value: unknown; readonly isCut: boolean }

const isMark = (char: string): char is Mark => char.length === 1 && "{}[],:".includes(char)

class Tokens {
  private at = 0

  constructor(private readonly text: string) {}

  /** The next token; undefined at the end, and at what is no JSON. */
  next(): Token | undefined {
    while (this.at < this.text.length && " \t\r\n".includes(this.text.charAt(this.at))) this.at++
    const char = this.text.charAt(this.at)
    if (isMark(char)) {
      this.at++
      return { mark: char }
    }
    return char === "\"" ? this.string() : this.word()
  }

  private string(): Token | undefined {
    const { text } = this
    const start = this.at
    let end = start + 1
    while (end < text.length) {
      const char = text.charAt(end)
      if (char === "\"") {
        this.at = end + 1
        return tokenOf(text.slice(start, this.at), false)
      }
      // A control character does not belong into a text: what comes before it is kept
      if (char < " ") break
      const length = char === "\\" ? text.charAt(end + 1) === "u" ? 6 : 2 : 1
      if (end + length > text.length) break
      end += length
    }
    this.at = text.length
    return tokenOf(`${text.slice(start, end)}"`, true)
  }

  /** A number, `true`, `false` or `null`. One that the text ends with may go on. */
  private word(): Token | undefined {
    words.lastIndex = this.at
    const [word = ""] = words.exec(this.text) ?? []
    this.at += word.length
    return word === "" || this.at === this.text.length ? undefined : tokenOf(word, false)
  }
}

const words = /[-+.\w]+/y

const tokenOf = (text: string, isCut: boolean): Token | undefined => {
  const value = parseJson(text)?.value
  if (value === undefined) return undefined
  // The second half of a character may not have arrived
  return { value: isCut && typeof value === "string" ? value.replace(/[\uD800-\uDBFF]$/, "") : value, isCut }
}
