/**
 * A conversation in the terms that all formats share, as a list of entries. Readers report what only one format knows.
 * `at` is the path in the input.
 */
import * as Hash from "effect/Hash"
import { decodeBase64Text, encodeBase64 } from "../../../internal/effect/base64.js"
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

/** A file has one or more of: content as a data URL, a URL, the id of an upload. @internal */
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
export interface AssistantMessage {
  readonly kind: "assistant"
  readonly at: string
  readonly content: Content | null
}

/** `id` and `index` of one reasoning detail of a chat message. @internal */
export interface Mark {
  readonly id?: string | null
  readonly index?: number | null
}

/**
 * `paths` are the paths of all values from which it was read. `bare` marks reasoning that a chat message has as text only.
 *
 * @internal
 */
export interface Reasoning {
  readonly kind: "reasoning"
  readonly at: string
  readonly paths: ReadonlyArray<string>
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

/** An image that the model generated. @internal */
export interface GeneratedImage {
  readonly kind: "generated_image"
  readonly at: string
  readonly url: string
}

/** @internal */
export type Entry = Message | AssistantMessage | Reasoning | Call | Output | GeneratedImage

/** @internal */
export const partsOf = (content: Content, at: string): ReadonlyArray<Part> =>
  typeof content === "string" ? [{ kind: "text", at, text: content }] : content

/**
 * Moves the cache breakpoint of a tool result to its last text, for formats without breakpoints on results.
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

const made = /^(?:rs|msg|ig)_(made|text)_[0-9a-z]+(?:_\d+)?$/

/** Whether this library made the id, so that no other system has it. @internal */
export const isMade = (id: unknown): boolean => typeof id === "string" && made.test(id)

/** Whether the id marks reasoning that arrived as text only. @internal */
export const isBare = (id: string): boolean => made.exec(id)?.[1] === "text"

/** @internal */
export class Ids {
  private readonly used = new Map<string, number>()

  make(prefix: "rs_made" | "rs_text" | "msg_made" | "ig_made", content: string): string {
    const id = `${prefix}_${(Hash.string(content) >>> 0).toString(36)}`
    const times = this.used.get(id) ?? 0
    this.used.set(id, times + 1)
    return times === 0 ? id : `${id}_${times + 1}`
  }
}

/** @internal */
export interface Inline {
  readonly mediaType: string
  readonly base64: string
}

/** @internal */
export const isAddress = (value: string): boolean => /^https?:/i.test(value)

/** @internal */
export const isDataUrl = (value: string): boolean => /^data:/i.test(value)

/** @internal */
export const toDataUrl = ({ base64, mediaType }: Inline): string => `data:${mediaType};base64,${base64}`

/** The parts of a base64 data URL, or `undefined` for any other string. @internal */
export const fromDataUrl = (url: string): Inline | undefined => {
  const comma = url.indexOf(",")
  const head = isDataUrl(url) ? /^data:(.*);base64$/i.exec(url.slice(0, comma)) : null
  return head?.[1] === undefined ? undefined : { mediaType: head[1], base64: url.slice(comma + 1) }
}

/** Text as a data URL, or `undefined` if half characters would be lost. @internal */
export const textToDataUrl = (mediaType: string, text: string): string | undefined => {
  const base64 = encodeBase64(text)
  return textOfBase64(base64) === text ? toDataUrl({ mediaType, base64 }) : undefined
}

/** @internal */
export const textOfBase64 = (base64: string): string | undefined => decodeBase64Text(base64)

const png = "data:image/png;base64,"

/** The `result` of an image generation: base64 alone where it is PNG, else the whole URL. @internal */
export const toImageResult = (url: string): string => url.startsWith(png) ? url.slice(png.length) : url

/** @internal */
export const fromImageResult = (result: string): string =>
  isDataUrl(result) || isAddress(result) ? result : `${png}${result}`
