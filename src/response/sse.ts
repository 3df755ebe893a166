/**
 * Server-sent events: network reads in, events out, by the rules that browsers follow. Plain TypeScript, one pass
 * over each read, no Effect.
 *
 * @since 0.1.0
 */

/**
 * One dispatched event. `event` is `"message"` if the server sent no name; `lastEventId` is the last `id` that it sent.
 *
 * @since 0.1.0
 * @category models
 */
export interface ServerSentEvent {
  readonly event: string
  readonly data: string
  readonly lastEventId: string
}

/**
 * Turns reads into events. A parser belongs to one stream and keeps an unfinished event between reads.
 *
 * @since 0.1.0
 * @category models
 */
export interface Parser {
  /** The events that this read completes, in order. */
  readonly push: (bytes: Uint8Array) => Array<ServerSentEvent>
  /**
   * The last event, if only its blank line was missing when the stream ended. If its last line has no end either, the
   * event may be cut off; then `isWhole` decides whether its data is complete. Default: it is not.
   */
  readonly end: (isWhole?: (data: string) => boolean) => Array<ServerSentEvent>
  /** `true` after an event larger than `maxEventSize`; then the parser returns no more events. */
  readonly tooLarge: boolean
  /** How many comment lines have arrived. Servers send them to keep the connection open. */
  readonly comments: number
  /** The reconnection time in milliseconds that the server sent with `retry`. */
  readonly retry: number | undefined
}

/**
 * Limits of a parser.
 *
 * @since 0.1.0
 * @category models
 */
export interface ParserOptions {
  /** The most bytes of the lines of one event, without line ends and earlier comments. Default: 64 MiB. */
  readonly maxEventSize?: number | undefined
}

/**
 * The default of `maxEventSize`: 64 MiB, enough for several images in one event.
 *
 * @since 0.1.0
 * @category constants
 */
export const defaultMaxEventSize: number = 64 * 1024 * 1024

const LF = 0x0a
const CR = 0x0d
const COLON = 0x3a
const byteOrderMark = "\uFEFF"
const nothing = new Uint8Array(0)

/**
 * Makes a parser for one stream.
 *
 * @since 0.1.0
 * @category constructors
 */
export const makeParser = (options?: ParserOptions): Parser => new LineParser(options?.maxEventSize)

class LineParser implements Parser {
  tooLarge = false
  comments = 0
  retry: number | undefined = undefined

  // Bytes of the line that the last read left unfinished; a buffer that doubles, so that an event of many megabytes
  // in small reads costs time in proportion to its size.
  private carry = nothing
  private carried = 0
  private readonly decoder = new TextDecoder("utf-8", { ignoreBOM: true })
  private started = false
  private skipLineFeed = false

  private data: string | undefined = undefined
  private event = ""
  private lastEventId = ""
  // Bytes of the field lines of the unfinished event.
  private size = 0

  constructor(private readonly maxEventSize: number = defaultMaxEventSize) {}

  push(bytes: Uint8Array): Array<ServerSentEvent> {
    const events: Array<ServerSentEvent> = []
    if (this.tooLarge || bytes.length === 0) return events
    let from = 0
    if (this.skipLineFeed) {
      this.skipLineFeed = false
      if (bytes[0] === LF) from = 1
    }
    const cut = lastLineEnd(bytes, from)
    if (cut > from) {
      this.skipLineFeed = cut === bytes.length && bytes[cut - 1] === CR
      this.lines(this.take(bytes, from, cut), events)
    }
    if (cut < bytes.length && !this.tooLarge) this.keep(bytes, cut)
    return events
  }

  end(isWhole: (data: string) => boolean = () => false): Array<ServerSentEvent> {
    const events: Array<ServerSentEvent> = []
    const cutOff = this.carried > 0
    if (cutOff) {
      const line = this.take(nothing, 0, 0)
      if (line.charCodeAt(0) !== COLON) this.field(line, 0, line.length)
    }
    if (this.data !== undefined && (!cutOff || isWhole(this.data))) this.dispatch(events)
    this.data = undefined
    return events
  }

  private keep(bytes: Uint8Array, from: number): void {
    const needed = this.carried + bytes.length - from
    if (needed > this.carry.length) {
      const grown = new Uint8Array(Math.max(needed, this.carry.length * 2, 1024))
      grown.set(this.carry.subarray(0, this.carried))
      this.carry = grown
    }
    this.carry.set(from === 0 ? bytes : bytes.subarray(from), this.carried)
    this.carried = needed
    const mark = this.started ? 0 : markBytes(this.carry.subarray(0, needed))
    if (this.size + needed - mark > this.maxEventSize) this.overflow()
  }

