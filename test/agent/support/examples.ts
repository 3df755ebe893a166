/** Shared by the examples of conversions. */
import { assert } from "@effect/vitest"
import type * as Convert from "../../../src/agent/Convert.js"
import type { ChatMessages } from "../../../src/schema/ChatRequest.js"
import type { OpenResponsesResult } from "../../../src/schema/Responses.js"

export const faithful = <A>(conversion: Convert.Conversion<A>): A => {
  assert.deepStrictEqual(conversion.unsupported, [])
  return conversion.value
}

/** Path and kind of each loss, in order. */
export const losses = ({ unsupported }: Convert.Conversion<unknown>) =>
  unsupported.map(({ loss, path }) => `${loss} ${path}`)

export const weather: ChatMessages = {
  role: "assistant",
  content: null,
  tool_calls: [{
    id: "call_1",
    type: "function",
    function: { name: "get_weather", arguments: "{\"city\": \"Paris\"}" }
  }]
}

export const response = (
  output: OpenResponsesResult["output"],
  rest: Partial<OpenResponsesResult> = {}
): OpenResponsesResult => ({
  id: "gen-1",
  model: "anthropic/claude-sonnet-4.5",
  output,
  ...rest
})

export const text = (text: string): OpenResponsesResult["output"][number] => ({
  type: "message",
  role: "assistant",
  content: [{ type: "output_text", text, annotations: [] }]
})

export const png = "data:image/png;base64,iVBORw0KGgo="
