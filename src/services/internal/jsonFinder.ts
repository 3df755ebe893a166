import { ReasoningMarks } from "./reasoningText.js"

/**
 * Reads a JSON value from the position where it begins.
 *
 * @internal
 */
export interface PieceReader {
  readonly isWhole: boolean
  readonly isRefused: boolean
  /** How many lists and objects are open, and whether the refused character belongs to a string. */
  readonly place: { readonly depth: number; readonly isInText: "no" | "text" | "escape" }
  /** Takes a text from a position on, and returns the position behind what it took. */
  readonly take: (text: string, from: number) => number
}

/** Skips a piece that is not JSON, up to the bracket that closes it. */
interface Skipping {
  depth: number
  isInText: "no" | "text" | "escape"
}

/**
 * Finds the objects and lists of a text that arrives in pieces, where `findJson` finds them in the whole text: after the
 * reasoning, in code blocks and between other words. Each character is read once.
 *
 * @internal
 */
export class JsonFinder<Reader extends PieceReader> {
  private marks = new ReasoningMarks()
  private reader: Reader | undefined = undefined
  private skipping: Skipping | undefined = undefined
  /** A bracket that opens JSON or belongs to the prose: what follows it will say. */
  private bracket: "{" | "[" | undefined = undefined
  /** The bracket, with the white space and the letters that follow it. */
  private held = ""
  private letters = ""

  /**
   * @param begin - An object or a list begins. What the reasoning holds is read, too, but it is not the value.
   * @param restart - What was found before belongs to the reasoning.
   */
  constructor(
    private readonly begin: (isReasoning: boolean) => Reader,
    private readonly restart: () => void
  ) {}

  push(text: string): void {
    for (let at = 0; at < text.length;) {
      const char = text.charAt(at)
      if (this.reader === undefined && this.opens(char)) this.open()
      if (this.reader !== undefined) at = this.read(this.reader, text, at)
      else {
        if (this.skipping === undefined) this.search(char)
        else this.skip(this.skipping, char)
        at++
      }
    }
  }

  /** Another text begins. */
  clear(): void {
    this.marks = new ReasoningMarks()
    this.reader = undefined
    this.skipping = undefined
    this.hold(undefined)
  }

  /** Whether JSON begins with the bracket that is held, now that this character follows it. */
  private opens(char: string): boolean {
    if (this.bracket === undefined) return false
    return this.bracket === "{" ? /["}]/.test(char) : firstElement.test(this.letters + char)
  }

  private open(): void {
    const reader = this.begin(this.marks.isInside)
    this.marks.skip()
    const { held } = this
    this.hold(undefined)
    this.reader = reader
    this.read(reader, held, 0)
  }

  private read(reader: Reader, text: string, from: number): number {
    const end = reader.take(text, from)
    if (reader.isRefused) this.skipping = { depth: reader.place.depth, isInText: reader.place.isInText }
    if (reader.isRefused || reader.isWhole) this.reader = undefined
    return end
  }

  private search(char: string): void {
    if (char === "{" || char === "[") this.hold(char)
    else if (this.bracket !== undefined) {
      const isSpace = char.trim() === ""
      if (!isSpace) this.letters += char
      const mayOpen = this.letters === "" ||
        (!isSpace && this.bracket === "[" && words.some((word) => word.startsWith(this.letters)))
      if (mayOpen) this.held += char
      else this.hold(undefined)
    }
    this.mark(char)
  }

  private hold(bracket: "{" | "[" | undefined): void {
    this.bracket = bracket
    this.held = bracket ?? ""
    this.letters = ""
  }

  private skip(skipping: Skipping, char: string): void {
    if (skipping.isInText === "escape") skipping.isInText = "text"
    else if (skipping.isInText === "text") {
      if (char === "\\") skipping.isInText = "escape"
      else if (char === "\"") skipping.isInText = "no"
    } else if (char === "\"") skipping.isInText = "text"
    else if (char === "{" || char === "[") skipping.depth++
    else if (char === "}" || char === "]") skipping.depth--
    if (skipping.depth === 0) this.skipping = undefined
    // A mark within what is no JSON ends the reasoning, too
    this.mark(char)
  }

  private mark(char: string): void {
    if (!this.marks.take(char)) return
    this.skipping = undefined
    this.hold(undefined)
    this.restart()
  }
}

const words = ["true", "false", "null"]

const firstElement = /^(?:[[\]{"\-\d]|true|false|null)$/
