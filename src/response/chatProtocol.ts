/**
 * The stream of a chat completion: which events are errors, when it is complete, and how its chunks add up to the
 * completion that the same call without streaming returns.
 *
 * @since 0.1.0
 */
import { arrayAt, defined, isObject, type JsonObject, objectAt, stringAt } from "../internal/json.js"
import { ChatResult } from "../schema/Chat.js"
import type { ChatStreamChunk } from "../schema/Chat.js"
import { guard } from "../schema/guard.js"
import { addLogprobs, completenessOf, errorOfChunk } from "./internal/choices.js"
import { addUsage, type Draft, setFields } from "./internal/fields.js"
import { ReasoningDetails } from "./internal/reasoningDetails.js"
import { OptionalText } from "./internal/textBuffer.js"
import { ToolCalls } from "./internal/toolCalls.js"
import type { PartialResponse } from "./partialResponse.js"
import type { Accumulator, Completeness, Protocol } from "./protocol.js"
import { hasChoicesWithOutput, hasOutput, readResponse } from "./readResponse.js"

/**
 * The protocol of `POST /chat/completions` with `stream: true`.
 *
 * @since 0.1.0
 * @category protocols
 */
export const protocol: Protocol<ChatStreamChunk, ChatResult> = {
  name: "chat",
  errorOf: errorOfChunk,
  accumulator: (count) => new ChatAccumulator(count)
}

/**
 * The text of a whole completion, of its first choice; `""` where it has none.
 *
 * @since 0.1.0
 * @category getters
 */
export const text = (result: ChatResult): string => readResponse(result).text

/**
 * The text that a chunk adds to the response, of the first choice if several were requested; `""` where it adds none.
 *
 * @since 0.1.0
 * @category getters
 */
export const textDelta = (chunk: Pick<ChatStreamChunk, "choices">): string =>
  stringAt(firstDelta(chunk), "content") ?? ""

/**
 * The readable reasoning that a chunk adds, of the first choice; `""` where it adds none. Each piece is returned
 * once, although the API sends it twice. Encrypted reasoning has no text.
 *
 * @since 0.1.0
 * @category getters
 */
export const reasoningDelta = (chunk: Pick<ChatStreamChunk, "choices">): string => {
  const delta = firstDelta(chunk)
  return stringAt(delta, "reasoning") ?? arrayAt(delta, "reasoning_details").map(readable).join("")
}

const readable = (detail: unknown): string => {
  const type = stringAt(detail, "type")
  return type === "reasoning.text"
    ? stringAt(detail, "text") ?? ""
    : type === "reasoning.summary"
    ? stringAt(detail, "summary") ?? ""
    : ""
}

const firstDelta = (chunk: Pick<ChatStreamChunk, "choices">): JsonObject | undefined => {
  const choice = arrayAt(chunk, "choices").find((choice) => isObject(choice) && (choice["index"] ?? 0) === 0)
  return objectAt(choice, "delta")
}

const isResult = guard(ChatResult)

const notOfTheResult: ReadonlySet<string> = new Set(["choices", "object", "error", "debug", "user_id"])

class ChatAccumulator implements Accumulator<ChatResult> {
  private readonly head: Draft = {}
  private readonly choices: Array<Choice> = []
  private usageIsLast = false
  private ended = false

  constructor(private readonly count = 1) {}

  add(chunk: unknown): void {
    if (!isObject(chunk)) return
    setFields(this.head, chunk, notOfTheResult)
    if (this.usageIsLast || isObject(chunk["usage"])) this.usageIsLast = !hasChoicesWithOutput(chunk)
    for (const choice of arrayAt(chunk, "choices")) {
      if (isObject(choice)) this.choice(typeof choice["index"] === "number" ? choice["index"] : 0).add(choice)
    }
  }

  addUsage(chunk: unknown): void {
    addUsage(this.head, chunk)
  }

  end(): void {
    this.ended = true
  }

