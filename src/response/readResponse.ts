import { arrayAt, isObject, type JsonObject, jsonText, objectAt, stringAt } from "../internal/json.js"
import { contentText } from "./internal/contentParts.js"
import { reasoningIn } from "./internal/reasoning.js"
import { countAt, usageIn } from "./internal/usageIn.js"
import type { PartialResponse, PartialToolCall } from "./partialResponse.js"

/**
 * Reads any of the three inference results (chat, responses, messages), whole or damaged, into one shape.
 *
 * @internal
 */
export const readResponse = (body: unknown): PartialResponse => {
  const found = isObject(body) ? read(body) : noContent
  const usage = usageIn(body)
  const tokens = (...keys: ReadonlyArray<string>) => keys.map((key) => countAt(usage, key)).find((n) => n !== undefined)
  return {
    text: found.text,
    reasoning: found.reasoning,
    toolCalls: found.toolCalls,
    generationId: stringAt(body, "id"),
    model: stringAt(body, "model"),
    finishReason: found.finishReason,
    inputTokens: tokens("prompt_tokens", "input_tokens"),
    outputTokens: tokens("completion_tokens", "output_tokens"),
    cost: countAt(usage, "cost"),
    result: body
  }
}

/**
 * Whether anything was generated that is paid for. Images, audio and all choices count, not only the first one.
 *
 * @internal
 */
export const hasOutput = (response: PartialResponse): boolean =>
  response.text !== "" || response.reasoning !== "" || response.toolCalls.length > 0 || isGenerated(response.result)

const isGenerated = (result: unknown): boolean =>
  arrayAt(result, "data").length > 0 ||
  hasChoicesWithOutput(result) ||
  arrayAt(result, "output").some(hasItemOutput) ||
  arrayAt(result, "content").some(hasPartOutput)

/**
 * Whether a completion, or a chunk of one, has output in any of its choices.
 *
 * @internal
 */
export const hasChoicesWithOutput = (result: unknown): boolean => arrayAt(result, "choices").some(hasChoiceOutput)

const hasChoiceOutput = (choice: unknown): boolean =>
  hasAnyField(choice, ["text"]) ||
  ["message", "delta"].some((field) => hasAnyField(objectAt(choice, field), messageFields))

const messageFields = ["content", "refusal", "reasoning", "reasoning_details", "tool_calls", "images"]

const hasAnyField = (u: unknown, fields: ReadonlyArray<string>): boolean =>
  fields.some((field) => stringAt(u, field) !== undefined || arrayAt(u, field).length > 0) ||
  isObject(u) && hasAnyField(u["audio"], ["data", "transcript"])

const hasItemOutput = (item: unknown): boolean => {
  switch (stringAt(item, "type")) {
    case "message":
      return arrayAt(item, "content").some(hasPartOutput)
    case "reasoning":
      return hasAnyField(item, ["encrypted_content"]) ||
        [...arrayAt(item, "summary"), ...arrayAt(item, "content")].some(hasPartOutput)
    default:
      return isObject(item)
  }
}

const textFields = ["text", "thinking", "refusal"]

/** A part without a text field is output as such. */
const hasPartOutput = (part: unknown): boolean =>
  isObject(part) && (hasAnyField(part, textFields) || !textFields.some((field) => field in part))

/**
 * Whether a response ended without content and without a finish reason. Such a response is not billed, so the request
 * may be sent again.
 *
 * @internal
 */
export const isEmptyResponse = (body: unknown): boolean => isUnfinished(body) && !hasOutput(readResponse(body))

const isUnfinished = (body: unknown): boolean =>
  isObject(body) && (Array.isArray(body["choices"])
    ? body["choices"].every((choice) => isObject(choice) && (choice["finish_reason"] ?? null) === null)
    : body["type"] === "message" && Array.isArray(body["content"]) && (body["stop_reason"] ?? null) === null)

interface Content {
  readonly text: string
  readonly reasoning: string
  readonly toolCalls: ReadonlyArray<PartialToolCall>
  readonly finishReason: string | undefined
}

const noContent: Content = { text: "", reasoning: "", toolCalls: [], finishReason: undefined }

const read = (body: JsonObject): Content =>
  Array.isArray(body["choices"])
    ? readChatResult(body)
    : Array.isArray(body["output"])
    ? readResponsesResult(body)
    : readMessagesResult(body)

const joined = (items: ReadonlyArray<unknown>, key: string) => items.map((item) => stringAt(item, key) ?? "").join("")

const readChatResult = (body: JsonObject): Content => {
  const choice = arrayAt(body, "choices").find(isObject)
  const message = objectAt(choice, "message")
  return {
    text: contentText(message?.["content"]) || contentText(isObject(choice) ? choice["text"] : undefined),
    reasoning: message === undefined ? "" : reasoningIn(message),
    toolCalls: arrayAt(message, "tool_calls").map((call) => ({
      id: stringAt(call, "id") ?? "",
      name: stringAt(objectAt(call, "function"), "name") ?? "",
      arguments: argumentsIn(objectAt(call, "function"), "arguments")
    })),
    finishReason: stringAt(choice, "finish_reason")
  }
}

const ofType = (items: ReadonlyArray<unknown>, type: string) => items.filter((item) => stringAt(item, "type") === type)

const readResponsesResult = (body: JsonObject): Content => {
  const output = arrayAt(body, "output")
  const reasoning = ofType(output, "reasoning")
  return {
    text: joined(ofType(output, "message").flatMap((item) => arrayAt(item, "content")), "text"),
    reasoning: joined(reasoning.flatMap((item) => [...arrayAt(item, "summary"), ...arrayAt(item, "content")]), "text"),
    toolCalls: ofType(output, "function_call").map((item) => ({
      id: stringAt(item, "call_id") ?? "",
      name: stringAt(item, "name") ?? "",
      arguments: argumentsIn(item, "arguments")
    })),
    finishReason: stringAt(objectAt(body, "incomplete_details"), "reason") ?? stringAt(body, "status")
  }
}

const readMessagesResult = (body: JsonObject): Content => {
  const content = arrayAt(body, "content")
  return {
    text: joined(ofType(content, "text"), "text"),
    reasoning: joined(ofType(content, "thinking"), "thinking"),
    toolCalls: ofType(content, "tool_use").map((block) => ({
      id: stringAt(block, "id") ?? "",
      name: stringAt(block, "name") ?? "",
      arguments: isObject(block) && block["input"] === undefined ? "{}" : argumentsIn(block, "input")
    })),
    finishReason: stringAt(body, "stop_reason")
  }
}

/** Arguments as JSON text; some providers send them as the value itself. */
const argumentsIn = (call: unknown, key: string): string => {
  const value = isObject(call) ? call[key] : undefined
  return typeof value === "string" ? value : value === undefined || value === null ? "" : jsonText(value)
}
