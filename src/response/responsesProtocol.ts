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
import { addUsage, type Draft, makeDraft, setFields, setUsage } from "./internal/fields.js"
import { OutputItems } from "./internal/outputItems.js"
import { joined, restated } from "./internal/restated.js"
import { usageIn } from "./internal/usageIn.js"
import { responseEvents } from "./internal/wholeEvents/responseEvents.js"
import type { PartialResponse } from "./partialResponse.js"
import type { Accumulator, Completeness, Protocol } from "./protocol.js"
import { readResponse } from "./readResponse.js"
import { tolerantEvent } from "./tolerant.js"

/**
 * The protocol of `POST /responses` with `stream: true`.
 *
 * @since 0.1.0
 * @category protocols
 */
export const protocol: Protocol<StreamEvents, OpenResponsesResult> = {
  name: "responses",
  fit: tolerantEvent,
  errorOf: (event) => errorOf(event),
  eventsOf: responseEvents,
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
export const textDelta = (event: StreamEvents): string =>
  event.type === "response.output_text.delta" ? stringAt(event, "delta") ?? "" : ""

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
  private readonly response: Draft = makeDraft({ object: "response" })
  private readonly items = new OutputItems()
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
        this.state(objectAt(event, "response") ?? {}, type)
        return
      case "response.output_item.added":
      case "response.output_item.done": {
        const item = objectAt(event, "item")
        const isDone = type === "response.output_item.done"
        if (item !== undefined) this.items.put(item, numberAt(event, "output_index"), isDone)
        return
      }
      default:
        this.items.add(event)
    }
  }

  addUsage(event: unknown): void {
    if (!isObject(event)) return
    addUsage(this.response, objectAt(event, "response"))
    setUsage(this.response, usageIn(event))
  }

  end(): void {
    // Only `response.completed` or `response.incomplete` ends a response
  }

  completeness(): Completeness {
    if (this.whole) return "settled"
    return this.items.areDone ? "unconfirmed" : "open"
  }

  partial(): PartialResponse {
    return readResponse(this.snapshot())
  }

  result(): OpenResponsesResult | undefined {
    const result = this.whole ? this.snapshot() : undefined
    return isResult(result) ? result : undefined
  }

  private state(response: JsonObject, type: string): void {
    this.whole ||= type === "response.completed" || type === "response.incomplete"
    setFields(this.response, response, addedApart)
    setUsage(this.response, response["usage"])
    if (this.whole && stringAt(response, "status") === undefined) {
      this.response["status"] = type.slice("response.".length)
    }
    const output = arrayAt(response, "output")
    if (output.length > 0) this.response["output"] = output
  }

  /** The last list of the response is right about the items that it has; it may lack some that were streamed. */
  private snapshot(): JsonObject {
    const listed = arrayAt(this.response, "output")
    const streamed = this.items.toJson()
    return { ...this.response, output: streamed.length === 0 ? listed : joined(streamed, listed, restated) }
  }
}

const addedApart: ReadonlySet<string> = new Set(["output", "usage"])
