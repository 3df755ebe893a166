/** The calls of a run that go on in the background. */
import * as Cause from "effect/Cause"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Fiber from "effect/Fiber"
import * as Scope from "effect/Scope"
import { interruptNow } from "../../../internal/effect/fibers.js"
import { parallelScope } from "../../../internal/effect/scopes.js"
import type { RunError } from "../errors.js"
import type { ToolRecord } from "../run.js"

/**
 * A call in the background. It is left when the model goes on without its result: from then on its result is a message.
 *
 * @internal
 */
export class BackgroundCall {
  private exit: Exit.Exit<ToolRecord, RunError> | undefined = undefined
  isLeft = false
  isCancelled = false
  fiber: Fiber.RuntimeFiber<void> | undefined = undefined

  constructor(readonly ended: Deferred.Deferred<void>, readonly begun: Deferred.Deferred<void>) {}

  end(exit: Exit.Exit<ToolRecord, RunError>): Effect.Effect<unknown> {
    this.exit = exit
    return Deferred.succeed(this.ended, undefined)
  }

  /** Returns the end of the call if it is there, and leaves the call otherwise. */
  leave(): Exit.Exit<ToolRecord, RunError> | undefined {
    this.isLeft = this.exit === undefined
    return this.exit
  }
}

/** How the result of a call is recorded that was left; undefined for a call that was cancelled. */
type Settle = (result: ToolRecord | undefined) => Effect.Effect<void, RunError, unknown>

/**
 * The calls that go on in the background, until their scope closes.
 *
 * @internal
 */
export class BackgroundCalls {
  private readonly calls = new Map<string, BackgroundCall>()
  private failure: Cause.Cause<RunError> | undefined = undefined
  private waiting: Set<() => void> = new Set()
  /** How many of them have ended. */
  ends = 0

  constructor(private readonly scope: Scope.CloseableScope) {}

  get isRunning(): boolean {
    return this.calls.size > 0
  }

  isExecuting(callId: string): boolean {
    return this.calls.has(callId)
  }

  start(
    callId: string,
    execute: Effect.Effect<ToolRecord, RunError, unknown>,
    settle: Settle
  ): Effect.Effect<BackgroundCall, never, unknown> {
    return Effect.gen(this, function*() {
      const call = new BackgroundCall(yield* Deferred.make<void>(), yield* Deferred.make<void>())
      this.calls.set(callId, call)
      call.fiber = yield* Effect.forkIn(
        Effect.uninterruptibleMask((restore) =>
          Effect.flatMap(Effect.exit(restore(execute)), (exit) => {
            if (!call.isLeft) return call.end(exit)
            const isInterrupted = Exit.isFailure(exit) && Cause.isInterruptedOnly(exit.cause)
            // The run ends: what was not recorded executes again in the next one
            if (isInterrupted && !call.isCancelled) return Effect.void
            const settled = isInterrupted ? settle(undefined) : Effect.flatMap(exit, settle)
            // In the log, a call begins before it ends
            return Effect.catchAllCause(Effect.zipRight(Deferred.await(call.begun), settled), (cause) =>
              Effect.sync(() => void (this.failure ??= cause)))
          })
        ).pipe(Effect.ensuring(Effect.sync(() => this.endOf(callId))), Effect.asVoid),
        this.scope
      )
      return call
    })
  }

  /** The beginning of a call is recorded. */
  begun(callId: string): Effect.Effect<unknown> {
    const call = this.calls.get(callId)
    return call === undefined ? Effect.void : Deferred.succeed(call.begun, undefined)
  }

  /** Interrupts a call, if it has not ended. */
  cancel(callId: string): void {
    const call = this.calls.get(callId)
    if (call?.fiber === undefined || call.isCancelled) return
    call.isCancelled = true
    interruptNow(call.fiber)
  }

  /** Fails if a call failed that was left. */
  readonly failed: Effect.Effect<void, RunError> = Effect.suspend(() =>
    this.failure === undefined ? Effect.void : Effect.failCause(this.failure)
  )

  /** Waits until more calls have ended than these. */
  endsAfter(ends: number): Effect.Effect<void> {
    return Effect.async((resume) => {
      if (this.ends > ends) return resume(Effect.void)
      const wake = () => resume(Effect.void)
      this.waiting.add(wake)
      return Effect.sync(() => void this.waiting.delete(wake))
    })
  }

  private endOf(callId: string): void {
    this.calls.delete(callId)
    this.ends++
    const { waiting } = this
    this.waiting = new Set()
    for (const wake of waiting) wake()
  }
}

/**
 * Provides the calls in the background of a run. At its end, those that still execute are interrupted.
 *
 * @internal
 */
export const withBackground = <A, E, R>(
  use: (calls: BackgroundCalls) => Effect.Effect<A, E, R>
): Effect.Effect<A, E, R> =>
  Effect.acquireUseRelease(parallelScope, (scope) => use(new BackgroundCalls(scope)), Scope.close)
