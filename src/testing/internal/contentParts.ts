/**
 * The content of a scripted response, part by part. Public through `Script`.
 *
 * @since 0.1.0
 */
/**
 * Content of the model.
 *
 * @since 0.1.0
 * @category models
 */
export type ContentPart = Text | Reasoning | ToolCall | Refusal | Image | Audio | Citation | Item

/**
 * Text of the response, one string per delta.
 *
 * @since 0.1.0
 * @category models
 */
export interface Text {
  readonly _tag: "Text"
  readonly deltas: ReadonlyArray<string>
}

/**
 * Reasoning of the model: text or a summary in deltas, their signature, and their encrypted form.
 *
 * @since 0.1.0
 * @category models
 */
export interface Reasoning extends ReasoningOptions {
  readonly _tag: "Reasoning"
  readonly deltas: ReadonlyArray<string>
}

/**
 * Options of reasoning, in addition to its text.
 *
 * @since 0.1.0
 * @category models
 */
export interface ReasoningOptions {
  /** Sent after the text, in a delta of its own. */
  readonly signature?: string | undefined
  /** The opaque form that some providers want back on the next turn. */
  readonly encrypted?: string | undefined
  /** Whether the text is a summary of the reasoning. */
  readonly summary?: boolean | undefined
  readonly id?: string | undefined
  /** The `format` of the details, such as `anthropic-claude-v1`; `unknown` by default. */
  readonly format?: string | null | undefined
  /** Chat only: whether `reasoning_details` are sent (`full`, the default), are an empty list, or are left out. */
  readonly details?: "full" | "empty" | "none" | undefined
}

/**
 * A call of one of the caller's tools; the fragments are its JSON arguments, one per delta.
 *
 * @since 0.1.0
 * @category models
 */
export interface ToolCall {
  readonly _tag: "ToolCall"
  readonly name: string
  readonly fragments: ReadonlyArray<string>
  readonly id: string | undefined
  readonly repeat: "absent" | "null" | "empty"
}

/**
 * How a tool call is sent.
 *
 * @since 0.1.0
 * @category models
 */
export interface ToolCallOptions {
  /** `call_<turn>_<n>` by default, both from 1. */
  readonly id?: string | undefined
  /** How the arguments are cut into deltas: into so many pieces, or exactly so. Whole by default. */
  readonly fragments?: number | ReadonlyArray<string> | undefined
  /** Chat only: what stands for the id and the name in the deltas after the first. Providers do all three. */
  readonly repeat?: "absent" | "null" | "empty" | undefined
}

/**
 * The text of a refusal.
 *
 * @since 0.1.0
 * @category models
 */
export interface Refusal {
  readonly _tag: "Refusal"
  readonly deltas: ReadonlyArray<string>
}

/**
 * A generated image by URL, usually a `data:` URL.
 *
 * @since 0.1.0
 * @category models
 */
export interface Image {
  readonly _tag: "Image"
  readonly url: string
}

/**
 * Generated sound: base64 data, one string per delta, and its transcript.
 *
 * @since 0.1.0
 * @category models
 */
export interface Audio {
  readonly _tag: "Audio"
  readonly data: ReadonlyArray<string>
  readonly transcript: string
  readonly id: string
}

/**
 * A source that the text before it cites.
 *
 * @since 0.1.0
 * @category models
 */
export interface Citation {
  readonly _tag: "Citation"
  readonly url: string
  readonly title: string
  readonly content: string | undefined
}

/**
 * An output item as the Responses API has it, verbatim.
 *
 * @since 0.1.0
 * @category models
 */
export interface Item {
  readonly _tag: "Item"
  readonly item: { readonly type: string; readonly [field: string]: unknown }
}

const deltasOf = (text: string | ReadonlyArray<string>): ReadonlyArray<string> =>
  typeof text === "string" ? text.match(/\s*\S+\s*$|\s*\S+|\s+/g) ?? [] : text

/**
 * Text of the response. A string is streamed word by word, a list with one delta per element.
 *
 * @since 0.1.0
 * @category content
 */
export const text = (text: string | ReadonlyArray<string>): Text => ({ _tag: "Text", deltas: deltasOf(text) })

/**
 * Reasoning before the text, streamed like text. `""` with `encrypted` is reasoning that cannot be read.
 *
 * @since 0.1.0
 * @category content
 * @example
 * ```ts
 * import { Script } from "effect-openrouter/testing"
 *
 * Script.turn([Script.reasoning("The user greets me.", { signature: "c2ln" }), "Hello!"])
 * ```
 */
export const reasoning = (text: string | ReadonlyArray<string>, options: ReasoningOptions = {}): Reasoning => ({
  ...options,
  _tag: "Reasoning",
  deltas: deltasOf(text)
})

/**
 * A tool call. The arguments are any JSON value, or a string that is sent verbatim: malformed, truncated
 * or empty.
 *
 * @since 0.1.0
 * @category content
 * @example
 * ```ts
 * import { Script } from "effect-openrouter/testing"
 *
 * Script.toolCall("get_weather", { city: "Paris" })
 * Script.toolCall("get_weather", { city: "Paris" }, { id: "toolu_1", fragments: 3 })
 * Script.toolCall("get_weather", "{\"city\":\"Par") // cut off
 * ```
 */
export const toolCall = (name: string, input: unknown = {}, options: ToolCallOptions = {}): ToolCall => {
  const json = typeof input === "string" ? input : JSON.stringify(input)
  const fragments = options.fragments ?? 1
  return {
    _tag: "ToolCall",
    name,
    fragments: typeof fragments === "number" ? pieces(json, fragments) : fragments,
    id: options.id,
    repeat: options.repeat ?? "absent"
  }
}

const pieces = (text: string, count: number): ReadonlyArray<string> => {
  const size = Math.max(1, Math.ceil(text.length / Math.max(1, count)))
  return text === "" ?
    [""] :
    Array.from({ length: Math.ceil(text.length / size) }, (_, i) => text.slice(i * size, (i + 1) * size))
}

/**
 * A refusal of the model, streamed like text.
 *
 * @since 0.1.0
 * @category content
 */
export const refusal = (text: string | ReadonlyArray<string>): Refusal => ({ _tag: "Refusal", deltas: deltasOf(text) })

/**
 * A generated image; an empty PNG by default. Messages have no images and omit it.
 *
 * @since 0.1.0
 * @category content
 */
export const image = (url: string = emptyPng): Image => ({ _tag: "Image", url })

const emptyPng = "data:image/png;base64," +
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="

/**
 * Generated sound: base64 `data`, cut into deltas if it is a list. Chat only.
 *
 * @since 0.1.0
 * @category content
 */
export const audio = (
  data: string | ReadonlyArray<string>,
  options: { readonly transcript?: string | undefined; readonly id?: string | undefined } = {}
): Audio => ({
  _tag: "Audio",
  data: typeof data === "string" ? [data] : data,
  transcript: options.transcript ?? "",
  id: options.id ?? "audio_1"
})

/**
 * A web source of the text before it.
 *
 * @since 0.1.0
 * @category content
 */
export const citation = (source: {
  readonly url: string
  readonly title?: string | undefined
  readonly content?: string | undefined
}): Citation => ({ _tag: "Citation", url: source.url, title: source.title ?? source.url, content: source.content })

/**
 * An output item of the Responses API, verbatim: a server tool that ran, or an unknown type. The other APIs
 * omit it.
 *
 * @since 0.1.0
 * @category content
 */
export const item = (item: { readonly type: string; readonly [field: string]: unknown }): Item => ({
  _tag: "Item",
  item
})
