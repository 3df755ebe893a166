/** What waits for the client beside function calls: calls of other tools, and requests for an approval. */
import { isObject, stringAt } from "../../../internal/json.js"
import { parseUnrounded } from "../../../internal/longNumbers.js"
import type { InputItem } from "../../../schema/ResponsesItemsRequest.js"
import type { Decision, PendingCall } from "../run.js"

type History = ReadonlyArray<InputItem>

/**
 * An item that waits, with its index in the history. The next request is refused without an item that answers it.
 *
 * @internal
 */
export interface Waiting {
  readonly item: InputItem
  readonly index: number
  readonly call: Omit<PendingCall, "turn">
}

/**
 * All items that wait, in their order.
 *
 * @internal
 */
export const findWaiting = (history: History): ReadonlyArray<Waiting> => {
  const outputs = new Set(history.flatMap((item) => endsWith(item, "_output") ? stringAt(item, "call_id") ?? [] : []))
  const waiting: Array<Waiting> = []
  history.forEach((item, index) => {
    if (endsWith(item, "_response")) removeAnswered(waiting, item)
    const call = callOf(item)
    if (call !== undefined && !outputs.has(call.callId)) waiting.push({ item, index, call })
  })
  return waiting
}

/**
 * The items that wait behind the last prompt. A prompt behind a call means that the caller goes on without its output.
 *
 * @internal
 */
export const waitingCalls = (history: History, turn: number): ReadonlyArray<PendingCall> => {
  const lastPrompt = history.findLastIndex(isPrompt)
  return findWaiting(history).flatMap(({ call, index }) => index > lastPrompt ? [{ ...call, turn }] : [])
}

/**
 * Whether an item is new input: a message that is not the model's.
 *
 * @internal
 */
export const isPrompt = (item: InputItem): boolean =>
  "role" in item && typeof item.role === "string" && item.role !== "assistant"

/**
 * Whether an item is a call of any tool, or a request for one.
 *
 * @internal
 */
export const isCall = (item: InputItem): boolean => endsWith(item, "_call") || endsWith(item, "_request")

/** Not every item has a type: a message may have a role alone. */
const endsWith = (item: InputItem, end: string): boolean => stringAt(item, "type")?.endsWith(end) === true

/** An id that a server uses again belongs to the first request that waits. */
const removeAnswered = (waiting: Array<Waiting>, response: InputItem): void => {
  const values = new Set<unknown>(Object.values(response))
  const answered = waiting.findIndex(({ call, item }) => endsWith(item, "_request") && values.has(call.callId))
  if (answered !== -1) waiting.splice(answered, 1)
}

const callOf = (item: InputItem): Waiting["call"] | undefined => {
  if (item.type === "function_call") return undefined
  const isCall = endsWith(item, "_call")
  const callId = stringAt(item, "call_id") ?? (isCall ? undefined : stringAt(item, "id"))
  if (callId === undefined || !(isCall ? isForClient(item) : endsWith(item, "_request"))) return undefined
  const call = { callId, name: stringAt(item, "name") ?? String(item.type), arguments: argumentsOf(item) }
  if (!isApprovalRequest(item)) return { ...call, reason: "manual" }
  const serverLabel = stringAt(item, "server_label")
  return { ...call, reason: "approval", ...(serverLabel === undefined ? {} : { serverLabel }) }
}

/** What a server executes itself has its result with it, or says so. */
const isForClient = (item: InputItem): boolean =>
  stringAt(item, "execution") !== "server" && !resultFields.some((field) => (Reflect.get(item, field) ?? null) !== null)

const resultFields = ["output", "outputs", "result", "results", "error"]

const argumentsOf = (item: InputItem): unknown => {
  const text = stringAt(item, "input") ?? stringAt(item, "arguments")
  return text === undefined
    ? isObject(item) ? item["operation"] ?? item["action"] ?? item["arguments"] : undefined
    : parseUnrounded(text)?.value ?? text
}

/**
 * Whether an item asks for the approval of a call that the server executes. A decision about it becomes a response.
 *
 * @internal
 */
export const isApprovalRequest = (item: InputItem): boolean => item.type === "mcp_approval_request"

/**
 * The item that answers a request for an approval.
 *
 * @internal
 */
export const approvalResponse = (
  callId: string,
  decision: Exclude<Decision, { readonly _tag: "answer" }>
): InputItem => ({
  type: "mcp_approval_response",
  approval_request_id: callId,
  approve: decision._tag === "approve",
  ...(decision._tag === "approve" || decision.reason === undefined ? {} : { reason: decision.reason })
})

/**
 * The history with answers to items that wait, each behind the turn of its item and the outputs of that turn.
 *
 * @internal
 */
export const withAnswers = (
  history: History,
  answers: ReadonlyArray<{ readonly to: InputItem; readonly item: InputItem }>
): History => {
  const open = new Map(answers.map(({ item, to }) => [to, item]))
  if (open.size === 0) return history
  const settled: Array<InputItem> = []
  const due: Array<InputItem> = []
  let isBehindTurn = false
  for (const item of history) {
    const isOfModel = !isPrompt(item) && !isAnswer(item)
    if (isPrompt(item) || isBehindTurn && isOfModel) settled.push(...due.splice(0))
    isBehindTurn = !isOfModel
    settled.push(item)
    const answer = open.get(item)
    if (answer !== undefined) due.push(answer)
  }
  return [...settled, ...due]
}

const isAnswer = (item: InputItem): boolean => endsWith(item, "_output") || endsWith(item, "_response")
