/** What an engine keeps of a run: its result, or its failure with what it did so far. All of it is JSON. */
import * as Schema from "effect/Schema"
import * as Activities from "../../agent/Activities.js"
import * as Agent from "../../agent/Agent.js"
import { none, Usage } from "../../agent/Usage.js"
import type { ConfigError } from "../../internal/effect/config.js"
import { guard } from "../../schema/guard.js"
import { InputItem } from "../../schema/ResponsesItemsRequest.js"
import * as StructuredOutput from "../../services/StructuredOutput.js"
import { asIs, encodedAsJson } from "./effect.js"

/**
 * What a run did, without the responses of its turns: the engine keeps these as results of its activities. `items` is what the
 * run added to the conversation: with the input before them they are the input of a next run. `text` is the text of the last
 * turn. `usage` and `cost` (USD) are sums over all turns, and `steps` is their number. `unsettled` lists generations whose cost
 * is not known. Times are milliseconds since 1970.
 *
 * @since 0.1.0
 * @category models
 */
export interface Summary {
  readonly agent?: string | undefined
  readonly steps: number
  readonly items: ReadonlyArray<InputItem>
  readonly text: string
  readonly usage: Usage
  readonly cost: number
  readonly unsettled: ReadonlyArray<string>
  readonly startedAt: number
  readonly updatedAt: number
}

/**
 * The result of a durable run: what it did, how it ended, and its structured output if the agent has one. `pending` lists
 * calls that a stop condition left without an output.
 *
 * @since 0.1.0
 * @category models
 */
export interface DurableRun<out Value = undefined> extends Summary {
  readonly outcome: Agent.Outcome
  readonly pending: ReadonlyArray<Activities.PendingCall>
  readonly value: Value | undefined
}

/**
 * The errors of this library that a durable run can fail with. In addition it fails with those that its schema `error` names.
 * A `ConfigError` is none of them: a run without a key waits until it is resumed.
 *
 * @since 0.1.0
 * @category errors
 */
export type LibraryError =
  | Exclude<Agent.AgentError, ConfigError>
  | Activities.ActivityError
  | StructuredOutput.ReadError

const libraryErrors: Schema.Schema<LibraryError, unknown> = encodedAsJson(Schema.Union(
  Activities.ActivityError,
  Agent.EmptyResponseError,
  Agent.UnknownToolError,
  StructuredOutput.JsonSchemaError,
  StructuredOutput.StructuredOutputMismatchError,
  StructuredOutput.StructuredOutputRefusedError,
  StructuredOutput.StructuredOutputTruncatedError
))

/**
 * A failure of an activity or of a run.
 *
 * @internal
 */
export const errorOf = <E>(own: Schema.Schema<E, unknown>): Schema.Schema<LibraryError | E, unknown> =>
  Schema.Union(libraryErrors, own)

/**
 * What a workflow fails with.
 *
 * @internal
 */
export interface Failed<E> {
  readonly error: LibraryError | E
  readonly run: Summary
}

/** @internal */
export const failedOf = <E>(own: Schema.Schema<E, unknown>): Schema.Schema<Failed<E>, unknown> =>
  encodedAsJson(Schema.Struct({ error: errorOf(own), run: asIs(guard(Summary)) }))

const summary = {
  agent: Schema.optional(Schema.String),
  steps: Schema.Number,
  items: Schema.Array(InputItem),
  text: Schema.String,
  usage: Usage,
  cost: Schema.Number,
  unsettled: Schema.Array(Schema.String),
  startedAt: Schema.Number,
  updatedAt: Schema.Number
}

const Summary: Schema.Schema<Summary> = Schema.Struct(summary)

const Outcome: Schema.Schema<Agent.Outcome> = Schema.Union(
  Schema.Struct({ _tag: Schema.Literal("completed", "awaiting_approval", "awaiting_tools") }),
  Schema.Struct({ _tag: Schema.Literal("refused"), refusal: Schema.String }),
  Schema.Struct({ _tag: Schema.Literal("incomplete"), reason: Schema.String }),
  Schema.Struct({ _tag: Schema.Literal("stopped"), condition: Schema.String }),
  Schema.Struct({ _tag: Schema.Literal("blocked"), by: Schema.String, reason: Schema.String }),
  Schema.Struct({ _tag: Schema.Literal("interrupted"), reason: Schema.UndefinedOr(Schema.String) })
)

const Ended: Schema.Schema<Ended> = Schema.Struct({
  ...summary,
  outcome: Outcome,
  pending: Schema.Array(Activities.PendingCall)
})

interface Ended extends Summary, Pick<DurableRun, "outcome" | "pending"> {}

/**
 * What a workflow returns. The value apart, because its schema may encode it.
 *
 * @internal
 */
export interface Succeeded<Value> {
  readonly run: Ended
  readonly value?: Value | undefined
}

/** @internal */
export const succeededOf = <Value, I>(value: Schema.Schema<Value, I>): Schema.Schema<Succeeded<Value>, unknown> =>
  encodedAsJson(Schema.Struct({ run: asIs(guard(Ended)), value: Schema.optional(value) }))

const summarize = (progress: Omit<Summary, "steps"> & { readonly steps: ReadonlyArray<unknown> }): Summary => ({
  ...(progress.agent === undefined ? {} : { agent: progress.agent }),
  steps: progress.steps.length,
  items: progress.items,
  text: progress.text,
  usage: progress.usage,
  cost: progress.cost,
  unsettled: progress.unsettled,
  startedAt: progress.startedAt,
  updatedAt: progress.updatedAt
})

const isProgress = guard(Schema.Struct({ ...summary, steps: Schema.Array(Schema.Unknown) }))

const nothing: Summary = {
  steps: 0,
  items: [],
  text: "",
  usage: none,
  cost: 0,
  unsettled: [],
  startedAt: 0,
  updatedAt: 0
}

/**
 * What a run did until it failed. A failure that no run added its progress to has none.
 *
 * @internal
 */
export const progressOf = (failure: unknown): Summary =>
  typeof failure === "object" && failure !== null && "progress" in failure && isProgress(failure.progress)
    ? summarize(failure.progress)
    : nothing

/** @internal */
export const toSucceeded = <Value>(run: Agent.Run<Value>): Succeeded<Value> => ({
  run: { ...summarize(run), outcome: run.outcome, pending: run.pending },
  ...(run.value === undefined ? {} : { value: run.value })
})

/** @internal */
export const toRun = <Value>({ run, value }: Succeeded<Value>): DurableRun<Value> => ({ ...run, value })

/** @internal */
export const TurnRecord: Schema.Schema<Activities.TurnRecord, unknown> = asIs(guard(Activities.TurnRecord))

/** @internal */
export const ToolRecord: Schema.Schema<Activities.ToolRecord, unknown> = asIs(guard(Activities.ToolRecord))

/** @internal */
export const CompactionRecord: Schema.Schema<Activities.CompactionRecord, unknown> = asIs(
  guard(Activities.CompactionRecord)
)
