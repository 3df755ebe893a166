import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as ParseResult from "effect/ParseResult"
import type * as Schedule from "effect/Schedule"
import * as Schema from "effect/Schema"
import { isObject } from "../../http/internal/json.js"
import { decodeJson, issuesOf } from "../../schema/internal/issues.js"
import * as JsonSchema from "../../schema/jsonSchema.js"
import type { ToolCallOutput } from "../../schema/ResponsesItems.js"
import type { CallInfo } from "../ToolCall.js"
import type { NextTurn, TurnParams } from "../TurnParams.js"
import type { Codec, Codecs, FunctionDefinition, HandlerService } from "./toolDefinition.js"

/**
 * The options of a tool without their types: functions of values that its schemas decoded.
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

/** Tools of one name may mean different things in different toolkits: each has a handler of its own. */
let tools = 0

/** @internal */
export const define = (
  name: string,
  kind: "handled" | "manual",
  options: ErasedOptions,
  schemas: Schemas
): FunctionDefinition => {
  const { dependencies = [], nextTurn, requireApproval = false, retry, toModelOutput } = options
  return {
    kind,
    name,
    handler: Context.GenericTag<HandlerService>(`effect-openrouter/agent/Handler/${name}/${tools++}`),
    wire: Effect.map(parametersOf(schemas.parameters, options.strict), (parameters) => ({
      tool: {
        type: "function",
        name,
        ...(options.description === undefined ? {} : { description: options.description }),
        parameters: parameters.schema,
        strict: parameters.strict
      },
      codecs: codecsOf(schemas, parameters)
    })),
    requireApproval: typeof requireApproval === "boolean" ? () => requireApproval : decoded(requireApproval),
    toOutput: toModelOutput === undefined ? (_, encoded) => outputOf(encoded) : (result, _, params) =>
      // The schemas of the tool gave both values
      toModelOutput(result as never, params as never),
    nextTurn: nextTurn === undefined ? undefined : decoded(nextTurn),
    failureMode: options.failureMode ?? "return",
    timeout: options.timeout === undefined ? defaultTimeout : Duration.decode(options.timeout),
    // It is given failures of this tool only
    retry: retry as Schedule.Schedule<unknown, unknown> | undefined,
    concurrency: options.concurrency,
    dependencies: dependencies.map((dependency) => dependency.key)
  }
}

const decoded =
  <Rest extends ReadonlyArray<unknown>, B>(f: (value: never, ...rest: Rest) => B) =>
  (value: unknown, ...rest: Rest): B =>
    // The schemas of the tool gave the value
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
      ? JsonSchema.make(Schema.asSchema(parameters.schema), { strict })
      : Effect.map(JsonSchema.convert(parameters.json, { strict }), (converted) => ({
        ...converted,
        decode: (value) =>
          isObject(value)
            ? Effect.sync(() => converted.restore(value))
            : Effect.fail([{ path: "", message: "it is not an object" }])
      }))
  return strict === undefined ? Effect.orElse(convert(true), () => convert(false)) : convert(strict)
}

const codecsOf = (schemas: Schemas, parameters: Arguments): Codecs => ({
  params: parameters.decode,
  answer: decoderOf(schemas.answer),
  success: encoderOf(schemas.success),
  failure: encoderOf(schemas.failure),
  recordedSuccess: decoderOf(schemas.success)
})

const decoderOf = (schema: Schema.Schema.All): Codec => {
  const decode = ParseResult.decodeUnknown(Schema.asSchema(schema))
  return (value) => decodeJson(decode, value)
}

/** What has no JSON, a circle or a bigint, could neither be told nor kept. */
const encoderOf = (schema: Schema.Schema.All): Codec => {
  const encode = ParseResult.encodeUnknown(Schema.asSchema(schema))
  return (value) =>
    Effect.filterOrFail(
      Effect.mapError(encode(value, { errors: "all" }), issuesOf),
      isJson,
      () => [{ path: "", message: "it has no JSON" }]
    )
}

const isJson = (value: unknown): boolean => Either.isRight(Either.try(() => JSON.stringify(value)))

/** What says nothing is `null`, as an output has to be something. */
const outputOf = (encoded: unknown): ToolCallOutput =>
  typeof encoded === "string" ? encoded : JSON.stringify(encoded) ?? "null"
