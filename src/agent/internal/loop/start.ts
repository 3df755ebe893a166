import * as Effect from "effect/Effect"
import { InvalidRequestError } from "../../../http/OpenRouterError.js"
import type { Issue } from "../../../schema/guard.js"
import type { FunctionCallOutputItem, InputItem } from "../../../schema/ResponsesItemsRequest.js"
import * as Conversation from "../../Conversation.js"
import { toItems } from "../../Convert.js"
import type { Middleware } from "../../Middleware.js"
import type { Entry } from "../conversation/entry.js"
import type { Session } from "../conversation/session.js"
import type { RunError } from "../errors.js"
import type { Input, Options } from "../options.js"
import type { Decision } from "../records.js"
import type { FunctionCall } from "../run.js"
import * as History from "../state/history.js"
import type { State } from "../state/state.js"
import { runCallback } from "../userCode.js"
import { invalid, type Prepared, type PreparedTool } from "./prepare.js"

/**
 * The new items of a run, as the user gave them and as the middleware left them. Where a run only goes on there are none,
 * and no middleware is asked.
 *
 * @internal
 */
export const readInput = (
  prepared: Prepared,
  state: State
): Effect.Effect<ReadonlyArray<InputItem>, RunError, unknown> =>
  Effect.gen(function*() {
    const { input } = prepared.options
    const given: Input | undefined = typeof input === "function"
      ? yield* runCallback("the parameter \"input\"", () => input({ turn: 1, attempt: 1, run: state.progress() }))
      : input
    if (given === undefined) return []
    const { unsupported, value } = toItems(given)
    if (unsupported.length > 0) {
      const lost = unsupported.map(({ path, reason }) => `${path}: ${reason}`)
      yield* Effect.logWarning("The input says what items cannot say, and goes without it", lost)
    }
    return yield* Effect.reduce(
      prepared.middleware,
      value,
      (items, { prompt }: Middleware) =>
        prompt === undefined ? Effect.succeed(items) : runCallback("the middleware `prompt`", () => prompt(items))
    )
  })

/**
 * Calls to take up, and what the input adds to the stored conversation. It is stored with the first answer, so that a
 * run that fails before it can be repeated without saying everything twice.
 *
 * @internal
 */
export interface TakenUp {
  readonly calls: ReadonlyArray<FunctionCall>
  readonly input: ReadonlyArray<Entry>
}

/**
 * Brings stored conversation and new input together, and says which calls are to be taken up. Calls that the user went
 * on without are answered, with nothing.
 *
 * @internal
 */
export const takeUp = (
  prepared: Prepared,
  state: State,
  decisions: Decisions,
  session: Session | undefined,
  items: ReadonlyArray<InputItem>
): Effect.Effect<TakenUp, RunError, unknown> =>
  Effect.gen(function*() {
    const stored = session === undefined ? [] : Conversation.history(session.log)
    const { history, outputs, said } = joined(stored, items)
    state.give(history)
    if (history.length === 0) {
      return yield* new InvalidRequestError({
        parameter: "input",
        message: "agent: nothing was sent, as there is neither an `input` nor a conversation to go on with."
      })
    }
    for (const entry of session?.log.entries ?? []) {
      if (entry._tag === "decision") decisions.add(entry.callId, entry.decision)
    }
    const pending = History.pendingCalls(state.history)
    const decided = yield* decisionsIn(
      prepared.options,
      new Set(pending.map((call) => call.callId)),
      repeatable(session)
    )
    for (const [callId, decision] of decided) {
      yield* checkAnswer(prepared, pending, callId, decision)
      decisions.add(callId, decision)
    }
    const isDecided = new Set(decided.map(([callId]) => callId))
    const goneOn = state.history.findLastIndex(isPrompt)
    const passed = pending.filter((call) => call.index < goneOn && !isDecided.has(call.callId)).map(notCarriedOut)
    state.addOutputs(passed)
    if (session !== undefined) {
      yield* session.append(decided.map(([callId, decision]) => ({ _tag: "decision", callId, decision } as const)))
    }
    return {
      calls: History.pendingCalls(state.history),
      input: [
        ...[...outputs, ...passed].map((item) => ({ _tag: "output", item } as const)),
        ...(said.length === 0 ? [] : [{ _tag: "input", items: said } as const])
      ]
    }
  })

/** New items behind the stored ones; outputs of stored calls that wait for them take their places. */
const joined = (stored: ReadonlyArray<InputItem>, items: ReadonlyArray<InputItem>) => {
  const waiting = new Set(History.pendingCalls(stored).map((call) => call.callId))
  const outputs: Array<FunctionCallOutputItem> = []
  const said: Array<InputItem> = []
  for (const item of items) {
    if (item.type === "function_call_output" && waiting.delete(item.call_id)) outputs.push(item)
    else said.push(item)
  }
  // What was said may be a history, too, with outputs that came late behind it
  return { history: History.settle([...History.settle(stored, outputs), ...said], []), outputs, said }
}