  completeness(): Completeness {
    return completenessOf(this.choices, {
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

  result(): ChatResult | undefined {
    const result = this.completeness() === "open" ? undefined : this.snapshot()
    return isResult(result) ? result : undefined
  }

  private choice(index: number): Choice {
    const known = this.choices.find((choice) => choice.index === index)
    if (known !== undefined) return known
    const choice = new Choice(index)
    this.choices.push(choice)
    return choice
  }

  private snapshot(): JsonObject {
    return {
      object: "chat.completion",
      system_fingerprint: null,
      ...this.head,
      choices: this.choices.toSorted((a, b) => a.index - b.index).map((choice) => choice.snapshot())
    }
  }
}

const mergedApart: ReadonlySet<string> = new Set(["index", "delta", "logprobs", "error"])

class Choice {
  private readonly fields: Draft = { finish_reason: null }
  private readonly content = new OptionalText()
  private readonly refusal = new OptionalText()
  private readonly reasoning = new OptionalText()
  private details: ReasoningDetails | undefined = undefined
  private toolCalls: ToolCalls | undefined = undefined
  private annotations: Array<unknown> | undefined = undefined
  private images: Array<unknown> | undefined = undefined
  private audio: Audio | undefined = undefined
  private logprobs: Draft | undefined = undefined

  constructor(readonly index: number) {}

  get finished(): boolean {
    return this.fields["finish_reason"] !== null
  }

  add(choice: JsonObject): void {
    setFields(this.fields, choice, mergedApart)
    if (isObject(choice["logprobs"])) addLogprobs(this.logprobs ??= {}, choice["logprobs"])
    const delta = choice["delta"]
    if (!isObject(delta)) return
    this.content.add(delta["content"])
    this.refusal.add(delta["refusal"])
    this.reasoning.add(delta["reasoning"])
    if (Array.isArray(delta["reasoning_details"])) {
      this.details ??= new ReasoningDetails()
      for (const detail of delta["reasoning_details"]) this.details.add(detail)
    }
    if (Array.isArray(delta["tool_calls"])) {
      this.toolCalls ??= new ToolCalls()
      for (const [position, call] of delta["tool_calls"].entries()) this.toolCalls.add(call, position)
    }
    if (Array.isArray(delta["annotations"])) (this.annotations ??= []).push(...delta["annotations"])
    if (Array.isArray(delta["images"])) addImages(this.images ??= [], delta["images"])
    if (isObject(delta["audio"])) (this.audio ??= new Audio()).add(delta["audio"])
  }

  snapshot(): JsonObject {
    return defined({
      index: this.index,
      message: defined({
        role: "assistant",
        content: this.content.value ?? null,
        refusal: this.refusal.value,
        reasoning: this.reasoning.value,
        reasoning_details: this.details?.toArray(),
        tool_calls: this.toolCalls?.toArray(),
        annotations: this.annotations,
        images: this.images,
        audio: this.audio?.snapshot()
      }),
      logprobs: this.logprobs,
      ...this.fields
    })
  }
}

/** An image that comes once more under its index replaces the earlier one. */
const addImages = (images: Array<unknown>, added: ReadonlyArray<unknown>): void => {
  for (const image of added) {
    const index = isObject(image) ? image["index"] : undefined
    const known = typeof index === "number"
      ? images.findIndex((earlier) => isObject(earlier) && earlier["index"] === index)
      : -1
    if (known === -1) images.push(image)
    else images[known] = image
  }
}

const inPieces: ReadonlySet<string> = new Set(["data", "transcript"])

class Audio {
  private readonly fields: Draft = {}
  private readonly data = new OptionalText()
  private readonly transcript = new OptionalText()

  add(audio: JsonObject): void {
    setFields(this.fields, audio, inPieces)
    this.data.add(audio["data"])
    this.transcript.add(audio["transcript"])
  }

  snapshot(): JsonObject {
    return defined({
      ...this.fields,
      data: this.data.value ?? undefined,
      transcript: this.transcript.value ?? undefined
    })
  }
}
