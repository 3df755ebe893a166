/**
 * Tools without their types, as the loop uses them, and what their handlers receive.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import type * as Schedule from "effect/Schedule"
import * as Schema from "effect/Schema"
import type { OpenRouterClient } from "../../http/OpenRouterClient.js"
import { asSchema, encoder, jsonDecoder } from "../../internal/effect/schemaIssues.js"
import { isObject } from "../../internal/json.js"
import type { Issue } from "../../schema/guard.js"
import * as JsonSchema from "../../schema/jsonSchema.js"
import type { JsonSchemaError } from "../../schema/jsonSchema.js"
import type { ToolCallOutput } from "../../schema/ResponsesItems.js"
import type { ResponsesFunctionTool, ResponsesTool } from "../../schema/ResponsesToolsRequest.js"
import { decodingTexts } from "./arguments.js"
import type { NextTurn, TurnParams } from "./turnParams.js"
import { type CallbackError, runCallback, type UserError } from "./userCode.js"

/**
 * An executing call. `turn` counts from 1 and is 0 for a call of an earlier run; `attempt` grows with each retry of the
 * tool. `idempotencyKey` is the same for each execution of this call in the runs with this `runId`, and in a stored
 * conversation for each execution in any run and process.
 *
 * @since 0.1.0
 * @category models
 */
export interface CallInfo {
  readonly id: string
  readonly name: string
  readonly turn: number
  readonly attempt: number
  readonly idempotencyKey: string
}

/**
 * What a handler receives in addition to its parameters.
 *
 * @since 0.1.0
 * @category models
 */
export interface ToolCall<in Progress = never, out Answer = unknown> extends CallInfo {
  /** Emits progress as a `tool.preliminary_result` event, at once. */
  readonly progress: (value: Progress) => Effect.Effect<void>
  /**
   * The answer of a person or another system. Without an answer the call is suspended: the run ends with `awaiting_tools`,
   * and the handler starts again when a later run has the `answer`. So do after it what must happen only once.
   */
  readonly answer: Effect.Effect<Answer, ToolSuspended>
}

/**
 * A handler waits for an answer. Do not catch it: it pauses the run.
 *
 * @since 0.1.0
 * @category errors
 */
export class ToolSuspended extends Schema.TaggedError<ToolSuspended>()("ToolSuspended", {
  callId: Schema.String
}) {}

/**
 * An attempt of a tool exceeded its `timeout`. The handler was interrupted.
 *
 * @since 0.1.0
 * @category errors
 */
export class ToolTimeoutError extends Schema.TaggedError<ToolTimeoutError>()("ToolTimeoutError", {
  message: Schema.String,
  name: Schema.String,
  callId: Schema.String,
  timeout: Schema.DurationFromMillis
}) {}

/**
 * The executing call, for code that a handler calls.
 *
 * @since 0.1.0
 * @category context
 */
export class CurrentCall extends Context.Tag("effect-openrouter/agent/CurrentCall")<
  CurrentCall,
  CallInfo
>() {}

/**
 * The tag of a service.
 *
 * @since 0.1.0
 * @category models
 */
export interface Dependency extends Effect.Effect<unknown, never, unknown> {
  readonly key: string
}

declare const undeclared: unique symbol

/**
 * Stands in messages of the compiler for a failure that the tool does not declare. Nothing has this type.
 *
 * @since 0.1.0
 * @category models
 */
export interface Undeclared<out Hint extends string> {
  readonly [undeclared]: Hint
}

/**
 * The call whose output is too long.
 *
 * @internal
 */
export interface LongCall {
  readonly id: string
  readonly name: string
}

/**
 * What becomes of an output that is too long. The loop knows this alone, so that only those who use it bundle the rest.
 *
 * @internal
 */
export interface Limiting {
  /** The longest text that the model receives as it is, in characters. */
  readonly above: number
  /** What the model receives of a longer text. */
  readonly viewOf: (text: string, call: LongCall) => string
  /** Writes what the model receives instead, if that does not fail. */
  readonly summaryOf: ((text: string, call: LongCall) => Effect.Effect<string, unknown, OpenRouterClient>) | undefined
  /** The tool with which the model reads the rest. */
  readonly reader: FunctionDefinition | undefined
}

/**
 * What a call of a tool hands the conversation over to.
 *
 * @internal
 */
export interface Handoff {
  /** The name of the agent. */
  readonly to: string
  /** The agent, if the run does not know it otherwise. */
  readonly agent: object | undefined
  /** The options of a run in which this agent speaks. */
  readonly optionsFrom: <O extends object>(run: O) => O
}

