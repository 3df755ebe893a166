import { isObject, parseJson } from "../internal/json.js"
import { emptyResponseError, errorInBody } from "./findError.js"
import { EventlessBody } from "./internal/eventlessBody.js"
import type { PartialResponse } from "./partialResponse.js"
import type { Accumulator, Completeness, Protocol } from "./protocol.js"
import { isEmptyResponse, readResponse } from "./readResponse.js"
import { defaultMaxEventSize, makeParser, type Parser } from "./sse.js"

/** @internal */
export interface EventDecoderOptions<Event> {
  /** Whether a parsed event has the type of an event; any JSON by default. */
  readonly check?: ((input: unknown) => input is Event) | undefined
  readonly maxEventSize?: number | undefined
  /** How many choices or images were requested. */
  readonly count?: number | undefined
}

/**
 * What went wrong: an error that was sent, text that cannot be read, or an end that came too early.
 *
 * @internal
 */
export type Flaw =
  | { readonly kind: "error"; readonly error: unknown }
  | { readonly kind: "notJson" | "invalid" | "noEvents"; readonly text: string }
  | { readonly kind: "tooLarge" | "truncated" }

/**
 * Decodes the bytes of one stream as events. It receives the reads, returns the good events, and keeps the first flaw
 * with everything that had arrived, because the events before the flaw are emitted first. It alone decides whether a
 * response is complete, for every way to read a stream.
 *
 * @internal
 */
export class EventDecoder<Event, Result> {
  /** Nothing more is read of the response: `[DONE]` has arrived, or the body was JSON. */
  done = false
  flaw: Flaw | undefined = undefined
  private body: EventlessBody | undefined
  /** A whole response with an error, in place of events. */
  private failed: PartialResponse | undefined
  private readonly parser: Parser
  private readonly accumulator: Accumulator<Result>

  constructor(
    private readonly protocol: Protocol<Event, Result>,
    private readonly options: EventDecoderOptions<Event> = {}
  ) {
    this.parser = makeParser(options)
    this.body = new EventlessBody(options.maxEventSize ?? defaultMaxEventSize)
    this.accumulator = protocol.accumulator(options.count)
  }

  push(reads: Iterable<Uint8Array>): Array<Event> {
    const events: Array<Event> = []
    for (const bytes of reads) {
      const found = this.parser.push(bytes)
      for (const event of found) this.take(event.data, events)
      if (this.body !== undefined) {
        this.body = found.length > 0 || this.parser.comments > 0 ? undefined : this.body.add(bytes)
      }
      if (this.parser.tooLarge && !this.settled) this.flaw ??= { kind: "tooLarge" }
    }
    return events
  }

  /** The body has ended, or broke off. Its last event may lack its blank line. */
  end(brokeOff = false): Array<Event> {
    const events: Array<Event> = []
    for (const event of this.parser.end(isWhole)) this.take(event.data, events)
    if (events.length === 0 && this.body !== undefined) this.takeBody(this.body.text, brokeOff, events)
    return events
  }

  /** Whether only the usage may follow that belongs to the error. */
  get awaitsUsage(): boolean {
    return this.flaw?.kind === "error" && !this.done
  }

  get completeness(): Completeness {
    return this.accumulator.completeness()
  }

  /** Whether the content is complete, so that a stream that ends here was not cut off. */
  get whole(): boolean {
    return this.done || isComplete(this.completeness)
  }

  /** Whether content and usage are complete. */
  get settled(): boolean {
    return this.done || this.completeness === "settled"
  }

  partial(): PartialResponse {
    return this.failed ?? this.accumulator.partial()
  }

  result(): Result | undefined {
    return this.accumulator.result()
  }

  private take(data: string, events: Array<Event>): void {
    if (this.done || data === "" || (this.flaw !== undefined && this.flaw.kind !== "error")) return
    if (isDone(data)) return this.takeDone()
    const parsed = parseJson(data)
    if (parsed === undefined) {
      // After a complete response, it does no harm
      if (!this.settled) this.flaw ??= { kind: "notJson", text: data }
      return
    }
    const { value } = parsed
    if (this.flaw !== undefined) return this.accumulator.addUsage(value)
    const error = this.protocol.errorOf(value)
    if (error === undefined) return this.takeEvent(value, data, events)
    this.flaw = { kind: "error", error }
    this.accumulator.add(value)
    // An event with an error may have its usage where no other event has it
    this.accumulator.addUsage(value)
  }

  /** Checks a good event once. Only an event that fails is fitted, and then checked again. */
  private takeEvent(value: unknown, text: string, events: Array<Event>): void {
    if (this.check(value)) return this.add(value, events)
    const fitted = this.protocol.fit === undefined ? value : this.protocol.fit(value)
    // An event that says nothing
    if (fitted === undefined) return
    if (this.check(fitted)) return this.add(fitted, events)
    if (this.settled) return
    this.flaw = { kind: "invalid", text }
    this.accumulator.add(fitted)
  }

  private add(event: Event, events: Array<Event>): void {
    events.push(event)
    this.accumulator.add(event)
  }

  private takeDone(): void {
    this.done = true
    if (isComplete(this.completeness)) return
    if (isEmptyResponse(this.partial().result)) {
      this.flaw ??= { kind: "error", error: emptyResponseError }
      return
    }
    this.accumulator.end()
    if (!isComplete(this.completeness)) this.flaw ??= { kind: "truncated" }
  }

  /** A body without events: an error, a whole response in place of its events, or something else. */
  private takeBody(text: string, brokeOff: boolean, events: Array<Event>): void {
    const parsed = parseJson(text)
    if (text === "" || this.flaw !== undefined || brokeOff && parsed === undefined) return
    const body = parsed?.value
    const error = errorInBody(body) ?? this.protocol.errorOf(body)
    if (error !== undefined) {
      this.flaw = { kind: "error", error }
      this.failed = readResponse(body)
      return
    }
    const found = this.protocol.eventsOf?.(body)
    if (found === undefined) {
      this.flaw = { kind: "noEvents", text }
      return
    }
    for (const event of found) {
      this.accumulator.add(event)
      events.push(event)
    }
    this.takeDone()
  }

  private check(event: unknown): event is Event {
    return this.options.check === undefined || this.options.check(event)
  }
}

const isComplete = (completeness: Completeness): boolean => completeness === "whole" || completeness === "settled"

const isDone = (data: string): boolean => data.length < 32 && data.trim() === "[DONE]"

/** Whether data was not cut off: the beginning of an object alone is not JSON. */
const isWhole = (data: string): boolean => isDone(data) || isObject(parseJson(data)?.value)
