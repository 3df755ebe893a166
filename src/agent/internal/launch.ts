import * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import type * as Fiber from "effect/Fiber"
import type * as Scope from "effect/Scope"
import type { AgentEvent } from "../AgentEvent.js"
import type { Run } from "../Run.js"
import type * as Tool from "../Tool.js"
import type { Emit } from "./runContext.js"

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
