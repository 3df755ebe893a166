import { parseJson } from "../../../http/internal/json.js"
import type { OutputFunctionCallItem, OutputItems } from "../../../schema/ResponsesItems.js"
import type { FunctionCallItem, FunctionCallOutputItem, InputItem } from "../../../schema/ResponsesItemsRequest.js"
import type { Entry } from "../../ConversationEntry.js"
import type { PendingCall } from "../../Steps.js"

type Call = FunctionCallItem | OutputFunctionCallItem

/** Items that came together, and the outputs that their calls got later. */
interface Block {
  readonly turn: number
  readonly items: ReadonlyArray<InputItem>
  readonly calls: ReadonlyArray<Call>
  readonly outputs: Map<string, FunctionCallOutputItem>
}

interface Waiting {
  readonly block: Block
  readonly call: Call
  readonly isSuspended: boolean
}

interface Reading {
  readonly blocks: ReadonlyArray<Block>
  readonly waiting: ReadonlyMap<string, Waiting>
}

const isCall = (item: InputItem | OutputItems): item is Call => item.type === "function_call"

const isOutput = (item: InputItem | OutputItems): item is FunctionCallOutputItem => item.type === "function_call_output"

const read = (entries: ReadonlyArray<Entry>): Reading => {
  const blocks: Array<Block> = []
  const waiting = new Map<string, Waiting>()
  const settle = (item: FunctionCallOutputItem): void => {
    waiting.get(item.call_id)?.block.outputs.set(item.call_id, item)
    waiting.delete(item.call_id)
  }
  const begin = (turn: number, items: ReadonlyArray<InputItem>): void => {
    const block: Block = { turn, items, calls: items.filter(isCall), outputs: new Map() }
    blocks.push(block)
    for (const call of block.calls) waiting.set(call.call_id, { block, call, isSuspended: false })
    for (const { call_id } of items.filter(isOutput)) waiting.delete(call_id)
  }
  for (const entry of entries) {
    switch (entry._tag) {
      case "input":
        begin(0, entry.items)
        break
      case "turn":
        begin(entry.record.turn, entry.record.response.output)
        break
      case "output":
        settle(entry.item)
        break
      case "tool": {
        const { callId, output, status } = entry.record
        const found = waiting.get(callId)
        if (status !== "suspended") settle({ type: "function_call_output", call_id: callId, output })
        else if (found !== undefined) waiting.set(callId, { ...found, isSuspended: true })
      }
    }
  }
  return { blocks, waiting }
}

/**
 * The items in order. The output of a call stands behind the items that it came with, whenever it came itself, and
 * outputs stand in the order of their calls.
 *
 * @internal
 */
export const history = (entries: ReadonlyArray<Entry>): ReadonlyArray<InputItem> =>
  read(entries).blocks.flatMap(({ calls, items, outputs }) => [
    ...items,
    ...calls.flatMap(({ call_id }) => outputs.get(call_id) ?? [])
  ])

const argumentsOf = (text: string): unknown => (parseJson(text) ?? { value: text }).value

/** What the calls of a run wait for, as far as its end tells. */
const reasonAfter = (entries: ReadonlyArray<Entry>): PendingCall["reason"] => {
  const last = entries.findLast((entry) => entry._tag === "closed")
  if (last?.outcome === "awaiting_approval") return "approval"
  return last?.outcome === "awaiting_tools" ? "manual" : "stopped"
}

/** @internal */
export const pending = (entries: ReadonlyArray<Entry>): ReadonlyArray<PendingCall> => {
  const reason = reasonAfter(entries)
  const decided = new Set(entries.flatMap((entry) => entry._tag === "decision" ? [entry.callId] : []))
  return [...read(entries).waiting.values()].map(({ block, call, isSuspended }) => ({
    callId: call.call_id,
    name: call.name,
    arguments: argumentsOf(call.arguments),
    turn: block.turn,
    reason: decided.has(call.call_id) ? "stopped" : isSuspended ? "answer" : reason
  }))
}
