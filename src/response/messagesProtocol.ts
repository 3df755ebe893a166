/**
 * The stream of an Anthropic message: which events are errors, when it is complete, and how its events add up to the
 * message that the same call without streaming returns.
 *
 * @since 0.1.0
 */
import { arrayAt, isObject, type JsonObject, numberAt, objectAt, stringAt } from "../internal/json.js"
import { guard } from "../schema/guard.js"
import { MessagesResult } from "../schema/Messages.js"
import type { MessagesStreamEvents } from "../schema/MessagesEvents.js"
import { typedError } from "./internal/choices.js"
import { ContentBlock, impliedBlock } from "./internal/contentBlock.js"
import { addUsage, type Draft, makeDraft, setFields, setUsage } from "./internal/fields.js"
import { FinishReasons, isReason } from "./internal/finishReason.js"
import { messageEvents } from "./internal/wholeEvents/messageEvents.js"
import type { PartialResponse } from "./partialResponse.js"
import type { Accumulator, Completeness, Protocol } from "./protocol.js"
import { readResponse } from "./readResponse.js"
import { tolerantEvent } from "./tolerant.js"

/**
 * The protocol of `POST /messages` with `stream: true`.
 *
 * @since 0.1.0
 * @category protocols
 */
export const protocol: Protocol<MessagesStreamEvents, MessagesResult> = {
  name: "messages",
  fit: tolerantEvent,
  errorOf: typedError,
  eventsOf: messageEvents,
  accumulator: () => new MessageAccumulator()
}

/**
 * The text of a whole message, of all its text blocks; `""` where it has none.
 *
 * @since 0.1.0
 * @category getters
 */
export const text = (result: MessagesResult): string => readResponse(result).text

/**
 * The text that an event adds to the response; `""` where it adds none.
 *
 * @since 0.1.0
 * @category getters
 */
export const textDelta = (event: MessagesStreamEvents): string => added(event, "text_delta", "text")

/**
 * The readable reasoning that an event adds; `""` where it adds none.
 *
 * @since 0.1.0
 * @category getters
 */
export const reasoningDelta = (event: MessagesStreamEvents): string => added(event, "thinking_delta", "thinking")

/** A block may also start with its first piece. */
const added = (event: MessagesStreamEvents, type: string, field: string): string => {
  switch (event.type) {
    case "content_block_delta":
      return stringAt(event.delta, "type") === type ? stringAt(event.delta, field) ?? "" : ""
    case "content_block_start":
      return `${stringAt(event.content_block, "type")}_delta` === type ? stringAt(event.content_block, field) ?? "" : ""
    default:
      return ""
  }
}

const isResult = guard(MessagesResult)

class MessageAccumulator implements Accumulator<MessagesResult> {
  private readonly message: Draft = makeDraft({
    type: "message",
    role: "assistant",
    container: null,
    stop_reason: null,
    stop_sequence: null,
    stop_details: null,
    usage: {}
  })
  private readonly reasons = new FinishReasons(["stop_reason"])
  private readonly blocks: Array<ContentBlock> = []
  /** The last block of each index. */
  private readonly byIndex = new Map<number, ContentBlock>()
  private stopped = false

  add(event: unknown): void {
    if (!isObject(event)) return
    switch (event["type"]) {
      case "message_start":
        this.start(objectAt(event, "message") ?? {})
        return
      case "content_block_start": {
        const block = objectAt(event, "content_block")
        if (block !== undefined) this.open(block, numberAt(event, "index"))
        return
      }
      case "content_block_delta": {
        const index = numberAt(event, "index")
        const delta = objectAt(event, "delta")
        if (delta === undefined) return
        const known = index === undefined ? this.blocks.at(-1) : this.byIndex.get(index)
        const block = known ?? this.openFor(delta, index)
        block?.add(delta)
        return
      }
      case "message_delta": {
        const delta = objectAt(event, "delta") ?? {}
        this.reasons.add(delta)
        setFields(this.message, delta)
        setUsage(this.message, event["usage"])
        setFields(this.message, event, ofDeltaEvent)
        return
      }
      case "message_stop":
        this.stopped = true
        setFields(this.message, event, ofDeltaEvent)
    }
  }

  addUsage(event: unknown): void {
    addUsage(this.message, objectAt(event, "message"))
    addUsage(this.message, event)
  }

  end(): void {
    // Only `message_stop` ends a message
  }

  completeness(): Completeness {
    if (this.stopped) return "settled"
    return isReason(this.message["stop_reason"]) ? "unconfirmed" : "open"
  }

  partial(): PartialResponse {
    return { ...readResponse(this.snapshot()), toolCalls: this.blocks.flatMap((block) => block.toolCall) }
  }

  result(): MessagesResult | undefined {
    const result = this.stopped ? this.snapshot() : undefined
    return isResult(result) ? result : undefined
  }

  private start(message: JsonObject): void {
    this.reasons.add(message)
    setFields(this.message, message, addedApart)
    setUsage(this.message, message["usage"])
    for (const [index, block] of arrayAt(message, "content").entries()) {
      if (isObject(block)) this.open(block, index)
    }
  }

  private open(block: JsonObject, index = this.blocks.length): ContentBlock {
    const opened = new ContentBlock(block)
    this.blocks.push(opened)
    this.byIndex.set(index, opened)
    return opened
  }

  private openFor(delta: JsonObject, index: number | undefined): ContentBlock | undefined {
    const block = impliedBlock(delta)
    return block === undefined ? undefined : this.open(block, index)
  }

  private snapshot(): JsonObject {
    if (this.blocks.some((block) => block.isCall)) this.reasons.apply(this.message)
    return { ...this.message, content: this.blocks.map((block) => block.toJson()) }
  }
}

const addedApart: ReadonlySet<string> = new Set(["content", "usage"])

/** The fields of an event that do not belong to the message. */
const ofDeltaEvent: ReadonlySet<string> = new Set(["type", "delta", "usage", "index", "error"])
