/** The chunks of a chat as parts of `@effect/ai`, while they arrive. */
import type * as Response from "@effect/ai/Response"
import * as Effect from "effect/Effect"
import { arrayAt, objectAt, stringAt } from "../../internal/json.js"
import * as ChatProtocol from "../../response/chatProtocol.js"
import { readResponse } from "../../response/readResponse.js"
import { ReasoningDetails } from "../../response/reasoningPieces.js"
import type { ChatResult, ChatStreamChunk, ChatStreamDelta, ChatStreamToolCall } from "../../schema/Chat.js"
import { reasoningMetadata } from "./effect/values.js"
import { type Ending, endingOf, metadataPart, type UnreadableCall } from "./parts.js"
import { isDetail } from "./reasoning.js"

type Part = Response.StreamPartEncoded

type Block =
  | { readonly kind: "text"; readonly id: string }
  | { readonly kind: "reasoning"; readonly id: string; readonly details: ReasoningDetails }

interface Call {
  readonly key: number
  id: string | undefined
  name: string | undefined
  isOpen: boolean
  /** What arrived before the id and the name. */
  early: string
}

/**
 * One stream: text, reasoning and arguments as they come. What must be whole, such as calls, is read of the whole response.
 *
 * @internal
 */
export class StreamParts {
  private readonly whole = ChatProtocol.protocol.accumulator(1)
  private readonly calls: Array<Call> = []
  private block: Block | undefined = undefined
  private count = 0
  private hasMetadata = false
  private hasText = false

  push(chunk: ChatStreamChunk): ReadonlyArray<Part> {
    this.whole.add(chunk)
    const parts: Array<Part> = []
    if (!this.hasMetadata) {
      this.hasMetadata = true
      parts.push(metadataPart(chunk))
    }
    const delta = deltaOf(chunk)
    if (delta === undefined) return parts
    this.addReasoning(delta, ChatProtocol.reasoningDelta(chunk), parts)
    const text = ChatProtocol.textDelta(chunk) || delta.refusal || delta.audio?.transcript || ""
    if (text !== "") this.addText(text, parts)
    for (const [position, piece] of (delta.tool_calls ?? []).entries()) this.addCall(piece, position, parts)
    return parts
  }

  /** The result, which the stream itself has found complete. */
  get result(): ChatResult {
    return this.whole.result() ?? { choices: [] }
  }

  /** The rest, once the last chunk has arrived. */
  end(ending: Ending): Effect.Effect<ReadonlyArray<Part>, UnreadableCall> {
    this.whole.end()
    const parts: Array<Part> = []
    // Some providers send the whole message in place of its pieces
    const text = this.hasText ? "" : readResponse(this.result).text
    if (text !== "") this.addText(text, parts)
    this.close(parts)
    for (const { id, isOpen } of this.calls) {
      if (isOpen && id !== undefined) parts.push({ type: "tool-params-end", id })
    }
    return Effect.map(endingOf(this.result, ending), (rest) => [...parts, ...rest])
  }

  private addReasoning(delta: ChatStreamDelta, text: string, parts: Array<Part>): void {
    const details = arrayAt(delta, "reasoning_details").filter(isDetail)
    if (text === "" && details.length === 0) return
    const metadata = details.length === 0 ? {} : { metadata: reasoningMetadata(details) }
    if (this.block?.kind !== "reasoning") {
      this.close(parts)
      this.block = { kind: "reasoning", id: this.nextId(), details: new ReasoningDetails() }
      parts.push({ type: "reasoning-start", id: this.block.id, ...metadata })
    }
    for (const detail of details) this.block.details.add(detail)
    parts.push({ type: "reasoning-delta", id: this.block.id, delta: text, ...metadata })
  }

  private addText(text: string, parts: Array<Part>): void {
    this.hasText = true
    if (this.block?.kind !== "text") {
      this.close(parts)
      this.block = { kind: "text", id: this.nextId() }
      parts.push({ type: "text-start", id: this.block.id })
    }
    parts.push({ type: "text-delta", id: this.block.id, delta: text })
  }

  private addCall(piece: ChatStreamToolCall, position: number, parts: Array<Part>): void {
    const key = piece.index ?? position
    const id = stringAt(piece, "id")
    const known = this.calls.findLast((call) => call.key === key)
    const isSame = known !== undefined && (id === undefined || known.id === undefined || known.id === id)
    const call: Call = isSame ? known : { key, id: undefined, name: undefined, isOpen: false, early: "" }
    if (!isSame) this.calls.push(call)
    call.id ??= id
    call.name ??= stringAt(objectAt(piece, "function"), "name")
    const args = stringAt(objectAt(piece, "function"), "arguments") ?? ""
    if (call.id === undefined || call.name === undefined) {
      call.early += args
      return
    }
    let written = args
    if (!call.isOpen) {
      this.close(parts)
      call.isOpen = true
      written = call.early + args
      parts.push({ type: "tool-params-start", id: call.id, name: call.name })
    }
    if (written !== "") parts.push({ type: "tool-params-delta", id: call.id, delta: written })
  }

  private close(parts: Array<Part>): void {
    const block = this.block
    this.block = undefined
    if (block === undefined) return
    if (block.kind === "text") parts.push({ type: "text-end", id: block.id })
    else {
      const details = block.details.toArray().flatMap((detail) => isDetail(detail) ? [detail] : [])
      const metadata = details.length === 0 ? {} : { metadata: reasoningMetadata(details) }
      parts.push({ type: "reasoning-end", id: block.id, ...metadata })
    }
  }

  private nextId(): string {
    return String(this.count++)
  }
}

/** What a chunk adds to the first choice; some providers send a whole message in its place. */
const deltaOf = (chunk: ChatStreamChunk): ChatStreamDelta | undefined =>
  chunk.choices.find(({ index }) => (index ?? 0) === 0)?.delta
