import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"
import { forkScope } from "../../internal/effect/scopes.js"

/**
 * The connection of one attempt. It is aborted when its scope closes, unless its body was read to the end: then another
 * call may reuse it.
 *
 * @internal
 */
export class Connection {
  private isAtEnd = false
  private atEnd: (() => void) | undefined = undefined

  constructor(readonly scope: Scope.CloseableScope) {}

  /** Records that the body was read to its end. */
  end(): void {
    this.isAtEnd = true
    this.finish()
  }

  /** Runs once when the body was read to its end, or when the scope closes before that. */
  onEnd(atEnd: () => void): Effect.Effect<void> {
    this.atEnd = atEnd
    return Scope.addFinalizer(this.scope, Effect.sync(() => this.finish()))
  }

  private finish(): void {
    const { atEnd } = this
    this.atEnd = undefined
    atEnd?.()
  }

  get ended(): boolean {
    return this.isAtEnd
  }

  /** Runs when the scope closes before the body was read to its end. */
  onAbort(finalizer: (exit: Exit.Exit<unknown, unknown>) => Effect.Effect<void>): Effect.Effect<void> {
    return Scope.addFinalizerExit(this.scope, (exit) => this.isAtEnd ? Effect.void : finalizer(exit))
  }
}

/**
 * Gives each attempt its own connection. Without a scope, the connection is aborted when the attempt ends before the
 * body does. With one, a failed attempt aborts its connection at once, and a good one keeps it for as long as the
 * scope.
 *
 * @internal
 */
export const withConnection = <A, E, R>(
  outer: Scope.Scope | undefined,
  attempt: (connection: Connection) => Effect.Effect<A, E, R>
): Effect.Effect<A, E, R> =>
  outer === undefined
    ? Effect.flatMap(Scope.make(), (scope) => {
      const connection = new Connection(scope)
      // The scope holds only what aborts the connection, so after the end of the body there is nothing to close
      return Effect.onExit(attempt(connection), (exit) => connection.ended ? Effect.void : Scope.close(scope, exit))
    })
    : Effect.flatMap(forkScope(outer), (scope) =>
      Effect.onExit(
        attempt(new Connection(scope)),
        (exit) => Exit.isFailure(exit) ? Scope.close(scope, exit) : Effect.void
      ))
