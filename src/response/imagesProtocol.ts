/**
 * The stream of a generated image: which events are errors, when it is complete, and how its events add up to the
 * result that the same call without streaming returns.
 *
 * @since 0.1.0
 */
import { defined, isObject, type JsonObject, objectAt, stringAt } from "../internal/json.js"
import { guard } from "../schema/guard.js"
import { ImageGenerationResponse, type ImageStreamEvent } from "../schema/Images.js"
import { typedError } from "./internal/choices.js"
import { addUsage, type Draft, setField } from "./internal/fields.js"
import { TextBuffer } from "./internal/textBuffer.js"
import { imageEvents } from "./internal/wholeEvents/imageEvents.js"
import type { PartialResponse } from "./partialResponse.js"
import type { Accumulator, Completeness, Protocol } from "./protocol.js"
import { readResponse } from "./readResponse.js"
import { tolerantEvent } from "./tolerant.js"

/**
 * The protocol of `POST /images` with `stream: true`.
 *
 * @since 0.1.0
 * @category protocols
 */
export const protocol: Protocol<ImageStreamEvent, ImageGenerationResponse> = {
  name: "images",
  fit: tolerantEvent,
  errorOf: (event) => typedError(event) ?? (objectAt(event, "error") && event),
  eventsOf: imageEvents,
  accumulator: (count) => new ImageAccumulator(count)
}

const isResult = guard(ImageGenerationResponse)

class ImageAccumulator implements Accumulator<ImageGenerationResponse> {
  private readonly head: Draft = {}
  private readonly data: Array<JsonObject> = []
  private readonly text = new TextBuffer()
  private readonly reasoning = new TextBuffer()
  private draft: JsonObject | undefined = undefined
  private ended = false

  constructor(private readonly count = 1) {}

  add(event: unknown): void {
    if (!isObject(event)) return
    switch (event["type"]) {
      case "image_generation.partial_image":
        this.draft = event
        return
      case "image_generation.text_chunk":
        if (event["phase"] !== "draft") {
          ;(event["phase"] === "reasoning" ? this.reasoning : this.text).append(stringAt(event, "text") ?? "")
        }
        return
      case "image_generation.completed":
        this.draft = undefined
        this.data.push(defined({ b64_json: event["b64_json"], media_type: event["media_type"] }))
        setField(this.head, "created", event["created"])
        setField(this.head, "usage", event["usage"])
    }
  }

  addUsage(event: unknown): void {
    addUsage(this.head, event)
  }

  end(): void {
    this.ended = true
  }

  /** Each image has its own event. A preview without it belongs to an image that is missing. */
  completeness(): Completeness {
    if (this.data.length === 0) return "open"
    return this.ended || (this.draft === undefined && this.data.length >= this.count) ? "settled" : "open"
  }

  /** If no image was finished, `result.data` holds the last preview. */
  partial(): PartialResponse {
    const preview = this.data.length > 0 || this.draft === undefined ? [] : [{ b64_json: this.draft["b64_json"] }]
    return {
      ...readResponse({ ...this.head, data: [...this.data, ...preview] }),
      text: this.text.toString(),
      reasoning: this.reasoning.toString()
    }
  }

  result(): ImageGenerationResponse | undefined {
    const result = this.completeness() === "open" ? undefined : { ...this.head, data: this.data }
    return isResult(result) ? result : undefined
  }
}
