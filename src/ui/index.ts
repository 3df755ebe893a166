/**
 * Chats and agents for browsers.
 *
 * @since 0.1.0
 */

/**
 * The events of a run as JSON.
 *
 * @since 0.1.0
 */
export * as AgentEvents from "./AgentEvents.js"

/**
 * Any stream as a response of server-sent events.
 *
 * @since 0.1.0
 */
export * as Sse from "./Sse.js"

/**
 * The streams of chats that several processes share.
 *
 * @since 0.1.0
 */
export * as StreamLog from "./StreamLog.js"

/**
 * The server side of `useChat`.
 *
 * @since 0.1.0
 */
export * as UiChat from "./UiChat.js"

/**
 * Messages of `useChat`, to and from a run.
 *
 * @since 0.1.0
 */
export * as UiMessages from "./UiMessages.js"

/**
 * Runs and chat completions as the UI message stream of the AI SDK.
 *
 * @since 0.1.0
 */
export * as UiStream from "./UiStream.js"
