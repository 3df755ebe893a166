/**
 * The stream of a conversation with an intern: which events are errors, when it is complete, and how its chunks add up.
 *
 * @since 0.1.0
 */
import type { ChatResult } from "../schema/Chat.js"
import { guard } from "../schema/guard.js"
import type { InternChatEvent } from "../schema/Interns.js"
import { InternChatSteeredResponse } from "../schema/Interns.js"
import * as ChatProtocol from "./chatProtocol.js"
import { errorOfChunk } from "./internal/choices.js"
import { internEvents } from "./internal/wholeEvents/internEvents.js"
import type { PartialResponse } from "./partialResponse.js"
import type { Accumulator, Completeness, Protocol } from "./protocol.js"
import { tolerantEvent } from "./tolerant.js"

/**
 * The response of an intern, as a chat completion. If `finish_reason` is `tool_calls`, the intern has a question: send
 * a `tool` message with the same `session_id`.
 *
 * @since 0.1.0
 * @category models
 */
export interface InternReply extends ChatResult {
  readonly session_id?: string | null | undefined
}

/**
 * What a stream adds up to: the response, or that the message went to the current turn of the intern.
 *
 * @since 0.1.0
 * @category models
 */
export type InternResult = InternReply | InternChatSteeredResponse

/**
 * The protocol of `POST /interns/{internId}/chat/completions`. If the intern is working in the session, the
 * response is a stream of one event, the `InternChatSteeredResponse`.
 *
 * @since 0.1.0
 * @category protocols
 */
export const protocol: Protocol<InternChatEvent, InternResult> = {
  name: "interns",
  fit: tolerantEvent,
  errorOf: errorOfChunk,
  eventsOf: internEvents,
  accumulator: () => new InternAccumulator()
}

/**
 * Whether the message went to the current turn of the intern; the stream of that turn shows its effect.
 *
 * @since 0.1.0
 * @category refinements
 */
export const isSteered = (
  event: InternChatEvent | InternReply
): event is InternChatSteeredResponse => "status" in event && !("choices" in event)

/**
 * The text that an event adds to the response; `""` where it adds none.
 *
 * @since 0.1.0
 * @category getters
 */
export const textDelta = (event: InternChatEvent): string => isSteered(event) ? "" : ChatProtocol.textDelta(event)

/**
 * The reasoning that an event adds; `""` where it adds none.
 *
 * @since 0.1.0
 * @category getters
 */
export const reasoningDelta = (event: InternChatEvent): string =>
  isSteered(event) ? "" : ChatProtocol.reasoningDelta(event)

const isSteeredResponse = guard(InternChatSteeredResponse)

class InternAccumulator implements Accumulator<InternResult> {
  private readonly chat = ChatProtocol.protocol.accumulator()
  private steered: InternChatSteeredResponse | undefined = undefined

  add(event: unknown): void {
    if (isSteeredResponse(event)) this.steered = event
    else this.chat.add(event)
  }

  addUsage(event: unknown): void {
    this.chat.addUsage(event)
  }

  end(): void {
    this.chat.end()
  }

  completeness(): Completeness {
    return this.steered === undefined ? this.chat.completeness() : "settled"
  }

  partial(): PartialResponse {
    return this.chat.partial()
  }

  result(): InternResult | undefined {
    return this.steered ?? this.chat.result()
  }
}
