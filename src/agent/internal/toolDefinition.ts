import type * as Context from "effect/Context"
import type * as Duration from "effect/Duration"
import type * as Effect from "effect/Effect"
import type * as Schedule from "effect/Schedule"
import type { Issue } from "../../schema/guard.js"
import type { JsonSchemaError } from "../../schema/jsonSchema.js"
import type { ToolCallOutput } from "../../schema/ResponsesItems.js"
import type { ResponsesTool } from "../../schema/ResponsesToolsRequest.js"
import type { CallInfo, ToolCall } from "../ToolCall.js"
import type { NextTurn, TurnParams } from "../TurnParams.js"

/** @internal */
export const TypeId: unique symbol = Symbol.for("effect-openrouter/agent/Tool")

/** @internal */
export type TypeId = typeof TypeId

/**
 * A decoder or an encoder of values that nobody has checked.
 *
 * @internal
 */
export type Codec = (value: unknown) => Effect.Effect<unknown, ReadonlyArray<Issue>, unknown>

/**
 * The schemas of a tool at work. `params` and `answer` decode what comes from outside; successes and failures are
 * encoded for the model, and successes decoded again where a conversation is taken up.
 *
 * @internal
 */
export interface Codecs {
  readonly params: Codec
  readonly answer: Codec
  readonly success: Codec
  readonly failure: Codec
  readonly recordedSuccess: Codec
}

/**
 * A tool that the loop knows the calls of, without its types.
 *
 * @internal
 */
export interface FunctionDefinition {
  readonly kind: "handled" | "manual"
  readonly name: string
  readonly handler: Context.Tag<HandlerService, HandlerService>
  /** The tool on the wire and how to read its arguments; fails where the schema cannot be sent. */
  readonly wire: Effect.Effect<{ readonly tool: ResponsesTool; readonly codecs: Codecs }, JsonSchemaError>
  readonly requireApproval: (
    params: unknown,
    call: CallInfo
  ) => boolean | Effect.Effect<boolean, unknown, unknown>
  readonly toOutput: (result: unknown, encoded: unknown, params: unknown) => ToolCallOutput
  readonly nextTurn: ((from: NextTurn<unknown, unknown>) => TurnParams) | undefined
  readonly failureMode: "return" | "error"
  readonly timeout: Duration.Duration
  readonly retry: Schedule.Schedule<unknown, unknown> | undefined
  readonly concurrency: number | undefined
  readonly dependencies: ReadonlyArray<string>
}

/** @internal */
export type Definition = FunctionDefinition | {
  readonly kind: "server"
  readonly name: string
  readonly tool: ResponsesTool
}

/** @internal */
export interface HandlerService {
  /** Carries out a call, with what it is given beside the run's own context and that of the layer of the handler. */
  readonly handle: (
    params: unknown,
    call: ToolCall<unknown>,
    given: Context.Context<never>
  ) => Effect.Effect<unknown, unknown, unknown>
}
