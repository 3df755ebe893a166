/**
 * The stream of a response: which events are errors, when it is complete, and how its events add up to the response
 * that the same call without streaming returns.
 *
 * @since 0.1.0
 */
import { arrayAt, isObject, type JsonObject, numberAt, objectAt, stringAt } from "../internal/json.js"
import { guard } from "../schema/guard.js"
import { OpenResponsesResult } from "../schema/Responses.js"
import type { StreamEvents } from "../schema/ResponsesEvents.js"
import { failedResponse } from "./findError.js"
import { typedError } from "./internal/choices.js"
import { addUsage, type Draft } from "./internal/fields.js"
import { OutputItem } from "./outputItem.js"
import type { PartialResponse } from "./partialResponse.js"
import type { Accumulator, Completeness, Protocol } from "./protocol.js"
import { readResponse } from "./readResponse.js"

/**
 * The protocol of `POST /responses` with `stream: true`.
 *
 * @since 0.1.0
 * @category protocols
 */
export const protocol: Protocol<StreamEvents, OpenResponsesResult> = {
  name: "responses",
  errorOf: (event) => errorOf(event),
  accumulator: () => new ResponseAccumulator()
}

const errorOf = (event: unknown): unknown => {
  if (!isObject(event)) return undefined
  const { response, type } = event
  if (type === "response.error") return event
  return type === "response.failed" || stringAt(response, "status") === "failed"
    ? failedResponse(response)
    : typedError(event)
}

/**
 * The text of a whole response, of all its messages; `""` where it has none.
 *
 * @since 0.1.0
 * @category getters
 */
export const text = (result: OpenResponsesResult): string => readResponse(result).text

/**
 * The text that an event adds to the response; `""` where it adds none.
 *
 * @since 0.1.0
 * @category getters
 */
export const textDelta = (event: StreamEvents): string => event.type === "response.output_text.delta" ? event.delta : ""

/**
 * The readable reasoning, or summary of it, that an event adds; `""` where it adds none.
 *
 * @since 0.1.0
 * @category getters
 */
export const reasoningDelta = (event: StreamEvents): string =>
  reasoningDeltas.has(event.type) ? stringAt(event, "delta") ?? "" : ""

const reasoningDeltas: ReadonlySet<string> = new Set([
  "response.reasoning_text.delta",
  "response.reasoning_summary_text.delta",
  "response.reasoning.delta"
])

const isResult = guard(OpenResponsesResult)

class ResponseAccumulator implements Accumulator<OpenResponsesResult> {
  private response: JsonObject = { object: "response" }
  private readonly items: Array<OutputItem> = []
  private readonly unfinished = new Set<number>()
  private whole = false

  add(event: unknown): void {
    if (!isObject(event)) return
    const type = event["type"]
    switch (type) {
      case "response.created":
      case "response.in_progress":
      case "response.completed":
      case "response.incomplete":
      case "response.failed":
        this.response = objectAt(event, "response") ?? this.response
        this.whole = type === "response.completed" || type === "response.incomplete"
        return
      case "response.output_item.added":
      case "response.output_item.done": {
        const item = objectAt(event, "item")
        const index = numberAt(event, "output_index") ?? this.items.length
        if (item === undefined) return
        this.put(new OutputItem(index, item))
        if (type === "response.output_item.done") this.unfinished.delete(index)
        else this.unfinished.add(index)
        return
      }
      default: {
        const index = numberAt(event, "output_index")
        const item = index === undefined ? undefined : this.items.findLast((item) => item.index === index)
        item?.add(event)
      }
    }
  }

  addUsage(event: unknown): void {
    const response: Draft = { ...this.response }
    addUsage(response, objectAt(event, "response"))
    this.response = response
  }

  end(): void {
    // Only `response.completed` or `response.incomplete` ends a response
  }

  completeness(): Completeness {
    if (this.whole) return "settled"
    return this.items.length > 0 && this.unfinished.size === 0 ? "unconfirmed" : "open"
  }

  partial(): PartialResponse {
    return readResponse(this.snapshot())
  }

  result(): OpenResponsesResult | undefined {
    const result = this.whole ? this.snapshot() : undefined
    return isResult(result) ? result : undefined
  }

  private put(item: OutputItem): void {
    const at = this.items.findLastIndex((known) => known.index <= item.index)
    const isKnown = this.items[at]?.index === item.index
    this.items.splice(isKnown ? at : at + 1, isKnown ? 1 : 0, item)
  }

  /** The response of the terminal event decides which items there are; earlier ones may list only some of them. */
  private snapshot(): JsonObject {
    const listed = arrayAt(this.response, "output").length
    if (this.whole ? listed > 0 || this.items.length === 0 : listed >= this.items.length) return this.response
    return { ...this.response, output: this.items.map((item) => item.toJson()) }
  }
}
