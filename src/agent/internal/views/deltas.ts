import { numberAt } from "../../../internal/json.js"
import { readResponse } from "../../../response/readResponse.js"
import type { StreamEvents } from "../../../schema/ResponsesEvents.js"
import type { OutputItems } from "../../../schema/ResponsesItems.js"
import type * as Tool from "../../Tool.js"
import type { AgentEvent, NewMessage, TurnEnd } from "../events.js"

/**
 * The pieces of a text. What never came in pieces is one, when it is whole.
 *
 * @internal
 */
export class DeltaView {
  /** The positions, in the answer that is under way, of the items of which something was told. */
  private readonly told = new Set<number | undefined>()

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
        this.told.clear()
        return ""
      case "turn.end":
        return this.told.size === 0 ? this.whole(event.response.output) : ""
      case "response.output_item.done":
        return this.told.has(event.output_index) ? "" : this.tell(event.output_index, this.whole([event.item]))
      case "tool.preliminary_result":
      case "tool.result":
      case "tool.call_output":
      case "run.end":
        return ""
      default:
        return this.tell(numberAt(event, "output_index"), this.delta(event))
    }
  }

  private tell(index: number | undefined, piece: string): string {
    if (piece !== "") this.told.add(index)
    return piece
  }

  private whole(output: ReadonlyArray<unknown>): string {
    return readResponse({ output })[this.field]
  }
}

/** @internal */
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
 * The items of a turn. Its calls have the ids that the run knows them by, where the model gave some twice.
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