/** @internal */
export const LargeOutputId: unique symbol = Symbol.for("effect-openrouter/agent/LargeOutput")

/**
 * The options of a tool without their types: functions of decoded values.
 *
 * @internal
 */
export interface ErasedOptions {
  readonly description?: string | undefined
  readonly requireApproval?:
    | boolean
    | ((params: never, call: CallInfo) => boolean | Effect.Effect<boolean, unknown, unknown>)
    | undefined
  readonly toModelOutput?: ((result: never, params: never) => ToolCallOutput) | undefined
  readonly nextTurn?: ((from: NextTurn<never, never>) => TurnParams) | undefined
  readonly failureMode?: "return" | "error" | undefined
  readonly timeout?: Duration.DurationInput | undefined
  readonly retry?: Schedule.Schedule<unknown, never> | undefined
  readonly concurrency?: number | undefined
  readonly strict?: boolean | undefined
  readonly largeOutput?: { readonly [LargeOutputId]: Limiting } | undefined
  readonly background?: boolean | { readonly output: string } | undefined
  readonly dependencies?: ReadonlyArray<{ readonly key: string }> | undefined
}

/** @internal */
export interface Schemas {
  readonly parameters: Parameters
  readonly success: Schema.Schema.All
  readonly failure: Schema.Schema.All
  readonly answer: Schema.Schema.All
}

type Parameters = { readonly schema: Schema.Schema.All } | { readonly json: JsonSchema.JsonSchema }

const defaultTimeout = Duration.minutes(10)

/** Tools of the same name may differ between toolkits, so each tool has a handler tag of its own. */
let tags = 0

/** @internal */
export const define = (
  name: string,
  kind: "handled" | "manual",
  options: ErasedOptions,
  schemas: Schemas,
  own?: HandlerService
): FunctionDefinition => {
  const { dependencies = [], nextTurn, requireApproval = false, retry, toModelOutput } = options
  return {
    kind,
    name,
    description: options.description,
    handler: Context.GenericTag<HandlerService>(`effect-openrouter/agent/Handler/${name}/${tags++}`),
    own,
    wire: Effect.map(parametersOf(schemas.parameters, options.strict), (parameters) => ({
      tool: {
        type: "function",
        name,
        ...(options.description === undefined ? {} : { description: options.description }),
        parameters: parameters.schema,
        strict: parameters.strict
      },
      codecs: codecsOf(schemas, parameters),
      parameters
    })),
    mayAsk: requireApproval !== false,
    jsonSchema: Effect.map(parametersOf(schemas.parameters, false), ({ schema }) => schema),
    requireApproval: typeof requireApproval === "boolean"
      ? () => Effect.succeed(requireApproval)
      : gateOf(name, decoded(requireApproval)),
    hasOwnOutput: toModelOutput !== undefined,
    toOutput: toModelOutput === undefined ? (_, encoded) => outputOf(encoded) : (result, _, params) =>
      // The schemas of the tool decoded both values
      toModelOutput(result as never, params as never),
    nextTurn: nextTurn === undefined ? undefined : decoded(nextTurn),
    failureMode: options.failureMode ?? "return",
    timeout: options.timeout === undefined ? defaultTimeout : Duration.decode(options.timeout),
    // It receives failures of this tool only
    retry: retry as Schedule.Schedule<unknown, unknown> | undefined,
    concurrency: options.concurrency,
    largeOutput: options.largeOutput?.[LargeOutputId],
    background: options.background === true
      ? "The work has begun and goes on. Its result will come as a message."
      : options.background === false
      ? undefined
      : options.background?.output,
    handoff: undefined,
    isDeferred: false,
    dependencies: dependencies.map((dependency) => dependency.key)
  }
}

const gateOf = (
  name: string,
  requireApproval: (params: unknown, call: CallInfo) => boolean | Effect.Effect<boolean, unknown, unknown>
): FunctionDefinition["requireApproval"] =>
(params, call) => runCallback(`requireApproval of the tool "${name}"`, () => requireApproval(params, call))

const decoded =
  <Rest extends ReadonlyArray<unknown>, B>(f: (value: never, ...rest: Rest) => B) =>
  (value: unknown, ...rest: Rest): B =>
    // The schemas of the tool decoded the value
    f(value as never, ...rest)

interface Arguments extends JsonSchema.Converted {
  readonly decode: Codec
}

