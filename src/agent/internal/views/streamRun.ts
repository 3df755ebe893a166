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

/** How many batches of events a run may be ahead of who reads them. */
const ahead = 4

/**
 * The events of a run, for one reader whose pace is the pace of the run. Where the reader stops, the run is interrupted,
 * and its finalizers have run before the end of the stream is over.
 *
 * @internal
 */
export const streamRun = <T extends Tool.Any, A, E, R>(
  execute: Execute<A, E, R>
): Stream.Stream<AgentEvent<T, A>, E, Exclude<R, Scope.Scope>> =>
  // The tools of T cause no other events than T says: their values are decoded by its schemas
  scoped(begin(execute)) as Stream.Stream<AgentEvent<T, A>, E, Exclude<R, Scope.Scope>>

type Batch<A> = ReadonlyArray<AgentEvent<Tool.Any, A>>

const begin = <A, E, R>(
  execute: Execute<A, E, R>
): Effect.Effect<Stream.Stream<AgentEvent<Tool.Any, A>, E>, never, R | Scope.Scope> =>
  Effect.uninterruptible(Effect.gen(function*() {
    const mailbox = yield* Mailbox.make<Batch<A>, E>(ahead)
    const fiber = yield* launch(execute, {
      emit: (events) => events.length === 0 ? Effect.void : mailbox.offer(events),
      end: (exit) => mailbox.done(Exit.asVoid(exit))
    })
    // First the run is told to stop, as one that waits for its reader would go on; then nothing that it still tells waits
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
 * A run that tells what happens in it, but for its end.
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
 * Starts a run in a fiber of the scope, whose closing interrupts it and waits until it is gone. However the run ends, the
 * sink learns of it, and where nothing may interrupt, the run still can be.
 *
 * @internal
 */
export const launch = <A, E, R>(
  execute: Execute<A, E, R>,
  sink: Sink<A, E>
): Effect.Effect<Fiber.RuntimeFiber<Run<A>, E>, never, R | Scope.Scope> =>
  Effect.suspend(() => execute(toldBy(sink))).pipe(
    Effect.tap((run) => sink.emit([{ type: "run.end", run }])),
    Effect.interruptible,
    Effect.onExit((exit) => sink.end(exit)),
    Effect.forkScoped,
    // Else the fiber could be interrupted before it begins, and the sink would never learn of its end
    Effect.uninterruptible
  )

// A run does not tell its own end, and no other event knows of A
const toldBy = <A, E>(sink: Sink<A, E>): Emit => sink.emit as Emit
