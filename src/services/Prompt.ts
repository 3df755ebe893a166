/**
 * Chat messages and their parts, as plain data that also strict providers accept.
 *
 * @since 0.1.0
 */
import { encodeBase64 } from "../internal/effect/base64.js"
import type { ChatResult } from "../schema/Chat.js"
import type {
  ChatAssistantMessage,
  ChatContentAudio,
  ChatContentFile,
  ChatContentImage,
  ChatContentItems,
  ChatContentText,
  ChatContentVideo,
  ChatImageUrl,
  ChatToolCall
} from "../schema/ChatContent.js"
import type {
  ChatDeveloperMessage,
  ChatSystemMessage,
  ChatToolMessage,
  ChatUserMessage
} from "../schema/ChatRequest.js"
import type { AnthropicCacheControlDirective, AnthropicCacheControlTtl } from "../schema/Common.js"

/**
 * The content of a message: a text, or a list of parts. A string in the list is a text part.
 *
 * @since 0.1.0
 * @category models
 */
export type MessageContent = string | ReadonlyArray<string | ChatContentItems>

/**
 * Instructions: a text, or several texts. One of them may be the end of the cached prefix.
 *
 * @since 0.1.0
 * @category models
 */
export type Instructions = string | ReadonlyArray<string | ChatContentText>

type MessageOptions = { readonly name?: string | undefined }

const contentOf = <Part>(
  content: string | ReadonlyArray<string | Part>
): string | ReadonlyArray<Part | ChatContentText> =>
  typeof content === "string" ? content : content.map((part) => typeof part === "string" ? text(part) : part)

const nameField = ({ name }: MessageOptions) => name === undefined ? {} : { name }

/**
 * Instructions of the application.
 *
 * @since 0.1.0
 * @category constructors
 */
export const system = (content: Instructions, options: MessageOptions = {}): ChatSystemMessage => ({
  role: "system",
  content: contentOf(content),
  ...nameField(options)
})

/**
 * Instructions of the application, for newer models of OpenAI.
 *
 * @since 0.1.0
 * @category constructors
 */
export const developer = (content: Instructions, options: MessageOptions = {}): ChatDeveloperMessage => ({
  role: "developer",
  content: contentOf(content),
  ...nameField(options)
})

/**
 * A message of the user.
 *
 * @since 0.1.0
 * @category constructors
 * @example
 * ```ts
 * import { Prompt } from "effect-openrouter"
 *
 * const messages = [
 *   Prompt.system("Answer in one sentence."),
 *   Prompt.user(["What is this?", Prompt.image("https://example.com/cat.png")])
 * ]
 * ```
 */
export const user = (content: MessageContent, options: MessageOptions = {}): ChatUserMessage => ({
  role: "user",
  content: contentOf(content),
  ...nameField(options)
})

/**
 * An earlier message of the model, with a text that you write. For a real response, use {@link fromResponse}.
 *
 * @since 0.1.0
 * @category constructors
 */
export const assistant = (content: MessageContent, options: MessageOptions = {}): ChatAssistantMessage => ({
  role: "assistant",
  content: contentOf(content),
  ...nameField(options)
})

/**
 * The beginning of the response, which the model continues. It must be the last message of a request. Trailing white
 * space is removed, because providers reject it.
 *
 * @since 0.1.0
 * @category constructors
 */
export const prefill = (text: string): ChatAssistantMessage => ({ role: "assistant", content: text.trimEnd() })

/**
 * The result of a tool call, for the call or its id.
 *
 * @since 0.1.0
 * @category constructors
 */
export const tool = (call: string | Pick<ChatToolCall, "id">, content: MessageContent): ChatToolMessage => ({
  role: "tool",
  tool_call_id: typeof call === "string" ? call : call.id,
  content: contentOf(content)
})

/**
 * The message of a whole completion, for the next request: from the first choice, with tool calls and reasoning unchanged
 * and in order, and without an empty text beside tool calls. A completion without a choice gives an empty message.
 *
 * @since 0.1.0
 * @category conversions
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { Chat, Prompt } from "effect-openrouter"
 *
 * const model = "openai/gpt-5-nano"
 *
 * const program = Effect.gen(function*() {
 *   const question = [Prompt.user("A number, please.")]
 *   const first = yield* Chat.send({ model, messages: question })
 *   return yield* Chat.send({ model, messages: [...question, Prompt.fromResponse(first), Prompt.user("Double it.")] })
 * })
 * ```
 */
export const fromResponse = (result: ChatResult): ChatAssistantMessage => {
  const message = result.choices[0]?.message
  if (message === undefined) return { role: "assistant", content: "" }
  const calls = message.tool_calls ?? []
  return calls.length > 0 && message.content === "" ? { ...message, content: null } : message
}

