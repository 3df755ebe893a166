import * as Effect from "effect/Effect"
import * as Scope from "effect/Scope"
import type { KernelError } from "../http/kernel.js"
import type { OpenRouterClient } from "../http/OpenRouterClient.js"
import type { Row } from "../http/row.js"
import { type Kind, openStream } from "./openStream.js"
import { resultOf } from "./resultOf.js"

/**
 * Runs `f` for each event of a stream, one after another, and returns the result that the events add up to. All of it
 * runs in the fiber of the caller, without a `Stream`. The connection closes when this ends, however it ends.
 *
 * @internal
 */
export const forEachEvent = <Event, Result, X, E, R>(
  row: Row,
  kind: Kind<Event, Result>,
  params: unknown,
  f: (event: Event) => Effect.Effect<X, E, R>
): Effect.Effect<Result, KernelError | E, OpenRouterClient | R> =>
  Effect.flatMap(Scope.make(), (scope) => {
    // Only the call has this scope: what `f` acquires belongs to the scope of the caller
    const opened = Scope.extend(openStream(row, kind, params), scope)
    const result = Effect.flatMap(opened, ({ accumulated, next }) => {
      const rest: Effect.Effect<Result, KernelError | E, R> = Effect.flatMap(next, (events) =>
        events.length === 0
          ? resultOf(kind.protocol, accumulated)
          : Effect.zipRight(Effect.forEach(events, f, { discard: true }), rest))
      return rest
    })
    return Effect.onExit(result, (exit) => Scope.close(scope, exit))
  })
