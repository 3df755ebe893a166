import type { OutputItems } from "../../schema/ResponsesItems.js"
import type { TurnEnd } from "../AgentEvent.js"

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
