/** The beginning of a run: its input, the stored conversation, and decisions about pending calls. */
import * as Effect from "effect/Effect"
import { InvalidRequestError } from "../../../http/OpenRouterError.js"
import { stringAt } from "../../../internal/json.js"
import type { FunctionCallOutputItem, InputItem } from "../../../schema/ResponsesItemsRequest.js"
import { toItems } from "../../Convert.js"
import { checkToken } from "../approval.js"
import { issuesText } from "../arguments.js"
import type { Entry } from "../conversation/entry.js"
import { histories } from "../conversation/history.js"
import { leftIn } from "../conversation/inbox.js"
import { waitingInside } from "../conversation/journal.js"
import type { Session } from "../conversation/session.js"
import { brokeOff, taskEnd } from "../conversation/taskEnd.js"
import type { RunError } from "../errors.js"
import type { Input, Options } from "../options.js"
import type { Decision, FunctionCall, PendingCall } from "../run.js"
import { pendingCall } from "../state/calls.js"
import * as History from "../state/history.js"
import type { State } from "../state/state.js"
import { newTask, taskOf } from "../state/task.js"
import { approvalResponse, isAnswer, isApprovalRequest, isPrompt, withAnswers } from "../state/waiting.js"
import { runCallback } from "../userCode.js"
import type { Agents } from "./agents.js"
import { localId } from "./ids.js"
import { fixedParams } from "./params.js"
import { invalid, type Prepared, type PreparedTool } from "./prepare.js"
import { throughPrompt } from "./prompt.js"
import { isRepeated, withoutStored } from "./storedInput.js"

/**
 * The new items of a run, after the middleware `prompt`. A run without `input` has none, and its middleware is not called.
 *
 * @internal
 */
export const readInput = (
  prepared: Prepared,
  state: State
): Effect.Effect<ReadonlyArray<InputItem>, RunError, unknown> =>
  Effect.gen(function*() {
    const option = prepared.options.input
    const input: Input | undefined = typeof option === "function"
      ? yield* runCallback("the parameter \"input\"", () =>
        option({ turn: 1, attempt: 1, run: state.progress(), newInput: [], current: fixedParams(prepared.options) }))
      : option
    if (input === undefined) {
      return []
    }
    const { unsupported, value } = toItems(input)
    // Labels, such as the index of a call, are missing in every conversion, and no model reads them
    const lost = unsupported.filter(({ loss }) =>
      loss !== "label"
    )
    if (lost.length > 0) {
      const reasons = lost.map(({ path, reason }) => `${path}: ${reason}`)
      yield* Effect.logWarning("Parts of the input have another form as items, or none", reasons)
    }
    return yield* throughPrompt(prepared, value)
  })

/**
 * The calls to execute first, and what the input adds to the stored conversation. This is stored with the first
 * response, so that a run that fails before it can be repeated without sending its input twice.
 *
 * @internal
 */
export interface Start {
  readonly calls: ReadonlyArray<FunctionCall>
  readonly input: ReadonlyArray<Entry>
  /** Whether the run has nothing to do but to respond to the messages that wait. */
  readonly hasOnlyMessages: boolean
}

/** The decisions that the run knows, and those about its calls that the run above knows, by the ids in its own run. */
interface KnownDecisions {
  readonly here: Decisions
  readonly above: ReadonlyMap<string, Decision>
}

/**
 * Joins the stored conversation and the new input, and finds the calls to execute. A call before a new prompt that has no
 * decision gets an output which says that it has no result, and a request for an approval gets a response.
 *
 * @internal
 */
