/**
 * Messages in one format as messages in another: chat completions, Anthropic messages, and responses items, which the
 * agent works with. Each function returns the converted value with a list of what the target format cannot say; nothing
 * is left out silently.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import type { ChatAssistantMessage } from "../schema/ChatContent.js"
import { ChatMessages } from "../schema/ChatRequest.js"
import { guard } from "../schema/guard.js"
import type { MessagesResult } from "../schema/Messages.js"
import type { AnthropicTextBlockParam } from "../schema/MessagesBlocksRequest.js"
import type { ORAnthropicContentBlock } from "../schema/MessagesContent.js"
import { type MessagesContentBlockParam, MessagesMessageParam } from "../schema/MessagesContentRequest.js"
import { lazy } from "../schema/prelude.js"
import type { OpenResponsesResult } from "../schema/Responses.js"
import type { OutputItems } from "../schema/ResponsesItems.js"
import type { InputItem } from "../schema/ResponsesItemsRequest.js"
import { type Conversion, Report } from "./internal/convert/conversion.js"
import type { Entry } from "./internal/convert/entry.js"
import { readChat } from "./internal/convert/readChat.js"
import { readItems } from "./internal/convert/readItems.js"
import { claudeReply, readClaude } from "./internal/convert/readMessages.js"
import { styleOf } from "./internal/convert/style.js"
import { writeChat, writeReply } from "./internal/convert/writeChat.js"
import { writeItems } from "./internal/convert/writeItems.js"
import { writeClaude } from "./internal/convert/writeMessages.js"

export { type Conversion, isFaithful, type Loss, type Unsupported } from "./internal/convert/conversion.js"

/**
 * A message of Anthropic's format: of a request, or a reply as it came.
 *
 * @since 0.1.0
 * @category models
 */
export interface ClaudeMessage {
  readonly role: "user" | "assistant" | "system" | (string & {})
  readonly content: string | ReadonlyArray<MessagesContentBlockParam | ORAnthropicContentBlock>
}

/**
 * The conversation of a Messages request, where the first instructions stand beside the messages.
 *
 * @since 0.1.0
 * @category models
 */
export interface ClaudePrompt {
  readonly system?: string | ReadonlyArray<AnthropicTextBlockParam>
  readonly messages: ReadonlyArray<MessagesMessageParam>
}

/**
 * What Anthropic's format is read from: messages, or messages with their instructions.
 *
 * @since 0.1.0
 * @category models
 */
export type ClaudeInput =
  | ReadonlyArray<ClaudeMessage>
  | { readonly system?: ClaudePrompt["system"] | undefined; readonly messages: ReadonlyArray<ClaudeMessage> }

/**
 * An item that may be sent to the Responses API or came from it.
 *
 * @since 0.1.0
 * @category models
 */
export type Item = InputItem | OutputItems

type Reader<I> = (input: I, report: Report) => ReadonlyArray<Entry>

type Writer<A> = (entries: ReadonlyArray<Entry>, report: Report) => A

const converter = <I, A>(read: Reader<I>, write: Writer<A>) => (input: I): Conversion<A> => {
  const report = new Report(input)
  const value = write(read(input, report), report)
  return { value, unsupported: report.unsupported }
}

const readClaudeInput: Reader<ClaudeInput> = (input, report) =>
  "messages" in input
    ? readClaude(input.system, input.messages, "messages.", report)
    : readClaude(undefined, input, "", report)

const writePrompt: Writer<ClaudePrompt> = (entries, report) => {
  const { messages, system } = writeClaude(entries, report)
  return system === undefined ? { messages } : { system, messages }
}

const readItemList: Reader<ReadonlyArray<Item>> = (items, report) => readItems(items, "", report)

/** What a response echoes of its request is no part of the reply; how it failed is. */
const readResponse: Reader<OpenResponsesResult> = (response, report) => {
  report.add("content", "error", response.error, "a message cannot say that its response failed")
  return readItems(response.output, "output.", report)
}

/**
 * Chat messages as items for the `input` of the Responses API.
 *
 * @example
 * ```ts
 * import { Convert } from "effect-openrouter"
 *
 * const { unsupported, value } = Convert.fromChatMessages([
 *   { role: "user", content: "Weather in Paris?" },
 *   {
 *     role: "assistant",
 *     content: null,
 *     tool_calls: [{ id: "call_1", type: "function", function: { name: "get_weather", arguments: "{}" } }]
 *   },
 *   { role: "tool", tool_call_id: "call_1", content: "Sunny" }
 * ])
 * console.log(value.map((item) => item.type), unsupported) // [undefined, "function_call", "function_call_output"], []
 * ```
 *
 * @since 0.1.0
 * @category from other formats
 */
export const fromChatMessages: (
  messages: ReadonlyArray<ChatMessages>
) => Conversion<ReadonlyArray<InputItem>> = converter(readChat, writeItems)

