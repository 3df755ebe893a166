/** The handler of an approved call: limits, middleware `tool`, retries, timeout, result. */
import * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import * as Scope from "effect/Scope"
import { Payers } from "../../../http/spending.js"
import { besideSpan } from "../../../internal/logs.js"
import { leaveAfter } from "../../../internal/timeLimits.js"
import type { Issue } from "../../../schema/guard.js"
import type { ToolCallOutput } from "../../../schema/ResponsesItems.js"
import { Activities, passThrough } from "../../Activities.js"
import { type CheckedCall, refuse, type ToolOutcome } from "../../Middleware.js"
import { ToolTimeoutError } from "../../Tool.js"
import { KeptTexts, shown, summarized } from "../context/largeOutput.js"
import type { RunError } from "../errors.js"
import type { ToolRecord } from "../run.js"
import { ParentRun } from "../state/parentRun.js"
import { type Account, toRecord } from "../state/spending.js"
import { CurrentCall, type HandlerService, ToolSuspended } from "../tool.js"
import { grace, patienceOf, withTimeout } from "../toolTimeout.js"
import { fromUser, runCallback, type UserError } from "../userCode.js"
import { LeftCalls } from "./backgroundTool.js"
import { idsBelow, NextRunId } from "./ids.js"
import { loggedTool } from "./logs.js"
import { EnclosingCall, NestedRuns } from "./nestedRuns.js"
import type { PreparedTool } from "./prepare.js"
import { emitEvent, type RunContext } from "./runContext.js"
import { inToolSpan } from "./spans.js"
import { type CallDecisions, decodeAnswer } from "./start.js"

/**
 * Executes an approved call, through the middleware. What its handler spends on models is added to the account of the
 * call. Once the handler has succeeded, the call is done: an interruption waits for the middleware, and a middleware or a
 * `toModelOutput` that fails does so after the call is recorded.
 *
 * @internal
 */
export const executeTool = (
  run: RunContext,
  tool: PreparedTool,
  handler: HandlerService,
  call: CheckedCall,
  answer: CallDecisions["answer"],
  account: Account
): Effect.Effect<ToolRecord, RunError, unknown> =>
  Effect.gen(function*() {
    const resumed = answer === undefined
      ? Effect.failSync(() => new ToolSuspended({ callId: call.id }))
      : Effect.succeed(yield* decodeAnswer(tool, call.id, answer.value))
    if (run.journal.ofCall(call.id).length > 0) {
      yield* run.store([{ _tag: "restarted", run: run.info.id, callId: call.id }])
      yield* run.calls.unlessFailed
    }
    account.begin()
    const startedAt = run.clock.unsafeCurrentTimeMillis()
    let isExecuted = false
    const { handoff, largeOutput } = tool.definition
    const record = (outcome: ToolOutcome): ToolRecord => ({
      ...recordOf(call, outcome, account, startedAt, run.clock.unsafeCurrentTimeMillis()),
      ...shown(outcome, largeOutput, call),
      ...(handoff === undefined || outcome.status !== "success" ? {} : { handoff: handoff.to }),
      ...(isExecuted ? {} : { executed: false })
    })
    const nested = new NestedRuns(run, call)
    const isGuarded = run.prepared.middleware.some((one) => one.tool !== undefined)
    const finish = (value: unknown) =>
      run.calls.keep(
        call.id,
        Effect.map(succeeded(run, tool, call, value), (outcome) => record(isGuarded ? withheld(outcome) : outcome))
      )
    const work: Execution = { handler, answer: resumed, account, finish, nested }
    const executed = Effect.flatMap(
      Effect.flatMap(
        throughMiddleware(run, call, (params) =>
          Effect.suspend(() => {
            isExecuted = true
            return outcomeOf(run, tool, { ...call, params }, work)
          })),
        (outcome) => withSummary(run, tool, call, outcome, account)
      ),
      (outcome) => {
        if (outcome.error !== undefined) return fromUser(Effect.fail(outcome.error.value))
        const done = record(outcome)
        if (outcome.status === "suspended") return Effect.succeed(nested.waits ? suspendedBy(nested, done) : done)
        run.calls.keep(call.id, Effect.succeed(done))
        return Effect.succeed(done)
      }
    )
    const closed = Effect.ensuring(
      isGuarded ? finishing(run, tool, call, executed) : executed,
      Effect.sync(() => nested.close())
    )
    return yield* inToolSpan(run, tool, call, loggedTool(run, call, closed))
  })

/** A summary is a model call of the tool. If a budget is used up, there is none. */
const withSummary = (
  run: RunContext,
  { definition }: PreparedTool,
  call: CheckedCall,
  outcome: ToolOutcome,
  account: Account
): Effect.Effect<ToolOutcome, RunError, unknown> => {
  const summary = summarized(outcome, definition.largeOutput, call)
  if (summary === undefined) return Effect.succeed(outcome)
  return Effect.flatMap(run.exhausted, (name) =>
    name === undefined
      ? Effect.provideService(summary, Payers, run.state.ledger.payersOf(account))
      : Effect.succeed(outcome))
}

