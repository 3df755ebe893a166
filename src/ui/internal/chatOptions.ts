/** What a chat is told. */
import type * as Duration from "effect/Duration"
import type * as Effect from "effect/Effect"
import type * as Stream from "effect/Stream"
import type { Run } from "../../agent/Agent.js"
import type { AgentEvent } from "../../agent/AgentStream.js"
import type * as Tool from "../../agent/Tool.js"
import type { Protocol } from "./finishReason.js"
import type { Ask } from "./received.js"

/**
 * What a message asks for, as options of a run: the conversation, the user's words, and his decisions about calls that wait.
 *
 * @since 0.1.0
 * @category models
 */
export interface RunOptions extends Ask {
  readonly conversation: string
}

/**
 * Options of a chat.
 *
 * @since 0.1.0
 * @category models
 */
export interface Options<E, R, E2, R2> {
  /** The run that answers. Give all of `options` to it: `Agent.stream({ model, tools, ...options })`. */
  readonly run: (options: RunOptions) => Stream.Stream<AgentEvent<Tool.Any, unknown>, E, R>
  /**
   * The id of the stored conversation. A browser chooses the id of a chat, so it must not be the id alone: put the user in
   * front of it, whom you know from the request.
   */
  readonly conversation: (chat: string) => Effect.Effect<string, E2, R2>
  /** The line of the protocol that all browsers understand. Default 6. */
  readonly protocol?: Protocol | undefined
  /** Whether the browser has no type for a tool, as for tools of an MCP server. Default: it has one for each. */
  readonly dynamic?: ((tool: string) => boolean) | undefined
  /** The metadata of the message at the end of a run. Default: `{ outcome, usage, cost }`, of all that it took. */
  readonly metadata?: ((run: Run<unknown>) => unknown) | undefined
  /** What the browser shows of a failure. Default: a sentence without any detail. */
  readonly errorText?: ((error: unknown) => string) | undefined
  /** How long a run goes on that nobody reads. `"infinity"` lets each run come to its end. Default 10 seconds. */
  readonly stopUnreadAfter?: Duration.DurationInput | "infinity" | undefined
  /** After this time the response begins, though the run has shown nothing. Default 15 seconds. */
  readonly answerWithin?: Duration.DurationInput | undefined
  /** The time between comments that keep a connection open. Default 15 seconds. */
  readonly keepAlive?: Duration.DurationInput | undefined
}
