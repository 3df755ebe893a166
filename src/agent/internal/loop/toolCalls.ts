/** All calls of a turn, at the same time. */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Scope from "effect/Scope"
import { parallelScope } from "../../../internal/effect/scopes.js"
import { parseArguments } from "../arguments.js"
import type { RunError } from "../errors.js"
import type { AgentEvent } from "../events.js"
import type { FunctionCall, PendingCall, ToolRecord } from "../run.js"
import type { Patch } from "../state/state.js"
import type { RunContext } from "./runContext.js"
import { type CallResult, runCall } from "./toolCall.js"

/**
 * Runs the calls of a turn at the same time. A call that is done is emitted, recorded and stored at once. Returns the
 * calls that have to wait.
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
    const results = yield* inParallel(calls.map((call) =>
      Effect.uninterruptibleMask((restore) =>
        Effect.tap(
          orFinished(run, call, restore(runCall(run, turn, call))),
          (result) => result._tag === "done" ? recordCall(run, result.record) : Effect.void
        )
      )
    ))
    const records = new Map(results.flatMap((one) => one._tag === "done" ? [[one.record.callId, one.record]] : []))
    run.state.addPatches(yield* patchesOf(run, calls, records))
    return results.flatMap((one) => one._tag === "pending" ? [one.call] : [])
  })

/** Keeps the result of a handler if an interruption comes after the handler and before its record. */
const orFinished = (
  run: RunContext,
  { callId }: FunctionCall,
  result: Effect.Effect<CallResult, RunError, unknown>
): Effect.Effect<CallResult, RunError, unknown> =>
  Effect.catchAllCause(result, (cause) => {
    const finished = Cause.isInterrupted(cause) ? run.calls.finishedRecord(callId) : undefined
    return finished === undefined
      ? Effect.failCause(cause)
      : Effect.map(finished, (record) => ({ _tag: "done", record }))
  })

/**
 * Runs all effects at the same time; the first failure interrupts the others. Each has a fiber of its own, because
 * `Effect.forEach` would wait for the time limits inside of them. A single effect needs no fiber.
 */
const inParallel = <A, E, R>(effects: ReadonlyArray<Effect.Effect<A, E, R>>): Effect.Effect<ReadonlyArray<A>, E, R> => {
  const [first] = effects
  const all = first !== undefined && effects.length === 1
    ? Effect.map(first, (result) => [result])
    : Effect.acquireUseRelease(
      parallelScope,
      (scope) =>
        Effect.flatMap(
          Effect.forEach(effects, (effect) => Effect.forkIn(effect, scope)),
          (fibers) => Effect.zipRight(allSucceeded(fibers), Effect.forEach(fibers, Fiber.join))
        ),
      Scope.close
    )
  // Drops the interruption of the others from the cause: it is no cause of the failure
  return Effect.catchAll(all, Effect.fail)
}

/** Waits until all fibers have succeeded or one has failed. */
const allSucceeded = <A, E>(fibers: ReadonlyArray<Fiber.RuntimeFiber<A, E>>): Effect.Effect<void, E> =>
  Effect.async((resume) => {
    let left = fibers.length
    for (const fiber of fibers) {
      fiber.addObserver((exit) => {
        if (Exit.isFailure(exit)) resume(exit)
        else if (--left === 0) resume(Effect.void)
      })
    }
  })

/** Records a call that is done. Its output becomes part of the history, which is the input of the next turn. */
const recordCall = (run: RunContext, record: ToolRecord): Effect.Effect<void, RunError, unknown> =>
  Effect.gen(function*() {
    const output = { type: "function_call_output", call_id: record.callId, output: record.output } as const
    run.state.addTool(record)
    run.state.addOutputs([output])
    if (run.emit !== undefined) {
      yield* run.emit([yield* resultEvent(run, record), { type: "tool.call_output", turn: record.turn, output }])
    }
    yield* run.store([{ _tag: "tool", run: run.info.id, record }])
  })

const resultEvent = (run: RunContext, record: ToolRecord): Effect.Effect<AgentEvent, never, unknown> => {
  const about = { type: "tool.result", turn: record.turn, toolCallId: record.callId, name: record.name } as const
  const message = typeof record.output === "string" ? record.output : JSON.stringify(record.output)
  return record.status === "success"
    ? Effect.map(decodedSuccess(run, record), (result) => ({ ...about, status: "success", result }))
    : Effect.succeed({ ...about, status: "failure", message })
}

/** The success in the type of the tool. If its schema cannot decode what it encoded, the encoded value stays. */
const decodedSuccess = (run: RunContext, record: ToolRecord): Effect.Effect<unknown, never, unknown> => {
  const tool = run.prepared.tools.get(record.name)
  return tool === undefined
    ? Effect.succeed(record.result)
    : Effect.orElseSucceed(tool.codecs.recordedSuccess(record.result), () => record.result)
}

/**
 * What successful calls change in later turns: in the order of the tools, then of the calls.
 *
 * @internal
 */
export const patchesOf = (
  run: RunContext,
  calls: ReadonlyArray<FunctionCall>,
  records: ReadonlyMap<string, ToolRecord>
): Effect.Effect<ReadonlyArray<Patch>, never, unknown> =>
  Effect.gen(function*() {
    const patches: Array<Patch> = []
    for (const { codecs, definition } of run.prepared.tools.values()) {
      if (definition.nextTurn === undefined) continue
      for (const call of calls) {
        const record = records.get(call.callId)
        if (call.name !== definition.name || record?.status !== "success") continue
        const params = yield* Effect.option(codecs.params(parseArguments(call.arguments)?.value ?? {}))
        if (params._tag === "None") continue
        patches.push({ definition, params: params.value, result: yield* decodedSuccess(run, record) })
      }
    }
    return patches
  })