/** Once the handler has succeeded, the middleware may finish in spite of an interruption, and its failure comes later. */
const finishing = (
  run: RunContext,
  tool: PreparedTool,
  call: CheckedCall,
  executed: Effect.Effect<ToolRecord, RunError, unknown>
): Effect.Effect<ToolRecord, RunError, unknown> =>
  Effect.catchAllCause(
    leaveAfter(executed, {
      limit: Duration.infinity,
      grace,
      patience: Duration.sum(patienceOf(tool.definition), grace),
      mayFinish: () => run.calls.kept(call.id) !== undefined,
      onTimeout: Effect.interrupt,
      onLeft: Effect.logWarning(`A middleware did not end after the tool "${call.name}" and was left behind`)
    }),
    (cause) => {
      const kept = run.calls.kept(call.id)
      if (kept === undefined || Cause.isInterrupted(cause)) return Effect.failCause(cause)
      run.calls.failAfter(call.id, cause)
      return kept
    }
  )

/** What the model receives if no middleware passed the result on: nothing of the result, which may need a change. */
const withheld = ({ result }: ToolOutcome): ToolOutcome => ({
  ...refuse("The tool was executed, but its result was not passed on."),
  result
})

const suspendedBy = (nested: NestedRuns, record: ToolRecord): ToolRecord => ({
  ...record,
  result: nested.unstored,
  pending: nested.pending
})

/** The execution of a call. `finish` keeps what the handler returned, at once. */
interface Execution {
  readonly nested: NestedRuns
  readonly handler: HandlerService
  readonly answer: Effect.Effect<unknown, ToolSuspended>
  readonly account: Account
  readonly finish: (value: unknown) => void
}

const recordOf = (
  { id: callId, name, turn }: CheckedCall,
  { output, result, status }: ToolOutcome,
  account: Account,
  startedAt: number,
  endedAt: number
): ToolRecord => ({ turn, callId, name, status, output, result, ...toRecord(account.seal()), startedAt, endedAt })

const throughMiddleware = (
  run: RunContext,
  call: CheckedCall,
  work: (params: unknown) => Effect.Effect<ToolOutcome, RunError, unknown>
): Effect.Effect<ToolOutcome, RunError, unknown> => {
  const wrapped = run.prepared.middleware.reduceRight(
    (next, { tool }) => {
      if (tool === undefined) return next
      // A failure of the run is part of the outcome, and the run provides what the handler requires
      const untypedNext = next as (params: unknown) => Effect.Effect<ToolOutcome>
      return (params) => runCallback("the middleware `tool`", () => tool({ ...call, params }, untypedNext))
    },
    work
  )
  return wrapped(call.params)
}

const outcomeOf = (
  run: RunContext,
  tool: PreparedTool,
  call: CheckedCall,
  work: Execution
): Effect.Effect<ToolOutcome, RunError, unknown> =>
  Effect.flatMap(
    Effect.exit(runHandler(run, tool, call, work)),
    (exit) => {
      const { failure } = work.nested
      if (failure !== undefined) {
        if (Exit.isFailure(exit)) return Effect.failCause(failure)
        run.calls.failAfter(call.id, failure)
      }
      return Effect.tap(outcomeOfExit(run, tool, call, exit), ({ status }) =>
        status === "failure" ? Effect.annotateCurrentSpan("error.type", errorType(exit)) : Effect.void)
    }
  )

/** A handler fails with an error of its tool, because it waits for an answer, or because of its timeout. */
type HandlerFailure = UserError | ToolSuspended | ToolTimeoutError

const outcomeOfExit = (
  run: RunContext,
  tool: PreparedTool,
  call: CheckedCall,
  exit: Exit.Exit<unknown, HandlerFailure>
): Effect.Effect<ToolOutcome, RunError, unknown> => {
  if (Exit.isSuccess(exit)) return succeeded(run, tool, call, exit.value)
  const failure = Cause.failureOption(exit.cause)
  return Option.isSome(failure)
    ? failed(tool, failure.value)
    // The cause has no failure
    : died(tool, exit.cause as Cause.Cause<never>)
}

const errorType = (exit: Exit.Exit<unknown, HandlerFailure>): string => {
  const failure = Exit.isFailure(exit) ? Cause.failureOption(exit.cause) : Option.none()
  return Option.exists(failure, (error) => error instanceof ToolTimeoutError) ? "timeout" : "tool_error"
}

const leftCallsOf = ({ background, state }: RunContext) =>
  LeftCalls.of({
    stateOf: (callId) => background.isExecuting(callId) ? "executing" : state.hasSettled(callId) ? "ended" : undefined,
    cancel: (callId) => background.cancel(callId)
  })

