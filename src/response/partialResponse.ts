/**
 * The part of a response that arrived before it failed.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"

/**
 * A tool call of a response that did not finish; `arguments` is the JSON text received so far.
 *
 * @since 0.1.0
 * @category models
 */
export interface PartialToolCall {
  readonly id: string
  readonly name: string
  readonly arguments: string
}

/**
 * The part of a response that had arrived when it failed: text, reasoning, tool calls, and the usage if it was
 * reported. `cost` is in USD; `result` is the partial response in the shape of the API that sent it.
 *
 * @since 0.1.0
 * @category models
 */
export interface PartialResponse {
  readonly text: string
  readonly reasoning: string
  readonly toolCalls: ReadonlyArray<PartialToolCall>
  readonly generationId?: string | undefined
  readonly model?: string | undefined
  readonly finishReason?: string | undefined
  readonly inputTokens?: number | undefined
  readonly outputTokens?: number | undefined
  readonly cost?: number | undefined
  /** `true` if every item of a response is complete, and only the event that ends the response is missing. */
  readonly itemsComplete?: boolean | undefined
  readonly result: unknown
}

/**
 * @since 0.1.0
 * @category schemas
 */
export const PartialResponse: Schema.Schema<PartialResponse> = Schema.Struct({
  text: Schema.String,
  reasoning: Schema.String,
  toolCalls: Schema.Array(Schema.Struct({ id: Schema.String, name: Schema.String, arguments: Schema.String })),
  generationId: Schema.optional(Schema.String),
  model: Schema.optional(Schema.String),
  finishReason: Schema.optional(Schema.String),
  inputTokens: Schema.optional(Schema.Number),
  outputTokens: Schema.optional(Schema.Number),
  cost: Schema.optional(Schema.Number),
  itemsComplete: Schema.optional(Schema.Boolean),
  result: Schema.Unknown
})
