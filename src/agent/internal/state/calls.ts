/** Function calls as items of a history. */
import { isObject, parseJson } from "../../../internal/json.js"
import type { OpenResponsesResult } from "../../../schema/Responses.js"
import type { OutputFunctionCallItem } from "../../../schema/ResponsesItems.js"
import type { FunctionCallItem } from "../../../schema/ResponsesItemsRequest.js"
import { plainArguments, shownArguments } from "../arguments.js"
import type { FunctionCall, PendingCall } from "../run.js"

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
  arguments: plainArguments(item.arguments),
  argumentsText: item.arguments,
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
  arguments: shownArguments(call.argumentsText),
  turn,
  reason
})
