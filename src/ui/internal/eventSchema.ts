/** The events of a run as JSON. */
import * as Schema from "effect/Schema"
import { PendingCall, ToolRecord } from "../../agent/Activities.js"
import type { FunctionCall, Outcome, Run, Step, Totals } from "../../agent/Agent.js"
import type {
  AgentEvent,
  AgentHandoff,
  ContextCompacted,
  MessageAccepted,
  MessageDelivered,
  NestedEvent,
  RunEnd,
  ToolCallOutputEvent,
  ToolFailure,
  ToolPreliminaryResult,
  ToolStarted,
  ToolSuccess,
  TurnEnd,
  TurnRetry,
  TurnStart
} from "../../agent/AgentStream.js"
import type * as Tool from "../../agent/Tool.js"
import { Usage } from "../../agent/Usage.js"
import { arrayAt, isObject, stringAt } from "../../internal/json.js"
import { guard } from "../../schema/guard.js"
import { lazy, lazyStruct } from "../../schema/prelude.js"
import { OpenResponsesResult } from "../../schema/Responses.js"
import { StreamEvents } from "../../schema/ResponsesEvents.js"
import { FunctionCallOutputItem, InputItem } from "../../schema/ResponsesItemsRequest.js"

const FunctionCall: Schema.Schema<FunctionCall> = Schema.Struct({
  callId: Schema.String,
  name: Schema.String,
  arguments: Schema.Unknown,
  argumentsText: Schema.String,
  truncated: Schema.Boolean
})

const Step: Schema.Schema<Step> = lazyStruct(() => ({
  turn: Schema.Number,
  agent: Schema.optional(Schema.String),
  response: OpenResponsesResult,
  text: Schema.String,
  refusal: Schema.optional(Schema.String),
  toolCalls: Schema.Array(FunctionCall),
  toolResults: Schema.Array(ToolRecord),
  finishReason: Schema.UndefinedOr(Schema.String),
  usage: Usage,
  startedAt: Schema.Number,
  endedAt: Schema.Number
}))

const Totals: Schema.Schema<Totals> = Schema.Struct({
  usage: Usage,
  cost: Schema.Number,
  steps: Schema.Number,
  elapsed: Schema.Number
})

const Outcome: Schema.Schema<Outcome> = Schema.Union(
  Schema.Struct({ _tag: Schema.Literal("completed") }),
  Schema.Struct({ _tag: Schema.Literal("refused"), refusal: Schema.String }),
  Schema.Struct({ _tag: Schema.Literal("incomplete"), reason: Schema.String }),
  Schema.Struct({ _tag: Schema.Literal("stopped"), condition: Schema.String }),
  Schema.Struct({ _tag: Schema.Literal("awaiting_approval") }),
  Schema.Struct({ _tag: Schema.Literal("awaiting_tools") }),
  Schema.Struct({ _tag: Schema.Literal("blocked"), by: Schema.String, reason: Schema.String }),
  Schema.Struct({ _tag: Schema.Literal("interrupted"), reason: Schema.UndefinedOr(Schema.String) })
)

const Run: Schema.Schema<Run<unknown>> = lazyStruct(() => ({
  agent: Schema.optional(Schema.String),
  steps: Schema.Array(Step),
  resumed: Schema.optional(Schema.Array(ToolRecord)),
  items: Schema.Array(InputItem),
  history: Schema.Array(InputItem),
  text: Schema.String,
  usage: Usage,
  cost: Schema.Number,
  unsettled: Schema.Array(Schema.String),
  context: Schema.Struct({
    used: Schema.Number,
    estimate: Schema.Number,
    limit: Schema.UndefinedOr(Schema.Number)
  }),
  startedAt: Schema.Number,
  updatedAt: Schema.Number,
  task: Schema.optional(Totals),
  conversation: Schema.optional(Totals),
  outcome: Outcome,
  pending: Schema.Array(PendingCall),
  response: Schema.UndefinedOr(OpenResponsesResult),
  value: Schema.Unknown
}))

const call = { turn: Schema.Number, toolCallId: Schema.String }

/** An event of the loop, but for those of runs inside of calls. */
type LoopEvent =
  | TurnStart
  | TurnRetry
  | MessageAccepted
  | MessageDelivered
  | ContextCompacted
  | TurnEnd
  | ToolStarted
  | ToolPreliminaryResult
  | ToolSuccess
  | ToolFailure
  | ToolCallOutputEvent
  | AgentHandoff
  | RunEnd<unknown>

