/** Text, reasoning and messages of a run. */
import { numberAt } from "../../../internal/json.js"
import { readResponse } from "../../../response/readResponse.js"
import type { StreamEvents } from "../../../schema/ResponsesEvents.js"
import type { OutputItems } from "../../../schema/ResponsesItems.js"
import type * as Tool from "../../Tool.js"
import type { AgentEvent, NewMessage, TurnEnd } from "../events.js"
import { apiEvent } from "./apiEvents.js"

/**
 * The deltas of a text. A text that arrives without deltas is emitted once, when it is complete.
 *
 * @internal
 */
export class DeltaView {
  /** The indexes, in the current response, of the items whose text was emitted. */
  private readonly emitted = new Set<number | undefined>()

  constructor(
    private readonly delta: (event: StreamEvents) => string,
    private readonly field: "text" | "reasoning"
  ) {}

  read(events: ReadonlyArray<AgentEvent<Tool.Any, unknown>>): ReadonlyArray<string> {
    const pieces: Array<string> = []
    for (const event of events) {
      const piece = this.piece(event)
      if (piece !== "") pieces.push(piece)
    }
    return pieces
  }

  private piece(event: AgentEvent<Tool.Any, unknown>): string {
    switch (event.type) {
      case "turn.start":
      case "turn.retry":
      case "response.created":
        this.emitted.clear()
        return ""
      case "turn.end":
        return this.emitted.size === 0 ? this.whole(event.response.output) : ""
      case "response.output_item.done":
        return this.emitted.has(event.output_index) ? "" : this.emit(event.output_index, this.whole([event.item]))
      default:
        return this.ofApi(apiEvent(event))
    }
  }

  private ofApi(event: StreamEvents | undefined): string {
    if (event === undefined) return ""
    return this.emit(numberAt(event, "output_index"), this.delta(event))
  }

  private emit(index: number | undefined, piece: string): string {
    if (piece !== "") this.emitted.add(index)
    return piece
  }

  private whole(output: ReadonlyArray<unknown>): string {
    return readResponse({ output })[this.field]
  }
}

/**
 * The messages, calls and outputs among events.
 *
 * @internal
 */
export const readMessages = (events: ReadonlyArray<AgentEvent<Tool.Any, unknown>>): ReadonlyArray<NewMessage> => {
  const messages: Array<NewMessage> = []
  for (const event of events) {
    if (event.type === "tool.call_output") messages.push(event.output)
    if (event.type !== "turn.end") continue
    for (const item of itemsOf(event)) {
      if (item.type === "message" || item.type === "function_call") messages.push(item)
    }
  }
  return messages
}

/**
 * The items of a turn. Its calls have the ids that the run uses, which differ where the model repeats an id.
 *
 * @internal
 */
export const itemsOf = ({ response, toolCalls }: TurnEnd): ReadonlyArray<OutputItems> => {
  const ids = toolCalls.values()
  return response.output.map((item) => {
    const callId = item.type === "function_call" ? ids.next().value?.callId : undefined
    return item.type !== "function_call" || callId === undefined || callId === item.call_id
      ? item
      : { ...item, call_id: callId }
  })
}
