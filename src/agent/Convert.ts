/**
 * Converts messages between formats: chat completions, Anthropic messages, and items of the Responses API, which the agent
 * uses. Each function returns the converted value, as every provider takes it, and a list of everything that the target
 * format cannot express.
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
import { readClaude, toMessagesResult } from "./internal/convert/readMessages.js"
import { styleOf } from "./internal/convert/style.js"
import { tidy } from "./internal/convert/tidy.js"
import { writeChat, writeResponse } from "./internal/convert/writeChat.js"
import { writeItems } from "./internal/convert/writeItems.js"
import { writeClaude } from "./internal/convert/writeMessages.js"

export { type Conversion, isFaithful, type Loss, type Unsupported } from "./internal/convert/conversion.js"

/**
 * A message in Anthropic's format: of a request, or a response as it arrived.
 *
 * @since 0.1.0
 * @category models
 */
export interface ClaudeMessage {
  readonly role: "user" | "assistant" | "system" | (string & {})
  readonly content: string | ReadonlyArray<MessagesContentBlockParam | ORAnthropicContentBlock>
}

/**
 * The messages of a Messages request, with the first instructions in `system`.
 *
 * @since 0.1.0
 * @category models
 */
export interface ClaudePrompt {
  readonly system?: string | ReadonlyArray<AnthropicTextBlockParam>
  readonly messages: ReadonlyArray<MessagesMessageParam>
}

/**
 * Input in Anthropic's format: messages, or messages with their `system`.
 *
 * @since 0.1.0
 * @category models
 */
export type ClaudeInput =
  | ReadonlyArray<ClaudeMessage>
  | { readonly system?: ClaudePrompt["system"] | undefined; readonly messages: ReadonlyArray<ClaudeMessage> }

/**
 * An item of a request or of a response of the Responses API.
 *
 * @since 0.1.0
 * @category models
 */
export type Item = InputItem | OutputItems

type Reader<I> = (input: I, report: Report) => ReadonlyArray<Entry>

type Writer<A> = (entries: ReadonlyArray<Entry>, report: Report) => A

const converter = <I, A>(read: Reader<I>, write: Writer<A>) => (input: I): Conversion<A> => {
  const report = new Report(input)
  const value = write(tidy(read(input, report), report), report)
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

/** Fields that repeat the request are ignored; the error of a response is reported. */
const readResponse: Reader<OpenResponsesResult> = (response, report) => {
  report.add("content", "error", response.error, "a message has no place for the error of its response")
  return readItems(response.output, "output.", report)
}

/**
 * Converts chat messages to items for the `input` of the Responses API.
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
 * Converts items to chat messages. Reasoning, text and calls of one turn become one message.
 *
 * @since 0.1.0
 * @category to other formats
 */
export const toChatMessages: (items: ReadonlyArray<Item>) => Conversion<ReadonlyArray<ChatMessages>> = converter(
  readItemList,
  writeChat
)

/**
 * Converts a response to one chat message with all its text, calls and reasoning. The content of an empty response is
 * `null`.
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
    report.add("setting", "incomplete_details", incomplete, "a chat message has no place for the reason of its end")
    return readResponse(response, report)
  },
  writeResponse
)

/**
 * Converts Anthropic messages, with or without `system`, to items for the `input` of the Responses API.
 *
 * @since 0.1.0
 * @category from other formats
 */
export const fromClaudeMessages: (input: ClaudeInput) => Conversion<ReadonlyArray<InputItem>> = converter(
  readClaudeInput,
  writeItems
)

/**
 * Converts items to the `system` and `messages` of a Messages request.
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
 * Converts a response to a response of the Messages API, with its stop reason, tokens and cost.
 *
 * @since 0.1.0
 * @category to other formats
 */
export const toClaudeMessage = (response: OpenResponsesResult): Conversion<MessagesResult> => {
  const { unsupported, value } = converter(readResponse, writeClaude)(response)
  return { value: toMessagesResult(response, value.messages), unsupported }
}

/**
 * Converts chat messages to the `system` and `messages` of a Messages request, directly: cache lifetimes stay, too.
 *
 * @since 0.1.0
 * @category between other formats
 */
export const chatToClaude: (messages: ReadonlyArray<ChatMessages>) => Conversion<ClaudePrompt> = converter(
  readChat,
  writePrompt
)

/**
 * Converts Anthropic messages, with or without `system`, to chat messages, directly: cache lifetimes stay, too.
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
 * Whether a value is a list of messages that only chat completions have, such as tool messages, tool calls or `image_url`
 * parts. Not for messages of plain text, because they are items as well.
 *
 * @since 0.1.0
 * @category guards
 */
export const isChatStyleMessages = (input: unknown): input is ReadonlyArray<ChatMessages> =>
  styleOf(input) === "chat" && isChat(input)

/**
 * Whether a value is a list of messages that only Anthropic has, such as `tool_use` or `image` blocks. Not for messages of
 * plain text, because they are items as well.
 *
 * @since 0.1.0
 * @category guards
 */
export const isClaudeStyleMessages = (input: unknown): input is ReadonlyArray<MessagesMessageParam> =>
  styleOf(input) === "claude" && isClaude(input)

/**
 * Converts any input to items: a text becomes a message of the user, items stay unchanged, chat and Anthropic messages are
 * converted. A list that mixes formats is treated as items.
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
