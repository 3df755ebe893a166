/** What guardrails judge, and how they change it. */
import type { OpenResponsesResult } from "../../../schema/Responses.js"
import type { OutputItems, OutputMessageItem } from "../../../schema/ResponsesItems.js"
import type { InputItem } from "../../../schema/ResponsesItemsRequest.js"
import { isPrompt } from "../state/waiting.js"

/**
 * The prompts behind the last response.
 *
 * @internal
 */
export const newItems = (items: ReadonlyArray<InputItem>): ReadonlyArray<InputItem> => {
  const last = items.findLastIndex((item) => !isPrompt(item))
  return items.slice(last + 1)
}

/**
 * A response whose messages are one message with this text. Its other items stay.
 *
 * @internal
 */
export const withText = (response: OpenResponsesResult, text: string): OpenResponsesResult => {
  let isSaid = false
  const output = response.output.flatMap((item): ReadonlyArray<OutputItems> => {
    if (!isMessage(item)) return [item]
    if (isSaid) return []
    isSaid = true
    return [{ ...item, content: [{ type: "output_text", text, annotations: [] }] }]
  })
  return { ...response, output, ...("output_text" in response ? { output_text: text } : {}) }
}

const isMessage = (item: OutputItems): item is OutputMessageItem => item.type === "message"
