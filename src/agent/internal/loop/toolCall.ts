/** One call: arguments, decisions, approval, execution. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import { Activities, type ToolKey } from "../../Activities.js"
import { type CheckedCall, type Middleware, refuse, type ToolOutcome } from "../../Middleware.js"
import * as Usage from "../../Usage.js"
import { issuesText, parseArguments } from "../arguments.js"
import { type RunError, UnknownToolError } from "../errors.js"
import type { Decision, FunctionCall, PendingCall, ToolRecord } from "../run.js"
import { pendingCall } from "../state/calls.js"
import type { CallInfo, HandlerService } from "../tool.js"
import { runCallback } from "../userCode.js"
import { inBackground } from "./background.js"
import { executeTool, modelOutput } from "./executeTool.js"
import { isGranted } from "./grants.js"
import { idempotencyKey } from "./ids.js"
import { logUnexecuted } from "./logs.js"
import type { PreparedTool } from "./prepare.js"
import { record } from "./record.js"
import type { RunContext } from "./runContext.js"
import { type CallDecisions, decodeAnswer } from "./start.js"

/**
 * The result of a call: a record with the output for the model, or a call that has to wait.
 *
 * @internal
 */
export type CallResult = { readonly _tag: "done"; readonly record: ToolRecord } | {
  readonly _tag: "pending"
  readonly calls: ReadonlyArray<PendingCall>
}

/**
 * Runs one call as far as possible. This is the only place where a handler gets called: the arguments are decoded first,
 * then the decoded parameters need an approval, then the handler receives exactly these.
 *
 * @internal
 */
export const runCall = (
  run: RunContext,
  turn: number,
  call: FunctionCall
): Effect.Effect<CallResult, RunError, unknown> =>
  Effect.gen(function*() {
    const tool = run.agents.toolOf(call)
    if (tool === undefined) return yield* unknownTool(run, turn, call)
    const decided = run.decisions.of(call.callId)
    if (decided.permission?._tag === "reject") {
      return yield* rejectedCall(run, turn, call, decided.permission.reason)
    }
    const checked = yield* readArguments(tool, call)
    if ("problem" in checked) {
      return yield* failedCall(run, turn, call, checked.problem)
    }
    const info = infoOf(run, turn, call)
    return yield* continueCall(run, tool, call, { ...info, params: checked.params, run: run.state.progress() }, decided)
  })

/**
 * Continues from the decisions made so far, until the call is done or waits for another decision. `execution` counts the
 * executions of the call in this run: a suspended call executes again when it has its answer.
 */
const continueCall = (
  run: RunContext,
  tool: PreparedTool,
  call: FunctionCall,
  checked: CheckedCall,
  decided: CallDecisions,
  execution = 1
): Effect.Effect<CallResult, RunError, unknown> =>
  Effect.gen(function*() {
    const { handler } = tool
    const isManual = handler === undefined
    const reason = isManual ? "manual" : "approval"
    const isDecided = isManual ? decided.answer !== undefined : decided.permission !== undefined
    if (!isDecided) {
      const permission = isManual ? "ask" : yield* requiredPermission(run.prepared.middleware, tool, checked)
      if (permission === "deny") return yield* failedCall(run, checked.turn, call, "This call is not allowed.")
      const isAllowed = permission === "allow" || !isManual && (yield* isGranted(run, tool, checked))
      if (!isAllowed) return yield* awaitDecision(run, tool, call, checked, decided, execution, reason)
    }
    const problem = run.agents.problemOf({ callId: call.callId, name: call.name, turn: checked.turn })
    if (problem !== undefined) return yield* failedCall(run, checked.turn, call, problem)
    const outcome = isManual
      ? yield* manualOutcome(run, tool, checked, decided)
      : yield* inBackground(
        run,
        tool,
        call,
        checked.turn,
        executeAs(run, tool, handler, checked, decided, execution)
      )
    if (outcome.status !== "suspended") return { _tag: "done", record: outcome }
    yield* recordSuspended(run, outcome)
    return outcome.pending === undefined
      ? yield* awaitDecision(run, tool, call, checked, decided, execution, "answer")
      : yield* awaitDecisionsInside(run, tool, call, checked, decided, execution, outcome.pending)
  })

/**
 * Executes a call anew that an earlier run left in the background.
 *
 * @internal
 */
