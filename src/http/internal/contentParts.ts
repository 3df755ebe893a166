/** Messages of every API in the form of the GenAI conventions. Whatever is not known is left out, never passed on. */
import { isObject, type JsonObject, objectAt, parseJson, stringAt } from "../../internal/json.js"
import type { TelemetryMessage, TelemetryPart } from "../telemetryOptions.js"

/**
 * The messages of a request: of chat, responses or messages, or the text of any other.
 *
 * @internal
 */
export const messagesOf = (value: unknown): ReadonlyArray<TelemetryMessage> => {
  if (typeof value === "string") return [{ role: "user", parts: [text(value)] }]
  const messages: Array<TelemetryMessage> = []
  for (const item of Array.isArray(value) ? value : []) {
    const message = typeof item === "string" ? { role: "user", parts: [text(item)] } : messageOf(item)
    const last = messages.at(-1)
    // The items of one turn are one message
    if (last?.role === "assistant" && message.role === "assistant") {
      messages[messages.length - 1] = { role: "assistant", parts: [...last.parts, ...message.parts] }
    } else if (message.parts.length > 0) messages.push(message)
  }
  return messages
}

/**
 * A message of chat or messages, or an item of responses.
 *
 * @internal
 */
export const messageOf = (item: unknown): TelemetryMessage => {
  const type = stringAt(item, "type")
  const role = stringAt(item, "role")
  if (!isObject(item)) return { role: "user", parts: [] }
  if (role === undefined && type !== "message") return itemOf(item, type)
  const callId = stringAt(item, "tool_call_id")
  const { content } = item
  if (role === "tool" && callId !== undefined) return answer(callId, content)
  const reasoning = stringAt(item, "reasoning") ?? stringAt(item, "reasoning_content")
  const refusal = stringAt(item, "refusal")
  return {
    role: role ?? "assistant",
    parts: [
      ...(reasoning === undefined ? [] : [{ type: "reasoning", content: reasoning } as const]),
      ...partsOf(content),
      ...(refusal === undefined ? [] : [text(refusal)]),
      ...partsOf(item["images"]),
      ...partsOf(isObject(item["audio"]) ? [{ type: "output_audio", audio: item["audio"] }] : []),
      ...listOf(item["tool_calls"]).map((call) => {
        const f = objectAt(call, "function")
        return toolCall(stringAt(call, "id"), stringAt(f, "name"), f?.["arguments"])
      })
    ]
  }
}

const itemOf = (item: JsonObject, type: string | undefined): TelemetryMessage => {
  switch (type) {
    case "function_call":
      return {
        role: "assistant",
        parts: [toolCall(stringAt(item, "call_id"), stringAt(item, "name"), item["arguments"])]
      }
    case "function_call_output":
      return answer(stringAt(item, "call_id"), item["output"])
    case "reasoning":
      return {
        role: "assistant",
        parts: [...listOf(item["summary"]), ...listOf(item["content"])].flatMap((part) => {
          const content = stringAt(part, "text")
          return content === undefined ? [] : [{ type: "reasoning", content } as const]
        })
      }
    case "image_generation_call":
      return { role: "assistant", parts: partsOf([{ type: "output_image", data: item["result"] }]) }
    default:
      return { role: "assistant", parts: type === undefined ? [] : [{ type: "item", name: type }] }
  }
}

const answer = (id: string | undefined, content: unknown): TelemetryMessage => ({
  role: "tool",
  parts: [toolAnswer(id, content)]
})

/**
 * The answer to a tool call: a text as it is, the parts of a list of parts.
 *
 * @internal
 */
export const toolAnswer = (id: string | undefined, content: unknown): TelemetryPart => ({
  type: "tool_call_response",
  id: id ?? "",
  response: Array.isArray(content) && content.every((part) => stringAt(part, "type") !== undefined)
    ? partsOf(content)
    : content
})

