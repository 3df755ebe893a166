/**
 * The parts of a chat message: plain data, made without the usual slips of data URLs, media types and formats.
 *
 * @since 0.1.0
 */
import * as Encoding from "effect/Encoding"
import type {
  ChatContentAudio,
  ChatContentFile,
  ChatContentImage,
  ChatContentText,
  ChatContentVideo,
  ChatImageUrl
} from "../schema/ChatContent.js"
import type { AnthropicCacheControlDirective, AnthropicCacheControlTtl } from "../schema/Common.js"

/**
 * Bytes, and what they are: `image/png`, `video/mp4`, `application/pdf`.
 *
 * @since 0.1.0
 * @category models
 */
export interface Bytes {
  readonly bytes: Uint8Array
  readonly mediaType: string
}

/**
 * Where the content of a part comes from: an `http(s):` or `data:` URL, or bytes to be sent along.
 *
 * @since 0.1.0
 * @category models
 */
export type Source = string | URL | Bytes

/**
 * Bytes as a `data:` URL.
 *
 * @since 0.1.0
 * @category encoding
 */
export const dataUrl = ({ bytes, mediaType }: Bytes): string =>
  `data:${mediaType};base64,${Encoding.encodeBase64(bytes)}`

const urlOf = (source: Source): string =>
  typeof source === "string" ? source : source instanceof URL ? source.href : dataUrl(source)

/**
 * Text.
 *
 * @since 0.1.0
 * @category constructors
 */
export const text = (text: string): ChatContentText => ({ type: "text", text })

/**
 * An image. `detail` says how closely the model looks, and so what it costs.
 *
 * @since 0.1.0
 * @category constructors
 * @example
 * ```ts
 * import { Chat, Content, Message } from "effect-openrouter"
 *
 * const describe = (png: Uint8Array) =>
 *   Chat.send({
 *     model: "openai/gpt-5-nano",
 *     messages: [Message.user([
 *       Content.text("What is the difference?"),
 *       Content.image({ bytes: png, mediaType: "image/png" }, { detail: "low" }),
 *       Content.image("https://example.com/after.png")
 *     ])]
 *   })
 * ```
 */
export const image = (
  source: Source,
  options: { readonly detail?: ChatImageUrl["detail"] } = {}
): ChatContentImage => ({
  type: "image_url",
  image_url: { url: urlOf(source), ...(options.detail === undefined ? {} : { detail: options.detail }) }
})

/**
 * A file for the model to read, such as a PDF, by URL or as bytes. Models that cannot read it themselves get its text.
 *
 * @since 0.1.0
 * @category constructors
 */
export const file = (source: Source, filename: string): ChatContentFile => ({
  type: "file",
  file: { filename, file_data: urlOf(source) }
})

/**
 * A file that was uploaded before, by its id.
 *
 * @since 0.1.0
 * @category constructors
 */
export const uploaded = (file_id: string): ChatContentFile => ({ type: "file", file: { file_id } })

/**
 * Sound for the model to hear. Unlike other parts it takes no URL, and its data goes without a prefix; `format` is a
 * name such as `wav` or `mp3`, and no media type.
 *
 * @since 0.1.0
 * @category constructors
 */
export const audio = (bytes: Uint8Array, format: string): ChatContentAudio => ({
  type: "input_audio",
  input_audio: { data: Encoding.encodeBase64(bytes), format }
})

/**
 * A video for the model to watch.
 *
 * @since 0.1.0
 * @category constructors
 */
export const video = (source: Source): ChatContentVideo => ({ type: "video_url", video_url: { url: urlOf(source) } })

/**
 * What marks the end of a prefix that the provider keeps: for five minutes, or as long as `ttl` says.
 *
 * @since 0.1.0
 * @category caching
 */
export const cacheControl = (ttl?: AnthropicCacheControlTtl): AnthropicCacheControlDirective => ({
  type: "ephemeral",
  ...(ttl === undefined ? {} : { ttl })
})

/**
 * Text up to which the prompt is kept in the provider's cache.
 *
 * @since 0.1.0
 * @category caching
 */
export const cached = (text: string, ttl?: AnthropicCacheControlTtl): ChatContentText => ({
  type: "text",
  text,
  cache_control: cacheControl(ttl)
})
