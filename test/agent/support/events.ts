/** Runs as scripts of events, and fake runs that emit them. */
import { assert } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FastCheck from "effect/FastCheck"
import type { AgentEvent, TurnEnd } from "../../../src/agent/internal/events.js"
import type { Run } from "../../../src/agent/internal/run.js"
import { readTurn } from "../../../src/agent/internal/state/history.js"
import * as Usage from "../../../src/agent/Usage.js"
import { guard, issues } from "../../../src/schema/guard.js"
import { OpenResponsesResult } from "../../../src/schema/Responses.js"
import { StreamEvents } from "../../../src/schema/ResponsesEvents.js"

const isEvent = guard(StreamEvents)
const isResponse = guard(OpenResponsesResult)

type Json = { readonly [key: string]: unknown }

/** An event as the API sends it. */
export const event = (type: string, fields: Json = {}): StreamEvents => {
  const made = { type, ...fields }
  if (isEvent(made)) return made
  return assert.fail(`no event: ${JSON.stringify([made, issues(StreamEvents, made)])}`)
}

export const response = (output: ReadonlyArray<unknown>, fields: Json = {}): OpenResponsesResult => {
  const made = {
    id: "gen-1",
    model: "test/model",
    output,
    status: "completed",
    usage: { input_tokens: 2, output_tokens: 1, total_tokens: 3, cost: 0.25 },
    ...fields
  }
  if (isResponse(made)) return made
  return assert.fail(`no response: ${JSON.stringify([made, issues(OpenResponsesResult, made)])}`)
}

export const turnStart = (turn: number, attempt = 1): AgentEvent => ({ type: "turn.start", turn, attempt })

export const turnEnd = (turn: number, output: ReadonlyArray<unknown>, fields: Json = {}): TurnEnd => {
  const made = response(output, fields)
  return {
    type: "turn.end",
    turn,
    response: made,
    toolCalls: readTurn(made, new Set(), turn).calls,
    usage: Usage.ofResponse(made)
  }
}

export const turnRetry = (turn: number, attempt = 1): AgentEvent => ({
  type: "turn.retry",
  turn,
  attempt,
  error: { _tag: "StreamTruncatedError", message: "cut off" }
})

export const textDelta = (delta: string, index = 0, fields: Json = {}): StreamEvents =>
  event("response.output_text.delta", {
    output_index: index,
    item_id: `msg_${index}`,
    content_index: 0,
    delta,
    logprobs: [],
    ...fields
  })

export const argumentsDelta = (delta: string, index = 0, fields: Json = {}): StreamEvents =>
  event("response.function_call_arguments.delta", { output_index: index, item_id: `fc_${index}`, delta, ...fields })

export const message = (text: string, id = "msg_0", fields: Json = {}): Json => ({
  type: "message",
  id,
  role: "assistant",
  status: "completed",
  content: [{ type: "output_text", text, annotations: [] }],
  ...fields
})

export const call = (input: string, callId = "call_1", fields: Json = {}): Json => ({
  type: "function_call",
  id: `fc_${callId}`,
  call_id: callId,
  name: "look_up",
  arguments: input,
  status: "completed",
  ...fields
})

export const added = (item: Json, index = 0): StreamEvents =>
  event("response.output_item.added", { output_index: index, item })

export const done = (item: Json, index = 0): StreamEvents =>
  event("response.output_item.done", { output_index: index, item })

export const callOutput = (callId: string, output = "{}", turn = 1): AgentEvent => ({
  type: "tool.call_output",
  turn,
  output: { type: "function_call_output", call_id: callId, output }
})

/** A completed run with the responses of these turns. */
export const runOf = (ends: ReadonlyArray<TurnEnd>, fields: Partial<Run> = {}): Run => {
  const usage = ends.reduce((sum, end) => Usage.add(sum, end.usage), Usage.none)
  return {
    steps: ends.map((end) => ({
      turn: end.turn,
      response: end.response,
      text: "",
      toolCalls: [],
      toolResults: [],
      finishReason: "completed",
      usage: end.usage,
      startedAt: 0,
      endedAt: 0
    })),
    items: [],
    history: [],
    context: { used: 0, estimate: 0, limit: undefined },
    text: "",
    usage,
    cost: usage.cost,
    unsettled: [],
    startedAt: 0,
    updatedAt: 0,
    outcome: { _tag: "completed" },
    pending: [],
    response: ends.at(-1)?.response,
    value: undefined,
    ...fields
  }
}

export type Batches = ReadonlyArray<ReadonlyArray<AgentEvent>>

/** Emits the batches, and yields between them. */
export const tell =
  (batches: Batches, run: Run = runOf([])) =>
  (emit: (events: ReadonlyArray<AgentEvent>) => Effect.Effect<void>): Effect.Effect<Run> =>
    Effect.as(
      Effect.forEach(batches, (batch) => Effect.zipRight(emit(batch), Effect.yieldNow()), { discard: true }),
      run
    )

/** The same events, cut into batches in any way. */
export const cut = <A>(events: ReadonlyArray<A>): FastCheck.Arbitrary<ReadonlyArray<ReadonlyArray<A>>> =>
  FastCheck.array(FastCheck.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 12 }).map((sizes) => {
    const batches: Array<ReadonlyArray<A>> = []
    for (let from = 0, n = 0; from < events.length; n++) {
      const size = sizes[n % sizes.length] ?? 1
      batches.push(events.slice(from, from + size))
      from += size
    }
    return batches
  })
