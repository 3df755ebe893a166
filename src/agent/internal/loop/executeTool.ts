import * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import * as Scope from "effect/Scope"
import { timeLimit } from "../../../internal/timeLimits.js"
import type { Issue } from "../../../schema/guard.js"
import { Activities, passThrough } from "../../Activities.js"
import { type CheckedCall, refuse, type ToolOutcome } from "../../Middleware.js"
import { ToolTimeoutError } from "../../Tool.js"
import * as Usage from "../../Usage.js"
import { CurrentCall, ToolSuspended } from "../callInfo.js"
import type { RunError } from "../errors.js"
import type { ToolRecord } from "../records.js"
import { Ledger } from "../state/spending.js"
import type { Account } from "../state/state.js"
import type { HandlerService } from "../tool.js"
import { fromUser, runCallback, type UserError } from "../userCode.js"
import type { PreparedTool } from "./prepare.js"
import { type RunContext, tell } from "./runContext.js"
import { type Decided, decodeAnswer } from "./start.js"

/**
 * Carries out a call that may be: within the limits of the run and the tool, through the middleware, and with what it
 * spends on models put to its account.
 *
 * @internal
 */
export const carryOut = (
  run: RunContext,
  tool: PreparedTool,
  handler: HandlerService,
  call: CheckedCall,
  answer: Decided["answer"]
): Effect.Effect<ToolRecord, RunError, unknown> =>
  Effect.gen(function*() {
    const resumed = answer === undefined
      ? Effect.failSync(() => new ToolSuspended({ callId: call.id }))
      : Effect.succeed(yield* decodeAnswer(tool, call.id, answer.value))
    const account = run.state.open()
    const recorded = Effect.gen(function*() {
      // It waited for a place that another call left as it failed or was interrupted: so it will be, too
      if (run.state.isOver) return yield* Effect.never
      const startedAt = run.clock.unsafeCurrentTimeMillis()
      const record = (outcome: ToolOutcome) =>
        recordOf(call, outcome, account, startedAt, run.clock.unsafeCurrentTimeMillis())
      const finish = (value: unknown) => {
        // What a middleware would make of it, nobody knows
        if (run.prepared.middleware.some((one) => one.tool !== undefined)) return
        run.finished.set(call.id, Effect.map(succeeded(tool, call, value), record))
      }
      const work: Work = { handler, answer: resumed, account, finish }
      const outcome = yield* throughMiddleware(run, call, (params) => outcomeOf(run, tool, { ...call, params }, work))
      return outcome.error === undefined ? record(outcome) : yield* fromUser(Effect.fail(outcome.error.value))
    })
    const isKept = (exit: Exit.Exit<ToolRecord, RunError>) =>
      Exit.isSuccess(exit) || Exit.isInterrupted(exit) && run.finished.has(call.id)
    return yield* recorded.pipe(
      Effect.onExit((exit) =>
        Effect.sync(() => {
          run.state.isOver ||= Exit.isFailure(exit)
          run.state.close(account, isKept(exit))
        })
      ),
      Effect.withSpan(`execute_tool ${call.name}`, { captureStackTrace: false, attributes: attributesOf(call) }),
      within(run.limit),
      within(tool.limit)
    )
  })