/**
 * Items as chat messages. Reasoning, words and calls of one turn become one message.
 *
 * @since 0.1.0
 * @category to other formats
 */
export const toChatMessages: (items: ReadonlyArray<Item>) => Conversion<ReadonlyArray<ChatMessages>> = converter(
  readItemList,
  writeChat
)

/**
 * A response as one chat message with all its texts, calls and reasoning; without any, its content is `null`.
 *
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { Convert, Responses } from "effect-openrouter"
 *
 * const reply = Responses.send({ model: "openai/gpt-5-nano", input: "Hello!" }).pipe(
 *   Effect.map((response) => Convert.toChatMessage(response).value)
 * )
 * ```
 *
 * @since 0.1.0
 * @category to other formats
 */
export const toChatMessage: (response: OpenResponsesResult) => Conversion<ChatAssistantMessage> = converter(
  (response, report) => {
    const { incomplete_details: incomplete } = response
    report.add("setting", "incomplete_details", incomplete, "a chat message cannot say why it ended")
    return readResponse(response, report)
  },
  writeReply
)

/**
 * Anthropic messages, with or without their `system`, as items for the `input` of the Responses API.
 *
 * @since 0.1.0
 * @category from other formats
 */
export const fromClaudeMessages: (input: ClaudeInput) => Conversion<ReadonlyArray<InputItem>> = converter(
  readClaudeInput,
  writeItems
)

/**
 * Items as the `system` and `messages` of a Messages request.
 *
 * @example
 * ```ts
 * import { Convert, Messages } from "effect-openrouter"
 *
 * const prompt = Convert.toClaudeMessages([{ role: "system", content: "Be brief." }, { role: "user", content: "Hello!" }])
 * const reply = Messages.send({ model: "anthropic/claude-sonnet-4.5", max_tokens: 100, ...prompt.value })
 * ```
 *
 * @since 0.1.0
 * @category to other formats
 */
export const toClaudeMessages: (items: ReadonlyArray<Item>) => Conversion<ClaudePrompt> = converter(
  readItemList,
  writePrompt
)

/**
 * A response as a reply of the Messages API, with its reason to stop, tokens and cost.
 *
 * @since 0.1.0
 * @category to other formats
 */
export const toClaudeMessage = (response: OpenResponsesResult): Conversion<MessagesResult> => {
  const { unsupported, value } = converter(readResponse, writeClaude)(response)
  return { value: claudeReply(response, value.messages), unsupported }
}

/**
 * Chat messages as the `system` and `messages` of a Messages request, without a detour: cache lifetimes stay, too.
 *
 * @since 0.1.0
 * @category between other formats
 */
export const chatToClaude: (messages: ReadonlyArray<ChatMessages>) => Conversion<ClaudePrompt> = converter(
  readChat,
  writePrompt
)

/**
 * Anthropic messages, with or without their `system`, as chat messages, without a detour: cache lifetimes stay, too.
 *
 * @since 0.1.0
 * @category between other formats
 */
export const claudeToChat: (input: ClaudeInput) => Conversion<ReadonlyArray<ChatMessages>> = converter(
  readClaudeInput,
  writeChat
)

const isChat = guard(lazy(() => Schema.Array(ChatMessages)))
const isClaude = guard(lazy(() => Schema.Array(MessagesMessageParam)))

/**
 * Whether a value is a list of messages that only chat completions can have, such as tool messages, tool calls or
 * `image_url` parts. Messages of plain text may be items as well, and are not.
 *
 * @since 0.1.0
 * @category guards
 */
export const isChatStyleMessages = (input: unknown): input is ReadonlyArray<ChatMessages> =>
  styleOf(input) === "chat" && isChat(input)

/**
 * Whether a value is a list of messages that only Anthropic can have, such as `tool_use` or `image` blocks. Messages of
 * plain text may be items as well, and are not.
 *
 * @since 0.1.0
 * @category guards
 */
export const isClaudeStyleMessages = (input: unknown): input is ReadonlyArray<MessagesMessageParam> =>
  styleOf(input) === "claude" && isClaude(input)

/**
 * Whatever a user may have as input, as items: a text is what the user says, items stay as they are, chat and Anthropic
 * messages are converted. A list that mixes formats is taken for items.
 *
 * @since 0.1.0
 * @category from other formats
 */
export const toItems = (
  input: string | ReadonlyArray<InputItem> | ReadonlyArray<ChatMessages> | ReadonlyArray<MessagesMessageParam>
): Conversion<ReadonlyArray<InputItem>> => {
  if (typeof input === "string") return { value: [{ role: "user", content: input }], unsupported: [] }
  if (isChatStyleMessages(input)) return fromChatMessages(input)
  if (isClaudeStyleMessages(input)) return fromClaudeMessages(input)
  return { value: input, unsupported: [] }
}
