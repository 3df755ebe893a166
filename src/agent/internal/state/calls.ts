/** Tool calls as items of a history, and calls that wait. */
import { isObject, parseJson, stringAt } from "../../../internal/json.js"
import { parseUnrounded } from "../../../internal/longNumbers.js"
import type { OpenResponsesResult } from "../../../schema/Responses.js"
import type { OutputFunctionCallItem } from "../../../schema/ResponsesItems.js"
import type { FunctionCallItem } from "../../../schema/ResponsesItemsRequest.js"
import { shownArguments } from "../arguments.js"
import type { FunctionCall, PendingCall, Step } from "../run.js"

/**
 * A call as an item of a request or of a response.
 *
 * @internal
 */
export type CallItem = FunctionCallItem | OutputFunctionCallItem

/** @internal */
export const callOf = (item: CallItem, truncated: boolean): FunctionCall => ({
  callId: item.call_id,
  name: item.name,
  arguments: item.arguments,
  truncated
})

/**
 * Whether an item is a truncated call. A status that is only out of date does not count if the arguments are complete.
 *
 * @internal
 */
export const isUnfinished = (item: CallItem): boolean =>
  item.status === "incomplete" || item.status === "in_progress" && !hasArguments(item)

/**
 * Whether the arguments of a call are truncated. In an incomplete response, empty arguments may be truncated ones.
 *
 * @internal
 */
export const isTruncated = (response: OpenResponsesResult, item: CallItem): boolean =>
  isUnfinished(item) || isIncomplete(response) && !hasArguments(item)

const hasArguments = (item: CallItem): boolean => isObject(parseJson(item.arguments)?.value)

const isIncomplete = (response: OpenResponsesResult): boolean =>
  response.status === "incomplete" || (response.incomplete_details ?? undefined) !== undefined

/** @internal */
export const pendingCall = (turn: number, call: FunctionCall, reason: PendingCall["reason"]): PendingCall => ({
  callId: call.callId,
  name: call.name,
  arguments: shownArguments(call.arguments),
  turn,
  reason
})

const types: ReadonlySet<string> = new Set([
  "custom_tool_call",
  "shell_call",
  "local_shell_call",
  "apply_patch_call",
  "computer_call"
])

/**
 * Pending calls of tools other than functions, without an output. The caller adds an output item of the matching type.
 *
 * @internal
 */
export const foreignCalls = ({ response: { output }, turn }: Step): ReadonlyArray<PendingCall> => {
  const done = new Set(output.flatMap((item) => item.type.endsWith("_output") ? stringAt(item, "call_id") ?? [] : []))
  return output.flatMap((item) => {
    const callId = stringAt(item, "call_id")
    return callId === undefined || !types.has(item.type) || done.has(callId)
      ? []
      : [{ callId, name: stringAt(item, "name") ?? item.type, arguments: argumentsOf(item), turn, reason: "manual" }]
  })
}

const argumentsOf = (item: object): unknown => {
  const text = stringAt(item, "input")
  return text === undefined
    ? Reflect.get(item, "operation") ?? Reflect.get(item, "action")
    : parseUnrounded(text)?.value ?? text
}