const noServices = Effect.succeed(Context.empty())

const runHandler = (
  run: RunContext,
  tool: PreparedTool,
  call: CheckedCall,
  { account, answer, finish, handler, nested }: Execution
): Effect.Effect<unknown, HandlerFailure, unknown> =>
  Effect.suspend(() => {
    const { params, run: _, ...info } = call
    const progress = (result: unknown) =>
      emitEvent(run, { type: "tool.preliminary_result", turn: call.turn, toolCallId: call.id, name: call.name, result })
    let attempt = 0
    const services = run.inside.interpreter.services ?? noServices
    const once = Effect.flatMap(Effect.zip(Scope.make(), services), ([scope, ofActivity]) => {
      const current = { ...info, attempt: ++attempt }
      const given = Context.add(ofActivity, CurrentCall, current).pipe(
        Context.add(Scope.Scope, scope),
        Context.add(ParentRun, {
          depth: run.parent.depth + 1,
          reservations: [...run.parent.reservations, ...run.reservations],
          exhausted: run.exhausted
        }),
        Context.add(Payers, run.state.ledger.payersOf(account)),
        Context.add(NextRunId, idsBelow(call.idempotencyKey)),
        Context.add(EnclosingCall, nested.attempt(attempt)),
        Context.add(KeptTexts, run.keptText),
        Context.add(LeftCalls, leftCallsOf(run)),
        Context.add(Activities, passThrough)
      )
      const handling = handler.handle(params, { ...current, progress, answer }, given)
      return Effect.onExit(handling, (exit) => Scope.close(scope, exit))
    }).pipe(
      (handling) => nested.suspends(handling),
      Effect.map((value) => {
        finish(value)
        return value
      }),
      withTimeout(tool.definition, call.id),
      (handling) => nested.suspends(handling)
    )
    const { retry } = tool.definition
    const mayRepeat = (error: HandlerFailure) => !(error instanceof ToolSuspended) && nested.failure === undefined
    return retry === undefined ? once : Effect.retry(once, { schedule: retry, while: mayRepeat })
  })

const succeeded = (
  run: RunContext,
  tool: PreparedTool,
  call: CheckedCall,
  value: unknown
): Effect.Effect<ToolOutcome, never, unknown> =>
  Effect.matchEffect(tool.codecs.success(value), {
    onFailure: (issues) => Effect.as(warnOfMismatch(tool, "returned", issues), refuse("The tool failed.")),
    onSuccess: (result) =>
      Effect.map(modelOutput(run, tool, call, value, result), (output): ToolOutcome => ({
        status: "success",
        output,
        result
      }))
  })

/**
 * The output for the model. If `toModelOutput` throws, the output says so, and the run fails after the call is recorded.
 *
 * @internal
 */
export const modelOutput = (
  run: RunContext,
  { definition }: PreparedTool,
  call: CheckedCall,
  value: unknown,
  encoded: unknown
): Effect.Effect<ToolCallOutput, never, unknown> =>
  Effect.catchAllCause(
    runCallback(`toModelOutput of the tool "${call.name}"`, () => definition.toOutput(value, encoded, call.params)),
    (cause) => {
      run.calls.failAfter(call.id, cause)
      return Effect.succeed("The tool succeeded, but its result cannot be shown.")
    }
  )

const failed = (tool: PreparedTool, failure: HandlerFailure): Effect.Effect<ToolOutcome, never, unknown> => {
  if (failure instanceof ToolSuspended) return Effect.succeed({ status: "suspended", output: "", result: null })
  const error = tool.definition.failureMode === "error" ? { error: { value: failure } } : {}
  if (failure instanceof ToolTimeoutError) return Effect.succeed({ ...refuse(failure.message), ...error })
  return Effect.matchEffect(tool.codecs.failure(failure), {
    onFailure: (issues) =>
      Effect.as(warnOfMismatch(tool, "failed with", issues), { ...refuse("The tool failed."), ...error }),
    onSuccess: (encoded) =>
      Effect.succeed<ToolOutcome>({
        status: "failure",
        output: JSON.stringify({ error: encoded }),
        result: { error: encoded },
        ...error
      })
  })
}

const warnOfMismatch = ({ definition }: PreparedTool, did: string, issues: ReadonlyArray<Issue>): Effect.Effect<void> =>
  besideSpan(
    Effect.logWarning(
      `The handler of the tool "${definition.name}" ${did} a value that does not fit its schema`,
      issues
    )
  )

/** The text of a defect goes to the log, not to the model. */
const died = (tool: PreparedTool, cause: Cause.Cause<never>): Effect.Effect<ToolOutcome> =>
  tool.definition.failureMode === "error"
    ? Effect.failCause(cause)
    : Effect.as(
      besideSpan(Effect.logError(`The handler of the tool "${tool.definition.name}" died`, cause)),
      refuse("The tool failed unexpectedly.")
    )
