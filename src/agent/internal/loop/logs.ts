/** Logs of the level Debug: one for each turn and each tool call. They hold names, counts and costs, as the spans do. */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { withDebug } from "../../../internal/effect/logLevels.js"
import { debugLog, outcomeOf } from "../../../internal/logs.js"
import type { CheckedCall } from "../../Middleware.js"
import type { Usage } from "../../Usage.js"
import type { FunctionCall, ToolRecord, TurnRecord } from "../run.js"
import type { TurnContext } from "../turnParams.js"
import type { RunContext } from "./runContext.js"

/**
 * Writes a log when the request of a turn has ended.
 *
 * @internal
 */
export const loggedTurn = <E, R>(
  run: RunContext,
  { attempt, turn }: TurnContext,
  requested: Effect.Effect<TurnRecord, E, R>
): Effect.Effect<TurnRecord, E, R> =>
  observed(run, requested, (exit, durationMs) => {
    const record = Exit.isSuccess(exit) ? exit.value : undefined
    return debugLog("Agent turn", {
      ...about(run, run.state.speakers.current),
      turn,
      attempt,
      outcome: outcomeOf(exit),
      model: record?.response.model,
      durationMs,
      generationId: record?.response.id,
      toolCalls: record?.response.output.filter(({ type }) => type === "function_call").length,
      ...spent(record)
    })
  })

/**
 * Writes a log when a call has been executed.
 *
 * @internal
 */
export const loggedTool = <E, R>(
  run: RunContext,
  call: CheckedCall,
  executed: Effect.Effect<ToolRecord, E, R>
): Effect.Effect<ToolRecord, E, R> =>
  observed(run, executed, (exit, durationMs) => {
    const record = Exit.isSuccess(exit) ? exit.value : undefined
    return toolLog(run, call.turn, call.id, call.name, {
      outcome: record?.status ?? outcomeOf(exit),
      executed: record?.executed,
      durationMs,
      ...spent(record)
    })
  })

/**
 * Writes a log of a call that is not executed.
 *
 * @internal
 */
export const logUnexecuted = (
  run: RunContext,
  turn: number,
  { callId, name }: FunctionCall,
  outcome: "rejected" | "failure"
): Effect.Effect<void> =>
  withDebug((isDebug) => isDebug ? toolLog(run, turn, callId, name, { outcome, executed: false }) : Effect.void)

const observed = <A, E, R>(
  { clock }: RunContext,
  effect: Effect.Effect<A, E, R>,
  log: (exit: Exit.Exit<A, E>, durationMs: number) => Effect.Effect<void>
): Effect.Effect<A, E, R> =>
  withDebug((isDebug) => {
    if (!isDebug) return effect
    const startedAt = clock.unsafeCurrentTimeMillis()
    return Effect.onExit(effect, (exit) => log(exit, Math.round(clock.unsafeCurrentTimeMillis() - startedAt)))
  })

const toolLog = (
  run: RunContext,
  turn: number,
  callId: string,
  tool: string,
  ended: Readonly<Record<string, unknown>>
): Effect.Effect<void> =>
  debugLog("Agent tool call", {
    ...about(run, run.state.speakers.callerOf(callId).agent),
    turn,
    tool,
    callId,
    ...ended
  })

const about = ({ info }: RunContext, agent: string | undefined): Readonly<Record<string, unknown>> => ({
  run: info.id,
  conversation: info.conversation,
  agent
})

const spent = (record: { readonly usage: Usage } | undefined): Readonly<Record<string, unknown>> =>
  record === undefined || record.usage.totalTokens === 0 && record.usage.cost === 0
    ? {}
    : { inputTokens: record.usage.inputTokens, outputTokens: record.usage.outputTokens, cost: record.usage.cost }