const within =
  (limit: Effect.Semaphore | undefined) => <A, E, R>(call: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    limit === undefined ? call : limit.withPermits(1)(call)

/** The work on a call: `finish` takes note of what the handler gave, the moment it does. */
interface Work {
  readonly handler: HandlerService
  readonly answer: Effect.Effect<unknown, ToolSuspended>
  readonly account: Account
  readonly finish: (value: unknown) => void
}

const recordOf = (
  { id: callId, name, turn }: CheckedCall,
  { output, result, status }: ToolOutcome,
  { unsettled, usage }: Account,
  startedAt: number,
  endedAt: number
): ToolRecord => {
  const spent = unsettled.length === 0 ? { usage } : { usage, unsettled: [...unsettled] }
  return { turn, callId, name, status, output, result, ...spent, startedAt, endedAt }
}

const attributesOf = (call: CheckedCall) => ({
  "gen_ai.operation.name": "execute_tool",
  "gen_ai.tool.name": call.name,
  "gen_ai.tool.type": "function",
  "gen_ai.tool.call.id": call.id
})

const throughMiddleware = (
  run: RunContext,
  call: CheckedCall,
  work: (params: unknown) => Effect.Effect<ToolOutcome, RunError, unknown>
): Effect.Effect<ToolOutcome, RunError, unknown> => {
  const around = run.prepared.middleware.reduceRight(
    (next, { tool }) => {
      if (tool === undefined) return next
      // What fails the run stands in the outcome, and what the handler requires is the run's: the middleware sees neither
      const seen = next as (params: unknown) => Effect.Effect<ToolOutcome>
      return (params) => runCallback("the middleware `tool`", () => tool({ ...call, params }, seen))
    },
    work
  )
  return around(call.params)
}

const outcomeOf = (
  run: RunContext,
  tool: PreparedTool,
  call: CheckedCall,
  work: Work
): Effect.Effect<ToolOutcome, RunError, unknown> =>
  Effect.flatMap(
    Effect.exit(handle(run, tool, call, work)),
    (exit) =>
      Effect.tap(outcomeAfter(tool, call, exit), ({ status }) =>
        status === "failure" ? Effect.annotateCurrentSpan("error.type", errorType(exit)) : Effect.void)
  )

/** How a handler can fail: with an error of its tool, or because it waits, or because it took too long. */
type HandlerFailure = UserError | ToolSuspended | ToolTimeoutError

const outcomeAfter = (
  tool: PreparedTool,
  call: CheckedCall,
  exit: Exit.Exit<unknown, HandlerFailure>
): Effect.Effect<ToolOutcome, RunError, unknown> => {
  if (Exit.isSuccess(exit)) return succeeded(tool, call, exit.value)
  const failure = Cause.failureOption(exit.cause)
  return Option.isSome(failure)
    ? failed(tool, failure.value)
    // There is no failure in the cause
    : died(tool, exit.cause as Cause.Cause<never>)
}

const errorType = (exit: Exit.Exit<unknown, HandlerFailure>): string => {
  const failure = Exit.isFailure(exit) ? Cause.failureOption(exit.cause) : Option.none()
  return Option.exists(failure, (error) => error instanceof ToolTimeoutError) ? "timeout" : "tool_error"
}

const handle = (
  run: RunContext,
  tool: PreparedTool,
  call: CheckedCall,
  { account, answer, finish, handler }: Work
): Effect.Effect<unknown, HandlerFailure, unknown> =>
  Effect.flatMap(Ledger, (around) => {
    const { params, run: _, ...info } = call
    const spend = (usage: Usage.Usage, unsettled: ReadonlyArray<string> = []) => {
      account.usage = Usage.add(account.usage, usage)
      account.unsettled.push(...unsettled)
      around.spend(usage, unsettled)
    }
    const progress = (result: unknown) =>
      tell(run, { type: "tool.preliminary_result", turn: call.turn, toolCallId: call.id, name: call.name, result })
    const ledger = { spend, exhausted: run.exhausted }
    let attempt = 0
    const once = Effect.flatMap(Scope.make(), (scope) => {
      const current = { ...info, attempt: ++attempt }
      const given = Context.make(CurrentCall, current).pipe(
        Context.add(Scope.Scope, scope),
        Context.add(Ledger, ledger),
        Context.add(Activities, passThrough)
      )
      const handling = handler.handle(params, { ...current, progress, answer }, given)
      return Effect.onExit(handling, (exit) => Scope.close(scope, exit))
    }).pipe(
      Effect.map((value) => {
        finish(value)
        return value
      }),
      inTime(tool, call)
    )
    const { retry } = tool.definition
    return retry === undefined ? once : Effect.retry(once, { schedule: retry, while: isFailure })
  })

const isFailure = (error: HandlerFailure): boolean => !(error instanceof ToolSuspended)

const inTime =
  ({ definition }: PreparedTool, call: CheckedCall) =>
  <A, E, R>(handling: Effect.Effect<A, E, R>): Effect.Effect<A, E | ToolTimeoutError, R> => {
    const { timeout } = definition
    return Duration.isFinite(timeout)
      ? timeLimit(handling, timeout, () =>
        new ToolTimeoutError({
          name: call.name,
          callId: call.id,
          timeout,
          message: `The tool "${call.name}" took longer than ${Duration.format(timeout)} and was stopped.`
        }))
      : handling
  }

const succeeded = (
  tool: PreparedTool,
  call: CheckedCall,
  value: unknown
): Effect.Effect<ToolOutcome, RunError, unknown> =>
  Effect.matchEffect(tool.codecs.success(value), {
    onFailure: (issues) => Effect.as(warn(tool, "gave", issues), refuse("The tool failed.")),
    onSuccess: (result) =>
      Effect.map(
        runCallback(`toModelOutput of the tool "${call.name}"`, () =>
          tool.definition.toOutput(value, result, call.params)),
        (output): ToolOutcome => ({ status: "success", output, result })
      )
  })

const failed = (tool: PreparedTool, failure: HandlerFailure): Effect.Effect<ToolOutcome, never, unknown> => {
  if (failure instanceof ToolSuspended) return Effect.succeed({ status: "suspended", output: "", result: null })
  const error = tool.definition.failureMode === "error" ? { error: { value: failure } } : {}
  if (failure instanceof ToolTimeoutError) return Effect.succeed({ ...refuse(failure.message), ...error })
  return Effect.matchEffect(tool.codecs.failure(failure), {
    onFailure: (issues) => Effect.as(warn(tool, "failed with", issues), { ...refuse("The tool failed."), ...error }),
    onSuccess: (encoded) =>
      Effect.succeed<ToolOutcome>({
        status: "failure",
        output: JSON.stringify({ error: encoded }),
        result: { error: encoded },
        ...error
      })
  })
}

const warn = ({ definition }: PreparedTool, did: string, issues: ReadonlyArray<Issue>): Effect.Effect<void> =>
  Effect.logWarning(`The handler of the tool "${definition.name}" ${did} what its schema does not allow`, issues)

/** What a defect says is for whoever runs the agent, not for the model. */
const died = (tool: PreparedTool, cause: Cause.Cause<never>): Effect.Effect<ToolOutcome> =>
  tool.definition.failureMode === "error"
    ? Effect.failCause(cause)
    : Effect.as(
      Effect.logError(`The handler of the tool "${tool.definition.name}" died`, cause),
      refuse("The tool failed unexpectedly.")
    )