  private take(bytes: Uint8Array, from: number, cut: number): string {
    let whole = from === 0 && cut === bytes.length ? bytes : bytes.subarray(from, cut)
    if (this.carried > 0) {
      const joined = new Uint8Array(this.carried + whole.length)
      joined.set(this.carry.subarray(0, this.carried))
      joined.set(whole, this.carried)
      whole = joined
      this.carried = 0
      if (this.carry.length > 65536) this.carry = nothing
    }
    let text = this.decoder.decode(whole)
    if (!this.started) {
      this.started = true
      if (text.startsWith(byteOrderMark)) text = text.slice(1)
    }
    return text.includes("\r") ? text.replace(/\r\n?/g, "\n") : text
  }

  /** `text` is whole lines, each ended by a line feed. */
  private lines(text: string, events: Array<ServerSentEvent>): void {
    // UTF-8 has at most three bytes for a unit of UTF-16; where even those fit, no line needs to be measured.
    const measure = this.size + text.length * 3 > this.maxEventSize
    const sizeBefore = this.size
    let start = 0
    let unfinished = 0
    for (let end = text.indexOf("\n"); end !== -1; end = text.indexOf("\n", start)) {
      if (end === start) {
        this.dispatch(events)
        unfinished = end + 1
      } else {
        const comment = text.charCodeAt(start) === COLON
        if (measure) {
          const size = this.size + byteLength(text, start, end)
          if (size > this.maxEventSize) {
            this.overflow()
            return
          }
          if (!comment) this.size = size
        }
        if (comment) this.comments++
        else this.field(text, start, end)
      }
      start = end + 1
    }
    if (!measure && unfinished < text.length) {
      this.size = (unfinished === 0 ? sizeBefore : 0) + fieldBytes(text, unfinished)
    }
  }

  private field(text: string, start: number, end: number): void {
    if (text.startsWith("data:", start)) {
      const value = text.slice(text.charCodeAt(start + 5) === 0x20 ? start + 6 : start + 5, end)
      this.data = this.data === undefined ? value : this.data + "\n" + value
      return
    }
    const line = text.slice(start, end)
    const colon = line.indexOf(":")
    const name = colon === -1 ? line : line.slice(0, colon)
    const value = colon === -1 ? "" : line.slice(line.charCodeAt(colon + 1) === 0x20 ? colon + 2 : colon + 1)
    switch (name) {
      case "data":
        this.data = this.data === undefined ? value : this.data + "\n" + value
        return
      case "event":
        this.event = value
        return
      case "id":
        if (!value.includes("\0")) this.lastEventId = value
        return
      case "retry":
        if (/^[0-9]+$/.test(value)) this.retry = Number(value)
    }
  }

  private dispatch(events: Array<ServerSentEvent>): void {
    if (this.data !== undefined) {
      events.push({ event: this.event === "" ? "message" : this.event, data: this.data, lastEventId: this.lastEventId })
      this.data = undefined
    }
    this.event = ""
    this.size = 0
  }

  private overflow(): void {
    this.tooLarge = true
    this.data = undefined
    this.carry = nothing
    this.carried = 0
  }
}

/** The index after the last line end at or after `from`, or `from` where there is none. */
const lastLineEnd = (bytes: Uint8Array, from: number): number => {
  const feed = bytes.lastIndexOf(LF) + 1
  const cut = feed > from ? feed : from
  if (cut === bytes.length) return cut
  for (let i = bytes.length - 1; i >= cut; i--) {
    if (bytes[i] === CR) return i + 1
  }
  return cut
}

/** How many of the first bytes are, or may become, a byte order mark. */
const markBytes = (bytes: Uint8Array): number => {
  const mark = [0xef, 0xbb, 0xbf].slice(0, bytes.length)
  return mark.every((byte, i) => bytes[i] === byte) ? mark.length : 0
}

const byteLength = (text: string, start: number, end: number): number => {
  let bytes = 0
  for (let i = start; i < end; i++) {
    const unit = text.charCodeAt(i)
    // Either half of a surrogate pair stands for two of its four bytes; a decoder yields no lone halves.
    bytes += unit < 0x80 ? 1 : unit < 0x800 || (unit >= 0xd800 && unit <= 0xdfff) ? 2 : 3
  }
  return bytes
}

const fieldBytes = (text: string, from: number): number => {
  let bytes = 0
  for (let start = from, end = text.indexOf("\n", from); end !== -1; end = text.indexOf("\n", start)) {
    if (text.charCodeAt(start) !== COLON) bytes += byteLength(text, start, end)
    start = end + 1
  }
  return bytes
}
