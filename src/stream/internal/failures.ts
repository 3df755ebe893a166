import * as Duration from "effect/Duration"
import type * as Schema from "effect/Schema"
import { scrubValue, toResponseError, unknownShape } from "../../http/kernel.js"
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
import { isObject, parseJson, stringAt } from "../../internal/json.js"
import type { EventDecoder, Flaw } from "../../response/eventDecoder.js"
import { hasOutput, readResponse } from "../../response/readResponse.js"
import { defaultMaxEventSize } from "../../response/sse.js"
import { issues } from "../../schema/guard.js"

/** @internal */
export interface FailureOptions<Event> {
  /** The start of error messages. */
  readonly name: string
  readonly schema: Schema.Schema<Event>
  readonly documented: ReadonlyArray<Status>
  readonly headers?: Readonly<Record<string, string>> | undefined
  readonly maxEventSize?: number | undefined
  readonly generationId?: string | undefined
  /** Removes what must not end up in an error from a text. */
  readonly scrub?: ((text: string) => string) | undefined
}

/**
 * The errors of one stream, each with everything that had arrived.
 *
 * @internal
 */
export class Failures<Event, Result> {
  constructor(
    private readonly decoder: EventDecoder<Event, Result>,
    private readonly options: FailureOptions<Event>
  ) {}

  ofFlaw(flaw: Flaw, now: number): ResponseError | StreamError {
    const { documented, headers, name } = this.options
    switch (flaw.kind) {
      case "error":
        return toResponseError({
          status: undefined,
          body: this.scrubbed(flaw.error),
          headers,
          documented,
          now,
          ...this.context()
        })
      case "notJson":
        return new ResponseValidationError({
          message: `${name}: an event of the stream is not JSON. Its text is in \`received\`. ` +
            "Check that no proxy on the way changes the response.",
          issues: [],
          received: this.scrub(flaw.text),
          ...this.context()
        })
      case "noEvents": {
        const body = this.scrubbed(parseJson(flaw.text)?.value)
        return new ResponseValidationError({
          message: `${name}: the response is not a stream of events. Its text is in \`received\`. ` +
            "Check that the base URL is an OpenRouter API.",
          issues: [],
          received: this.scrub(flaw.text),
          generationId: this.options.generationId ?? stringAt(body, "id"),
          partial: isObject(body) ? readResponse(body) : undefined
        })
      }
      case "invalid": {
        const found = issues(this.options.schema, this.scrubbed(parseJson(flaw.text)?.value))
        const first = found[0]
        return new ResponseValidationError({
          message: `${name}: an event of the stream does not have the shape that the API documents${
            first === undefined
              ? ""
              : `, at ${first.path === "" ? "the top" : first.path}: ${expectation(first.message)}`
          }. The event is in \`received\`. ${unknownShape}`,
          issues: found,
          received: this.scrub(flaw.text),
          ...this.context()
        })
      }
      case "tooLarge": {
        const maxEventSize = this.options.maxEventSize ?? defaultMaxEventSize
        return new StreamEventTooLargeError({
          message: `${name}: an event of the stream is larger than ${maxEventSize} bytes. ` +
            "Raise `maxEventSize` if such events are expected.",
          maxEventSize,
          ...this.context()
        })
      }
      case "truncated":
        return this.truncated()
    }
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

  broken(error: ConnectionError): ConnectionError {
    // An error's message is not among the fields that a spread copies
    return new ConnectionError({ ...error, message: error.message, ...this.context() })
  }

  truncated(): StreamTruncatedError {
    const context = this.context()
    return new StreamTruncatedError({
      message: context.partial?.itemsComplete === true
        ? `${this.options.name}: the stream ended without its final event. Every item of the response is complete ` +
          "and in `partial.result`; only its usage is unknown. Continue with these items, because sending the " +
          "request again may be charged again."
        : `${this.options.name}: the stream ended before the response was complete. ` +
          "What had arrived is in `partial`; sending the request again may be charged again.",
      ...context
    })
  }

  private context() {
    // A secret that came in pieces is whole only here
    const partial = scrubValue(this.decoder.partial(), (text) => this.scrub(text))
    return {
      partial: hasNothing(partial)
        ? undefined
        : this.decoder.completeness === "unconfirmed"
        ? { ...partial, itemsComplete: true }
        : partial,
      generationId: this.options.generationId ?? partial.generationId
    }
  }

  private scrubbed(value: unknown): unknown {
    return scrubValue(value, (text) => this.scrub(text))
  }

  private scrub(text: string): string {
    return this.options.scrub === undefined ? text : this.options.scrub(text)
  }
}

const hasNothing = (partial: PartialResponse): boolean =>
  !hasOutput(partial) && partial.generationId === undefined && partial.inputTokens === undefined &&
  partial.cost === undefined
