/** Runs as stop conditions receive them, made by hand. */
import type { FunctionCall, Progress, Step, ToolRecord } from "../../../src/agent/internal/run.js"
import * as Usage from "../../../src/agent/Usage.js"
import type { OpenResponsesResult } from "../../../src/schema/Responses.js"

export interface StepFields {
  readonly calls?: ReadonlyArray<FunctionCall>
  readonly results?: ReadonlyArray<ToolRecord>
  readonly text?: string
  readonly status?: string
  readonly reason?: string
}

export const call = (name: string, args: unknown = {}): FunctionCall => ({
  callId: "call_1",
  name,
  arguments: args,
  argumentsText: typeof args === "string" ? args : JSON.stringify(args),
  truncated: false
})

const stepOf = (
  { calls = [], reason, results = [], status = "completed", text = "" }: StepFields,
  turn: number
): Step => {
  const response: OpenResponsesResult = {
    id: `resp_${turn}`,
    model: "test/model",
    output: [],
    status,
    ...(reason === undefined ? {} : { incomplete_details: { reason } })
  }
  return {
    turn,
    response,
    text,
    toolCalls: calls,
    toolResults: results,
    finishReason: reason ?? status,
    usage: Usage.none,
    startedAt: turn * 1000,
    endedAt: turn * 1000 + 500
  }
}

export const runOf = (steps: ReadonlyArray<StepFields>, fields: Partial<Progress> = {}): Progress => ({
  steps: steps.map((step, index) => stepOf(step, index + 1)),
  items: [],
  history: [],
  context: { used: 0, estimate: 0, limit: undefined },
  text: steps.at(-1)?.text ?? "",
  usage: Usage.none,
  cost: 0,
  unsettled: [],
  startedAt: 1000,
  updatedAt: steps.length * 1000 + 500,
  ...fields
})

/** A run whose rounds made these calls. */
export const rounds = (...calls: ReadonlyArray<ReadonlyArray<FunctionCall>>): Progress =>
  runOf(calls.map((calls) => ({ calls })))