const LoopEvent: Schema.Schema<LoopEvent> = lazy(() =>
  Schema.Union(
    Schema.Struct({
      type: Schema.Literal("turn.start"),
      turn: Schema.Number,
      attempt: Schema.Number,
      agent: Schema.optional(Schema.String)
    }),
    Schema.Struct({
      type: Schema.Literal("turn.retry"),
      turn: Schema.Number,
      attempt: Schema.Number,
      error: Schema.Struct({ _tag: Schema.String, message: Schema.String })
    }),
    Schema.Struct({
      type: Schema.Literal("message.accepted"),
      id: Schema.String,
      items: Schema.Array(InputItem)
    }),
    Schema.Struct({
      type: Schema.Literal("message.delivered"),
      id: Schema.String,
      turn: Schema.Number
    }),
    Schema.Struct({
      type: Schema.Literal("context.compacted"),
      turn: Schema.Number,
      attempt: Schema.Number,
      before: Schema.Number,
      after: Schema.Number,
      strategies: Schema.Array(Schema.String),
      failures: Schema.optional(Schema.Array(Schema.Struct({ strategy: Schema.String, message: Schema.String }))),
      usage: Usage,
      unsettled: Schema.optional(Schema.Array(Schema.String)),
      startedAt: Schema.Number,
      endedAt: Schema.Number
    }),
    Schema.Struct({
      type: Schema.Literal("turn.end"),
      turn: Schema.Number,
      response: OpenResponsesResult,
      toolCalls: Schema.Array(FunctionCall),
      usage: Usage
    }),
    Schema.Struct({ type: Schema.Literal("tool.started"), ...call, name: Schema.String }),
    Schema.Struct({
      type: Schema.Literal("tool.preliminary_result"),
      ...call,
      name: Schema.String,
      result: Schema.Unknown
    }),
    Schema.Struct({
      type: Schema.Literal("tool.result"),
      status: Schema.Literal("success"),
      ...call,
      name: Schema.String,
      arguments: Schema.Unknown,
      result: Schema.Unknown,
      encoded: Schema.Unknown
    }),
    Schema.Struct({
      type: Schema.Literal("tool.result"),
      status: Schema.Literal("failure"),
      ...call,
      name: Schema.String,
      arguments: Schema.Unknown,
      message: Schema.String,
      executed: Schema.optional(Schema.Literal(false)),
      rejected: Schema.optional(Schema.Literal(true))
    }),
    Schema.Struct({
      type: Schema.Literal("tool.call_output"),
      turn: Schema.Number,
      output: FunctionCallOutputItem
    }),
    Schema.Struct({
      type: Schema.Literal("agent.handoff"),
      ...call,
      from: Schema.UndefinedOr(Schema.String),
      to: Schema.String
    }),
    Schema.Struct({ type: Schema.Literal("run.end"), run: Run })
  )
)

const isLoopEvent = guard(LoopEvent)
const isApiEvent = guard(StreamEvents)

/** Types of events that the API does not send. One that is missing here does not compile. */
const types: { readonly [_ in LoopEvent["type"] | "nested"]: true } = {
  "turn.start": true,
  "turn.retry": true,
  "message.accepted": true,
  "message.delivered": true,
  "context.compacted": true,
  "turn.end": true,
  "tool.started": true,
  "tool.preliminary_result": true,
  "tool.result": true,
  "tool.call_output": true,
  "agent.handoff": true,
  "run.end": true,
  nested: true
}

/**
 * Whether a value is an event. An event of the API that this version does not know is one, too.
 *
 * @internal
 */
export const isEvent = (u: unknown): u is AgentEvent<Tool.Any, unknown> => isNested(u) || isPlain(u)

const isPlain = (u: unknown): u is NestedEvent["event"] =>
  Object.hasOwn(types, stringAt(u, "type") ?? "") ? isLoopEvent(u) : isApiEvent(u)

const isNested = (u: unknown): u is NestedEvent =>
  isObject(u) && u["type"] === "nested" && typeof u["run"] === "string" && isPlain(u["event"]) &&
  arrayAt(u, "path").length > 0 && arrayAt(u, "path").every((id) => typeof id === "string")
