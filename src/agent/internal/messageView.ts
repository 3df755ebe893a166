import type { AgentEvent } from "../AgentEvent.js"
import type { NewMessage } from "../AgentView.js"
import type * as Tool from "../Tool.js"
import { itemsOf } from "./turnItems.js"

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
