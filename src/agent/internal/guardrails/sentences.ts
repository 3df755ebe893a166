/** Cuts a text that grows into its sentences. */

/**
 * The sentences of a text. Where one ends depends on the text alone, and not on the pieces in which it arrives: behind the
 * space that follows its end, behind a line break, and at a length that no sentence has.
 *
 * @internal
 */
export class Sentences {
  private pending = ""
  /** How much of `pending` was read. */
  private read = 0
  private hasWords = false
  private end: "none" | "narrow" | "wide" = "none"

  /** Adds a piece, and returns the sentences that are complete. */
  add(piece: string): ReadonlyArray<string> {
    this.pending += piece
    const sentences: Array<string> = []
    let start = 0
    const cutAt = (end: number) => {
      sentences.push(this.pending.slice(start, end))
      start = end
      this.hasWords = false
      this.end = "none"
    }
    for (; this.read < this.pending.length; this.read++) {
      const character = this.pending.charAt(this.read)
      if (this.isNext(character, this.read - start)) cutAt(this.read)
      this.follow(character)
      if (this.isLast(character, this.read - start)) cutAt(this.read + 1)
    }
    this.pending = this.pending.slice(start)
    this.read -= start
    return sentences
  }

  /** The rest of a text that is complete. */
  rest(): string {
    const rest = this.pending
    this.pending = ""
    this.read = 0
    return rest
  }

  /** Whether a sentence begins here without a space before it. */
  private isNext(character: string, length: number): boolean {
    return (this.end === "wide" && !tail.test(character)) || (length >= longest && !secondHalf.test(character))
  }

  private isLast(character: string, length: number): boolean {
    return this.hasWords && space.test(character) && (this.end !== "none" || character === "\n" || length >= long)
  }

  private follow(character: string): void {
    if (space.test(character)) return
    this.hasWords = true
    if (wideEnd.test(character)) this.end = "wide"
    else if (end.test(character)) this.end = this.end === "wide" ? "wide" : "narrow"
    else if (!closing.test(character)) this.end = "none"
  }
}

const space = /\s/
const end = /[.!?…]/
/** The ends of sentences that no space follows. */
const wideEnd = /[。！？]/
const closing = /["'”’»)\]」』）]/
const tail = /[.!?…。！？"'”’»)\]」』）\s]/
/** The second half of a character that has two. */
const secondHalf = /[\uDC00-\uDFFF]/

/** From this length on, a space ends a sentence; from `longest` on, any character does. */
const long = 2000
const longest = 4000
