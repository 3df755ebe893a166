/**
 * The text of a body without events so far: JSON or a page where events were requested.
 *
 * @internal
 */
export class EventlessBody {
  private pieces: Array<string> = []
  private length = 0
  private readonly decoder = new TextDecoder()

  /** `limit` is in characters. */
  constructor(private readonly limit: number) {}

  get text(): string {
    return this.pieces.join("").trim()
  }

  /** Adds a read; returns undefined once the text is neither JSON nor a page. No line of an event begins like these. */
  add(bytes: Uint8Array): EventlessBody | undefined {
    const decoded = this.decoder.decode(bytes, { stream: true })
    const piece = this.length === 0 ? decoded.trimStart() : decoded
    if (piece === "") return this
    if (this.length === 0 && !/^[[{<]/.test(piece)) return undefined
    this.pieces.push(piece)
    this.length += piece.length
    return this.length <= this.limit ? this : undefined
  }
}
