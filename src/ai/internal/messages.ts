/** Prompts of `@effect/ai` as messages of a chat. */
import type * as Prompt from "@effect/ai/Prompt"
import { jsonText } from "../../internal/json.js"
import type { ChatAssistantMessage, ChatContentCacheControl, ChatContentItems } from "../../schema/ChatContent.js"
import type { ChatMessages } from "../../schema/ChatRequest.js"
import { modelOutputOf } from "./effect/values.js"
import { contentOfFile, urlOf } from "./files.js"
import { type Details, detailsOf, Trail } from "./reasoning.js"

/**
 * The messages of a prompt, and what they say as a key for the response. Throws `Unsendable`.
 *
 * @internal
 */
export const toMessages = (
  prompt: Prompt.Prompt,
  recall: (key: string) => Details
): { readonly messages: ReadonlyArray<ChatMessages>; readonly trail: Trail } => {
  const messages: Array<ChatMessages> = []
  let trail = new Trail()
  for (const message of prompt.content) {
    switch (message.role) {
      case "system": {
        messages.push({ role: "system", content: textContent(message.content, cacheOf(message)) })
        break
      }
      case "user": {
        const content = userContent(message)
        messages.push({ role: "user", content })
        trail = trail.after("user", fingerprint(content))
        break
      }
      case "assistant": {
        trail = trail.after(...saidBy(message.content))
        messages.push(assistantMessage(message, recall(trail.key)))
        break
      }
      case "tool": {
        const results = toolMessages(message)
        messages.push(...results)
        trail = trail.after("tool", fingerprint(results))
        break
      }
    }
  }
  return { messages, trail }
}

/**
 * What an assistant says, however it is divided into parts. Arguments of calls do not count: a chat keeps them decoded.
 *
 * @internal
 */
export const saidBy = (
  parts: ReadonlyArray<
    {
      readonly type: string
      readonly text?: unknown
      readonly delta?: unknown
      readonly id?: unknown
      readonly name?: unknown
      readonly providerExecuted?: unknown
    }
  >
): ReadonlyArray<string> => {
  let text = ""
  let reasoning = ""
  const calls: Array<string> = []
  for (const { delta, id, name, providerExecuted, text: whole, type } of parts) {
    if (type === "text") text += String(whole)
    else if (type === "text-delta") text += String(delta)
    else if (type === "reasoning") reasoning += String(whole)
    else if (type === "reasoning-delta") reasoning += String(delta)
    else if (type === "tool-call" && providerExecuted !== true) calls.push(String(id), String(name))
  }
  return ["assistant", text, reasoning, ...calls]
}

/** The ends of long texts are enough: those of images and documents. */
const fingerprint = (content: unknown): string =>
  JSON.stringify(content, (_, value: unknown) =>
    typeof value === "string" && value.length > 20_000
      ? [value.length, value.slice(0, 10_000), value.slice(-10_000)]
      : value)

type Optioned =
  | Prompt.SystemMessage
  | Prompt.UserMessage
  | Prompt.AssistantMessage
  | Prompt.ToolMessage
  | Prompt.TextPart
  | Prompt.FilePart
  | Prompt.ToolResultPart

const cacheOf = ({ options }: Optioned): ChatContentCacheControl | undefined =>
  options.openrouter?.cacheControl ?? undefined

const textContent = (text: string, cache: ChatContentCacheControl | undefined) =>
  cache === undefined ? text : [{ type: "text" as const, text, cache_control: cache }]

/** A breakpoint of the message stands at its last part: providers allow few of them. */
const userContent = (message: Prompt.UserMessage): string | ReadonlyArray<ChatContentItems> => {
  const ofMessage = cacheOf(message)
  const [first, ...others] = message.content
  if (first?.type === "text" && others.length === 0) return textContent(first.text, cacheOf(first) ?? ofMessage)
  return message.content.map((part, index) => {
    const cache = cacheOf(part) ?? (index === message.content.length - 1 ? ofMessage : undefined)
    return {
      ...(part.type === "text" ? { type: "text" as const, text: part.text } : contentOfFile(part)),
      ...(cache === undefined ? {} : { cache_control: cache })
    }
  })
}

const assistantMessage = (message: Prompt.AssistantMessage, remembered: Details): ChatAssistantMessage => {
  const [text, reasoning] = [textsOf(message, "text"), textsOf(message, "reasoning")]
  const own = detailsOf(message)
  const details = own.length > 0 ? own : remembered
  const calls = message.content.flatMap((part) =>
    part.type === "tool-call" && !part.providerExecuted
      ? [{ id: part.id, type: "function", function: { name: part.name, arguments: jsonText(part.params ?? {}) } }]
      : []
  )
  const images = message.content.flatMap((part) =>
    part.type === "file" && part.mediaType.startsWith("image/") ? [{ image_url: { url: urlOf(part) } }] : []
  )
  return {
    role: "assistant",
    content: text === "" && calls.length > 0 ? null : textContent(text, cacheOf(message)),
    ...(details.length > 0 ? { reasoning_details: details } : reasoning === "" ? {} : { reasoning }),
    ...(images.length > 0 ? { images } : {}),
    ...(calls.length > 0 ? { tool_calls: calls } : {})
  }
}

const textsOf = (message: Prompt.AssistantMessage, type: "text" | "reasoning"): string =>
  message.content.map((part) => part.type === type ? part.text : "").join("")

const toolMessages = (message: Prompt.ToolMessage): ReadonlyArray<ChatMessages> => {
  const results = message.content.flatMap((part) => part.type === "tool-result" && !part.providerExecuted ? [part] : [])
  return results.map((part, index) => {
    const cache = cacheOf(part) ?? (index === results.length - 1 ? cacheOf(message) : undefined)
    const output = modelOutputOf(part)
    const content = output === undefined
      ? textContent(typeof part.result === "string" ? part.result : jsonText(part.result), cache)
      : output.map((one) => one.type === "text" ? { type: "text" as const, text: one.text } : contentOfFile(one))
    return { role: "tool", tool_call_id: part.id, content }
  })
}
