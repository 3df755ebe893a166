/** The rules of a history: which output belongs to which call, the place of an output, and what cannot be sent. */
import { stringAt } from "../../../internal/json.js"
import type { OpenResponsesResult } from "../../../schema/Responses.js"
import type { OutputItems } from "../../../schema/ResponsesItems.js"
import type { FunctionCallOutputItem, InputItem } from "../../../schema/ResponsesItemsRequest.js"
import type { FunctionCall } from "../run.js"
import { type CallItem, callOf, isTruncated, isUnfinished } from "./calls.js"

type History = ReadonlyArray<InputItem>

/**
 * The items of a response and its calls, with ids that are unique in the history. A truncated call is marked as incomplete,
 * so that the history alone shows that it must not execute. Everything else stays unchanged.
 *
 * @internal
 */
export const readTurn = (
  response: OpenResponsesResult,
  used: ReadonlySet<string> | History,
  turn: number
): { readonly items: ReadonlyArray<OutputItems>; readonly calls: ReadonlyArray<FunctionCall> } => {
  const ids = new UniqueIds("has" in used ? used : callIds(used), callIds(response.output))
  const calls: Array<FunctionCall> = []
  const items = response.output.map((item) => {
    if (item.type !== "function_call") return item
    const truncated = isTruncated(response, item)
    const kept = withCallId(item, ids.next(stringAt(item, "call_id"), `call_${turn}_${calls.length + 1}`), truncated)
    calls.push(callOf(kept, truncated))
    return kept
  })
  return { items, calls }
}

const withCallId = <Item extends CallItem>(item: Item, callId: string, truncated: boolean): Item =>
  item.call_id === callId && truncated === isUnfinished(item)
    ? item
    : { ...item, call_id: callId, ...(truncated ? { status: "incomplete" } : {}) }

/**
 * The ids of all calls.
 *
 * @internal
 */
export const callIds = (items: ReadonlyArray<InputItem | OutputItems>): ReadonlySet<string> => {
  const ids = new Set<string>()
  for (const item of items) {
    if (item.type === "function_call") ids.add(item.call_id)
  }
  return ids
}

/** Makes ids unique: an id that is in use gets a number as suffix. */
class UniqueIds {
  private readonly given = new Set<string>()
  private readonly repeats = new Map<string, number>()

  constructor(private readonly used: ReadonlySet<string>, private readonly sent: ReadonlySet<string>) {}

  next(sent: string | undefined, otherwise: string): string {
    const isFresh = sent !== undefined && !this.used.has(sent) && !this.given.has(sent)
    const id = isFresh ? sent : this.made(sent ?? otherwise, sent === undefined ? 1 : 2)
    this.given.add(id)
    return id
  }

  private made(base: string, first: number): string {
    for (let count = this.repeats.get(base) ?? first;; count++) {
      const id = count === 1 ? base : `${base}_${count}`
      if (this.used.has(id) || this.sent.has(id) || this.given.has(id)) continue
      this.repeats.set(base, count + 1)
      return id
    }
  }
}

interface Call {
  readonly item: CallItem
  readonly index: number
  output: FunctionCallOutputItem | undefined
}

/** The items of one turn, as far as a history shows turns; `end` is the index behind them. */
interface Block {
  readonly calls: Array<Call>
  end: number
}

/**
 * Pairs outputs with calls. An output belongs to a call with its id that stands before it and has no output yet. Of several
 * such calls, it is one of the latest turn, and within a turn the first.
 */
class Pairing {
  readonly blocks: Array<Block> = []
  /** Indexes of the outputs that belong to a call. */
  readonly paired = new Set<number>()
  readonly strays: Array<FunctionCallOutputItem> = []
  private readonly waiting = new Map<string, Array<Call>>()
  private open: Block | undefined = undefined

  constructor(history: History) {
    history.forEach((item, index) => this.read(item, index))
    this.close()
  }

  get pending(): ReadonlyArray<Call> {
    return this.blocks.flatMap(({ calls }) => calls.filter(({ output }) => output === undefined))
  }

  knows(callId: string): boolean {
    return this.waiting.has(callId)
  }

  private read(item: InputItem, index: number): void {
    if (item.type === "function_call") this.block().calls.push({ item, index, output: undefined })
    else if (endsBlock(item)) this.close()
    if (this.open !== undefined) this.open.end = index + 1
    if (item.type !== "function_call_output") return
    const call = this.waiting.get(item.call_id)?.pop()
    if (call === undefined) {
      this.strays.push(item)
    } else {
      call.output = item
      this.paired.add(index)
    }
  }

