import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as ExecutionStrategy from "effect/ExecutionStrategy"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Scope from "effect/Scope"
import { parseJson } from "../../../internal/json.js"
import type { RunError } from "../errors.js"
import type { AgentEvent } from "../events.js"
import type { PendingCall, ToolRecord } from "../records.js"
import type { FunctionCall } from "../run.js"
import type { Patch } from "../state/state.js"
import type { RunContext } from "./runContext.js"
import { settleCall, type Settled } from "./toolCall.js"

/**
 * Takes the calls of a turn as far as they go, all at the same time. What is done is told, kept and stored at once; what
 * waits for somebody is given back.
 *
 * @internal
 */
export const settleCalls = (
  run: RunContext,
  turn: number,
  calls: ReadonlyArray<FunctionCall>
): Effect.Effect<ReadonlyArray<PendingCall>, RunError, unknown> =>
  Effect.gen(function*() {
    const { toolConcurrency } = run.prepared
    run.limit = calls.length > toolConcurrency ? Effect.unsafeMakeSemaphore(toolConcurrency) : undefined
    const settled = yield* atOnce(calls.map((call) =>
      Effect.uninterruptibleMask((restore) =>
        Effect.tap(
          orFinished(run, call, restore(settleCall(run, turn, call))),
          (settled) => settled._tag === "done" ? note(run, settled.record) : Effect.void
        )
      )
    ))
    const records = new Map(settled.flatMap((one) => one._tag === "done" ? [[one.record.callId, one.record]] : []))
    run.state.patches.push(...yield* patchesOf(run, calls, records))
    return settled.flatMap((one) => one._tag === "pending" ? [one.call] : [])
  })

/** An interruption that comes between the end of a handler and the record of it takes nothing away. */
const orFinished = (
  run: RunContext,
  { callId }: FunctionCall,
  settled: Effect.Effect<Settled, RunError, unknown>
): Effect.Effect<Settled, RunError, unknown> =>
  Effect.catchAllCause(settled, (cause) => {
    const finished = Cause.isInterrupted(cause) ? run.finished.get(callId) : undefined
    return finished === undefined
      ? Effect.failCause(cause)
      : Effect.map(finished, (record) => ({ _tag: "done", record }))
  })

/**
 * All at the same time; the first failure interrupts the others. Each has a fiber of its own, as `Effect.forEach` would
 * let time limits inside of them go on until they are over; one alone needs none.
 */
const atOnce = <A, E, R>(effects: ReadonlyArray<Effect.Effect<A, E, R>>): Effect.Effect<ReadonlyArray<A>, E, R> => {
  const [first] = effects
  const all = first !== undefined && effects.length === 1
    ? Effect.map(first, (settled) => [settled])
    : Effect.acquireUseRelease(
      Scope.make(ExecutionStrategy.parallel),
      (scope) =>
        Effect.flatMap(
          Effect.forEach(effects, (effect) => Effect.forkIn(effect, scope)),
          (fibers) => Effect.zipRight(over(fibers), Effect.forEach(fibers, Fiber.join))
        ),
      Scope.close
    )
  // Without the interruption of the others, for which nobody asked
  return Effect.catchAll(all, Effect.fail)
}

/** Waits until all fibers have succeeded or one has failed. */
const over = <A, E>(fibers: ReadonlyArray<Fiber.RuntimeFiber<A, E>>): Effect.Effect<void, E> =>
  Effect.async((resume) => {
    let left = fibers.length
    for (const fiber of fibers) {
      fiber.addObserver((exit) => {
        if (Exit.isFailure(exit)) resume(exit)
        else if (--left === 0) resume(Effect.void)
      })
    }
  })

/**
 * Takes note of a call that is done.
 *
 * @internal
 */
export const note = (run: RunContext, record: ToolRecord): Effect.Effect<void, RunError, unknown> =>
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
    ? Effect.map(successOf(run, record), (result) => ({ ...about, status: "success", result }))
    : Effect.succeed({ ...about, status: "failure", message })
}

/** The success in the type of the tool; a schema that cannot read what it wrote leaves it as it was written. */
const successOf = (run: RunContext, record: ToolRecord): Effect.Effect<unknown, never, unknown> => {
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
        const params = yield* Effect.option(codecs.params(parseJson(call.arguments)?.value ?? {}))
        if (params._tag === "None") continue
        patches.push({ definition, params: params.value, result: yield* successOf(run, record) })
      }
    }
    return patches
  })
