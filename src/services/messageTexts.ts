/**
 * The texts of the messages of a response, while they arrive.
 *
 * @since 0.1.0
 */
import { readResponse } from "../response/readResponse.js"
import { textDelta } from "../response/responsesProtocol.js"
import type { StreamEvents } from "../schema/ResponsesEvents.js"

/** @internal */
export interface TextReceiver {
  readonly push: (text: string) => void
  /** Another message begins. */
  readonly clear: () => void
}

/**
 * Gives the text of each message to a receiver. A message that arrives without deltas is given when it is complete.
 *
 * @internal
 */
export class MessageTexts {
  private readonly given = new Set<number | undefined>()
  private current: number | undefined = undefined

  constructor(private readonly receiver: TextReceiver) {}

  /** Another response begins. */
  begin(): void {
    this.given.clear()
    this.receiver.clear()
  }

  add(event: StreamEvents): void {
    switch (event.type) {
      case "response.created":
        return this.begin()
      case "response.output_text.delta":
        return this.give(event.output_index, textDelta(event))
      case "response.output_item.done":
        return this.giveWhole(event.output_index, event.item)
      case "response.completed":
      case "response.incomplete":
        this.end(event.response.output)
    }
  }

  /** The response is complete: gives its messages if none of them arrived before. */
  end(output: ReadonlyArray<unknown>): void {
    if (this.given.size === 0) output.forEach((item, index) => this.giveWhole(index, item))
  }

  private giveWhole(index: number, item: unknown): void {
    if (!this.given.has(index)) this.give(index, readResponse({ output: [item] }).text)
  }

  private give(index: number, text: string): void {
    if (text === "") return
    if (this.given.size > 0 && this.current !== index) this.receiver.clear()
    this.given.add(index)
    this.current = index
    this.receiver.push(text)
  }
}
