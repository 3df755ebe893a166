import type { PartialAnswer, PartialToolCall } from "../OpenRouterError.js"
import { arrayAt, isObject, type JsonObject, numberAt, objectAt, stringAt } from "./json.js"

/**
 * Reads any of the three inference results (chat, responses, messages), whole or damaged, into one shape.
 *
 * @internal
 */
export const readAnswer = (body: unknown): PartialAnswer => {
  const found = isObject(body) ? read(body) : nothing
  const usage = objectAt(body, "usage")
  const tokens = (...keys: ReadonlyArray<string>) =>
    keys.map((key) => numberAt(usage, key)).find((n) => n !== undefined)
  return {
    text: found.text,
    reasoning: found.reasoning,
    toolCalls: found.toolCalls,
    generationId: stringAt(body, "id"),
    model: stringAt(body, "model"),
    finishReason: found.finishReason,
    inputTokens: tokens("prompt_tokens", "input_tokens"),
    outputTokens: tokens("completion_tokens", "output_tokens"),
    cost: numberAt(usage, "cost"),
    result: body
  }
}

/**
 * Whether anything was generated: what is paid for, and would be paid for again.
 *
 * @internal
 */
export const hasOutput = (answer: PartialAnswer): boolean =>
  answer.text !== "" || answer.reasoning !== "" || answer.toolCalls.length > 0

interface Found {
  readonly text: string
  readonly reasoning: string
  readonly toolCalls: ReadonlyArray<PartialToolCall>
  readonly finishReason: string | undefined
}

const nothing: Found = { text: "", reasoning: "", toolCalls: [], finishReason: undefined }

const read = (body: JsonObject): Found =>
  Array.isArray(body["choices"])
    ? readChat(body)
    : Array.isArray(body["output"])
    ? readResponse(body)
    : readMessage(body)

const joined = (items: ReadonlyArray<unknown>, key: string) => items.map((item) => stringAt(item, key) ?? "").join("")

const readChat = (body: JsonObject): Found => {
  const choice = arrayAt(body, "choices")[0]
  const message = objectAt(choice, "message")
  return {
    text: stringAt(message, "content") ?? stringAt(choice, "text") ?? "",
    reasoning: stringAt(message, "reasoning") ?? "",
    toolCalls: arrayAt(message, "tool_calls").map((call) => ({
      id: stringAt(call, "id") ?? "",
      name: stringAt(objectAt(call, "function"), "name") ?? "",
      arguments: stringAt(objectAt(call, "function"), "arguments") ?? ""
    })),
    finishReason: stringAt(choice, "finish_reason")
  }
}

const ofType = (items: ReadonlyArray<unknown>, type: string) => items.filter((item) => stringAt(item, "type") === type)

const readResponse = (body: JsonObject): Found => {
  const output = arrayAt(body, "output")
  const reasoning = ofType(output, "reasoning")
  return {
    text: joined(ofType(output, "message").flatMap((item) => arrayAt(item, "content")), "text"),
    reasoning: joined(reasoning.flatMap((item) => [...arrayAt(item, "summary"), ...arrayAt(item, "content")]), "text"),
    toolCalls: ofType(output, "function_call").map((item) => ({
      id: stringAt(item, "call_id") ?? "",
      name: stringAt(item, "name") ?? "",
      arguments: stringAt(item, "arguments") ?? ""
    })),
    finishReason: stringAt(objectAt(body, "incomplete_details"), "reason") ?? stringAt(body, "status")
  }
}

const readMessage = (body: JsonObject): Found => {
  const content = arrayAt(body, "content")
  return {
    text: joined(ofType(content, "text"), "text"),
    reasoning: joined(ofType(content, "thinking"), "thinking"),
    toolCalls: ofType(content, "tool_use").map((block) => ({
      id: stringAt(block, "id") ?? "",
      name: stringAt(block, "name") ?? "",
      arguments: JSON.stringify(isObject(block) ? block["input"] ?? {} : {})
    })),
    finishReason: stringAt(body, "stop_reason")
  }
}
