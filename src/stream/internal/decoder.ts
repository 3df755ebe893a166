import * as Duration from "effect/Duration"
import type * as Schema from "effect/Schema"
import { fetchLimit, scrubValue, sumOf, toResponseError } from "../../http/kernel.js"
import {
  ConnectionError,
  type PartialResponse,
  type ResponseError,
  ResponseValidationError,
  type Status,
  type StreamError,
  StreamEventTooLargeError,
  StreamStalledError,
  StreamTruncatedError
} from "../../http/OpenRouterError.js"
import { expectation } from "../../internal/effect/schemaIssues.js"
import { excerpt, isObject, parseJson, stringAt } from "../../internal/json.js"
import { emptyResponseError } from "../../response/findError.js"
import type { Accumulator, Protocol } from "../../response/protocol.js"
import { hasOutput, isEmptyResponse, readResponse } from "../../response/readResponse.js"
import { guard, issues } from "../../schema/guard.js"
import { defaultMaxEventSize, makeParser, type Parser } from "./sse.js"

/** @internal */
export interface DecoderOptions<Event> {
  /** The start of error messages. */
  readonly name: string
  readonly schema: Schema.Schema<Event>
  readonly documented: ReadonlyArray<Status>
  /** How many choices or images were requested. Default: 1. */
  readonly count?: number | undefined
  readonly maxEventSize?: number | undefined
  readonly generationId?: string | undefined
  /** What the attempts before this response cost. */
  readonly earlierCost?: number | undefined
  readonly scrub?: ((text: string) => string) | undefined
}

type Flaw =
  | { readonly kind: "error"; readonly text: string }
  | { readonly kind: "notJson"; readonly text: string }
  | { readonly kind: "invalid"; readonly text: string }
  | { readonly kind: "noEvents"; readonly text: string }
  | { readonly kind: "tooLarge" }
  | { readonly kind: "truncated" }

/**
 * Decodes the bytes of one stream as events, without effects. It receives the reads, returns the good events, and keeps
 * the first flaw with everything that had arrived, because the events before the flaw are emitted first.
 *
 * @internal
 */
export class Decoder<Event, Result> {
  /** `[DONE]` has arrived: nothing after it belongs to the response. */
  done = false
  private flaw: Flaw | undefined = undefined
  private body: EventlessBody | undefined = new EventlessBody()
  private readonly parser: Parser
  private readonly accumulator: Accumulator<Result>
  private readonly check: (input: unknown) => input is Event

  constructor(
    private readonly protocol: Protocol<Event, Result>,
    private readonly options: DecoderOptions<Event>
  ) {
    this.parser = makeParser(options)
    this.accumulator = protocol.accumulator(options.count)
    this.check = guard(options.schema)
  }

  push(reads: Iterable<Uint8Array>): Array<Event> {
    const events: Array<Event> = []
    for (const bytes of reads) {
      const found = this.parser.push(bytes)
      for (const event of found) this.take(event.data, events)
      if (this.body !== undefined) {
        this.body = found.length > 0 || this.parser.comments > 0 ? undefined : this.body.add(bytes)
      }
      if (this.parser.tooLarge) this.flaw ??= { kind: "tooLarge" }
    }
    return events
  }

  end(): Array<Event> {
    const events: Array<Event> = []
    for (const event of this.parser.end(isWhole)) this.take(event.data, events)
    if (events.length === 0 && this.body !== undefined) this.takeBody(this.body.text)
    return events
  }

  /** Whether something went wrong that ends the stream. */
  get flawed(): boolean {
    return this.flaw !== undefined
  }

  /** Whether more may follow that belongs to the error: the usage often comes after the error. */
  get unsettled(): boolean {
    return this.flaw?.kind === "error" && !this.done
  }

  /** Whether the response is complete, so that the stream may end. */
  get whole(): boolean {
    const completeness = this.accumulator.completeness()
    return completeness === "whole" || completeness === "settled"
  }

  partial(): PartialResponse {
    return this.accumulator.partial()
  }

  result(): Result | undefined {
    return this.accumulator.result()
  }

  private take(data: string, events: Array<Event>): void {
    if (this.done || data === "" || (this.flaw !== undefined && this.flaw.kind !== "error")) return
    if (isDone(data)) {
      this.done = true
      if (!this.whole) this.flaw ??= this.flawAtDone()
      return
    }
    const parsed = parseJson(data)
    if (parsed === undefined) {
      this.flaw ??= { kind: "notJson", text: data }
      return
    }
    const event = parsed.value
    if (this.protocol.errorOf(event) !== undefined) {
      this.flaw ??= { kind: "error", text: data }
      this.accumulator.add(this.scrubbed(data))
      return
    }
    if (!this.check(event)) {
      this.flaw ??= { kind: "invalid", text: data }
      this.accumulator.add(this.scrubbed(data))
      return
    }
    this.accumulator.add(event)
    if (this.flaw !== undefined) return
    events.push(event)
  }

  /** The flaw of a response that ends with `[DONE]` and has no end of its own. */
  private flawAtDone(): Flaw | undefined {
    if (isEmptyResponse(this.partial().result)) return { kind: "error", text: emptyResponse }
    this.accumulator.end()
    return this.whole ? undefined : { kind: "truncated" }
  }

