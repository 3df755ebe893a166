/**
 * Chat messages: plain data, made so that what providers are strict about is right.
 *
 * @since 0.1.0
 */
import type { ChatResult } from "../schema/Chat.js"
import type { ChatAssistantMessage, ChatContentItems, ChatContentText, ChatToolCall } from "../schema/ChatContent.js"
import type {
  ChatDeveloperMessage,
  ChatSystemMessage,
  ChatToolMessage,
  ChatUserMessage
} from "../schema/ChatRequest.js"
import type { AnthropicCacheControlTtl } from "../schema/Common.js"
import * as Content from "./Content.js"

/**
 * What is said: a text, or a list of parts among which a string is text.
 *
 * @since 0.1.0
 * @category models
 */
export type Said = string | ReadonlyArray<string | ChatContentItems>

/**
 * Instructions: a text, or several, one of which may end what the provider caches.
 *
 * @since 0.1.0
 * @category models
 */
export type Instructions = string | ReadonlyArray<string | ChatContentText>

type Named = { readonly name?: string | undefined }

const contentOf = <Part>(said: string | ReadonlyArray<string | Part>): string | ReadonlyArray<Part | ChatContentText> =>
  typeof said === "string" ? said : said.map((part) => typeof part === "string" ? Content.text(part) : part)

const named = ({ name }: Named) => name === undefined ? {} : { name }

/**
 * Instructions of the application.
 *
 * @since 0.1.0
 * @category constructors
 */
export const system = (content: Instructions, options: Named = {}): ChatSystemMessage => ({
  role: "system",
  content: contentOf(content),
  ...named(options)
})

/**
 * Instructions of the application, as newer models of OpenAI call them.
 *
 * @since 0.1.0
 * @category constructors
 */
export const developer = (content: Instructions, options: Named = {}): ChatDeveloperMessage => ({
  role: "developer",
  content: contentOf(content),
  ...named(options)
})

/**
 * What the user says.
 *
 * @since 0.1.0
 * @category constructors
 * @example
 * ```ts
 * import { Content, Message } from "effect-openrouter"
 *
 * const messages = [
 *   Message.system("Answer in one sentence."),
 *   Message.user(["What is this?", Content.image("https://example.com/cat.png")])
 * ]
 * ```
 */
export const user = (content: Said, options: Named = {}): ChatUserMessage => ({
  role: "user",
  content: contentOf(content),
  ...named(options)
})

/**
 * What the model said earlier, in words of your own making. For what it did say, see {@link reply}.
 *
 * @since 0.1.0
 * @category constructors
 */
export const assistant = (content: Said, options: Named = {}): ChatAssistantMessage => ({
  role: "assistant",
  content: contentOf(content),
  ...named(options)
})

/**
 * The beginning of the answer, for the model to go on from: the last message of a request. White space at its end, which
 * providers refuse, is cut off.
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
export const tool = (call: string | Pick<ChatToolCall, "id">, content: Said): ChatToolMessage => ({
  role: "tool",
  tool_call_id: typeof call === "string" ? call : call.id,
  content: contentOf(content)
})

/**
 * The message of a whole completion, of its first choice, as it has to be sent back: tool calls and reasoning untouched
 * and in order, and no empty text beside tool calls. A completion without a choice gives an empty message.
 *
 * @since 0.1.0
 * @category conversions
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { Chat, Message } from "effect-openrouter"
 *
 * const model = "openai/gpt-5-nano"
 *
 * const program = Effect.gen(function*() {
 *   const question = [Message.user("A number, please.")]
 *   const first = yield* Chat.send({ model, messages: question })
 *   return yield* Chat.send({ model, messages: [...question, Message.reply(first), Message.user("Double it.")] })
 * })
 * ```
 */
export const reply = (result: ChatResult): ChatAssistantMessage => {
  const message = result.choices[0]?.message
  if (message === undefined) return { role: "assistant", content: "" }
  const calls = message.tool_calls ?? []
  return calls.length > 0 && message.content === "" ? { ...message, content: null } : message
}

/**
 * The same message with a cache breakpoint on its last text: the provider keeps the prompt up to there, for five minutes
 * or as long as `ttl` says. A text becomes a list of one part, as only parts can hold a breakpoint; a message without
 * text cannot hold one and stays as it is.
 *
 * @since 0.1.0
 * @category caching
 * @example
 * ```ts
 * import { Message } from "effect-openrouter"
 *
 * const manual = "…"
 * const messages = [Message.cached(Message.system(manual), "1h"), Message.user("Which button?")]
 * ```
 */
export function cached(message: ChatSystemMessage, ttl?: AnthropicCacheControlTtl): ChatSystemMessage
export function cached(message: ChatDeveloperMessage, ttl?: AnthropicCacheControlTtl): ChatDeveloperMessage
export function cached(message: ChatUserMessage, ttl?: AnthropicCacheControlTtl): ChatUserMessage
export function cached(message: ChatAssistantMessage, ttl?: AnthropicCacheControlTtl): ChatAssistantMessage
export function cached(message: ChatToolMessage, ttl?: AnthropicCacheControlTtl): ChatToolMessage
export function cached(
  message: ChatSystemMessage | ChatDeveloperMessage | ChatUserMessage | ChatAssistantMessage | ChatToolMessage,
  ttl?: AnthropicCacheControlTtl
): typeof message {
  switch (message.role) {
    case "system":
    case "developer":
      return { ...message, content: marked(message.content, ttl) }
    case "user":
    case "tool":
      return { ...message, content: marked(message.content, ttl) }
    case "assistant":
      return message.content === null || message.content === undefined
        ? message
        : { ...message, content: marked(message.content, ttl) }
  }
}

const marked = <Part extends ChatContentItems>(
  content: string | ReadonlyArray<Part>,
  ttl: AnthropicCacheControlTtl | undefined
): string | ReadonlyArray<Part | ChatContentText> => {
  // An empty text cannot hold a breakpoint either
  if (typeof content === "string") return content === "" ? content : [Content.cached(content, ttl)]
  const last = content.findLastIndex((part) => isText(part) && part.text !== "")
  return content.map((part, index) =>
    index === last && isText(part) ? { ...part, cache_control: Content.cacheControl(ttl) } : part
  )
}

const isText = (part: ChatContentItems): part is ChatContentText => part.type === "text"