  private block(): Block {
    if (this.open === undefined) {
      this.open = { calls: [], end: 0 }
      this.blocks.push(this.open)
    }
    return this.open
  }

  /** Calls are added in reverse order, so that the last one in the list is the first of the latest turn. */
  private close(): void {
    for (const call of this.open?.calls.toReversed() ?? []) {
      const waiting = this.waiting.get(call.item.call_id)
      if (waiting === undefined) this.waiting.set(call.item.call_id, [call])
      else waiting.push(call)
    }
    this.open = undefined
  }
}

/**
 * Whether an item was not written by a model, and so ends a turn.
 *
 * @internal
 */
export const endsBlock = (item: InputItem): boolean =>
  "role" in item && item.role !== undefined ? item.role !== "assistant" : inputTypes.has(item.type)

const inputTypes: ReadonlySet<unknown> = new Set([
  "function_call_output",
  "custom_tool_call_output",
  "computer_call_output",
  "local_shell_call_output",
  "apply_patch_call_output",
  "mcp_approval_response"
])

/**
 * The calls without an output, in their order.
 *
 * @internal
 */
export const pendingCalls = (history: History): ReadonlyArray<FunctionCall & { readonly index: number }> =>
  new Pairing(history).pending.map(({ index, item }) => ({ ...callOf(item, isUnfinished(item)), index }))

/**
 * How many calls have no output, and how many outputs have no call.
 *
 * @internal
 */
export const unpaired = (history: History): { readonly pending: number; readonly strays: number } => {
  const { pending, strays } = new Pairing(history)
  return { pending: pending.length, strays: strays.length }
}

/**
 * The history with these outputs. Each output goes behind the items of its turn, in the order of the calls. An output
 * without a call keeps its place, or goes to the end if it is new.
 *
 * @internal
 */
export const settle = (history: History, outputs: ReadonlyArray<FunctionCallOutputItem>): History => {
  let items: History = [...history, ...outputs]
  // An output that moves away may join two turns into one, in which other outputs have other places
  for (let settled = inPlace(items);; settled = inPlace(items)) {
    if (settled.every((item, index) => item === items[index])) return items
    items = settled
  }
}

const inPlace = (items: History): History => {
  const { blocks, paired } = new Pairing(items)
  const settled: Array<InputItem> = []
  let next = 0
  items.forEach((item, index) => {
    if (!paired.has(index)) settled.push(item)
    const block = blocks[next]
    if (block?.end !== index + 1) return
    for (const { output } of block.calls) {
      if (output !== undefined) settled.push(output)
    }
    next++
  })
  return settled
}

/**
 * Why a history cannot be sent: each call needs exactly one output, behind the call.
 *
 * @internal
 */
export const problemOf = (
  history: History
): { readonly message: string; readonly callId?: string } | undefined => {
  const pairing = new Pairing(history)
  const [stray] = pairing.strays
  if (stray !== undefined) {
    const callId = stray.call_id
    const message = pairing.knows(callId)
      ? `the call "${callId}" has an output before it, or more than one output; keep one output, behind the call`
      : `there is an output for the call "${callId}", but no such call; add the function_call before it, or remove it`
    return { callId, message }
  }
  const callId = pairing.pending[0]?.item.call_id
  return callId === undefined ? undefined : {
    callId,
    message: `the call "${callId}" has no output; add a function_call_output with that call_id behind it`
  }
}

/**
 * The history without repeated items of reasoning. Some providers repeat an id for different items in each turn; such items
 * stay.
 *
 * @internal
 */
export const withoutRepeats = (history: History): History => {
  const repeated = repeatedIds(history)
  if (repeated.size === 0) return history
  const seen = new Set<unknown>()
  const kept = history.filter((item) => {
    const id = idOf(item)
    if (item.type !== "reasoning" || !repeated.has(id)) return true
    const key = id === item ? item : JSON.stringify(item)
    return !seen.has(key) && seen.add(key)
  })
  return kept.length === history.length ? history : kept
}

/** Reasoning without an id is identified by the object. */
const idOf = (item: InputItem): unknown => stringAt(item, "id") ?? item

const repeatedIds = (history: History): ReadonlySet<unknown> => {
  const seen = new Set<unknown>()
  const repeated = new Set<unknown>()
  for (const item of history) {
    if (item.type !== "reasoning") continue
    const id = idOf(item)
    if (seen.has(id)) repeated.add(id)
    else seen.add(id)
  }
  return repeated
}
