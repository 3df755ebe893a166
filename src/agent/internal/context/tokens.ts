/** How many tokens something has, without the tokenizer of a model: an estimate from the bytes of its text. */
import { arrayAt, isObject, jsonText } from "../../../internal/json.js"
import type { InputItem } from "../../../schema/ResponsesItemsRequest.js"

const bytesPerToken = 4

const tokensPerItem = 4

/** An image, a file or a piece of audio. What providers count for one depends on its size, which its bytes do not tell. */
const tokensPerMedium = 1000

/** Fields that no model reads. */
const labels: ReadonlySet<string> = new Set([
  "type",
  "id",
  "call_id",
  "status",
  "role",
  "detail",
  "format",
  "signature"
])

/** Fields whose text is the content of a medium, or its address. */
const media: ReadonlySet<string> = new Set(["image_url", "video_url", "file_data", "file_url", "data"])

/** Encrypted reasoning is base64, and its plain text has about as many tokens as bytes of this count. */
const sealed = "encrypted_content"

const bytesPerSealedToken = 6

const known = new WeakMap<InputItem, number>()

/**
 * An estimate of the tokens of an item. It is computed once for each item.
 *
 * @internal
 */
export const tokensOf = (item: InputItem): number => {
  const found = known.get(item)
  if (found !== undefined) return found
  const tokens = tokensPerItem + tokensIn(item)
  known.set(item, tokens)
  return tokens
}

/** @internal */
export const tokensOfAll = (items: ReadonlyArray<InputItem>): number =>
  items.reduce((sum, item) => sum + tokensOf(item), 0)

/** An estimate for a text. @internal */
export const tokensOfText = (text: string): number => bytesOf(text) / bytesPerToken

/**
 * An estimate for what each request of a run has beside its items: instructions and tools.
 *
 * @internal
 */
export const tokensBeside = (instructions: unknown, tools: ReadonlyArray<unknown>): number =>
  (typeof instructions === "string" ? tokensOfText(instructions) : 0) +
  (tools.length === 0 ? 0 : tokensOfText(jsonText(tools)))

/** The tokens of all texts of a value. Without recursion, because a model can nest arguments thousands of levels deep. */
const tokensIn = (root: unknown): number => {
  let tokens = 0
  const stack: Array<unknown> = [root]
  while (stack.length > 0) {
    const value = stack.pop()
    if (Array.isArray(value)) {
      for (const element of value) stack.push(element)
    } else if (isObject(value)) {
      for (const [key, field] of Object.entries(value)) {
        if (labels.has(key)) continue
        if (media.has(key)) tokens += typeof field === "string" ? tokensPerMedium : 0
        else if (key === sealed) tokens += typeof field === "string" ? field.length / bytesPerSealedToken : 0
        else stack.push(field)
      }
    } else if (typeof value === "string") {
      tokens += tokensOfText(value)
    } else if (typeof value === "number" || typeof value === "boolean") {
      tokens++
    }
  }
  return tokens
}

/** UTF-8 bytes, counted without encoding the text. */
const bytesOf = (text: string): number => {
  let bytes = text.length
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at)
    if (unit > 0x7f) bytes += unit > 0x7ff && !(unit >= 0xd800 && unit <= 0xdfff) ? 2 : 1
  }
  return bytes
}

/**
 * Whether the reasoning of a response goes back to the provider, so that it is part of the next input.
 *
 * @internal
 */
export const keepsReasoning = (output: ReadonlyArray<InputItem>): boolean =>
  output.some((item) =>
    item.type === "reasoning" &&
    ((item.encrypted_content ?? "") !== "" || arrayAt(item, "content").length > 0 ||
      arrayAt(item, "summary").length > 0)
  )
