/**
 * The streams of chats that several processes share, so that a browser can connect again to any of them.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import type * as Stream from "effect/Stream"

/**
 * The shared log failed. The run goes on, and so does the response of the process that runs it.
 *
 * @since 0.1.0
 * @category errors
 */
export class StreamLogError extends Schema.TaggedError<StreamLogError>()("StreamLogError", {
  message: Schema.String,
  cause: Schema.optional(Schema.Defect)
}) {}

/**
 * Writes the stream of a run. Only the process that runs it has the writer.
 *
 * @since 0.1.0
 * @category models
 */
export interface Writer {
  /** Appends chunks, each one a text. */
  readonly append: (chunks: ReadonlyArray<string>) => Effect.Effect<void, StreamLogError>
  /**
   * Whether another process has read the stream within the last seconds. It is asked every two seconds as long as the run goes
   * on, which tells the log that the process lives.
   */
  readonly isRead: Effect.Effect<boolean, StreamLogError>
  /** Ends the stream: readers receive what they have not read, and then its end. */
  readonly end: Effect.Effect<void, StreamLogError>
}

/**
 * Where a run began: how many `entries` the conversation had, and whether it continues the last message of the assistant, as
 * after an approval.
 *
 * @since 0.1.0
 * @category models
 */
export interface Begun {
  readonly entries: number
  readonly continues: boolean
}

/**
 * A stream that goes on, from its first chunk.
 *
 * @since 0.1.0
 * @category models
 */
export interface Shared {
  readonly begun: Begun
  readonly chunks: Stream.Stream<string, StreamLogError>
}

/**
 * A log of streams. `SqlStreamLog` of `effect-openrouter/sql` is one; a log of your own follows the words of each function.
 *
 * @since 0.1.0
 * @category models
 */
export interface Log {
  /** Begins the stream of a run in this conversation, in place of the stream before. */
  readonly open: (conversation: string, begun: Begun) => Effect.Effect<Writer, StreamLogError>
  /** The stream that goes on in this conversation. There is none after its end, or if its process is dead. */
  readonly follow: (conversation: string) => Effect.Effect<Option.Option<Shared>, StreamLogError>
}

/**
 * The log of streams.
 *
 * @since 0.1.0
 * @category context
 */
export class StreamLog extends Context.Tag("effect-openrouter/ui/StreamLog")<StreamLog, Log>() {}
