import * as Schema from "effect/Schema"
import { lazyStruct } from "../../schema/prelude.js"
import { OpenResponsesResult } from "../../schema/Responses.js"
import { ToolCallOutput } from "../../schema/ResponsesItems.js"
import { Usage } from "../Usage.js"

/**
 * What came of one turn of the model. `turn` counts from 1; times are milliseconds since 1970. `wasted` is what was used
 * up beside the response, by answers that broke off or that a middleware did not take, and `unsettled` lists those of
 * them that did not tell.
 *
 * @since 0.1.0
 * @category models
 */
export interface TurnRecord {
  readonly turn: number
  readonly response: OpenResponsesResult
  readonly wasted?: Usage | undefined
  readonly unsettled?: ReadonlyArray<string> | undefined
  readonly startedAt: number
  readonly endedAt: number
}

/**
 * @since 0.1.0
 * @category schemas
 */
export const TurnRecord: Schema.Schema<TurnRecord> = lazyStruct(() => ({
  turn: Schema.Number,
  response: OpenResponsesResult,
  wasted: Schema.optional(Usage),
  unsettled: Schema.optional(Schema.Array(Schema.String)),
  startedAt: Schema.Number,
  endedAt: Schema.Number
}))

/**
 * What came of one tool call. `output` is what the model is told, `result` the encoded success or failure, `usage` what
 * the tool spent on models itself, and `unsettled` lists those of its generations that did not tell what they cost. A
 * `suspended` call has no output yet: it waits for an answer.
 *
 * @since 0.1.0
 * @category models
 */
export interface ToolRecord {
  readonly turn: number
  readonly callId: string
  readonly name: string
  readonly status: "success" | "failure" | "suspended"
  readonly output: ToolCallOutput
  readonly result: unknown
  readonly usage: Usage
  readonly unsettled?: ReadonlyArray<string> | undefined
  readonly startedAt: number
  readonly endedAt: number
}

/**
 * @since 0.1.0
 * @category schemas
 */
export const ToolRecord: Schema.Schema<ToolRecord> = lazyStruct(() => ({
  turn: Schema.Number,
  callId: Schema.String,
  name: Schema.String,
  status: Schema.Literal("success", "failure", "suspended"),
  output: ToolCallOutput,
  result: Schema.Unknown,
  usage: Usage,
  unsettled: Schema.optional(Schema.Array(Schema.String)),
  startedAt: Schema.Number,
  endedAt: Schema.Number
}))

/**
 * What was decided about a call that could not go on by itself: to run it, not to run it, or the value that it waited
 * for (JSON, as the schema of the answer encodes it).
 *
 * @since 0.1.0
 * @category models
 */
export type Decision =
  | { readonly _tag: "approve" }
  | { readonly _tag: "reject"; readonly reason?: string | undefined }
  | { readonly _tag: "answer"; readonly value: unknown }

/**
 * @since 0.1.0
 * @category schemas
 */
export const Decision: Schema.Schema<Decision> = Schema.Union(
  Schema.Struct({ _tag: Schema.Literal("approve") }),
  Schema.Struct({ _tag: Schema.Literal("reject"), reason: Schema.optional(Schema.String) }),
  Schema.Struct({ _tag: Schema.Literal("answer"), value: Schema.Unknown })
)

/**
 * A call that the run cannot carry out by itself. `arguments` is the JSON that the model sent. `reason` says what it
 * waits for: an approval, an answer to its handler, an output from you (`manual`), or a run that goes on (`stopped`).
 * `turn` is 0 where a run before made the call.
 *
 * @since 0.1.0
 * @category models
 */
export interface PendingCall {
  readonly callId: string
  readonly name: string
  readonly arguments: unknown
  readonly turn: number
  readonly reason: "approval" | "answer" | "manual" | "stopped"
}
