/**
 * The marks between which models write their reasoning if their provider does not separate it from the response. The
 * opening mark is often a part of the prompt, so that the text has the closing one alone.
 */
const names = "think(?:ing)?|thoughts?|reason(?:ing)?|reflection|analysis|scratch_?pad"
const opening = new RegExp(
  `^\\s*(?:<(?:${names})>|\\[THINK\\]|◁think▷|<\\|begin_of_thought\\|>|<\\|channel\\|>analysis<\\|message\\|>)`,
  "i"
)
const closing = new RegExp(
  `</(?:${names})>|\\[/THINK\\]|◁/think▷|<\\|end_of_thought\\|>|<\\|channel\\|>final<\\|message\\|>`,
  "gi"
)

/**
 * The position where the reasoning within a text ends: 0 if there is none, the length of the text if nothing follows
 * it. A mark within one of the JSON values of the text is a part of that value.
 *
 * @internal
 */
export const afterReasoning = (
  text: string,
  values: ReadonlyArray<{ readonly start: number; readonly end: number }>
): number => {
  let end = 0
  let next = 0
  for (const { 0: mark, index } of text.matchAll(closing)) {
    while ((values[next]?.end ?? Infinity) <= index) next++
    if (index < (values[next]?.start ?? Infinity)) end = index + mark.length
  }
  return opening.test(text.slice(end)) ? text.length : end
}

/** No mark is longer. */
const longestMark = 32

const closingAtEnd = new RegExp(`(?:${closing.source})$`, "i")

/**
 * Finds the marks in a text that arrives in pieces, as {@link afterReasoning} finds them in a whole text.
 *
 * @internal
 */
export class ReasoningMarks {
  /** Whether an opening mark has begun the reasoning. */
  isInside = false
  private tail = ""
  /** Whether `tail` is all of the text since the start or the last closing mark, without the white space before it. */
  private isStart = true

  /** Takes a character outside of JSON; true if it ends a closing mark. */
  take(char: string): boolean {
    if (this.tail === "" && char.trim() === "") return false
    this.tail += char
    if (this.tail.length > 4 * longestMark) this.skip(this.tail.slice(-longestMark))
    if (char !== ">" && char !== "]" && char !== "▷") return false
    if (closingAtEnd.test(this.tail)) {
      this.isInside = false
      this.tail = ""
      this.isStart = true
      return true
    }
    if (this.isStart && opening.test(this.tail)) this.isInside = true
    return false
  }

  /** Other text stands here, such as JSON: the reasoning cannot begin any more. */
  skip(tail = ""): void {
    this.tail = tail
    this.isStart = false
  }
}
