/** Calls that go on while the model does: it receives an output at once, and the result later, as a message. */
import * as Cause from "effect/Cause"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import { Activities, passThrough } from "../../Activities.js"
import { refuse } from "../../Middleware.js"
import * as Usage from "../../Usage.js"
import type { Entry } from "../conversation/entry.js"
import { leftIn } from "../conversation/inbox.js"
import type { RunError } from "../errors.js"
import type { FunctionCall, ToolRecord } from "../run.js"
import { callOf } from "../state/calls.js"
import { refreshMessages } from "./messages.js"
import type { PreparedTool } from "./prepare.js"
import { record } from "./record.js"
import { patchesOf, resultEvent } from "./results.js"
import type { RunContext } from "./runContext.js"

type Executed = Effect.Effect<ToolRecord, RunError, unknown>

/** What becomes the output of the call, like that of any other tool, if it is there by then. */
const grace = "100 millis"

/**
 * Executes a call in the background, if its tool does so. Returns its record, or that of its beginning.
 *
 * @internal
 */
export const inBackground = (
  run: RunContext,
  { definition: { background } }: PreparedTool,
  call: FunctionCall,
  turn: number,
  execute: Executed
): Executed =>
  Effect.flatMap(Activities, (activities) => {
    // An interpreter that repeats activities knows nothing of what goes on beside them
    if (background === undefined || activities !== passThrough) return execute
    return Effect.gen(function*() {
      const running = yield* start(run, call, turn, execute)
      yield* Effect.raceFirst(Deferred.await(running.ended), Effect.sleep(grace))
      const ended = running.leave()
      return ended === undefined
        ? recordOf(run, call, turn, { status: "started", output: `${background} (Call ${call.callId}.)`, result: null })
        : yield* ended
    })
  })

/**
 * Goes on with the calls that earlier runs left in the background.
 *
 * @internal
 */
export const restart = (
  run: RunContext,
  entries: ReadonlyArray<Entry>,
  execute: (call: FunctionCall) => Executed
): Effect.Effect<void, RunError, unknown> =>
  Effect.gen(function*() {
    const left = leftIn(entries)
    if (left.size === 0) return
    for (const item of run.state.history) {
      const begun = item.type === "function_call" ? left.get(item.call_id) : undefined
      if (item.type !== "function_call" || begun === undefined) continue
      const call = callOf(item, false)
      const running = yield* start(run, call, begun.turn, execute(call))
      running.leave()
      yield* run.background.begun(call.callId)
    }
  })

/**
 * Waits while calls go on in the background and there is nothing to respond to. With `isEnd`, it waits for all of them.
 * Returns whether messages wait.
 *
 * @internal
 */
export const awaitBackground = (run: RunContext, isEnd = false): Effect.Effect<boolean, RunError, unknown> =>
  Effect.gen(function*() {
    for (;;) {
      const { ends } = run.background
      const messages = yield* refreshMessages(run)
      yield* run.background.failed
      if (messages.length > 0 && !isEnd) return true
      if (!run.background.isRunning || run.interrupted() !== undefined) return messages.length > 0
      const end = run.background.endsAfter(ends)
      yield* run.messages.isStored ? Effect.raceFirst(end, Effect.sleep("1 second")) : end
    }
  })

const start = (run: RunContext, call: FunctionCall, turn: number, execute: Executed) =>
  run.background.start(
    call.callId,
    // An interruption may come after the handler has succeeded
    Effect.catchAllCause(execute, (cause) => {
      const kept = run.calls.kept(call.callId)
      return kept === undefined || !Cause.isInterrupted(cause) ? Effect.failCause(cause) : kept
    }),
    (result) => settle(run, call, { ...ended(run, call, turn, result), background: true })
  )

const ended = (run: RunContext, call: FunctionCall, turn: number, result: ToolRecord | undefined): ToolRecord => {
  if (result === undefined) return recordOf(run, call, turn, refuse("It was cancelled."))
  return result.status === "suspended"
    ? { ...result, ...refuse("It waits for a decision, which a call in the background cannot do."), pending: undefined }
    : result
}

/** Records the result of a call whose beginning is recorded. The next turn receives it as a message. */
const settle = (run: RunContext, call: FunctionCall, settled: ToolRecord): Effect.Effect<void, RunError, unknown> =>
  Effect.gen(function*() {
    run.state.addTool(settled)
    run.messages.settle(settled)
    run.state.addPatches(yield* patchesOf(run, [call], new Map([[call.callId, settled]])))
    yield* record(run, {
      entries: [{ _tag: "tool", run: run.info.id, record: settled }],
      events: Effect.map(resultEvent(run, call, settled), (event) => [event])
    })
    yield* Effect.suspend(() => {
      const failure = run.calls.failureAfter(call.callId)
      return failure === undefined ? Effect.void : Effect.failCause(failure)
    })
  })

const recordOf = (
  { clock }: RunContext,
  { callId, name }: FunctionCall,
  turn: number,
  outcome: Pick<ToolRecord, "status" | "output" | "result">
): ToolRecord => {
  const now = clock.unsafeCurrentTimeMillis()
  return { turn, callId, name, ...outcome, usage: Usage.none, startedAt: now, endedAt: now }
}
