/**
 * The errors of a run, in addition to the errors of its requests.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import type { JsonSchemaError } from "../../schema/jsonSchema.js"
import type { ReadError } from "../../services/StructuredOutput.js"
import type { TurnFailure } from "../Middleware.js"
import type { ToolTimeoutError } from "../Tool.js"
import type { ConversationError } from "./conversation/errors.js"
import type { Progress } from "./run.js"
import type { CallbackError, UserError } from "./userCode.js"

export { CallbackError } from "./userCode.js"

/**
 * The response of the model is empty: it has no text, no call and no other item.
 *
 * @since 0.1.0
 * @category errors
 */
export class EmptyResponseError extends Schema.TaggedError<EmptyResponseError>()("EmptyResponseError", {
  message: Schema.String,
  generationId: Schema.optional(Schema.String)
}) {}

/**
 * The model called an unknown tool, and `onUnknownTool` is `"error"`.
 *
 * @since 0.1.0
 * @category errors
 */
export class UnknownToolError extends Schema.TaggedError<UnknownToolError>()("UnknownToolError", {
  message: Schema.String,
  name: Schema.String,
  callId: Schema.String
}) {}

/**
 * The errors of any run.
 *
 * @since 0.1.0
 * @category models
 */
export type AgentError = TurnFailure | JsonSchemaError | EmptyResponseError | UnknownToolError | CallbackError

/**
 * An error of a run with the progress of the run, so that no paid result is lost.
 *
 * @since 0.1.0
 * @category models
 */
export type WithProgress<E> = E extends object ? E & { readonly progress: Progress } : E

/**
 * The errors of any run, with its progress.
 *
 * @since 0.1.0
 * @category models
 */
export type AgentFailure = WithProgress<AgentError>

/**
 * Everything that a run can fail with. An error of any other type does not compile in the loop.
 *
 * @internal
 */
export type RunError = AgentError | ConversationError | ReadError | ToolTimeoutError | UserError
