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
  isDone = false
  isCancelled = false
  fiber: Fiber.RuntimeFiber<void> | undefined = undefined

  /** `begun` says whether the beginning of the call is recorded, and at the end of the run that it will not be. */
  constructor(readonly ended: Deferred.Deferred<void>, readonly begun: Deferred.Deferred<boolean>) {}

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
      const call = new BackgroundCall(yield* Deferred.make<void>(), yield* Deferred.make<boolean>())
      this.calls.set(callId, call)
      call.fiber = yield* Effect.forkIn(
        Effect.uninterruptibleMask((restore) =>
          Effect.flatMap(Effect.exit(restore(execute)), (exit) => {
            call.isDone = true
            if (!call.isLeft) return call.end(exit)
            const isInterrupted = Exit.isFailure(exit) && Cause.isInterruptedOnly(exit.cause)
            // The run ends: what was not recorded executes again in the next one
            if (isInterrupted && !call.isCancelled) return Effect.void
            const settled = isInterrupted ? settle(undefined) : Effect.flatMap(exit, settle)
            const kept = Effect.catchAllCause(settled, (cause) => Effect.sync(() => void (this.failure ??= cause)))
            // In the log, a call begins before it ends. One whose beginning is not recorded executes again
            return Effect.flatMap(Deferred.await(call.begun), (isBegun) => isBegun ? kept : Effect.void)
          })
        ).pipe(Effect.ensuring(Effect.sync(() => this.endOf(callId))), Effect.asVoid),
        this.scope
      )
      return call
    })
  }

  /** The beginning of a call is recorded, or waits for the store before everything that comes later. */
  begun(callId: string): Effect.Effect<unknown> {
    const call = this.calls.get(callId)
    return call === undefined ? Effect.void : Deferred.succeed(call.begun, true)
  }

  /** Interrupts a call, if it has not ended. */
  cancel(callId: string): void {
    const call = this.calls.get(callId)
    if (call?.fiber === undefined || call.isCancelled || call.isDone) return
    call.isCancelled = true
    interruptNow(call.fiber)
  }

  /** Interrupts what still executes. */
  close(exit: Exit.Exit<unknown, unknown>): Effect.Effect<void> {
    const unrecorded = Effect.forEach(this.calls.values(), ({ begun }) => Deferred.succeed(begun, false))
    return Effect.zipRight(unrecorded, Scope.close(this.scope, exit))
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
  Effect.acquireUseRelease(
    Effect.map(parallelScope, (scope) => new BackgroundCalls(scope)),
    use,
    (calls, exit) => calls.close(exit)
  )
