import { isObject, parseJson } from "../../http/internal/json.js"
import type { OpenResponsesResult } from "../../schema/Responses.js"
import type { OutputFunctionCallItem } from "../../schema/ResponsesItems.js"
import type { FunctionCallItem } from "../../schema/ResponsesItemsRequest.js"
import type { FunctionCall } from "../Run.js"

/**
 * A call as an item, whoever wrote it.
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
 * Whether a call broke off, as far as its item tells. Where the status is merely out of date, the arguments are whole.
 *
 * @internal
 */
export const isUnfinished = (item: CallItem): boolean =>
  item.status === "incomplete" || item.status === "in_progress" && !hasArguments(item)

/**
 * Whether the arguments of a call broke off. Of an incomplete response, none at all may be the beginning of some.
 *
 * @internal
 */
export const isTruncated = (response: OpenResponsesResult, item: CallItem): boolean =>
  isUnfinished(item) || isIncomplete(response) && !hasArguments(item)

const hasArguments = (item: CallItem): boolean => isObject(parseJson(item.arguments)?.value)

const isIncomplete = (response: OpenResponsesResult): boolean =>
  response.status === "incomplete" || (response.incomplete_details ?? undefined) !== undefined