export const startRun = (
  prepared: Prepared,
  agents: Agents,
  state: State,
  { above, here: decisions }: KnownDecisions,
  session: Session | undefined,
  items: ReadonlyArray<InputItem>
): Effect.Effect<Start, RunError, unknown> =>
  Effect.gen(function*() {
    const entries = session?.log.entries ?? []
    const { sent, whole } = histories(entries)
    const { runId } = prepared.options
    const given = isRepeated(entries, runId, items) ? [] : yield* withoutStored(whole, sent, items)
    const { history, outputs, newItems } = mergeInput(whole, given)
    state.startFrom(history, sent === whole ? history : mergeInput(sent, given).history)
    state.context.startFrom(entries, given)
    const waitingMessages = session?.waiting() ?? []
    const hasMessages = waitingMessages.length > 0
    const hasSaid = waitingMessages.some(({ callId }) => callId === undefined)
    if (history.length === 0 && !hasMessages) {
      return yield* new InvalidRequestError({
        parameter: "input",
        message:
          "agent: nothing was sent, because the run has neither an `input` nor a stored conversation. Set `input`."
      })
    }
    for (const entry of entries) {
      if (entry._tag === "decision") decisions.add(entry.callId, entry.decision)
    }
    const pending = History.pendingCalls(state.history)
    const requests = state.waiting.all.filter(({ item }) => isApprovalRequest(item))
    const pendingCalls = pending.map((call) => pendingCall(0, call, "approval"))
    const requestedCalls = requests.map(({ call }) => ({ ...call, turn: 0 }))
    const nestedCalls = waitingInside(pending, entries)
    const waiting = [...pendingCalls, ...requestedCalls, ...nestedCalls]
    const decided = withDecisionsAbove(
      yield* readDecisions(
        { ...prepared.options, approve: yield* approvedIds(prepared.options, waiting) },
        new Set(waiting.map((call) => call.callId)),
        decidedBefore(session, runId)
      ),
      waiting,
      above
    )
    for (const [callId, decision] of decided) {
      yield* checkAnswer(agents, pending, callId, decision)
      if (decision._tag === "answer" && requests.some(({ call }) => call.callId === callId)) {
        return yield* invalid("answer", `the call "${callId}" waits for an approval. Use \`approve\` or \`reject\``)
      }
    }
    const decidedIds = new Set(decided.map(([callId]) => callId))
    for (const { callId, path = [] } of nestedCalls) {
      if (decidedIds.has(callId)) path.forEach((id) => decidedIds.add(id))
    }
    const lastPrompt = state.history.findLastIndex(isPrompt)
    const isAnswered = wasAnswered(state.history)
    for (const [callId, decision] of decided) decisions.add(callId, decision)
    const answers = requests.flatMap(({ call: { callId }, isPassed, item }) => {
      const known = decidedIds.has(callId) || !isAnswered(callId) ? decisions.of(callId).permission : undefined
      const permission = known ?? (isPassed ? notApproved : undefined)
      return permission === undefined ? [] : [{ to: item, item: approvalResponse(callId, permission) }]
    })
    const skipped = pending.filter((call) => call.index < lastPrompt && !decidedIds.has(call.callId)).map(missingOutput)
    state.addOutputs(skipped)
    state.addAnswers(answers)
    const added = withStoredAnswers(newItems, answers)
    const calls = History.pendingCalls(state.history)
    const input: ReadonlyArray<Entry> = [
      ...[...outputs, ...skipped].map((item) => ({ _tag: "output", item } as const)),
      ...(added.length === 0 ? [] : [{ _tag: "input", items: added } as const])
    ]
    const isIdle = calls.length === 0 && input.length === 0 && state.waiting.callsOf(0).length === 0
    const isLeft = leftIn(entries).size > 0
    const hasOnlyMessages = isIdle && !isLeft && hasSaid
    state.continueTask(hasOnlyMessages ? newTask : taskOf(state.history, state.speakers.handoff))
    if (session !== undefined) {
      const end = isIdle && !hasMessages ? taskEnd(session.log.entries) : undefined
      // While a call goes on in the background, the task has not come to its end
      state.ended = end !== undefined && isLeft ? { ...end, isRecorded: false } : end
      // This append holds the conversation, also an empty one. A run that only returns an end does not have to
      if (state.ended?.isRecorded !== true) {
        yield* session.append(decided.map(([callId, decision]) => ({ _tag: "decision", callId, decision } as const)))
      }
    }
    return { calls, input, hasOnlyMessages }
  })

const withDecisionsAbove = (
  decided: ReadonlyArray<readonly [callId: string, decision: Decision]>,
  waiting: ReadonlyArray<PendingCall>,
  above: ReadonlyMap<string, Decision>
): ReadonlyArray<readonly [callId: string, decision: Decision]> => {
  const here = new Set(decided.map(([callId]) => callId))
  return [
    ...decided,
    ...waiting.flatMap((call) => {
      const decision = here.has(call.callId) ? undefined : above.get(localId(call))
      return decision === undefined ? [] : [[call.callId, decision] as const]
    })
  ]
}

/** The ids of approved calls, from their tokens if approvals are signed. */
const approvedIds = ({ approvals, approve = [] }: Options, pending: ReadonlyArray<PendingCall>) =>
  approvals === undefined
    ? Effect.succeed(approve)
    : Effect.forEach(approve, (token) => checkToken(approvals, pending, token))

/** Appends new items to the stored ones. An output of a stored call goes to the place of its call. */
const mergeInput = (stored: ReadonlyArray<InputItem>, items: ReadonlyArray<InputItem>) => {
  const waiting = new Set(History.pendingCalls(stored).map((call) => call.callId))
  const outputs: Array<FunctionCallOutputItem> = []
  const newItems: Array<InputItem> = []
  for (const item of items) {
    if (item.type === "function_call_output" && waiting.delete(item.call_id)) outputs.push(item)
    else newItems.push(item)
  }
  // New items may be a history, too, whose outputs stand behind later items
  return { history: History.settle([...History.settle(stored, outputs), ...newItems], []), outputs, newItems }
}

/** A server could use the id of a request again, and a decision is about one request. */
const wasAnswered = (history: ReadonlyArray<InputItem>) => {
  const ids = new Set(
    history.flatMap((item) => item.type === "mcp_approval_response" ? stringAt(item, "approval_request_id") ?? [] : [])
  )
  return (callId: string): boolean => ids.has(callId)
}

