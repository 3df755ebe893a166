import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type * as Stream from "effect/Stream"
import type { StreamTruncatedError } from "../../http/OpenRouterError.js"
import { fromBatches, toBatches } from "../../internal/effect/batches.js"
import { expectation, type Issue } from "../../internal/effect/schemaIssues.js"
import { scoped } from "../../internal/effect/scopes.js"
import type { PartialResponse } from "../../response/partialResponse.js"
import type { Accumulator, Protocol } from "../../response/protocol.js"
import type { ChatResult } from "../../schema/Chat.js"
import type { OpenResponsesResult } from "../../schema/Responses.js"
import { resultOf } from "../../stream/resultOf.js"
import { type GrowingOutput, type OpenedOutput, openOutput, type WrittenElement } from "../growingOutput.js"
import type { TextReceiver } from "../messageTexts.js"
import * as StructuredOutput from "../StructuredOutput.js"

/** The parts of a value, without its types. */
type Part<Result> = StructuredOutput.ObjectPart<unknown, unknown, Result, unknown>

/**
 * A value as a stream: for each batch of events the elements that it closes and at most one partial value, and at the end the
 * decoded value.
 *
 * @internal
 */
export const streamParts = <Event, Result extends ChatResult | OpenResponsesResult, A, I, R, List, E, R2>(
  options: StructuredOutput.Options<A, I, R> & { readonly elements?: List | undefined },
  protocol: Protocol<Event, Result>,
  request: (output: StructuredOutput.StructuredOutput<A, R>) => Stream.Stream<Event, E, R2>,
  textsOf: (receiver: TextReceiver) => (event: Event) => void
): Stream.Stream<
  StructuredOutput.ObjectPart<A, I, Result, StructuredOutput.ElementOf<A, List>>,
  E | StreamTruncatedError | StructuredOutput.StructuredOutputError,
  Exclude<R | R2, Scope.Scope>
> => {
  const parts = Effect.gen(function*() {
    const context = yield* Effect.context<R | R2>()
    const structured = yield* StructuredOutput.make(options)
    const opened = yield* openOutput(options, listOf(options.elements))
    const events = yield* toBatches(request(structured))
    const reader = new PartReader<Event, Result, R>(opened, protocol, textsOf)
    const next: Effect.Effect<
      ReadonlyArray<Part<Result>>,
      E | StreamTruncatedError | StructuredOutput.ReadError,
      R | R2
    > = Effect.suspend(() => {
      if (reader.failure !== undefined) return Effect.fail(reader.failure)
      if (reader.isDone) return Effect.succeed([])
      return Effect.flatMap(events, (batch) =>
        batch.length === 0
          ? reader.end(structured)
          : Effect.flatMap(reader.read(batch), (parts) => parts.length === 0 ? next : Effect.succeed(parts)))
    })
    return fromBatches(Effect.provide(next, context))
  })
  // The values are those of the schema, which makes the partial ones, and decodes the elements and the value
  return scoped(parts) as Stream.Stream<
    StructuredOutput.ObjectPart<A, I, Result, StructuredOutput.ElementOf<A, List>>,
    E | StreamTruncatedError | StructuredOutput.StructuredOutputError,
    Exclude<R | R2, Scope.Scope>
  >
}

const listOf = (list: unknown): string | true | undefined =>
  typeof list === "string" || list === true ? list : undefined

class PartReader<Event, Result extends ChatResult | OpenResponsesResult, R> {
  isDone = false
  /** Why an element does not fit: the stream fails with it after the elements before. */
  failure: StructuredOutput.StructuredOutputMismatchError | undefined = undefined
  private readonly accumulator: Accumulator<Result>
  private readonly output: GrowingOutput
  private readonly addText: (event: Event) => void

  constructor(
    private readonly opened: OpenedOutput<R>,
    private readonly protocol: Protocol<Event, Result>,
    textsOf: (receiver: TextReceiver) => (event: Event) => void
  ) {
    this.accumulator = protocol.accumulator()
    this.output = opened.begin()
    this.addText = textsOf(this.output)
  }

  read(events: ReadonlyArray<Event>): Effect.Effect<ReadonlyArray<Part<Result>>, never, R> {
    for (const event of events) {
      this.accumulator.add(event)
      this.addText(event)
    }
    const { elements, partial } = this.output.take()
    const shown: ReadonlyArray<Part<Result>> = partial === undefined ? [] : [{ _tag: "partial", ...partial }]
    return elements.length === 0 ?
      Effect.succeed(shown) :
      Effect.map(this.decoded(elements), (decoded) => this.failure === undefined ? [...decoded, ...shown] : decoded)
  }

  end<A>(
    structured: StructuredOutput.StructuredOutput<A, R>
  ): Effect.Effect<ReadonlyArray<Part<Result>>, StreamTruncatedError | StructuredOutput.ReadError, R> {
    this.isDone = true
    this.accumulator.end()
    return Effect.flatMap(
      resultOf(this.protocol, this.accumulator),
      (result) => Effect.map(structured.read(result), (value) => [{ _tag: "done", value, result }])
    )
  }

  /** The elements up to the first one that does not fit. */
  private decoded(elements: ReadonlyArray<WrittenElement>): Effect.Effect<ReadonlyArray<Part<Result>>, never, R> {
    return Effect.gen(this, function*() {
      const decoded: Array<Part<Result>> = []
      for (const element of elements) {
        const part = yield* Effect.match(this.opened.decodeElement(element), {
          onSuccess: (value): Part<Result> => ({ _tag: "element", index: element.index, value }),
          onFailure: (issues) => {
            this.failure = misfit(this.accumulator.partial(), issues)
            return undefined
          }
        })
        if (part === undefined) break
        decoded.push(part)
      }
      return decoded
    })
  }
}

const misfit = (response: PartialResponse, issues: ReadonlyArray<Issue>) => {
  const [first] = issues
  const why = first === undefined ? "unknown" : `${expectation(first.message)} at "${first.path}"`
  return new StructuredOutput.StructuredOutputMismatchError({
    message:
      `structured output: an element does not fit the schema: ${why}. The request has ended before its response was ` +
      "complete. What had arrived is in `text`.",
    text: response.text,
    issues,
    response
  })
}
