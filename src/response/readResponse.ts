import { arrayAt, isObject, type JsonObject, numberAt, objectAt, stringAt } from "../internal/json.js"
import type { PartialAnswer, PartialToolCall } from "./partialResponse.js"

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
 * Whether anything was generated: what is paid for, and would be paid for again. Images and sound count, and what stands
 * beyond the first choice.
 *
 * @internal
 */
export const hasOutput = (answer: PartialAnswer): boolean =>
  answer.text !== "" || answer.reasoning !== "" || answer.toolCalls.length > 0 || isGenerated(answer.result)

const isGenerated = (result: unknown): boolean =>
  arrayAt(result, "data").length > 0 ||
  arrayAt(result, "choices").some(isChoiceSaid) ||
  arrayAt(result, "output").some(isItemSaid) ||
  arrayAt(result, "content").some(isPartSaid)

const isChoiceSaid = (choice: unknown): boolean =>
  isSaid(choice, ["text"]) || ["message", "delta"].some((field) => isSaid(objectAt(choice, field), spoken))

const spoken = ["content", "refusal", "reasoning", "reasoning_details", "tool_calls", "images"]

const isSaid = (u: unknown, fields: ReadonlyArray<string>): boolean =>
  fields.some((field) => stringAt(u, field) !== undefined || arrayAt(u, field).length > 0) ||
  isObject(u) && isSaid(u["audio"], ["data", "transcript"])

const isItemSaid = (item: unknown): boolean => {
  switch (stringAt(item, "type")) {
    case "message":
      return arrayAt(item, "content").some(isPartSaid)
    case "reasoning":
      return isSaid(item, ["encrypted_content"]) ||
        [...arrayAt(item, "summary"), ...arrayAt(item, "content")].some(isPartSaid)
    default:
      return isObject(item)
  }
}

const texts = ["text", "thinking", "refusal"]

/** Parts that are no text come whole. */
const isPartSaid = (part: unknown): boolean =>
  isObject(part) && (isSaid(part, texts) || !texts.some((field) => field in part))

/**
 * Whether an answer is over without a word or a reason: such are not billed, and may be asked for again.
 *
 * @internal
 */
export const saysNothing = (body: unknown): boolean => isUnfinished(body) && !hasOutput(readAnswer(body))

const isUnfinished = (body: unknown): boolean =>
  isObject(body) && (Array.isArray(body["choices"])
    ? body["choices"].every((choice) => isObject(choice) && (choice["finish_reason"] ?? null) === null)
    : body["type"] === "message" && Array.isArray(body["content"]) && (body["stop_reason"] ?? null) === null)

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
