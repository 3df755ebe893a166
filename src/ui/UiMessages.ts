/**
 * Messages of `useChat`: what they say to a run, and those of a stored conversation.
 *
 * @since 0.1.0
 */
import type { Log } from "../agent/Conversation.js"
import type { InputItem } from "../schema/ResponsesItemsRequest.js"
import { MessageReader } from "./internal/fromLog.js"
import type { ReceivedMessage, UiMessage } from "./internal/message.js"
import * as Received from "./internal/received.js"

export type { ReceivedMessage, ReceivedPart, UiMessage, UiPart } from "./internal/message.js"
export type { Ask } from "./internal/received.js"

/**
 * What the last message asks for: the user's words as input, approvals, rejections and answers. The server has the messages
 * before it in a stored conversation. A browser can send anything: give it to `Agent.stream` with `conversation`, which takes the
 * arguments of a call from the store, and drop decisions about calls that do not wait, as `UiChat.handler` does.
 *
 * @since 0.1.0
 * @category reading
 * @example
 * ```ts
 * import { Agent } from "effect-openrouter"
 * import { UiMessages } from "effect-openrouter/ui"
 *
 * const answer = (conversation: string, messages: ReadonlyArray<UiMessages.ReceivedMessage>) =>
 *   Agent.stream({ model: "openai/gpt-5-nano", conversation, ...UiMessages.lastOf(messages) })
 * ```
 */
export const lastOf = (messages: ReadonlyArray<ReceivedMessage>): Received.Ask => Received.askOf(messages.at(-1))

/**
 * All messages as items, for a server without a store. Each word of them is the browser's: it may have changed what the model
 * said and what tools returned. Reasoning and calls without an output are left out.
 *
 * @since 0.1.0
 * @category reading
 * @example
 * ```ts
 * import { Agent } from "effect-openrouter"
 * import { UiMessages } from "effect-openrouter/ui"
 *
 * const answer = (messages: ReadonlyArray<UiMessages.ReceivedMessage>) =>
 *   Agent.stream({ model: "openai/gpt-5-nano", input: UiMessages.historyOf(messages) })
 * ```
 */
export const historyOf = (messages: ReadonlyArray<ReceivedMessage>): ReadonlyArray<InputItem> =>
  Received.historyOf(messages)

/**
 * The messages of a stored conversation, for a page that loads. They have the parts that the browser had when it read the
 * streams of the runs, and the calls that wait for an approval.
 *
 * @since 0.1.0
 * @category reading
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { Conversation } from "effect-openrouter"
 * import { UiMessages } from "effect-openrouter/ui"
 *
 * const messages = Effect.map(Conversation.load("user-17"), (log) => UiMessages.fromLog(log))
 * ```
 */
export const fromLog = (
  log: Log,
  options: {
    /** Whether the browser has no type for a tool. Default: it has one for each. */
    readonly dynamic?: ((tool: string) => boolean) | undefined
  } = {}
): ReadonlyArray<UiMessage> => new MessageReader(options.dynamic ?? (() => false)).read(log)
