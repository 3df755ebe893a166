/**
 * The stream of an old text completion: which events are errors, when it is complete, and how its chunks add up to the
 * result that the same call without streaming returns.
 *
 * @since 0.1.0
 */
import { arrayAt, defined, isObject, type JsonObject } from "../internal/json.js"
import type { CompletionChunk } from "../schema/Completions.js"
import { CompletionResponse } from "../schema/Completions.js"
import { guard } from "../schema/guard.js"
import { addLogprobs, completenessOf, errorOfChunk, indexOf } from "./internal/choices.js"
import { contentText } from "./internal/contentParts.js"
import { addUsage, type Draft, makeDraft, setFields, setUsage } from "./internal/fields.js"
import { isReason } from "./internal/finishReason.js"
import { TextBuffer } from "./internal/textBuffer.js"
import { completionEvents } from "./internal/wholeEvents/completionEvents.js"
import type { PartialResponse } from "./partialResponse.js"
import type { Accumulator, Completeness, Protocol } from "./protocol.js"
import { hasChoicesWithOutput, hasOutput, readResponse } from "./readResponse.js"
import { tolerantEvent } from "./tolerant.js"

/**
 * The protocol of `POST /completions` with `stream: true`.
 *
 * @since 0.1.0
 * @category protocols
 */
export const protocol: Protocol<CompletionChunk, CompletionResponse> = {
  name: "completions",
  fit: tolerantEvent,
  errorOf: errorOfChunk,
  eventsOf: completionEvents,
  accumulator: (count) => new CompletionAccumulator(count)
}

/**
 * The text of a whole response, of its first choice; `""` where it has none.
 *
 * @since 0.1.0
 * @category getters
 */
export const text = (result: CompletionResponse): string => readResponse(result).text

/**
 * The text that a chunk adds, to the first choice if several were requested; `""` where it adds none.
 *
 * @since 0.1.0
 * @category getters
 */
export const textDelta = (chunk: CompletionChunk): string =>
  contentText(arrayAt(chunk, "choices").filter(isObject).find((choice) => indexOf(choice) === 0)?.["text"])

const isResult = guard(CompletionResponse)

const notOfTheResult: ReadonlySet<string> = new Set(["choices", "object", "error", "usage", "user_id"])

class CompletionAccumulator implements Accumulator<CompletionResponse> {
  private readonly head: Draft = makeDraft()
  private readonly choices = new Map<number, Choice>()
  private usageIsLast = false
  private ended = false

  constructor(private readonly count = 1) {}

  add(chunk: unknown): void {
    if (!isObject(chunk)) return
    setFields(this.head, chunk, notOfTheResult)
    setUsage(this.head, chunk["usage"])
    if (this.usageIsLast || isObject(chunk["usage"])) this.usageIsLast = !hasChoicesWithOutput(chunk)
    for (const choice of arrayAt(chunk, "choices")) {
      if (!isObject(choice)) continue
      const index = indexOf(choice)
      const known = this.choices.get(index) ?? new Choice(index)
      this.choices.set(index, known)
      known.add(choice)
    }
  }

  addUsage(chunk: unknown): void {
    addUsage(this.head, chunk)
  }

  end(): void {
    this.ended = true
  }

  completeness(): Completeness {
    return completenessOf([...this.choices.values()], {
      count: this.count,
      ended: this.ended,
      usage: isObject(this.head["usage"]),
      usageIsLast: this.usageIsLast,
      hasOutput: () => hasOutput(this.partial())
    })
  }

  partial(): PartialResponse {
    return readResponse(this.snapshot())
  }

  result(): CompletionResponse | undefined {
    const result = this.completeness() === "open" ? undefined : this.snapshot()
    return isResult(result) ? result : undefined
  }

  private snapshot(): JsonObject {
    const choices = [...this.choices.values()].sort((a, b) => a.index - b.index)
    return { object: "text_completion", ...this.head, choices: choices.map((choice) => choice.snapshot()) }
  }
}

const mergedApart: ReadonlySet<string> = new Set(["index", "text", "logprobs", "error"])

class Choice {
  private readonly fields: Draft = makeDraft({ finish_reason: null })
  private readonly text = new TextBuffer()
  private logprobs: Draft | undefined = undefined

  constructor(readonly index: number) {}

  get finished(): boolean {
    return isReason(this.fields["finish_reason"])
  }

  add(choice: JsonObject): void {
    setFields(this.fields, choice, mergedApart)
    this.text.append(contentText(choice["text"]))
    if (isObject(choice["logprobs"])) addLogprobs(this.logprobs ??= makeDraft(), choice["logprobs"])
  }

  snapshot(): JsonObject {
    return defined({
      index: this.index,
      text: this.text.toString(),
      logprobs: this.logprobs === undefined ? null : { ...this.logprobs },
      ...this.fields
    })
  }
}