export const executeAgain = (run: RunContext, call: FunctionCall): Effect.Effect<ToolRecord, RunError, unknown> =>
  Effect.gen(function*() {
    const tool = run.agents.toolOf(call)
    const checked = tool === undefined ? undefined : yield* readArguments(tool, call)
    if (tool?.handler === undefined || checked === undefined || "problem" in checked) {
      const now = yield* timeOf(run)
      return recordOf(0, call.callId, call.name, refuse("It broke off, and its tool is not there any more."), now)
    }
    const info = infoOf(run, 0, call)
    const all = { ...info, params: checked.params, run: run.state.progress() }
    return yield* executeAs(run, tool, tool.handler, all, run.decisions.of(call.callId), 1)
  })

const infoOf = (run: RunContext, turn: number, call: FunctionCall): CallInfo => ({
  id: call.callId,
  name: call.name,
  turn,
  attempt: 1,
  idempotencyKey: idempotencyKey(run.info.conversation ?? run.info.id, call.callId, run.removed)
})

/** A suspended call has no output yet, but what it spent counts, and the store needs to know that it waits. */
const recordSuspended = (run: RunContext, suspended: ToolRecord): Effect.Effect<void, RunError, unknown> =>
  Effect.suspend(() => {
    run.state.addTool(suspended)
    const inside = run.journal.missing(suspended)
    return record(run, { entries: [...inside, { _tag: "tool", run: run.info.id, record: suspended }] })
  })

const executeAs = (
  run: RunContext,
  tool: PreparedTool,
  handler: HandlerService,
  checked: CheckedCall,
  decided: CallDecisions,
  execution: number
) =>
  Effect.flatMap(Activities, (activities) =>
    within(
      run,
      tool,
      checked.id,
      Effect.suspend(() => {
        // Outside of the activity, which may be executed more than once: all that it spends counts
        const account = run.state.ledger.open(checked.id, true)
        return Effect.onExit(
          activities.tool(
            keyOf(run, checked, execution),
            executeTool(run, tool, handler, checked, decided.answer, account)
          ),
          (exit) => Effect.sync(() => isRecorded(run, checked, exit) || run.state.ledger.drop(account))
        )
      })
    ))

/** A call in the background takes no place from the calls of a turn. */
const within = <A, E, R>(
  run: RunContext,
  { definition, limit }: PreparedTool,
  callId: string,
  execution: Effect.Effect<A, E, R>
): Effect.Effect<A, E, R> =>
  definition.background === undefined
    ? run.calls.execute(callId, limit, execution)
    : limit === undefined
    ? execution
    : limit.withPermits(1)(execution)

const keyOf = (run: RunContext, { id: callId, name, turn }: CheckedCall, attempt: number): ToolKey => ({
  run: run.info.id,
  turn,
  callId,
  name,
  attempt
})

const isRecorded = (run: RunContext, { id }: CheckedCall, exit: Exit.Exit<ToolRecord, RunError>): boolean =>
  Exit.isSuccess(exit) || Exit.isInterrupted(exit) && run.calls.kept(id) !== undefined

const awaitDecision = (
  run: RunContext,
  tool: PreparedTool,
  call: FunctionCall,
  checked: CheckedCall,
  decided: CallDecisions,
  execution: number,
  reason: PendingCall["reason"]
): Effect.Effect<CallResult, RunError, unknown> =>
  Effect.gen(function*() {
    const pending = pendingCall(checked.turn, call, reason)
    const activities = yield* Activities
    const context = yield* Effect.context<unknown>()
    const decision = yield* activities.approval(
      { ...keyOf(run, checked, execution), reason },
      pending,
      (decision) =>
        decision._tag === "answer"
          ? Effect.asVoid(Effect.provide(decodeAnswer(tool, call.callId, decision.value), context))
          : Effect.void
    )
    if (Option.isNone(decision)) return { _tag: "pending", calls: [pending] }
    yield* run.decide(call.callId, decision.value)
    return yield* decision.value._tag === "reject"
      ? rejectedCall(run, checked.turn, call, decision.value.reason)
      : continueCall(
        run,
        tool,
        call,
        checked,
        withDecision(decided, decision.value),
        reason === "answer" ? execution + 1 : execution
      )
  })

/** Asks for decisions about the calls of runs inside of a call. With any decision, the call executes again. */
const awaitDecisionsInside = (
  run: RunContext,
  tool: PreparedTool,
  call: FunctionCall,
  checked: CheckedCall,
  decided: CallDecisions,
  execution: number,
  inside: ReadonlyArray<PendingCall>
): Effect.Effect<CallResult, RunError, unknown> =>
  Effect.gen(function*() {
    if (inside.length === 0) return { _tag: "pending", calls: [pendingCall(checked.turn, call, "stopped")] }
    const activities = yield* Activities
    let isDecided = false
    for (const pending of inside) {
      const { callId, name, reason } = pending
      const key = { ...keyOf(run, checked, execution), callId, name, reason }
      const decision = reason === "stopped"
        ? Option.none()
        : yield* activities.approval(key, pending, () => Effect.void)
      if (Option.isNone(decision)) continue
      yield* run.decide(callId, decision.value)
      isDecided = true
    }
    return isDecided
      ? yield* continueCall(run, tool, call, checked, decided, execution + 1)
      : { _tag: "pending", calls: inside }
  })

