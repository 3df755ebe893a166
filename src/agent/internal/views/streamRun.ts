/** A run as a stream of events, and the fiber that runs it. */
import * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import type * as Fiber from "effect/Fiber"
import type * as Scope from "effect/Scope"
import type * as Stream from "effect/Stream"
import { fromBatches } from "../../../internal/effect/batches.js"
import { forkUninterruptible, interruptFork } from "../../../internal/effect/fibers.js"
import { scoped } from "../../../internal/effect/scopes.js"
import type * as Tool from "../../Tool.js"
import type { AgentEvent } from "../events.js"
import type { Emit } from "../loop/runContext.js"
import type { Run } from "../run.js"
import { EventBuffer } from "./eventBuffer.js"

/**
 * The events of a run, for one reader. A slow reader delays neither a tool nor what the run stores; the run waits for it
 * before its next turn, so that a reader that stands still stops the spending. If the reader stops,
 * the run is interrupted; its finalizers finish before the stream ends.
 *
 * @internal
 */
export const streamRun = <T extends Tool.Any, A, E, R>(
  execute: Execute<A, E, R>
): Stream.Stream<AgentEvent<T, A>, E, Exclude<R, Scope.Scope>> =>
  // The schemas of the tools T decode the values in the events, so that the events have the types that T has
  scoped(startRun(execute)) as Stream.Stream<AgentEvent<T, A>, E, Exclude<R, Scope.Scope>>

const startRun = <A, E, R>(
  execute: Execute<A, E, R>
): Effect.Effect<Stream.Stream<AgentEvent<Tool.Any, A>, E>, never, R | Scope.Scope> =>
  Effect.uninterruptible(Effect.gen(function*() {
    const buffer = new EventBuffer<AgentEvent<Tool.Any, A>, E>()
    const fiber = yield* forkRun(execute, {
      emit: buffer.emit,
      end: (exit) => Effect.sync(() => buffer.end(exit))
    })
    // The run is interrupted first, because a run that waits for its reader would continue; then its events are dropped
    yield* Effect.addFinalizer(() => Effect.zipRight(interruptFork(fiber), Effect.sync(() => buffer.leave())))
    return fromBatches(buffer.next)
  }))

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
    // An interruption before the start of the fiber must not leave the sink without an end
    forkUninterruptible
  )

// A run does not emit its own end, and no other event has the type A
const emitTo = <A, E>(sink: Sink<A, E>): Emit => sink.emit as Emit
