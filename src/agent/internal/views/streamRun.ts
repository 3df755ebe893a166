import * as Channel from "effect/Channel"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Mailbox from "effect/Mailbox"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { scoped } from "../../../internal/effect/scopes.js"
import type * as Tool from "../../Tool.js"
import type { AgentEvent } from "../events.js"
import type { Emit } from "../loop/runContext.js"
import type { Run } from "../run.js"

/** How many batches of events a run may emit before its reader takes them. */
const bufferSize = 4

/**
 * The events of a run, for one reader, whose pace the run follows. If the reader stops, the run is interrupted; its
 * finalizers finish before the stream ends.
 *
 * @internal
 */
export const streamRun = <T extends Tool.Any, A, E, R>(
  execute: Execute<A, E, R>
): Stream.Stream<AgentEvent<T, A>, E, Exclude<R, Scope.Scope>> =>
  // The schemas of the tools T decode the values in the events, so that the events have the types that T has
  scoped(startRun(execute)) as Stream.Stream<AgentEvent<T, A>, E, Exclude<R, Scope.Scope>>

type Batch<A> = ReadonlyArray<AgentEvent<Tool.Any, A>>

const startRun = <A, E, R>(
  execute: Execute<A, E, R>
): Effect.Effect<Stream.Stream<AgentEvent<Tool.Any, A>, E>, never, R | Scope.Scope> =>
  Effect.uninterruptible(Effect.gen(function*() {
    const mailbox = yield* Mailbox.make<Batch<A>, E>(bufferSize)
    const fiber = yield* forkRun(execute, {
      emit: (events) => events.length === 0 ? Effect.void : mailbox.offer(events),
      end: (exit) => mailbox.done(Exit.asVoid(exit))
    })
    // The run is interrupted first, because a run that waits for its reader would continue; then its events are dropped
    yield* Effect.addFinalizer(() =>
      Effect.fiberIdWith((reader) => Effect.zipRight(Fiber.interruptAsFork(fiber, reader), mailbox.shutdown))
    )
    return Stream.fromChannel(batches(mailbox))
  }))

type EventChannel<A, E> = Channel.Channel<Chunk.Chunk<AgentEvent<Tool.Any, A>>, unknown, E, unknown, unknown, unknown>

const batches = <A, E>(mailbox: Mailbox.ReadonlyMailbox<Batch<A>, E>): EventChannel<A, E> => {
  const loop: EventChannel<A, E> = Channel.flatMap(Channel.fromEffect(mailbox.takeN(1)), ([taken, done]) => {
    const events = Chunk.flatMap(taken, Chunk.unsafeFromArray)
    return Channel.flatMap(Channel.write(events), () => done ? Channel.void : loop)
  })
  return loop
}

/**
 * A run that emits its events, except for its end.
 *
 * @internal
 */
export type Execute<A, E, R> = (emit: Emit) => Effect.Effect<Run<A>, E, R>

/** @internal */
export interface Sink<A, E> {
  readonly emit: (events: ReadonlyArray<AgentEvent<Tool.Any, A>>) => Effect.Effect<void>
  readonly end: (exit: Exit.Exit<unknown, E>) => Effect.Effect<void>
}

/**
 * Forks a run into the scope. Closing the scope interrupts the run and waits for its end. The sink receives every end of
 * the run. The run is interruptible even inside an uninterruptible region.
 *
 * @internal
 */
export const forkRun = <A, E, R>(
  execute: Execute<A, E, R>,
  sink: Sink<A, E>
): Effect.Effect<Fiber.RuntimeFiber<Run<A>, E>, never, R | Scope.Scope> =>
  Effect.suspend(() => execute(emitTo(sink))).pipe(
    Effect.tap((run) => sink.emit([{ type: "run.end", run }])),
    Effect.interruptible,
    Effect.onExit((exit) => sink.end(exit)),
    Effect.forkScoped,
    // Otherwise an interruption before the start of the fiber would leave the sink without an end
    Effect.uninterruptible
  )

// A run does not emit its own end, and no other event has the type A
const emitTo = <A, E>(sink: Sink<A, E>): Emit => sink.emit as Emit