  private takeBody(text: string): void {
    if (text === "") return
    const isError = this.protocol.errorOf(parseJson(text)?.value) !== undefined
    this.flaw ??= { kind: isError ? "error" : "noEvents", text }
    // The usage of an error is what it cost
    if (isError) this.accumulator.add(this.scrubbed(text))
  }

  failure(now: number): ResponseError | StreamError {
    const flaw = this.flaw
    switch (flaw?.kind) {
      case "error": {
        const payload = this.scrubbed(flaw.text)
        return toResponseError({
          status: undefined,
          body: this.protocol.errorOf(payload),
          documented: this.options.documented,
          now,
          ...this.context()
        })
      }
      case "notJson":
        return new ResponseValidationError({
          message: `${this.options.name}: an event of the stream is not JSON. Its text is in \`received\`.`,
          issues: [],
          received: excerpt(this.scrub(flaw.text), 2000),
          ...this.context()
        })
      case "noEvents": {
        const body = this.scrubbed(flaw.text)
        return new ResponseValidationError({
          message: `${this.options.name}: the response is not a stream of events. Its text is in \`received\`. ` +
            "Check that the base URL is an OpenRouter API.",
          issues: [],
          received: excerpt(this.scrub(flaw.text), 2000),
          generationId: this.options.generationId ?? stringAt(body, "id"),
          partial: isObject(body) ? readResponse(body) : undefined
        })
      }
      case "invalid": {
        const found = issues(this.options.schema, this.scrubbed(flaw.text))
        const first = found[0]
        return new ResponseValidationError({
          message: `${this.options.name}: an event of the stream does not have the shape that the API documents${
            first === undefined
              ? ""
              : `, at ${first.path === "" ? "the top" : first.path}: ${expectation(first.message)}`
          }. The event is in \`received\`.`,
          issues: found,
          received: excerpt(this.scrub(flaw.text), 2000),
          ...this.context()
        })
      }
      case "tooLarge": {
        const maxEventSize = this.options.maxEventSize ?? defaultMaxEventSize
        return new StreamEventTooLargeError({
          message: `${this.options.name}: an event of the stream is larger than ${maxEventSize} bytes. ` +
            "Raise `maxEventSize` if such events are expected.",
          maxEventSize,
          ...this.context()
        })
      }
      case "truncated":
      case undefined:
        return this.truncated()
    }
  }

  truncated(): StreamTruncatedError {
    return new StreamTruncatedError({
      message: `${this.options.name}: the stream ended before the response was complete. ` +
        "What had arrived is in `partial`; sending the request again may be charged again.",
      ...this.context()
    })
  }

  stalled(idleTimeout: Duration.Duration, option: "idleTimeout" | "eventTimeout"): StreamStalledError {
    const sent = option === "idleTimeout" ? "nothing" : "no event, only keep-alive comments"
    return new StreamStalledError({
      message: `${this.options.name}: the stream sent ${sent} for ${Duration.format(idleTimeout)}. ` +
        `What had arrived is in \`partial\`; raise \`${option}\` if the model is that slow.`,
      idleTimeout,
      ...this.context()
    })
  }

  /** The error of a stream that `fetch` gave up after some silence, by a limit of its own. */
  abandoned(idleTimeout: Duration.Duration): StreamStalledError {
    return new StreamStalledError({
      message: `${this.options.name}: ${fetchLimit(idleTimeout)} What had arrived is in \`partial\`.`,
      idleTimeout,
      ...this.context()
    })
  }

  broken(error: ConnectionError): ConnectionError {
    // An error's message is not among the fields that a spread copies
    return new ConnectionError({ ...error, message: error.message, ...this.context() })
  }

  private context() {
    // A secret that came in pieces is whole only here
    const partial = scrubValue(this.partial(), (text) => this.scrub(text))
    return {
      partial: hasNothing(partial) ? undefined : partial,
      generationId: this.options.generationId ?? partial.generationId,
      cost: sumOf(this.options.earlierCost, partial.cost)
    }
  }

  /** An event for an error. The event may repeat the request, so secrets are removed. */
  private scrubbed(data: string): unknown {
    return scrubValue(parseJson(data)?.value, (text) => this.scrub(text))
  }

  private scrub(text: string): string {
    return this.options.scrub === undefined ? text : this.options.scrub(text)
  }
}

const emptyResponse = JSON.stringify(emptyResponseError)

const isDone = (data: string): boolean => data.length < 32 && data.trim() === "[DONE]"

/** Whether data was not cut off: the beginning of an object alone is not JSON. */
const isWhole = (data: string): boolean => isDone(data) || isObject(parseJson(data)?.value)

const hasNothing = (partial: PartialResponse): boolean =>
  !hasOutput(partial) && partial.generationId === undefined && partial.inputTokens === undefined &&
  partial.cost === undefined

const limit = 2 ** 20

/**
 * The text of a body without events so far: JSON or a page with the content type of a stream, or without one.
 *
 * @internal
 */
export class EventlessBody {
  text = ""
  private readonly decoder = new TextDecoder()

  /** Adds a read; returns undefined once the text is neither JSON nor a page. No line of an event begins like these. */
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