/**
 * The same message with a cache breakpoint on its last text: the provider caches the prompt up to there, for five
 * minutes or for `ttl`. A text becomes a list of one part, because only parts can have a breakpoint. A message without
 * text cannot have one and stays as it is.
 *
 * @since 0.1.0
 * @category caching
 * @example
 * ```ts
 * import { Prompt } from "effect-openrouter"
 *
 * const manual = "…"
 * const messages = [Prompt.cached(Prompt.system(manual), "1h"), Prompt.user("Which button?")]
 * ```
 */
export function cached(text: string, ttl?: AnthropicCacheControlTtl): ChatContentText
export function cached(message: ChatSystemMessage, ttl?: AnthropicCacheControlTtl): ChatSystemMessage
export function cached(message: ChatDeveloperMessage, ttl?: AnthropicCacheControlTtl): ChatDeveloperMessage
export function cached(message: ChatUserMessage, ttl?: AnthropicCacheControlTtl): ChatUserMessage
export function cached(message: ChatAssistantMessage, ttl?: AnthropicCacheControlTtl): ChatAssistantMessage
export function cached(message: ChatToolMessage, ttl?: AnthropicCacheControlTtl): ChatToolMessage
export function cached(
  message: string | ChatSystemMessage | ChatDeveloperMessage | ChatUserMessage | ChatAssistantMessage | ChatToolMessage,
  ttl?: AnthropicCacheControlTtl
): Exclude<typeof message, string> | ChatContentText {
  if (typeof message === "string") return { type: "text", text: message, cache_control: cacheControl(ttl) }
  switch (message.role) {
    case "system":
    case "developer":
      return { ...message, content: withBreakpoint(message.content, ttl) }
    case "user":
    case "tool":
      return { ...message, content: withBreakpoint(message.content, ttl) }
    case "assistant":
      return message.content === null || message.content === undefined
        ? message
        : { ...message, content: withBreakpoint(message.content, ttl) }
  }
}

const withBreakpoint = <Part extends ChatContentItems>(
  content: string | ReadonlyArray<Part>,
  ttl: AnthropicCacheControlTtl | undefined
): string | ReadonlyArray<Part | ChatContentText> => {
  // An empty text cannot have a breakpoint
  if (typeof content === "string") return content === "" ? content : [cached(content, ttl)]
  const last = content.findLastIndex((part) => isText(part) && part.text !== "")
  return content.map((part, index) =>
    index === last && isText(part) ? { ...part, cache_control: cacheControl(ttl) } : part
  )
}

const isText = (part: ChatContentItems): part is ChatContentText => part.type === "text"

/**
 * Bytes and their media type: `image/png`, `video/mp4`, `application/pdf`.
 *
 * @since 0.1.0
 * @category models
 */
export interface Bytes {
  readonly bytes: Uint8Array
  readonly mediaType: string
}

/**
 * The source of a part: an `http(s):` or `data:` URL, or bytes, which are sent with the request.
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
export const dataUrl = ({ bytes, mediaType }: Bytes): string => `data:${mediaType};base64,${encodeBase64(bytes)}`

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
 * An image. `detail` sets the resolution at which the model sees it, and so its price.
 *
 * @since 0.1.0
 * @category constructors
 * @example
 * ```ts
 * import { Chat, Prompt } from "effect-openrouter"
 *
 * const describe = (png: Uint8Array) =>
 *   Chat.send({
 *     model: "openai/gpt-5-nano",
 *     messages: [Prompt.user([
 *       Prompt.text("What is the difference?"),
 *       Prompt.image({ bytes: png, mediaType: "image/png" }, { detail: "low" }),
 *       Prompt.image("https://example.com/after.png")
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
 * A file, such as a PDF, by URL or as bytes. Models that cannot read the file receive its text.
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
export const uploadedFile = (file_id: string): ChatContentFile => ({ type: "file", file: { file_id } })

/**
 * Audio. Unlike other parts it takes no URL, and its data has no prefix; `format` is a name such as `wav` or `mp3`, not
 * a media type.
 *
 * @since 0.1.0
 * @category constructors
 */
export const audio = (bytes: Uint8Array, format: string): ChatContentAudio => ({
  type: "input_audio",
  input_audio: { data: encodeBase64(bytes), format }
})

/**
 * A video.
 *
 * @since 0.1.0
 * @category constructors
 */
export const video = (source: Source): ChatContentVideo => ({ type: "video_url", video_url: { url: urlOf(source) } })

/**
 * A cache breakpoint: the end of a prefix that the provider caches, for five minutes or for `ttl`.
 *
 * @since 0.1.0
 * @category caching
 */
export const cacheControl = (ttl?: AnthropicCacheControlTtl): AnthropicCacheControlDirective => ({
  type: "ephemeral",
  ...(ttl === undefined ? {} : { ttl })
})
