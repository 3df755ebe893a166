/** What results of calls are for others: events for the reader, and changes of later turns. */
import * as Effect from "effect/Effect"
import { parseArguments } from "../arguments.js"
import type { AgentEvent } from "../events.js"
import { failureMessage } from "../failureMessage.js"
import type { FunctionCall, ToolRecord } from "../run.js"
import type { Patch } from "../state/state.js"
import type { RunContext } from "./runContext.js"

/**
 * The event of the result of a call.
 *
 * @internal
 */
export const resultEvent = (
  run: RunContext,
  call: FunctionCall,
  record: ToolRecord
): Effect.Effect<AgentEvent, never, unknown> => {
  const { callId: toolCallId, executed, name, rejected, status, turn } = record
  const about = { type: "tool.result", turn, toolCallId, name, arguments: call.arguments } as const
  if (status === "success") {
    return Effect.map(decodedSuccess(run, record), (result) => ({ ...about, status, result, encoded: record.result }))
  }
  return Effect.succeed({
    ...about,
    status: "failure",
    message: failureMessage(record),
    ...(executed === undefined ? {} : { executed }),
    ...(rejected === undefined ? {} : { rejected })
  })
}

/** The success in the type of the tool. If its schema cannot decode what it encoded, the encoded value stays. */
const decodedSuccess = (run: RunContext, record: ToolRecord): Effect.Effect<unknown, never, unknown> => {
  const tool = run.agents.toolOf(record)
  return tool === undefined
    ? Effect.succeed(record.result)
    : Effect.orElseSucceed(tool.codecs.recordedSuccess(record.result), () => record.result)
}

/**
 * What successful calls change in later turns: in the order of the tools, then of the calls.
 *
 * @internal
 */
export const patchesOf = (
  run: RunContext,
  calls: ReadonlyArray<FunctionCall>,
  records: ReadonlyMap<string, ToolRecord>
): Effect.Effect<ReadonlyArray<Patch>, never, unknown> =>
  Effect.gen(function*() {
    const patches: Array<Patch> = []
    for (const { codecs, definition } of run.prepared.tools.values()) {
      if (definition.nextTurn === undefined) continue
      for (const call of calls) {
        const record = records.get(call.callId)
        if (call.name !== definition.name || record?.status !== "success") continue
        // What a tool of another agent changed was for that agent
        if (run.agents.callerOf(call.callId) !== run.prepared) continue
        const params = yield* Effect.option(codecs.params(parseArguments(call.argumentsText)?.value ?? {}))
        if (params._tag === "None") continue
        patches.push({ definition, params: params.value, result: yield* decodedSuccess(run, record) })
      }
    }
    return patches
  })
