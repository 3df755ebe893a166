/**
 * The stream of an Anthropic message: which events are errors, when it is complete, and how its events add up to the
 * message that the same call without streaming returns.
 *
 * @since 0.1.0
 */
import { arrayAt, isObject, type JsonObject, numberAt, objectAt, parseJson, stringAt } from "../internal/json.js"
import { guard } from "../schema/guard.js"
import { MessagesResult } from "../schema/Messages.js"
import type { MessagesStreamEvents } from "../schema/MessagesEvents.js"
import { typedError } from "./internal/choices.js"
import { addUsage, type Draft, setField, setFields } from "./internal/fields.js"
import { TextBuffer } from "./internal/textBuffer.js"
import type { PartialResponse, PartialToolCall } from "./partialResponse.js"
import type { Accumulator, Completeness, Protocol } from "./protocol.js"
import { readResponse } from "./readResponse.js"

/**
 * The protocol of `POST /messages` with `stream: true`.
 *
 * @since 0.1.0
 * @category protocols
 */
export const protocol: Protocol<MessagesStreamEvents, MessagesResult> = {
  name: "messages",
  errorOf: typedError,
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
      return event.delta.type === type ? stringAt(event.delta, field) ?? "" : ""
    case "content_block_start":
      return `${event.content_block.type}_delta` === type ? stringAt(event.content_block, field) ?? "" : ""
    default:
      return ""
  }
}

const isResult = guard(MessagesResult)

class MessageAccumulator implements Accumulator<MessagesResult> {
  private readonly message: Draft = {
    type: "message",
    role: "assistant",
    container: null,
    stop_reason: null,
    stop_sequence: null,
    stop_details: null
  }
  private readonly usage: Draft = {}
  private readonly blocks: Array<Block> = []
  private stopped = false

  add(event: unknown): void {
    if (!isObject(event)) return
    switch (event["type"]) {
      case "message_start":
        this.start(objectAt(event, "message") ?? {})
        return
      case "content_block_start": {
        const block = objectAt(event, "content_block")
        if (block !== undefined) this.blocks.push(new Block(numberAt(event, "index") ?? this.blocks.length, block))
        return
      }
      case "content_block_delta": {
        const index = numberAt(event, "index")
        const delta = objectAt(event, "delta")
        if (delta !== undefined) this.blocks.findLast((block) => block.index === index)?.add(delta)
        return
      }
      case "message_delta":
        setFields(this.message, objectAt(event, "delta") ?? {})
        setFields(this.usage, objectAt(event, "usage") ?? {})
        setField(this.message, "context_management", event["context_management"])
        return
      case "message_stop":
        this.stopped = true
        setField(this.message, "openrouter_metadata", event["openrouter_metadata"])
    }
  }

  addUsage(event: unknown): void {
    addUsage(this.message, objectAt(event, "message"))
    for (const source of [event, objectAt(event, "message")]) setFields(this.usage, objectAt(source, "usage") ?? {})
  }

  end(): void {
    // Only `message_stop` ends a message
  }

  completeness(): Completeness {
    if (this.stopped) return "settled"
    return this.message["stop_reason"] === null ? "open" : "unconfirmed"
  }

  partial(): PartialResponse {
    return { ...readResponse(this.snapshot()), toolCalls: this.blocks.flatMap((block) => block.toolCall) }
  }

  result(): MessagesResult | undefined {
    const result = this.stopped ? this.snapshot() : undefined
    return isResult(result) ? result : undefined
  }

  private start(message: JsonObject): void {
    setFields(this.message, message, mergedApart)
    setFields(this.usage, objectAt(message, "usage") ?? {})
    for (const [index, block] of arrayAt(message, "content").entries()) {
      if (isObject(block)) this.blocks.push(new Block(index, block))
    }
  }

  private snapshot(): JsonObject {
    return { ...this.message, content: this.blocks.map((block) => block.toJson()), usage: this.usage }
  }
}

const mergedApart: ReadonlySet<string> = new Set(["content", "usage"])

/** The field of the block that a type of delta adds to. */
const pieces: Readonly<Record<string, { readonly from: string; readonly to: string }>> = {
  text_delta: { from: "text", to: "text" },
  thinking_delta: { from: "thinking", to: "thinking" },
  compaction_delta: { from: "content", to: "content" }
}

class Block {
  private readonly fields: Draft
  private readonly text = new TextBuffer()
  private readonly input = new TextBuffer()
  private field: string | undefined = undefined
  private citations: Array<unknown> | undefined = undefined

  constructor(readonly index: number, block: JsonObject) {
    this.fields = { ...block }
  }

  add(delta: JsonObject): void {
    const type = stringAt(delta, "type") ?? ""
    const piece = Object.hasOwn(pieces, type) ? pieces[type] : undefined
    if (piece !== undefined) {
      if (this.field === undefined) this.text.append(stringAt(this.fields, piece.to) ?? "")
      this.field = piece.to
      this.text.append(stringAt(delta, piece.from) ?? "")
    }
    switch (type) {
      case "input_json_delta":
        this.input.append(stringAt(delta, "partial_json") ?? "")
        return
      case "signature_delta":
        setField(this.fields, "signature", delta["signature"])
        return
      case "compaction_delta":
        setField(this.fields, "encrypted_content", delta["encrypted_content"])
        return
      case "citations_delta":
        this.citations ??= [...arrayAt(this.fields, "citations")]
        this.citations.push(delta["citation"])
    }
  }

  /** Input that is not JSON, such as that of a call that was cut off, stays text. */
  toJson(): JsonObject {
    const json: Draft = { ...this.fields }
    if (this.field !== undefined) json[this.field] = this.text.toString()
    if (this.citations !== undefined) json["citations"] = this.citations
    const input = this.input.toString()
    if (input !== "") json["input"] = (parseJson(input) ?? { value: input }).value
    return json
  }

  get toolCall(): ReadonlyArray<PartialToolCall> {
    if (this.fields["type"] !== "tool_use") return []
    const input = this.input.toString()
    return [{
      id: stringAt(this.fields, "id") ?? "",
      name: stringAt(this.fields, "name") ?? "",
      arguments: input === "" ? JSON.stringify(this.fields["input"] ?? {}) : input
    }]
  }
}
