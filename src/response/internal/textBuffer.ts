/**
 * Text that grows by small pieces. Pieces are joined now and then, so that memory stays in proportion to the text and
 * not to the number of pieces.
 *
 * @internal
 */
export class TextBuffer {
  private joined: Array<string> = []
  private pieces: Array<string> = []

  append(piece: string): void {
    if (piece === "") return
    this.pieces.push(piece)
    if (this.pieces.length === 1024) this.join()
  }

  replace(text: string): void {
    this.joined = text === "" ? [] : [text]
    this.pieces = []
  }

  toString(): string {
    if (this.pieces.length > 0) this.join()
    // Adding strings copies nothing, so that asking again and again while the text grows costs no more than the text
    if (this.joined.length > 1) this.joined = [this.joined.reduce((text, piece) => text + piece, "")]
    return this.joined[0] ?? ""
  }

  private join(): void {
    this.joined.push(this.pieces.join(""))
    this.pieces = []
  }
}

/**
 * A text of the wire, which may also be null or absent.
 *
 * @internal
 */
export class OptionalText {
  private buffer: TextBuffer | null | undefined = undefined

  add(piece: unknown): void {
    if (typeof piece === "string") {
      this.buffer ??= new TextBuffer()
      this.buffer.append(piece)
    } else if (piece === null && this.buffer === undefined) {
      this.buffer = null
    }
  }

  get value(): string | null | undefined {
    return this.buffer?.toString() ?? (this.buffer === null ? null : undefined)
  }
}
