/** What the calls of earlier runs change in the turns of this run. */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { isObject, parseJson } from "../../../internal/json.js"
import type { ToolCallOutput } from "../../../schema/ResponsesItems.js"
import type { InputItem } from "../../../schema/ResponsesItemsRequest.js"
import * as Usage from "../../Usage.js"
import type { Entry } from "../conversation/entry.js"
import type { FunctionCall, ToolRecord } from "../run.js"
import { callOf } from "../state/calls.js"
import type { Patch } from "../state/state.js"
import type { PreparedTool } from "./prepare.js"
import { patchesOf } from "./results.js"
import type { RunContext } from "./runContext.js"

/**
 * The patches of the calls in the history: from their records in the log, else from their outputs. An output that is not
 * the result itself, because of `toModelOutput`, changes nothing.
 *
 * @internal
 */
export const earlierPatches = (
  run: RunContext,
  entries: ReadonlyArray<Entry>
): Effect.Effect<ReadonlyArray<Patch>, never, unknown> =>
  Effect.gen(function*() {
    const { prepared: { tools }, state: { history } } = run
    if ([...tools.values()].every(({ definition }) => definition.nextTurn === undefined)) return []
    const stored = new Map(
      entries.flatMap((entry) => entry._tag === "tool" ? [[entry.record.callId, entry.record] as const] : [])
    )
    const outputs = new Map(
      history.flatMap((item) => item.type === "function_call_output" ? [[item.call_id, item.output] as const] : [])
    )
    const patches: Array<Patch> = []
    const turns = turnsOf(history)
    const { handoff } = run.state.speakers
    const begin = turns.findLastIndex((calls) => calls.some(({ callId }) => callId === handoff)) + 1
    for (const calls of turns.slice(begin)) {
      const records = new Map<string, ToolRecord>()
      for (const call of calls) {
        const record = stored.get(call.callId) ?? (yield* shownRecord(tools.get(call.name), call, outputs))
        if (record !== undefined) records.set(call.callId, record)
      }
      patches.push(...yield* patchesOf(run, calls, records))
    }
    return patches
  })

/** The calls of each turn, as far as a history shows turns. */
const turnsOf = (history: ReadonlyArray<InputItem>): ReadonlyArray<ReadonlyArray<FunctionCall>> => {
  const turns: Array<Array<FunctionCall>> = [[]]
  for (const item of history) {
    if (item.type === "function_call") turns.at(-1)?.push(callOf(item, false))
    else if (item.type === "function_call_output") turns.push([])
  }
  return turns
}

/** The record of a call whose output shows its result. */
const shownRecord = (
  tool: PreparedTool | undefined,
  call: FunctionCall,
  outputs: ReadonlyMap<string, ToolCallOutput>
): Effect.Effect<ToolRecord | undefined, never, unknown> =>
  Effect.gen(function*() {
    const output = outputs.get(call.callId)
    if (tool?.definition.nextTurn === undefined || typeof output !== "string") return undefined
    const parsed = parseJson(output)
    if (isError(parsed?.value)) return undefined
    for (const result of parsed === undefined ? [output] : [parsed.value, output]) {
      const decoded = yield* Effect.option(tool.codecs.recordedSuccess(result))
      if (Option.isNone(decoded) || !isOutputOf(tool, decoded.value, result, output)) continue
      const { callId, name } = call
      return { turn: 0, callId, name, status: "success", output, result, usage: Usage.none, startedAt: 0, endedAt: 0 }
    }
    return undefined
  })

const isError = (value: unknown): boolean => isObject(value) && "error" in value && Object.keys(value).length === 1

const isOutputOf = ({ definition }: PreparedTool, result: unknown, encoded: unknown, output: string): boolean =>
  !definition.hasOwnOutput && definition.toOutput(result, encoded, undefined) === output
