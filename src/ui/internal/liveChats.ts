/** The runs of chats. They belong to the server, not to a request, so that browsers can come and go. */
import * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Scope from "effect/Scope"
import type * as Stream from "effect/Stream"
import type { AgentEvent } from "../../agent/AgentStream.js"
import type * as Tool from "../../agent/Tool.js"
import { forEachBatch, toBatches } from "../../internal/effect/batches.js"
import { forkUninterruptible } from "../../internal/effect/fibers.js"
import { jsonText } from "../../internal/json.js"
import { besideSpan } from "../../internal/logs.js"
import * as StreamLog from "../StreamLog.js"
import type { AgentEncoder } from "./agentEncoder.js"
import type { Chunk } from "./chunk.js"
import { defaultErrorText } from "./errorText.js"
import { type LiveStream, makeLiveStream } from "./liveStream.js"

/**
 * The runs of a server.
 *
 * @internal
 */
export interface Chats {
  /** The streams of the runs, by conversation. */
  readonly streams: Map<string, LiveStream>
  /** Closing it interrupts all runs. */
  readonly scope: Scope.Scope
  readonly log: StreamLog.Log | undefined
}

/**
 * The runs of the chats of a server.
 *
 * @since 0.1.0
 * @category context
 */
export class LiveChats extends Context.Tag("effect-openrouter/ui/LiveChats")<LiveChats, Chats>() {}

const make = (log: StreamLog.Log | undefined): Effect.Effect<Chats, never, Scope.Scope> =>
  Effect.map(Effect.scope, (scope) => ({ streams: new Map(), scope, log }))

/** @internal */
export const layer: Layer.Layer<LiveChats> = Layer.scoped(LiveChats, make(undefined))

/** @internal */
export const layerShared: Layer.Layer<LiveChats, never, StreamLog.StreamLog> = Layer.scoped(
  LiveChats,
  Effect.flatMap(StreamLog.StreamLog, make)
)

/** A run to start. */
interface Begin<E, R> {
  readonly conversation: string
  readonly begun: StreamLog.Begun
  readonly events: Stream.Stream<AgentEvent<Tool.Any, unknown>, E, R>
  readonly encoder: AgentEncoder
  readonly messageId: string
  readonly errorText: (error: E) => string
  /** How long a run goes on that nobody reads. */
  readonly grace: Duration.DurationInput
  readonly answerWithin: Duration.DurationInput
}

/**
 * Starts a run, and returns its stream as soon as it has shown something, or has lasted long enough. Fails with the failure of
 * the run, if it has shown nothing before.
 *
 * @internal
 */
export const begin = <E, R>(chats: Chats, run: Begin<E, R>): Effect.Effect<LiveStream, E, R> =>
  Effect.gen(function*() {
    const stream = yield* makeLiveStream(run.begun)
    const ready = yield* Deferred.make<void, E>()
    const append = (chunks: ReadonlyArray<Chunk>): void => stream.append(chunks.map(jsonText))
    let isAnswered = false
    const answer = (): void => {
      if (!isAnswered && !stream.isEnded) chats.streams.set(run.conversation, stream)
      isAnswered = true
    }
    append([{ type: "start", messageId: run.messageId }])
    const told = forEachBatch(run.events, (events) => {
      append(run.encoder.read(events))
      if (isAnswered || events.every(isSilent)) return
      answer()
      Deferred.unsafeDone(ready, Exit.void)
    })
    const end = (exit: Exit.Exit<"ended" | "stopped", E>): Effect.Effect<void> =>
      Effect.gen(function*() {
        if (Exit.isFailure(exit) && isAnswered && !Cause.isInterruptedOnly(exit.cause)) {
          yield* besideSpan(Effect.logWarning("chat: the run failed after its response had begun", exit.cause))
        }
        append(lastChunks(exit, run.errorText))
        if (chats.streams.get(run.conversation) === stream) chats.streams.delete(run.conversation)
        yield* stream.end
        yield* Deferred.complete(ready, Effect.asVoid(exit))
      })
    const stops = Effect.raceFirst(stream.stopped, unread(stream, run.grace))
    const ended = Effect.raceFirst(Effect.as(told, "ended" as const), Effect.as(stops, "stopped" as const))
    yield* Scope.extend(forkUninterruptible(Effect.onExit(Effect.interruptible(ended), end)), chats.scope)
    const { log } = chats
    if (log !== undefined) {
      const shared = Effect.zipRight(Deferred.await(ready), share(log, run.conversation, stream, run.grace))
      // A run that failed before it has shown anything is not shared; who started it hears of the failure
      yield* Effect.forkIn(Effect.ignore(shared), chats.scope)
    }
    yield* Effect.timeoutOption(Deferred.await(ready), run.answerWithin)
    answer()
    return stream
  })

/** A run that has shown nothing yet may fail with a status of its own. */
const isSilent = ({ type }: { readonly type: string }): boolean => type === "turn.start" || type === "turn.retry"

const lastChunks = <E>(
  exit: Exit.Exit<"ended" | "stopped", E>,
  errorText: (error: E) => string
): ReadonlyArray<Chunk> => {
  if (Exit.isSuccess(exit)) return exit.value === "ended" ? [] : [{ type: "abort", reason: "The run was stopped." }]
  const error = Cause.failureOption(exit.cause)
  if (Option.isSome(error)) return [{ type: "error", errorText: errorText(error.value) }]
  return Cause.isInterruptedOnly(exit.cause)
    ? [{ type: "abort", reason: "The server ended the run." }]
    : [{ type: "error", errorText: defaultErrorText(undefined) }]
}

/** Ends when nobody has read the stream for a time. */
const unread = (stream: LiveStream, grace: Duration.DurationInput): Effect.Effect<void> => {
  const limit = Duration.toMillis(grace)
  if (!Number.isFinite(limit)) return Effect.never
  const pause = pauseOf(grace)
  const watch = (waited: number): Effect.Effect<void> =>
    waited >= limit ? Effect.void : Effect.flatMap(
      Effect.delay(Effect.sync(() => stream.isRead), pause),
      (isRead) => watch(isRead ? 0 : waited + pause)
    )
  return Effect.suspend(() => watch(0))
}

/** How often it is asked whether anybody reads, in milliseconds: often enough for the limit, and for the log. */
const pauseOf = (grace: Duration.DurationInput): number =>
  Math.max(1, Math.ceil(Math.min(2000, Duration.toMillis(grace) / 4)))

/** Copies the stream to the log that other processes read. */
const share = (
  log: StreamLog.Log,
  conversation: string,
  stream: LiveStream,
  grace: Duration.DurationInput
): Effect.Effect<void> =>
  Effect.gen(function*() {
    const writer = yield* log.open(conversation, stream.begun)
    // Whether anybody reads here, and however long a run may go on: its log has to know that it lives
    const look = Effect.map(Effect.orElseSucceed(writer.isRead, () => false), (isRead) => {
      stream.isReadElsewhere = isRead
    })
    yield* Effect.forkScoped(Effect.forever(Effect.delay(look, pauseOf(grace))))
    const next = yield* toBatches(stream.chunks)
    const copy: Effect.Effect<void, StreamLog.StreamLogError> = Effect.flatMap(
      next,
      (batch) => batch.length === 0 ? writer.end : Effect.zipRight(writer.append(batch), copy)
    )
    yield* copy
  }).pipe(
    Effect.scoped,
    Effect.catchAll((error) => besideSpan(Effect.logWarning("chat: other processes cannot show this run", error)))
  )