const parametersOf = (
  parameters: Parameters,
  strict: boolean | undefined
): Effect.Effect<Arguments, JsonSchema.JsonSchemaError> => {
  const convert = (strict: boolean): Effect.Effect<Arguments, JsonSchema.JsonSchemaError> =>
    "schema" in parameters
      ? JsonSchema.make(asSchema(parameters.schema), { strict })
      : Effect.map(JsonSchema.convert(parameters.json, { strict }), (converted) => ({
        ...converted,
        decode: (value) =>
          isObject(value)
            ? JsonSchema.restored(converted, value)
            : Effect.fail([{ path: "", message: "it is not an object" }])
      }))
  return strict === undefined ? Effect.orElse(convert(true), () => convert(false)) : convert(strict)
}

const codecsOf = (schemas: Schemas, parameters: Arguments): Codecs => ({
  params: decodingTexts(parameters.decode, parameters.readTexts),
  answer: decoderOf(schemas.answer),
  success: encoderOf(schemas.success),
  failure: encoderOf(schemas.failure),
  recordedSuccess: decoderOf(schemas.success)
})

const decoderOf = (schema: Schema.Schema.All): Codec => jsonDecoder(asSchema(schema))

/** A value without JSON, such as a cycle or a bigint, can be neither sent nor stored. */
const encoderOf = (schema: Schema.Schema.All): Codec => {
  const encode = encoder(asSchema(schema))
  return (value) =>
    Effect.filterOrFail(
      encode(value),
      isJson,
      () => [{ path: "", message: "it cannot be written as JSON" }]
    )
}

const isJson = (value: unknown): boolean => Either.isRight(Either.try(() => JSON.stringify(value)))

/** An output cannot be empty, so `undefined` becomes `null`. */
const outputOf = (encoded: unknown): ToolCallOutput =>
  typeof encoded === "string" ? encoded : JSON.stringify(encoded) ?? "null"

/** @internal */
export const TypeId: unique symbol = Symbol.for("effect-openrouter/agent/Tool")

/** @internal */
export type TypeId = typeof TypeId

/**
 * A decoder or an encoder of unchecked values.
 *
 * @internal
 */
export type Codec = (value: unknown) => Effect.Effect<unknown, ReadonlyArray<Issue>, unknown>

/**
 * The codecs of a tool. `params` and `answer` decode input; `success` and `failure` encode for the model;
 * `recordedSuccess` decodes the success in a stored record.
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
 * A tool whose calls the loop executes, without its types.
 *
 * @internal
 */
export interface FunctionDefinition {
  readonly kind: "handled" | "manual"
  readonly name: string
  readonly description: string | undefined
  readonly handler: Context.Tag<HandlerService, HandlerService>
  /** The handler, if it is a part of the tool: then no layer provides one. */
  readonly own: HandlerService | undefined
  /** The tool as it is sent, and its codecs. Fails if the schema cannot be sent. */
  readonly wire: Effect.Effect<
    {
      readonly tool: ResponsesFunctionTool
      readonly codecs: Codecs
      readonly parameters: Pick<JsonSchema.Converted, "growing">
    },
    JsonSchemaError
  >
  /** Whether a call may need an approval. */
  readonly mayAsk: boolean
  /** The schema of the parameters as it is, not changed for the strict mode of providers. */
  readonly jsonSchema: Effect.Effect<JsonSchema.JsonSchema, JsonSchemaError>
  readonly requireApproval: (
    params: unknown,
    call: CallInfo
  ) => Effect.Effect<boolean, CallbackError | UserError, unknown>
  /** Whether the model receives something else than the encoded result. */
  readonly hasOwnOutput: boolean
  readonly toOutput: (result: unknown, encoded: unknown, params: unknown) => ToolCallOutput
  readonly nextTurn: ((from: NextTurn<unknown, unknown>) => TurnParams) | undefined
  readonly failureMode: "return" | "error"
  readonly timeout: Duration.Duration
  readonly retry: Schedule.Schedule<unknown, unknown> | undefined
  readonly concurrency: number | undefined
  readonly largeOutput: Limiting | undefined
  /** The output of a call that goes on in the background. */
  readonly background: string | undefined
  readonly handoff: Handoff | undefined
  /** Whether the model sees the tool only after it has searched for it. */
  readonly isDeferred: boolean
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
  /** Executes a call with these services, before those of the handler's layer and of the run. */
  readonly handle: (
    params: unknown,
    call: ToolCall<unknown>,
    given: Context.Context<never>
  ) => Effect.Effect<unknown, UserError, unknown>
}