const withDecision = (
  decided: CallDecisions,
  decision: Exclude<Decision, { readonly _tag: "reject" }>
): CallDecisions => decision._tag === "answer" ? { ...decided, answer: decision } : { ...decided, permission: decision }

const requiredPermission = (
  middleware: ReadonlyArray<Middleware>,
  { definition }: PreparedTool,
  call: CheckedCall
): Effect.Effect<"allow" | "deny" | "ask", RunError, unknown> =>
  Effect.gen(function*() {
    for (const { approval } of middleware) {
      const permission = approval === undefined
        ? undefined
        : yield* runCallback("the middleware `approval`", () => approval(call))
      if (permission !== undefined) return permission
    }
    return (yield* definition.requireApproval(call.params, call)) ? "ask" : "allow"
  })

const unknownTool = (
  run: RunContext,
  turn: number,
  call: FunctionCall
): Effect.Effect<CallResult, UnknownToolError> => {
  const names = run.agents.toolsFor(call.callId)
  const available = names.length === 0 ? "There are no tools to call." : `Available: ${names.join(", ")}.`
  return run.prepared.options.onUnknownTool === "error"
    ? Effect.fail(
      new UnknownToolError({
        name: call.name,
        callId: call.callId,
        message: `agent: the model called the tool "${call.name}", which is not a tool of this run. ${available}`
      })
    )
    : failedCall(run, turn, call, `There is no tool "${call.name}". ${available}`)
}

const readArguments = (
  tool: PreparedTool,
  call: FunctionCall
): Effect.Effect<{ readonly params: unknown } | { readonly problem: string }, never, unknown> => {
  if (call.truncated) {
    return Effect.succeed({ problem: "The answer broke off within the arguments, so the call was not carried out." })
  }
  const parsed = parseArguments(call.argumentsText)
  if (parsed === undefined) return Effect.succeed({ problem: "The arguments are not valid JSON. Send a JSON object." })
  return Effect.match(tool.codecs.params(parsed.value), {
    onFailure: (issues) => ({ problem: `The arguments do not fit: ${issuesText(issues)}` }),
    onSuccess: (params) => ({ params })
  })
}

const manualOutcome = (
  run: RunContext,
  tool: PreparedTool,
  call: CheckedCall,
  decided: CallDecisions
): Effect.Effect<ToolRecord, RunError, unknown> =>
  Effect.gen(function*() {
    const value = decided.answer?.value
    const result = yield* decodeAnswer(tool, call.id, value)
    const output = yield* modelOutput(run, tool, call, result, value)
    const now = yield* timeOf(run)
    return recordOf(call.turn, call.id, call.name, { status: "success", output, result: value }, now)
  })

/** When a call that does not execute is done: at the end of its turn, which is the same in a replay. */
const timeOf = ({ state: { lastStep } }: RunContext): Effect.Effect<number> =>
  lastStep === undefined ? Clock.currentTimeMillis : Effect.succeed(lastStep.endedAt)

const failedCall = (
  run: RunContext,
  turn: number,
  call: FunctionCall,
  reason: string,
  marks: Pick<ToolRecord, "rejected"> = {}
): Effect.Effect<CallResult> =>
  Effect.map(
    Effect.zipRight(logUnexecuted(run, turn, call, marks.rejected === true ? "rejected" : "failure"), timeOf(run)),
    (now) => ({
      _tag: "done",
      record: { ...recordOf(turn, call.callId, call.name, refuse(reason), now), executed: false, ...marks }
    })
  )

const rejectedCall = (
  run: RunContext,
  turn: number,
  call: FunctionCall,
  reason: string | undefined
): Effect.Effect<CallResult> => {
  const text = reason === undefined
    ? "The user rejected this call; it was not carried out."
    : `The user rejected this call: ${reason}`
  return failedCall(run, turn, call, text, { rejected: true })
}

const recordOf = (turn: number, callId: string, name: string, outcome: ToolOutcome, now: number): ToolRecord => ({
  turn,
  callId,
  name,
  status: outcome.status,
  output: outcome.output,
  result: outcome.result,
  usage: Usage.none,
  startedAt: now,
  endedAt: now
})
