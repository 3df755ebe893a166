import { parseJson } from "../../http/internal/json.js"
import type { OpenResponsesResult } from "../../schema/Responses.js"
import type { OutputFunctionCallItem } from "../../schema/ResponsesItems.js"
import type { FunctionCall } from "../Run.js"

/**
 * The calls of a response, in their order.
 *
 * @internal
 */
export const callsOf = (response: OpenResponsesResult): ReadonlyArray<FunctionCall> =>
  response.output.flatMap((item) =>
    item.type === "function_call"
      ? [{ callId: item.call_id, name: item.name, arguments: item.arguments, truncated: isTruncated(response, item) }]
      : []
  )

const isTruncated = (response: OpenResponsesResult, call: OutputFunctionCallItem): boolean =>
  call.status === "incomplete" || (isIncomplete(response) && parseJson(call.arguments) === undefined)

const isIncomplete = (response: OpenResponsesResult): boolean =>
  response.status === "incomplete" || (response.incomplete_details ?? undefined) !== undefined
