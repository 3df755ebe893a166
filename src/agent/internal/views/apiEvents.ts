/** The events of the API among those of a run. */
import type { StreamEvents } from "../../../schema/ResponsesEvents.js"
import type * as Tool from "../../Tool.js"
import type { AgentEvent } from "../events.js"

/**
 * The event, if the API sent it. An event of the loop that is missing here does not compile.
 *
 * @internal
 */
export const apiEvent = (event: AgentEvent<Tool.Any, unknown>): StreamEvents | undefined => {
  switch (event.type) {
    case "turn.start":
    case "turn.retry":
    case "turn.end":
    case "tool.started":
    case "tool.preliminary_result":
    case "tool.result":
    case "tool.call_output":
    case "message.accepted":
    case "message.delivered":
    case "context.compacted":
    case "agent.handoff":
    case "nested":
    case "run.end":
      return undefined
    default:
      return event
  }
}
