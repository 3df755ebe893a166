/** Which reasoning a model takes back. Providers verify it, and refuse a request with reasoning that is not theirs. */
import { arrayAt, isObject, stringAt } from "../../../internal/json.js"
import type { InputItem } from "../../../schema/ResponsesItemsRequest.js"
import { isBlank } from "./text.js"

/** An item of reasoning. @internal */
export type ReasoningItem = Extract<InputItem, { readonly type: "reasoning" }>

/** The formats that models of an author read, by the prefix of their names. */
const formatsOf: Readonly<Record<string, ReadonlyArray<string>>> = {
  "openai": ["openai-responses-v1", "azure-openai-responses-v1", "bedrock-openai-responses-v1"],
  "x-ai": ["xai-responses-v1", "bedrock-xai-responses-v1"],
  "meta": ["meta-responses-v1"],
  "meta-llama": ["meta-responses-v1"],
  "anthropic": ["anthropic-claude-v1"],
  "google": ["google-gemini-v1"],
  // Their reasoning is text without a format
  "deepseek": [],
  "minimax": [],
  "mistralai": [],
  "moonshotai": [],
  "qwen": [],
  "z-ai": []
}

const known: ReadonlySet<unknown> = new Set(Object.values(formatsOf).flat())

/** Formats whose text is signed, or sealed in encrypted content. */
const signed: ReadonlySet<unknown> = new Set(["anthropic-claude-v1", "google-gemini-v1"])

/**
 * The authors of the models that may respond to a request; an empty list if one of them is not known.
 *
 * @internal
 */
export const authorsOf = (
  { model, models }: {
    readonly model?: string | null | undefined
    readonly models?: ReadonlyArray<string> | null | undefined
  }
): ReadonlyArray<string> => {
  const names = [...(typeof model === "string" ? [model] : []), ...(models ?? [])]
  const authors = names.map((name) => /^~?([^/@]+)\//.exec(name)?.[1])
  return authors.every((author) => author !== undefined && Object.hasOwn(formatsOf, author))
    ? [...new Set(authors.filter((author) => author !== undefined))]
    : []
}

const textsOf = (item: object, field: "content" | "summary"): ReadonlyArray<string> =>
  arrayAt(item, field).flatMap((part) => isObject(part) ? stringAt(part, "text") ?? [] : [])

/**
 * Whether an item holds anything but its id. Nothing is stored behind that id, so alone it refers to nothing.
 *
 * @internal
 */
export const holdsReasoning = (item: object): boolean =>
  !isBlank(stringAt(item, "encrypted_content")) || !isBlank(stringAt(item, "signature")) ||
  [...textsOf(item, "content"), ...textsOf(item, "summary")].some((text) => !isBlank(text))

/** Ids that OpenAI gave; `tmp` marks those of OpenRouter, `made` and `text` those of this library. */
const openaiId = /^rs_(?!tmp_|made_|text_)/

/**
 * Whether a model of one of these authors takes an item of reasoning. Without a known author, it is one of those that
 * wrote it.
 *
 * @internal
 */
export const isTaken = (item: object, authors: ReadonlyArray<string>): boolean => {
  if (!holdsReasoning(item)) return false
  const isEncrypted = !isBlank(stringAt(item, "encrypted_content"))
  const isSealed = isEncrypted || !isBlank(stringAt(item, "signature"))
  const format = stringAt(item, "format")
  if (signed.has(format)) return isSealed && isOwn(format, authors)
  // Formats of Responses APIs: they look an item without encrypted content up by its id
  if (known.has(format)) return isEncrypted && isOwn(format, authors)
  const [author, ...others] = authors
  if (author === undefined || others.length > 0) return true
  if (author === "anthropic") return isSealed
  return author !== "openai" || isEncrypted || !openaiId.test(stringAt(item, "id") ?? "")
}

const isOwn = (format: string | undefined, authors: ReadonlyArray<string>): boolean =>
  authors.length === 0 || authors.some((author) => format !== undefined && formatsOf[author]?.includes(format))
