import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { parseJson } from "../../../internal/json.js"
import { Activities } from "../../Activities.js"
import { type CheckedCall, type Middleware, refuse, type ToolOutcome } from "../../Middleware.js"
import * as Usage from "../../Usage.js"
import type { CallInfo } from "../callInfo.js"
import { type RunError, UnknownToolError } from "../errors.js"
import type { Decision, PendingCall, ToolRecord } from "../records.js"
import type { FunctionCall } from "../run.js"
import { pendingCall } from "../state/functionCalls.js"
import type { HandlerService } from "../tool.js"
import { runCallback } from "../userCode.js"
import { carryOut } from "./executeTool.js"
import type { PreparedTool } from "./prepare.js"
import type { RunContext } from "./runContext.js"
import { type Decided, decodeAnswer, inWords } from "./start.js"

/**
 * What came of a call: an output for the model, or what it waits for.
 *
 * @internal
 */
export type Settled = { readonly _tag: "done"; readonly record: ToolRecord } | {
  readonly _tag: "pending"
  readonly call: PendingCall
}

/**
 * Takes one call as far as it goes: the only place where a call becomes one that is carried out. What the model sent is
 * decoded first, then the gate is asked about what was decoded, then just that is given to the handler.
 *
 * @internal
 */
export const settleCall = (
  run: RunContext,
  turn: number,
  call: FunctionCall
): Effect.Effect<Settled, RunError, unknown> =>
  Effect.gen(function*() {
    const tool = run.prepared.tools.get(call.name)
    if (tool === undefined) return yield* unknownTool(run, turn, call)
    const decided = run.decisions.of(call.callId)
    if (decided.verdict?._tag === "reject") return yield* refused(turn, call, rejection(decided.verdict.reason))
    const checked = yield* readArguments(tool, call)
    if ("problem" in checked) return yield* refused(turn, call, checked.problem)
    const info: CallInfo = {
      id: call.callId,
      name: call.name,
      turn,
      attempt: 1,
      idempotencyKey: `${run.info.conversation ?? run.info.id}/${call.callId}`
    }
    return yield* proceed(run, tool, call, { ...info, params: checked.params, run: run.state.progress() }, decided)
  })

/** Goes on from what is decided until the call is done, or nobody can decide more about it now. */
const proceed = (
  run: RunContext,
  tool: PreparedTool,
  call: FunctionCall,
  checked: CheckedCall,
  decided: Decided
): Effect.Effect<Settled, RunError, unknown> =>
  Effect.gen(function*() {
    const { handler } = tool
    const isManual = handler === undefined
    const reason = isManual ? "manual" : "approval"
    const isOpen = isManual ? decided.answer !== undefined : decided.verdict !== undefined
    if (!isOpen) {
      const permission = isManual ? "ask" : yield* permissionOf(run.prepared.middleware, tool, checked)
      if (permission === "deny") return yield* refused(checked.turn, call, "This call is not allowed.")
      if (permission === "ask") return yield* wait(run, tool, call, checked, decided, reason)
    }
    const outcome = isManual
      ? yield* manualOutcome(tool, checked, decided)
      : yield* carriedOut(run, tool, handler, checked, decided)
    if (outcome.status === "suspended") {
      yield* noteWaiting(run, outcome)
      return yield* wait(run, tool, call, checked, decided, "answer")
    }
    return { _tag: "done", record: outcome }
  })

/** It has no output yet, but what it spent counts, and a store is to know what it waits for. */
const noteWaiting = (run: RunContext, record: ToolRecord): Effect.Effect<void, RunError, unknown> =>
  Effect.suspend(() => {
    run.state.addTool(record)
    return run.store([{ _tag: "tool", run: run.info.id, record }])
  })

const carriedOut = (
  run: RunContext,
  tool: PreparedTool,
  handler: HandlerService,
  checked: CheckedCall,
  decided: Decided
) =>
  Effect.flatMap(Activities, (activities) =>
    activities.tool(
      { turn: checked.turn, callId: checked.id, name: checked.name },
      carryOut(run, tool, handler, checked, decided.answer)
    ))

const wait = (
  run: RunContext,
  tool: PreparedTool,
  call: FunctionCall,
  checked: CheckedCall,
  decided: Decided,
  reason: PendingCall["reason"]
): Effect.Effect<Settled, RunError, unknown> =>
  Effect.gen(function*() {
    const pending = pendingCall(checked.turn, call, reason)
    const activities = yield* Activities
    const decision = yield* activities.approval(pending)
    if (Option.isNone(decision)) return { _tag: "pending", call: pending }
    yield* run.decide(call.callId, decision.value)
    return yield* decision.value._tag === "reject"
      ? refused(checked.turn, call, rejection(decision.value.reason))
      : proceed(run, tool, call, checked, withDecision(decided, decision.value))
  })

const withDecision = (decided: Decided, decision: Exclude<Decision, { readonly _tag: "reject" }>): Decided =>
  decision._tag === "answer" ? { ...decided, answer: decision } : { ...decided, verdict: decision }

const permissionOf = (
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

const unknownTool = (run: RunContext, turn: number, call: FunctionCall): Effect.Effect<Settled, UnknownToolError> => {
  const names = [...run.prepared.tools.keys()]
  const available = names.length === 0 ? "There are no tools to call." : `Available: ${names.join(", ")}.`
  return run.prepared.options.onUnknownTool === "error"
    ? Effect.fail(
      new UnknownToolError({
        name: call.name,
        callId: call.callId,
        message: `The model called the tool "${call.name}", which this run does not have. ${available}`
      })
    )
    : refused(turn, call, `There is no tool "${call.name}". ${available}`)
}

const readArguments = (
  tool: PreparedTool,
  call: FunctionCall
): Effect.Effect<{ readonly params: unknown } | { readonly problem: string }, never, unknown> => {
  if (call.truncated) {
    return Effect.succeed({ problem: "The answer broke off within the arguments, so the call was not carried out." })
  }
  const parsed = parseJson(call.arguments.trim() === "" ? "{}" : call.arguments)
  if (parsed === undefined) return Effect.succeed({ problem: "The arguments are not valid JSON. Send a JSON object." })
  return Effect.match(tool.codecs.params(parsed.value), {
    onFailure: (issues) => ({ problem: `The arguments do not fit: ${inWords(issues)}` }),
    onSuccess: (params) => ({ params })
  })
}

const manualOutcome = (
  tool: PreparedTool,
  call: CheckedCall,
  decided: Decided
): Effect.Effect<ToolRecord, RunError, unknown> =>
  Effect.gen(function*() {
    const value = decided.answer?.value
    const result = yield* decodeAnswer(tool, call.id, value)
    const output = yield* runCallback(
      `toModelOutput of the tool "${call.name}"`,
      () => tool.definition.toOutput(result, value, call.params)
    )
    const now = yield* Clock.currentTimeMillis
    return record(call.turn, call.id, call.name, { status: "success", output, result: value }, now)
  })

const refused = (turn: number, call: FunctionCall, reason: string): Effect.Effect<Settled> =>
  Effect.map(Clock.currentTimeMillis, (now) => ({
    _tag: "done",
    record: record(turn, call.callId, call.name, refuse(reason), now)
  }))

const rejection = (reason: string | undefined): string =>
  reason === undefined
    ? "The user rejected this call; it was not carried out."
    : `The user rejected this call: ${reason}`

const record = (turn: number, callId: string, name: string, outcome: ToolOutcome, now: number): ToolRecord => ({
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
