/**
 * A conversation in the terms that the formats share, one entry for each thing said or done, in order. Whatever only
 * one format knows is reported when it is read. `at` is the place in the input.
 */
import type { AnthropicCacheControlDirective } from "../../../schema/Common.js"

/** @internal */
export interface Cache {
  readonly at: string
  readonly directive: AnthropicCacheControlDirective
}

/** @internal */
export interface Citation {
  readonly at: string
  readonly url: string
  readonly title: string | undefined
  readonly content: string | undefined
  readonly start: number | undefined
  readonly end: number | undefined
}

/** @internal */
export interface TextPart {
  readonly kind: "text"
  readonly at: string
  readonly text: string
  readonly cache?: Cache | undefined
  readonly citations?: ReadonlyArray<Citation>
}

/** @internal */
export interface ImagePart {
  readonly kind: "image"
  readonly at: string
  readonly url: string
  readonly detail?: string | undefined
  readonly cache?: Cache | undefined
}

/** A file is one or more of: content as a data URL, an address, the id of an upload. @internal */
export interface FilePart {
  readonly kind: "file"
  readonly at: string
  readonly data?: string | undefined
  readonly url?: string | undefined
  readonly id?: string | undefined
  readonly name?: string | undefined
  readonly cache?: Cache | undefined
}

/** @internal */
export type Part =
  | TextPart
  | ImagePart
  | FilePart
  | { readonly kind: "refusal"; readonly at: string; readonly text: string }
  | { readonly kind: "audio"; readonly at: string; readonly data: string; readonly format: string }
  | { readonly kind: "video"; readonly at: string; readonly url: string }

/** @internal */
export type Content = string | ReadonlyArray<Part>

/** @internal */
export interface Message {
  readonly kind: "message"
  readonly at: string
  readonly role: "system" | "developer" | "user"
  readonly content: Content
}

/** @internal */
export interface Said {
  readonly kind: "said"
  readonly at: string
  readonly content: Content | null
}

/** `id` and `index` as one reasoning detail of a chat message had them. @internal */
export interface Mark {
  readonly id?: string | null
  readonly index?: number | null
}

/**
 * `places` are all the values that it was read from; `bare` is reasoning that chat has as text alone, without details.
 *
 * @internal
 */
export interface Thought {
  readonly kind: "thought"
  readonly at: string
  readonly places: ReadonlyArray<string>
  readonly id: string | undefined
  readonly summaries: ReadonlyArray<string>
  readonly texts: ReadonlyArray<string>
  readonly signature: string | undefined
  readonly encrypted: string | undefined
  readonly format: string | null | undefined
  readonly marks?: ReadonlyArray<Mark> | undefined
  readonly bare?: boolean
}

/** @internal */
export interface Call {
  readonly kind: "call"
  readonly at: string
  readonly id: string
  readonly name: string
  readonly arguments: string
  readonly cache?: Cache | undefined
}

/** @internal */
export interface Output {
  readonly kind: "output"
  readonly at: string
  readonly id: string
  readonly content: Content
  readonly cache?: Cache | undefined
}

/** An image that the model made. @internal */
export interface Picture {
  readonly kind: "picture"
  readonly at: string
  readonly url: string
}

/** @internal */
export type Entry = Message | Said | Thought | Call | Output | Picture

/** @internal */
export const partsOf = (content: Content, at: string): ReadonlyArray<Part> =>
  typeof content === "string" ? [{ kind: "text", at, text: content }] : content

/**
 * Moves the cache breakpoint of a tool result to its last text, where formats without breakpoints on results have one.
 *
 * @internal
 */
export const withCacheOnText = (output: Output): Content | undefined => {
  const parts = partsOf(output.content, `${output.at}.content`)
  const last = parts.findLastIndex((part) => part.kind === "text" && part.text !== "")
  return last === -1 || output.cache === undefined
    ? undefined
    : parts.map((part, index) =>
      index === last && part.kind === "text" ? { ...part, cache: part.cache ?? output.cache } : part
    )
}
