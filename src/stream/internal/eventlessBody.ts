const limit = 2 ** 20

/**
 * The text of a body that has no events so far: JSON or a page that was called a stream, or was not called anything.
 *
 * @internal
 */
export class EventlessBody {
  text = ""
  private readonly decoder = new TextDecoder()

  /** Takes what was read; undefined once the text cannot be either. No line of an event begins as those do. */
  add(bytes: Uint8Array): EventlessBody | undefined {
    const piece = this.decoder.decode(bytes, { stream: true })
    if (this.text === "") {
      this.text = piece.trimStart()
      return /^([[{<]|$)/.test(this.text) ? this : undefined
    }
    this.text += piece
    return this.text.length <= limit ? this : undefined
  }
}
