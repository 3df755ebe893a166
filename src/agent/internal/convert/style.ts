import { isNotNullable } from "effect/Predicate"
import { arrayAt, isObject, type JsonObject } from "../../../internal/json.js"

const claudeBlocks: ReadonlyArray<unknown> = [
  "image",
  "document",
  "tool_use",
  "tool_result",
  "thinking",
  "redacted_thinking",
  "server_tool_use",
  "web_search_tool_result",
  "search_result",
  "compaction",
  "advisor_tool_result",
  "tool_addition",
  "tool_removal",
  "openrouter_shell_tool_result",
  "openrouter_bash_tool_result"
]

const chatParts: ReadonlyArray<unknown> = ["image_url", "video_url", "file"]

const chatFields = [
  "name",
  "tool_calls",
  "tool_call_id",
  "reasoning",
  "reasoning_details",
  "refusal",
  "annotations",
  "images",
  "audio"
]

type Mark = "chat" | "claude" | "items" | "chat or claude"

const markOfPart = (part: unknown): ReadonlyArray<Mark> => {
  const type = isObject(part) ? part["type"] : undefined
  if (type === "text") return ["chat or claude"]
  if (chatParts.includes(type)) return ["chat"]
  if (claudeBlocks.includes(type)) return ["claude"]
  return typeof type === "string" && /^(input_(text|image|file)|output_text|refusal)$/.test(type) ? ["items"] : []
}

const marksOf = (message: JsonObject): ReadonlyArray<Mark> => {
  if (typeof message["role"] !== "string" || message["type"] === "message") return ["items"]
  const isChat = message["role"] === "tool" || chatFields.some((field) => isNotNullable(message[field]))
  return [...(isChat ? ["chat"] as const : []), ...arrayAt(message, "content").flatMap(markOfPart)]
}

/**
 * The format of a list of messages; `undefined` if it consists of items already, or mixes formats.
 *
 * @internal
 */
export const styleOf = (input: unknown): "chat" | "claude" | undefined => {
  if (!Array.isArray(input) || !input.every(isObject)) return undefined
  const marks = new Set(input.flatMap(marksOf))
  if (marks.has("items") || (marks.has("chat") && marks.has("claude"))) return undefined
  if (marks.has("claude")) return "claude"
  return marks.size > 0 ? "chat" : undefined
}