/** The calls that were decided for a run that then failed: whoever repeats it decides them again. */
const repeatable = (session: Session | undefined): ReadonlySet<string> => {
  const entries = session?.log.entries ?? []
  const closed = entries.findLast((entry) => entry._tag === "closed")
  const hasFailed = closed === undefined || closed.outcome === "failed" || closed.outcome === "interrupted"
  return new Set(hasFailed ? entries.flatMap((entry) => entry._tag === "decision" ? [entry.callId] : []) : [])
}

const isPrompt = (item: InputItem): boolean =>
  "role" in item && typeof item.role === "string" && item.role !== "assistant"

const notCarriedOut = (call: FunctionCall): FunctionCallOutputItem => ({
  type: "function_call_output",
  call_id: call.callId,
  output: JSON.stringify({ error: "There is no result of this call: the conversation went on without it." })
})

/**
 * Refuses an answer that its tool could not read.
 *
 * @internal
 */
export const checkAnswer = (
  prepared: Prepared,
  pending: ReadonlyArray<FunctionCall>,
  callId: string,
  decision: Decision
): Effect.Effect<void, InvalidRequestError, unknown> => {
  const name = pending.find((call) => call.callId === callId)?.name
  const tool = name === undefined ? undefined : prepared.tools.get(name)
  return decision._tag !== "answer" || tool === undefined
    ? Effect.void
    : Effect.asVoid(decodeAnswer(tool, callId, decision.value))
}

/**
 * What was decided about a call so far: one word on whether to carry it out, and the answer that it waited for.
 *
 * @internal
 */
export interface Decided {
  readonly verdict?: Exclude<Decision, { readonly _tag: "answer" }> | undefined
  readonly answer?: Extract<Decision, { readonly _tag: "answer" }> | undefined
}

/**
 * The decisions about the calls of a run. A later one about the same call replaces an earlier one.
 *
 * @internal
 */
export class Decisions {
  private readonly decided = new Map<string, Decided>()

  of(callId: string): Decided {
    return this.decided.get(callId) ?? {}
  }

  add(callId: string, decision: Decision): void {
    const before = this.of(callId)
    this.decided.set(
      callId,
      decision._tag === "answer" ? { ...before, answer: decision } : { ...before, verdict: decision }
    )
  }
}

/**
 * The decisions in the options of a run; each has to be about a call that is pending, or was when the run was tried
 * before.
 *
 * @internal
 */
export const decisionsIn = (
  options: Options,
  pending: ReadonlySet<string>,
  repeatable: ReadonlySet<string>
): Effect.Effect<ReadonlyArray<readonly [callId: string, decision: Decision]>, InvalidRequestError> =>
  Effect.gen(function*() {
    const found: Array<readonly [string, Decision]> = []
    const take = (option: "approve" | "reject" | "answer", callId: string, decision: Decision) => {
      if (!pending.has(callId)) {
        if (repeatable.has(callId)) return Effect.void
        return invalid(option, `no call "${callId}" is pending. Take the ids from \`pending\` of the run before`)
      }
      if (option === "reject" && options.approve?.includes(callId)) {
        return invalid(option, `the call "${callId}" is approved as well`)
      }
      found.push([callId, decision])
      return Effect.void
    }
    for (const callId of options.approve ?? []) yield* take("approve", callId, { _tag: "approve" })
    for (const rejected of options.reject ?? []) {
      const { callId, reason } = typeof rejected === "string" ? { callId: rejected, reason: undefined } : rejected
      yield* take("reject", callId, reason === undefined ? { _tag: "reject" } : { _tag: "reject", reason })
    }
    for (const [callId, value] of Object.entries(options.answer ?? {})) {
      yield* take("answer", callId, { _tag: "answer", value })
    }
    return found
  })

/** @internal */
export const inWords = (issues: ReadonlyArray<Issue>): string =>
  issues.map(({ message, path }) => path === "" ? message : `${path}: ${message}`).join("; ")

/**
 * Decodes the answer of a call; one that does not fit is refused before anything is done with it.
 *
 * @internal
 */
export const decodeAnswer = (
  tool: PreparedTool,
  callId: string,
  value: unknown
): Effect.Effect<unknown, InvalidRequestError, unknown> =>
  Effect.catchAll(
    tool.codecs.answer(value),
    (issues) => invalid("answer", `what was given for the call "${callId}" does not fit: ${inWords(issues)}`)
  )
