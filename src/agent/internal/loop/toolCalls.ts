/** All calls of a turn, at the same time. */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Scope from "effect/Scope"
import { interruptNow } from "../../../internal/effect/fibers.js"
import { parallelScope } from "../../../internal/effect/scopes.js"
import type { RunError } from "../errors.js"
import type { AgentEvent } from "../events.js"
import type { FunctionCall, PendingCall, ToolRecord } from "../run.js"
import { isStarted } from "../state/background.js"
import { record } from "./record.js"
import { patchesOf, resultEvent } from "./results.js"
import type { RunContext } from "./runContext.js"
import { type CallResult, runCall } from "./toolCall.js"

/**
 * Runs the calls of a turn at the same time. A call that is done is recorded at once. Returns the calls that have to
 * wait. If a call fails the run, the calls that are executing finish and are recorded first; no other call begins.
 *
 * @internal
 */
export const runCalls = (
  run: RunContext,
  turn: number,
  calls: ReadonlyArray<FunctionCall>
): Effect.Effect<ReadonlyArray<PendingCall>, RunError, unknown> =>
  Effect.gen(function*() {
    run.calls.limit(calls.length, run.prepared.toolConcurrency)
    const results = yield* inParallel(
      calls.map((call) => ({
        effect: Effect.uninterruptibleMask((restore) =>
          Effect.tap(
            orKept(run, call, restore(runCall(run, turn, call))),
            (result) => result._tag === "done" ? recordCall(run, call, result.record) : Effect.void
          )
        ),
        mayFinish: () => run.calls.isExecuting(call.callId)
      }))
    )
    const records = new Map(results.flatMap((one) => one._tag === "done" ? [[one.record.callId, one.record]] : []))
    run.state.addPatches(yield* patchesOf(run, calls, records))
    return results.flatMap((one) => one._tag === "pending" ? one.calls : [])
  })

/** Keeps the result of a call if an interruption comes after the call is done and before it is recorded. */
const orKept = (
  run: RunContext,
  { callId }: FunctionCall,
  result: Effect.Effect<CallResult, RunError, unknown>
): Effect.Effect<CallResult, RunError, unknown> =>
  Effect.catchAllCause(result, (cause) => {
    const kept = run.calls.kept(callId)
    return kept === undefined || !Cause.isInterrupted(cause)
      ? Effect.failCause(cause)
      : Effect.map(kept, (record) => ({ _tag: "done", record }))
  })

interface Parallel<A, E, R> {
  readonly effect: Effect.Effect<A, E, R>
  /** Whether the effect may finish after another one has failed. */
  readonly mayFinish: () => boolean
}

/**
 * Runs all effects at the same time, and waits for the end of all. A failure interrupts the effects that may not finish;
 * the first failure counts. Each effect has a fiber of its own, because `Effect.forEach` would wait for the time limits
 * inside of them. A single effect needs no fiber.
 */
const inParallel = <A, E, R>(all: ReadonlyArray<Parallel<A, E, R>>): Effect.Effect<ReadonlyArray<A>, E, R> => {
  const [first] = all
  return first !== undefined && all.length === 1
    ? Effect.map(first.effect, (result) => [result])
    : Effect.acquireUseRelease(
      parallelScope,
      (scope) =>
        Effect.flatMap(
          Effect.forEach(all, ({ effect, mayFinish }) =>
            Effect.map(Effect.forkIn(effect, scope), (fiber) => ({ fiber, mayFinish }))),
          (running) =>
            Effect.zipRight(allEnded(running), Effect.forEach(running, ({ fiber }) => Fiber.join(fiber)))
        ),
      Scope.close
    )
}

interface Running<A, E> {
  readonly fiber: Fiber.RuntimeFiber<A, E>
  readonly mayFinish: () => boolean
}

/** Waits until all fibers have ended. Fails with the failure that came first; an interruption is none. */
const allEnded = <A, E>(running: ReadonlyArray<Running<A, E>>): Effect.Effect<void, E> =>
  Effect.async((resume) => {
    let left = running.length
    let failure: Exit.Failure<A, E> | undefined = undefined
    for (const { fiber } of running) {
      fiber.addObserver((exit) => {
        if (Exit.isFailure(exit) && failure === undefined && !Cause.isInterruptedOnly(exit.cause)) {
          failure = exit
          for (const other of running) if (!other.mayFinish()) interruptNow(other.fiber)
        }
        if (--left === 0) resume(failure === undefined ? Effect.void : Effect.failCause(failure.cause))
      })
    }
  })

/** Records a call that is done. Its output becomes part of the history, which is the input of the next turn. */
const recordCall = (run: RunContext, call: FunctionCall, done: ToolRecord): Effect.Effect<void, RunError, unknown> =>
  Effect.gen(function*() {
    const output = { type: "function_call_output", call_id: done.callId, output: done.output } as const
    run.state.addTool(done)
    run.state.addOutputs([output])
    const recorded = record(run, {
      entries: [{ _tag: "tool", run: run.info.id, record: done }],
      events: Effect.map(reportOf(run, call, done), (report) => [
        report,
        { type: "tool.call_output", turn: done.turn, output },
        ...handoffEvents(run, done)
      ])
    })
    yield* isStarted(done) ? Effect.ensuring(recorded, run.background.begun(done.callId)) : recorded
    const failure = run.calls.failureAfter(done.callId)
    if (failure !== undefined) yield* Effect.failCause(failure)
  })

const reportOf = (run: RunContext, call: FunctionCall, done: ToolRecord): Effect.Effect<AgentEvent, never, unknown> =>
  isStarted(done)
    ? Effect.succeed({ type: "tool.started", turn: done.turn, toolCallId: done.callId, name: done.name })
    : resultEvent(run, call, done)

const handoffEvents = ({ state }: RunContext, { callId, handoff, turn }: ToolRecord): ReadonlyArray<AgentEvent> =>
  handoff === undefined
    ? []
    : [{ type: "agent.handoff", turn, toolCallId: callId, from: state.speakers.callerOf(callId).agent, to: handoff }]
