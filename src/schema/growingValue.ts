/**
 * A value that a model is writing, in the form of its schema.
 *
 * @since 0.1.0
 */
import { JsonReader } from "../internal/jsonReader.js"
import type { Converted, GrowingForm } from "./jsonSchema.js"

/** The readers of deep values use the stack. */
const maxDepth = 200

/**
 * How many elements and fields of open lists and objects may be copied for each character that arrives. So the cost of all
 * values together is in proportion to the length of the text, also if a list has many thousands of elements.
 */
const slotsPerCharacter = 8

/** Short values are shown each time. */
const freeSlots = 4096

/**
 * Reads JSON text that arrives in pieces, and shows the value so far in the form of the original schema.
 *
 * @internal
 */
export class GrowingValue {
  private readonly reader = new JsonReader()
  private readonly form: GrowingForm
  private credit = freeSlots
  private seen = 0
  private taken = 0

  constructor(converted: Pick<Converted, "growing">) {
    this.form = converted.growing()
  }

  get isWhole(): boolean {
    return this.reader.isWhole
  }

  get isRefused(): boolean {
    return this.reader.isRefused
  }

  /** Where in the text a refused character stands. */
  get place(): Pick<JsonReader, "depth" | "isInText"> {
    return this.reader
  }

  /** Takes a piece from a position on, to the end of the value, and returns the position behind what it took. */
  take(piece: string, from: number): number {
    const end = this.reader.take(piece, from)
    this.credit += (end - from) * slotsPerCharacter
    return end
  }

  push(piece: string): void {
    this.credit += piece.length * slotsPerCharacter
    this.reader.push(piece)
  }

  /**
   * The value so far. Undefined if it has not changed, cannot be shown, or is so large that it is shown again only after
   * more of the text.
   */
  next(): { readonly value: unknown } | undefined {
    const { changes, deepest, slots } = this.reader
    if (changes === this.seen || deepest > maxDepth || slots > this.credit) return undefined
    this.credit -= slots
    this.seen = changes
    const value = this.form.restore(this.reader.snapshot())
    return value === undefined ? undefined : { value }
  }

  /**
   * The elements that were closed since the last time, as the model wrote them: of the value itself, which may stand under
   * `value`, or of the list in one of its fields. `first` is the index of the first one.
   */
  closedElements(list: string | true): { readonly first: number; readonly closed: ReadonlyArray<unknown> } {
    const first = this.taken
    const bare = list === true ? this.reader.closedElements(undefined, first) : []
    const closed = bare.length > 0 ? bare : this.reader.closedElements(list === true ? "value" : list, first)
    this.taken += closed.length
    return { first, closed }
  }
}