const notApproved = { _tag: "reject", reason: "It was not approved: the conversation went on without it." } as const

/** What the input adds to the stored items: answers to these, behind given ones, and the new items with their answers. */
const withStoredAnswers = (
  newItems: ReadonlyArray<InputItem>,
  answers: Parameters<typeof withAnswers>[1]
): ReadonlyArray<InputItem> => {
  const isNew = new Set(newItems)
  const ofStored = answers.flatMap(({ item, to }) => isNew.has(to) ? [] : [item])
  const first = newItems.findIndex((item) => !isAnswer(item))
  const given = first === -1 ? newItems : newItems.slice(0, first)
  return [...given, ...ofStored, ...withAnswers(newItems.slice(given.length), answers)]
}

/** Ids of calls with a decision in a run that the caller may repeat with the same decisions: it failed, or has this id. */
const decidedBefore = (session: Session | undefined, run: string | undefined): ReadonlySet<string> => {
  const entries = session?.log.entries ?? []
  const closed = entries.findLast((entry) => entry._tag === "closed")
  const mayRepeat = closed === undefined || closed.run === run || brokeOff.has(closed.outcome)
  return new Set(mayRepeat ? entries.flatMap((entry) => entry._tag === "decision" ? [entry.callId] : []) : [])
}

const missingOutput = (call: FunctionCall): FunctionCallOutputItem => ({
  type: "function_call_output",
  call_id: call.callId,
  output: JSON.stringify({ error: "There is no result of this call: the conversation went on without it." })
})

/**
 * Fails if an answer does not fit the schema of its tool.
 *
 * @internal
 */
export const checkAnswer = (
  agents: Agents,
  pending: ReadonlyArray<FunctionCall>,
  callId: string,
  decision: Decision
): Effect.Effect<void, InvalidRequestError, unknown> => {
  const call = pending.find((call) => call.callId === callId)
  const tool = call === undefined ? undefined : agents.toolOf(call)
  return decision._tag !== "answer" || tool === undefined
    ? Effect.void
    : Effect.asVoid(decodeAnswer(tool, callId, decision.value))
}

/**
 * The decisions about a call so far: whether it may execute, and the answer that it waited for.
 *
 * @internal
 */
export interface CallDecisions {
  readonly permission?: Exclude<Decision, { readonly _tag: "answer" }> | undefined
  readonly answer?: Extract<Decision, { readonly _tag: "answer" }> | undefined
}

/**
 * The decisions about the calls of a run. A later one about the same call replaces an earlier one.
 *
 * @internal
 */
export class Decisions {
  private readonly decided = new Map<string, CallDecisions>()

  of(callId: string): CallDecisions {
    return this.decided.get(callId) ?? {}
  }

  add(callId: string, decision: Decision): void {
    const before = this.of(callId)
    this.decided.set(
      callId,
      decision._tag === "answer" ? { ...before, answer: decision } : { ...before, permission: decision }
    )
  }
}

/**
 * The decisions in the options of a run. Each has to be about a call that is pending, or that was pending when the same
 * run was carried out before.
 *
 * @internal
 */
export const readDecisions = (
  options: Options,
  pending: ReadonlySet<string>,
  decidedBefore: ReadonlySet<string>
): Effect.Effect<ReadonlyArray<readonly [callId: string, decision: Decision]>, InvalidRequestError> =>
  Effect.gen(function*() {
    const found: Array<readonly [string, Decision]> = []
    const decide = (option: "approve" | "reject" | "answer", callId: string, decision: Decision) => {
      if (!pending.has(callId)) {
        if (decidedBefore.has(callId)) return Effect.void
        return invalid(option, `no call "${callId}" is pending. ${whereToLook(options, callId)}`)
      }
      if (option === "reject" && options.approve?.includes(callId)) {
        return invalid(option, `the call "${callId}" is in \`approve\` as well; keep it in one of both`)
      }
      found.push([callId, decision])
      return Effect.void
    }
    for (const callId of options.approve ?? []) yield* decide("approve", callId, { _tag: "approve" })
    for (const rejected of options.reject ?? []) {
      const { callId, reason } = typeof rejected === "string" ? { callId: rejected, reason: undefined } : rejected
      yield* decide("reject", callId, reason === undefined ? { _tag: "reject" } : { _tag: "reject", reason })
    }
    for (const [callId, value] of Object.entries(options.answer ?? {})) {
      yield* decide("answer", callId, { _tag: "answer", value })
    }
    return found
  })

const whereToLook = ({ conversation }: Options, callId: string): string =>
  conversation === undefined && callId.includes("/")
    ? "A call of a run inside of a tool can be decided only in a stored conversation: set `conversation`"
    : "Take the ids from `pending` of the run before"

/**
 * Decodes the answer of a call.
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
    (issues) =>
      invalid("answer", `the answer of the call "${callId}" does not fit the schema of its tool: ${issuesText(issues)}`)
  )
