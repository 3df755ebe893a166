import { isSameJson } from "../../internal/canonicalJson.js"
import { defined, isObject, type JsonObject } from "../../internal/json.js"
import { addLogprobs } from "./choices.js"
import { withTextContent } from "./contentParts.js"
import { type Draft, isEmpty, makeDraft, setFields } from "./fields.js"
import { FinishReasons, isReason } from "./finishReason.js"
import { ReasoningDetails } from "./reasoningDetails.js"
import { OptionalText } from "./textBuffer.js"
import { ToolCalls } from "./toolCalls.js"
import { UnknownFields } from "./unknownFields.js"

const readApart: ReadonlySet<string> = new Set(["index", "delta", "message", "logprobs", "error"])

const fieldsOfDelta: ReadonlySet<string> = new Set([
  "role",
  "content",
  "refusal",
  "reasoning",
  "reasoning_content",
  "reasoning_details",
  "tool_calls",
  "annotations",
  "images",
  "audio"
])

/** Whether a delta was made of a whole message, which had none: after pieces it only repeats them. */
const repeats = (delta: JsonObject, message: JsonObject): boolean => {
  const whole = Object.entries(withTextContent(message)).filter(([, value]) => !isEmpty(value))
  return whole.length > 0 && whole.every(([field, value]) => isSameJson(delta[field], value))
}

/**
 * One choice of a chat completion while its chunks arrive.
 *
 * @internal
 */
export class ChatChoice {
  private readonly fields: Draft = makeDraft({ finish_reason: null })
  private readonly reasons = new FinishReasons(["finish_reason", "native_finish_reason"])
  private readonly content = new OptionalText()
  private readonly refusal = new OptionalText()
  private readonly reasoning = new OptionalText()
  private readonly reasoningContent = new OptionalText()
  private details: ReasoningDetails | undefined = undefined
  private toolCalls: ToolCalls | undefined = undefined
  private annotations: Array<unknown> | undefined = undefined
  private images: Images | undefined = undefined
  private audio: Audio | undefined = undefined
  private logprobs: Draft | undefined = undefined
  private unknown: UnknownFields | undefined = undefined
  private hasDelta = false

  constructor(readonly index: number) {}

  get finished(): boolean {
    return isReason(this.fields["finish_reason"])
  }

  add(choice: JsonObject): void {
    this.reasons.add(choice)
    setFields(this.fields, choice, readApart)
    if (isObject(choice["logprobs"])) addLogprobs(this.logprobs ??= makeDraft(), choice["logprobs"])
    const { delta, message } = choice
    if (isObject(delta)) {
      if (this.hasDelta && isObject(message) && repeats(delta, message)) return
      this.hasDelta = true
      this.addDelta(withTextContent(delta))
    } else if (isObject(message) && !this.hasDelta) {
      // A whole message in place of pieces; after pieces it only repeats them
      this.hasDelta = true
      this.addDelta(withTextContent(message))
    }
  }

  snapshot(): JsonObject {
    if (this.toolCalls !== undefined) this.reasons.apply(this.fields)
    return defined({
      index: this.index,
      message: defined({
        ...this.unknown?.toJson(),
        role: "assistant",
        content: this.content.value ?? null,
        refusal: this.refusal.value,
        reasoning: this.reasoning.value,
        reasoning_content: this.reasoningContent.value,
        reasoning_details: this.details?.toArray(),
        tool_calls: this.toolCalls?.toArray(),
        annotations: this.annotations,
        images: this.images?.toArray(),
        audio: this.audio?.snapshot()
      }),
      logprobs: this.logprobs === undefined ? undefined : { ...this.logprobs },
      ...this.fields
    })
  }

  private addDelta(delta: JsonObject): void {
    this.content.add(delta["content"])
    this.refusal.add(delta["refusal"])
    this.reasoning.add(delta["reasoning"])
    this.reasoningContent.add(delta["reasoning_content"])
    if (Array.isArray(delta["reasoning_details"])) {
      this.details ??= new ReasoningDetails()
      for (const detail of delta["reasoning_details"]) this.details.add(detail)
    }
    if (Array.isArray(delta["tool_calls"])) (this.toolCalls ??= new ToolCalls()).add(delta["tool_calls"])
    if (Array.isArray(delta["annotations"])) {
      this.annotations ??= []
      for (const annotation of delta["annotations"]) this.annotations.push(annotation)
    }
    if (Array.isArray(delta["images"])) (this.images ??= new Images()).add(delta["images"])
    if (isObject(delta["audio"])) (this.audio ??= new Audio()).add(delta["audio"])
    this.addUnknown(delta)
  }

  private addUnknown(delta: JsonObject): void {
    for (const key in delta) {
      if (fieldsOfDelta.has(key)) continue
      this.unknown ??= new UnknownFields()
      return this.unknown.add(delta, fieldsOfDelta)
    }
  }
}

/** The images of a message. One that comes once more under its index replaces the earlier one. */
class Images {
  private readonly images: Array<unknown> = []
  private readonly places = new Map<number, number>()

  add(images: ReadonlyArray<unknown>): void {
    for (const image of images) {
      const index = isObject(image) && typeof image["index"] === "number" ? image["index"] : undefined
      const place = index === undefined ? undefined : this.places.get(index)
      if (place !== undefined) this.images[place] = image
      else {
        if (index !== undefined) this.places.set(index, this.images.length)
        this.images.push(image)
      }
    }
  }

  toArray(): ReadonlyArray<unknown> {
    return [...this.images]
  }
}

const inPieces: ReadonlySet<string> = new Set(["data", "transcript"])

class Audio {
  private readonly fields: Draft = makeDraft()
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
