import { arrayAt, isObject, type JsonObject, stringAt } from "../../internal/json.js"

/**
 * What a content says. Most providers send a text; some send a list of parts, with the reasoning among them.
 *
 * @internal
 */
export interface ContentParts {
  readonly text: string
  readonly reasoning: string
  readonly refusal: string
  readonly images: ReadonlyArray<unknown>
  /** Parts of other types, unchanged. */
  readonly others: ReadonlyArray<unknown>
}

/**
 * Reads a content that is a list of parts, or one part; undefined for any other content.
 *
 * @internal
 */
export const contentParts = (content: unknown): ContentParts | undefined => {
  const parts = Array.isArray(content) ? content : isObject(content) ? [content] : undefined
  if (parts === undefined) return undefined
  const texts: Array<string> = []
  const reasoning: Array<string> = []
  const refusals: Array<string> = []
  const images: Array<unknown> = []
  const others: Array<unknown> = []
  for (const part of parts) {
    switch (kindOf(part)) {
      case "text":
        texts.push(typeof part === "string" ? part : stringAt(part, "text") ?? "")
        break
      case "reasoning":
        reasoning.push(textIn(part))
        break
      case "refusal":
        refusals.push(stringAt(part, "refusal") ?? stringAt(part, "text") ?? "")
        break
      case "image":
        images.push(part)
        break
      case "other":
        others.push(part)
        break
      case "nothing":
    }
  }
  return { text: texts.join(""), reasoning: reasoning.join(""), refusal: refusals.join(""), images, others }
}

/**
 * The text of a content, whatever its form.
 *
 * @internal
 */
export const contentText = (content: unknown): string =>
  typeof content === "string" ? content : contentParts(content)?.text ?? ""

type Kind = "text" | "reasoning" | "refusal" | "image" | "other" | "nothing"

const kinds: ReadonlyMap<string, Kind> = new Map([
  ["text", "text"],
  ["output_text", "text"],
  ["thinking", "reasoning"],
  ["reasoning", "reasoning"],
  ["reasoning_text", "reasoning"],
  ["summary_text", "reasoning"],
  ["refusal", "refusal"],
  ["image_url", "image"]
])

const kindOf = (part: unknown): Kind => {
  if (typeof part === "string") return "text"
  if (!isObject(part)) return "nothing"
  const type = stringAt(part, "type")
  return type === undefined
    ? stringAt(part, "text") === undefined ? "other" : "text"
    : kinds.get(type) ?? "other"
}

/** The text of a part of reasoning: a text, or a list of text parts. */
const textIn = (part: unknown): string => {
  for (const key of ["thinking", "reasoning", "text", "summary", "content"]) {
    const text = stringAt(part, key) ?? listed(part, key)
    if (text !== "") return text
  }
  return ""
}

const listed = (part: unknown, key: string): string =>
  arrayAt(part, key).map((piece) => typeof piece === "string" ? piece : stringAt(piece, "text") ?? "").join("")

/**
 * A part of a message with its content as a text, and its reasoning, refusal and images in the fields where other
 * providers send them. The same object where the content is no list.
 *
 * @internal
 */
export const withTextContent = (message: JsonObject): JsonObject => {
  const parts = contentParts(message["content"])
  if (parts === undefined) return message
  const joined = (key: string, text: string) => {
    const known = stringAt(message, key)
    return text === "" ? {} : { [key]: known === undefined ? text : known + text }
  }
  return {
    ...message,
    content: parts.text,
    ...joined("reasoning", parts.reasoning),
    ...joined("refusal", parts.refusal),
    ...(parts.images.length === 0 ? {} : { images: [...arrayAt(message, "images"), ...parts.images] }),
    ...(parts.others.length === 0 ? {} : { content_parts: [...arrayAt(message, "content_parts"), ...parts.others] })
  }
}
