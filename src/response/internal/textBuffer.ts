/**
 * A text that grows by small pieces. Pieces are joined from time to time, so that memory grows with the text and not
 * with the number of pieces.
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
    // Concatenation copies nothing in current engines, so reading the text repeatedly while it grows stays cheap
    if (this.joined.length > 1) this.joined = [this.joined.reduce((text, piece) => text + piece, "")]
    return this.joined[0] ?? ""
  }

  private join(): void {
    this.joined.push(this.pieces.join(""))
    this.pieces = []
  }
}

/**
 * A text that may also be null or absent.
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
