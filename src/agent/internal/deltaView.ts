import { readAnswer } from "../../http/internal/answer.js"
import { numberAt } from "../../http/internal/json.js"
import type { StreamEvents } from "../../schema/ResponsesEvents.js"
import type { AgentEvent } from "../AgentEvent.js"
import type * as Tool from "../Tool.js"

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
    return readAnswer({ output })[this.field]
  }
}