/**
 * The call of a tool. Arguments that are JSON text become its value.
 *
 * @internal
 */
export const toolCall = (id: string | undefined, name: string | undefined, args: unknown): TelemetryPart => ({
  type: "tool_call",
  id: id ?? "",
  name: name ?? "",
  arguments: typeof args === "string" ? parseJson(args)?.value ?? args : args
})

const text = (content: string): TelemetryPart => ({ type: "text", content })

/**
 * The parts of a content.
 *
 * @internal
 */
export const partsOf = (content: unknown): ReadonlyArray<TelemetryPart> =>
  typeof content === "string" ? content === "" ? [] : [text(content)] : listOf(content).flatMap(partOf)

const partOf = (part: unknown): ReadonlyArray<TelemetryPart> => {
  if (typeof part === "string") return [text(part)]
  if (!isObject(part)) return []
  const type = stringAt(part, "type") ?? ""
  const words = stringAt(part, "text") ?? stringAt(part, "refusal")
  if (type === "thinking" || type === "reasoning_text" || type === "reasoning") {
    const content = stringAt(part, "thinking") ?? words
    return content === undefined ? [] : [{ type: "reasoning", content }]
  }
  if (words !== undefined) return [text(words)]
  if (type === "tool_use") return [toolCall(stringAt(part, "id"), stringAt(part, "name"), part["input"])]
  if (type === "tool_result") return [toolAnswer(stringAt(part, "tool_use_id"), part["content"])]
  const modality = ["image", "audio", "video"].find((name) => type.includes(name)) ?? "file"
  const medium = mediumIn(part)
  if (medium === undefined) return type === "" ? [] : [{ type: "item", name: type }]
  return [mediumOf(medium, modality)]
}

const wrappers = ["image_url", "video_url", "input_audio", "audio", "file", "source"]
const fields = ["data", "file_data", "url", "image_url", "video_url", "file_url"]

interface Medium {
  readonly value: string
  readonly mimeType: string | undefined
}

const mediumIn = (part: JsonObject): Medium | undefined => {
  for (const place of [part, ...wrappers.map((name) => objectAt(part, name))]) {
    const value = fields.map((name) => stringAt(place, name)).find((found) => found !== undefined)
    if (value !== undefined) return { value, mimeType: stringAt(place, "media_type") ?? stringAt(place, "mime_type") }
  }
  return undefined
}

const mediumOf = ({ mimeType, value }: Medium, modality: string): TelemetryPart => {
  const blob = dataUrl(value)
  if (blob !== undefined) return blob
  if (!/^[a-z][a-z\d+.-]*:\/\//i.test(value)) {
    return { type: "blob", mime_type: mimeType ?? unknownTypes[modality] ?? unknownType, size: sizeOf(value) }
  }
  // A query often has a signature
  const uri = URL.canParse(value) ? new URL(value) : undefined
  return { type: "uri", modality, uri: uri === undefined ? "" : `${uri.protocol}//${uri.host}${uri.pathname}` }
}

const unknownType = "application/octet-stream"
const unknownTypes: Readonly<Record<string, string>> = { image: "image/*", audio: "audio/*", video: "video/*" }

const sizeOf = (base64: string): number => Math.floor(base64.replace(/=+$/, "").length * 3 / 4)

/**
 * What stands for a data URL: its type and how many bytes it has.
 *
 * @internal
 */
export const dataUrl = (value: string): TelemetryPart | undefined => {
  const head = /^\s*data:([^,;]*)([^,]{0,200}),/i.exec(value.slice(0, 400))
  if (head === null) return undefined
  const [start, type, options = ""] = head
  const isBase64 = /;base64$/i.test(options)
  return {
    type: "blob",
    mime_type: type || "text/plain",
    size: isBase64 ? sizeOf(value.slice(start.length)) : value.length - start.length
  }
}

const listOf = (value: unknown): ReadonlyArray<unknown> => Array.isArray(value) ? value : []
