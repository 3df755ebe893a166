import type { OpenResponsesResult } from "../../schema/Responses.js"
import type { FunctionCallOutputItem, InputItem } from "../../schema/ResponsesItemsRequest.js"
import type { FunctionCall } from "../Run.js"
import { callsOf } from "./calls.js"

export const readTurn = (
  response: OpenResponsesResult,
  _used: ReadonlySet<string> | ReadonlyArray<InputItem>,
  _turn: number
): {
  readonly items: ReadonlyArray<InputItem>
  readonly calls: ReadonlyArray<FunctionCall>
} => ({ items: response.output, calls: callsOf(response) })

export const pendingCalls = (
  history: ReadonlyArray<InputItem>
): ReadonlyArray<FunctionCall & { readonly index: number }> => {
  const answered = new Set(history.flatMap((item) => item.type === "function_call_output" ? [item.call_id] : []))
  return history.flatMap((item, index) =>
    item.type === "function_call" && !answered.has(item.call_id)
      ? [{
        callId: item.call_id,
        name: item.name,
        arguments: item.arguments,
        truncated: item.status === "incomplete",
        index
      }]
      : []
  )
}

export const settle = (
  history: ReadonlyArray<InputItem>,
  outputs: ReadonlyArray<FunctionCallOutputItem>
): ReadonlyArray<InputItem> => [...history, ...outputs]

export const problemOf = (
  _history: ReadonlyArray<InputItem>
): { readonly message: string; readonly callId?: string } | undefined => undefined

export const withoutRepeats = (history: ReadonlyArray<InputItem>): ReadonlyArray<InputItem> => history
