/** What waits for the client beside function calls: calls of other tools, and requests for an approval. */
import { isObject, stringAt } from "../../../internal/json.js"
import { parseUnrounded } from "../../../internal/longNumbers.js"
import type { InputItem } from "../../../schema/ResponsesItemsRequest.js"
import type { Decision, PendingCall } from "../run.js"

type History = ReadonlyArray<InputItem>

/**
 * An item that waits. The next request is refused without an item that answers it. `isPassed` says whether a prompt stands
 * behind it: then the caller went on without its output.
 *
 * @internal
 */
export interface Waiting {
  readonly item: InputItem
  readonly call: Omit<PendingCall, "turn">
  readonly isPassed: boolean
}

type Found = Omit<Waiting, "isPassed">

/**
 * Finds what waits among items that are read one by one, so that a turn costs only its own items.
 *
 * @internal
 */
export class WaitingItems {
  /** What no output and no response answered: before the last prompt, and behind it. */
  private passed: Array<Found> = []
  private current: Array<Found> = []
  private readonly outputs = new Set<string>()

  /** All items that wait, in their order. */
  get all(): ReadonlyArray<Waiting> {
    return [
      ...this.passed.map((found) => ({ ...found, isPassed: true })),
      ...this.current.map((found) => ({ ...found, isPassed: false }))
    ]
  }

  /** The items that wait behind the last prompt. */
  callsOf(turn: number): ReadonlyArray<PendingCall> {
    return this.current.map(({ call }) => ({ ...call, turn }))
  }

  read(item: InputItem): void {
    if (isPrompt(item)) this.pass()
    if (endsWith(item, "_output")) this.readOutput(stringAt(item, "call_id"))
    if (endsWith(item, "_response") && !removeAnswered(this.passed, item)) removeAnswered(this.current, item)
    const call = callOf(item)
    if (call !== undefined && !this.outputs.has(call.callId)) this.current.push({ item, call })
  }

  private pass(): void {
    for (const found of this.current) this.passed.push(found)
    this.current = []
  }

  private readOutput(callId: string | undefined): void {
    if (callId === undefined) return
    this.outputs.add(callId)
    const isOpen = ({ call }: Found) => call.callId !== callId
    if (!this.current.every(isOpen)) this.current = this.current.filter(isOpen)
    if (!this.passed.every(isOpen)) this.passed = this.passed.filter(isOpen)
  }
}

/**
 * All items that wait, in their order.
 *
 * @internal
 */
export const findWaiting = (history: History): ReadonlyArray<Waiting> => read(history).all

/**
 * The items that wait behind the last prompt. A prompt behind a call means that the caller goes on without its output.
 *
 * @internal
 */
export const waitingCalls = (history: History, turn: number): ReadonlyArray<PendingCall> => read(history).callsOf(turn)

const read = (history: History): WaitingItems => {
  const waiting = new WaitingItems()
  for (const item of history) waiting.read(item)
  return waiting
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
const removeAnswered = (waiting: Array<Found>, response: InputItem): boolean => {
  if (waiting.length === 0) return false
  const values = new Set<unknown>(Object.values(response))
  const answered = waiting.findIndex(({ call, item }) => endsWith(item, "_request") && values.has(call.callId))
  if (answered !== -1) waiting.splice(answered, 1)
  return answered !== -1
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

/**
 * Whether an item answers a call, or a request for one.
 *
 * @internal
 */
export const isAnswer = (item: InputItem): boolean => endsWith(item, "_output") || endsWith(item, "_response")
