/**
 * Tools that a model can call: their schemas and limits. Handlers are not part of a tool; `Toolkit.toLayer` provides them.
 *
 * @since 0.1.0
 */
import type { Duration, DurationInput } from "effect/Duration"
import type * as Effect from "effect/Effect"
import type * as Schedule from "effect/Schedule"
import * as Schema from "effect/Schema"
import type { Hint } from "../internal/hint.js"
import type { JsonSchema } from "../schema/jsonSchema.js"
import type { ToolCallOutput } from "../schema/ResponsesItems.js"
import type { ResponsesFunctionTool, ResponsesTool } from "../schema/ResponsesToolsRequest.js"
import {
  type CallInfo,
  define,
  type Definition,
  type Dependency,
  type ToolCall,
  type ToolSuspended,
  type ToolTimeoutError,
  TypeId,
  type Undeclared
} from "./internal/tool.js"
import type { NextTurn, TurnParams } from "./internal/turnParams.js"
import type { LargeOutput } from "./LargeOutput.js"

export {
  type CallInfo,
  CurrentCall,
  type Dependency,
  type ToolCall,
  ToolSuspended,
  ToolTimeoutError,
  type Undeclared
} from "./internal/tool.js"

/**
 * The types of a tool: its parameters and results, the errors with which it fails the run, and what it requires from the
 * run.
 *
 * @since 0.1.0
 * @category models
 */
export interface Types {
  readonly kind: "handled" | "provided" | "manual" | "server" | "handoff"
  /** What the model writes: the encoded form of the parameters. */
  readonly arguments: unknown
  readonly params: unknown
  readonly success: unknown
  readonly failure: unknown
  readonly progress: unknown
  readonly answer: unknown
  readonly error: unknown
  readonly requirements: unknown
}

/**
 * A tool that models call by its `name`.
 *
 * @since 0.1.0
 * @category models
 */
export interface Tool<out Name extends string, out T extends Types> {
  readonly name: Name
  readonly kind: T["kind"]
  readonly [TypeId]: { readonly definition: Definition; readonly types?: () => T }
}

/**
 * Any tool.
 *
 * @since 0.1.0
 * @category models
 */
export type Any = Tool<string, Types>

/**
 * The name of a tool.
 *
 * @since 0.1.0
 * @category models
 */
export type Name<T extends Any> = T["name"]

/**
 * The types of a tool.
 *
 * @since 0.1.0
 * @category models
 */
export type TypesOf<T extends Any> = T extends Tool<string, infer U> ? U : never

/**
 * What tools require from a run: their handlers, and the services that handlers and schemas take from the run.
 *
 * @since 0.1.0
 * @category models
 */
export type Requirements<T extends Any> = T extends Tool<infer Name, infer U>
  ? U["requirements"] | (U["kind"] extends "handled" ? Handler<Name> : never)
  : never

/**
 * The errors with which tools fail a run: the failures of tools whose `failureMode` is `"error"`.
 *
 * @since 0.1.0
 * @category models
 */
export type Failures<T extends Any> = TypesOf<T>["error"]

/**
 * The requirement for the handler of the tool `Name`.
 *
 * @since 0.1.0
 * @category models
 */
export interface Handler<out Name extends string> {
  readonly "effect-openrouter/agent/Handler": Name
}

/**
 * The function that executes a tool. It may fail with the declared `failure` of the tool, and with `ToolSuspended`.
 *
 * @since 0.1.0
 * @category models
 */
export type HandlerOf<T extends Any> = T extends Tool<string, infer U> ? (
    params: U["params"],
    call: ToolCall<U["progress"], U["answer"]>
  ) => Effect.Effect<
    U["success"],
    U["failure"] | ToolSuspended | Undeclared<"declare it as `failure` of the tool">,
    unknown
  >
  : never

/**
 * What a failure of a handler does: `"return"` sends it to the model, `"error"` fails the run.
 *
 * @since 0.1.0
 * @category models
 */
export type FailureMode = "return" | "error"

type DependencyOf<D> = D extends Effect.Effect<infer _A, infer _E, infer R> ? R : never

/**
 * Options of all tools with a handler of yours.
 *
 * @since 0.1.0
 * @category models
 */
export interface Limits<in Failure, out Mode extends FailureMode> {
  /** What the tool does, for the model. */
  readonly description?: string | undefined
  /**
   * Whether a failure of the handler becomes the output of the call (`"return"`, the default), or fails the run
   * (`"error"`).
   */
  readonly failureMode?: Mode | undefined
  /** The time limit of one attempt. Default 10 minutes; `Duration.infinity` for no limit. */
  readonly timeout?: DurationInput | (Duration & Hint<"write \"30 seconds\", or milliseconds">) | undefined
  /** Retries the handler after a failure or a timeout. Default: no retries. */
  readonly retry?: Schedule.Schedule<unknown, Failure | ToolTimeoutError> | undefined
  /** How many calls of this tool may execute at the same time in a run, in addition to the limit of the run. */
  readonly concurrency?: number | undefined
  /**
   * Whether providers force the model to follow the schema of the parameters. Default: if strict JSON Schema can express
   * the schema.
   */
  readonly strict?: boolean | undefined
  /** What the model receives of an output that is too long for it. Default: all of it. */
  readonly largeOutput?: LargeOutput | undefined
  /** The model goes on while the handler works. After 100 ms a call has an output that says so; a message has its result. */
  readonly background?: boolean | { readonly output: string } | undefined
}

/**
 * Options of {@link make}. Without a schema, a tool has no parameters, succeeds with `void`, and has no failures, progress
 * or answer.
 *
 * @since 0.1.0
 * @category models
 */
export interface Options<
  P extends Schema.Schema.All,
  S extends Schema.Schema.All,
  F extends Schema.Schema.All,
  G extends Schema.Schema.All,
  A extends Schema.Schema.All,
  Mode extends FailureMode,
  D extends ReadonlyArray<Dependency>,
  AE,
  AR
> extends Limits<Schema.Schema.Type<F>, Mode> {
  readonly parameters?: P | (Schema.Schema.All & Hint<"use a Schema of effect, or Tool.fromJsonSchema">) | undefined
  readonly success?: S | undefined
  readonly failure?: F | undefined
  readonly progress?: G | undefined
  /** The schema of the answer with which a suspended call is resumed. */
  readonly answer?: A | undefined
  /** Whether a call waits for `approve` or `reject`. A function decides by the decoded parameters. */
  readonly requireApproval?:
    | boolean
    | ((params: Schema.Schema.Type<P>, call: CallInfo) => boolean | Effect.Effect<boolean, AE, AR>)
    | undefined
  /** What the model receives of a result. Default: the text, or the JSON of any other value. */
  readonly toModelOutput?:
    | ((result: Schema.Schema.Type<S>, params: Schema.Schema.Type<P>) => ToolCallOutput)
    | undefined
  /** What a successful call changes in the parameters of all later turns. It must be pure, because each turn calls it. */
  readonly nextTurn?:
    | ((from: NextTurn<Schema.Schema.Type<P>, Schema.Schema.Type<S>>) => TurnParams)
    | undefined
  /** Services that the handler takes from the run instead of its layer. */
  readonly dependencies?: D | undefined
}

const NoParameters = Schema.Struct({})

/**
 * Makes a tool whose handler comes from a layer.
 *
 * @since 0.1.0
 * @category constructors
 * @example
 * ```ts
 * import { Effect, Schema } from "effect"
 * import { Tool, Toolkit } from "effect-openrouter"
 *
 * const GetWeather = Tool.make("get_weather", {
 *   description: "Current weather for a city",
 *   parameters: Schema.Struct({ city: Schema.String }),
 *   success: Schema.Struct({ celsius: Schema.Number })
 * })
 *
 * const WeatherLive = Toolkit.make(GetWeather).toLayer({
 *   get_weather: ({ city }) => Effect.succeed({ celsius: city.length })
 * })
 * ```
 */
export const make = <
  const Name extends string,
  P extends Schema.Schema.All = typeof NoParameters,
  S extends Schema.Schema.All = typeof Schema.Void,
  F extends Schema.Schema.All = typeof Schema.Never,
  G extends Schema.Schema.All = typeof Schema.Never,
  A extends Schema.Schema.All = typeof Schema.Never,
  const Mode extends FailureMode = "return",
  const D extends ReadonlyArray<Dependency> = readonly [],
  AE = never,
  AR = never
>(name: Name, options: Options<P, S, F, G, A, Mode, D, AE, AR> = {}): Tool<Name, {
  readonly kind: "handled"
  readonly arguments: Schema.Schema.Encoded<P>
  readonly params: Schema.Schema.Type<P>
  readonly success: Schema.Schema.Type<S>
  readonly failure: Schema.Schema.Type<F>
  readonly progress: Schema.Schema.Type<G>
  readonly answer: Schema.Schema.Type<A>
  readonly error: NoInfer<AE> | (Mode extends "error" ? Schema.Schema.Type<F> | ToolTimeoutError : never)
  readonly requirements:
    | NoInfer<AR>
    | Schema.Schema.Context<P | S | F | A>
    | DependencyOf<D[number]>
}> =>
  functionTool(
    name,
    "handled",
    define(name, "handled", options, {
      parameters: { schema: options.parameters ?? NoParameters },
      success: options.success ?? Schema.Void,
      failure: options.failure ?? Schema.Never,
      answer: options.answer ?? Schema.Never
    })
  )

/**
 * Makes a tool that the caller of the run executes. A call of it ends the run with `awaiting_tools`. Pass its result to
 * the next run as an `answer`, in the encoded form of `success`, or as a `function_call_output` item.
 *
 * @since 0.1.0
 * @category constructors
 */
export const manual = <
  const Name extends string,
  P extends Schema.Schema.All = typeof NoParameters,
  S extends Schema.Schema.All = typeof Schema.Unknown
>(name: Name, options: {
  readonly description?: string | undefined
  readonly parameters?: P | undefined
  readonly success?: S | undefined
  readonly strict?: boolean | undefined
  readonly toModelOutput?: Options<P, S, never, never, never, never, never, never, never>["toModelOutput"]
  readonly nextTurn?: Options<P, S, never, never, never, never, never, never, never>["nextTurn"]
} = {}): Tool<Name, {
  readonly kind: "manual"
  readonly arguments: Schema.Schema.Encoded<P>
  readonly params: Schema.Schema.Type<P>
  readonly success: Schema.Schema.Type<S>
  readonly failure: never
  readonly progress: never
  readonly answer: Schema.Schema.Encoded<S>
  readonly error: never
  readonly requirements: Schema.Schema.Context<P | S>
}> =>
  functionTool(
    name,
    "manual",
    define(name, "manual", options, {
      parameters: { schema: options.parameters ?? NoParameters },
      success: options.success ?? Schema.Unknown,
      failure: Schema.Never,
      answer: options.success ?? Schema.Unknown
    })
  )

/**
 * Makes a tool whose parameters are a JSON Schema, for example a tool of an MCP server. Its handler receives the arguments
 * as the model sent them, without validation, and returns any JSON. A number that would be rounded arrives as a string.
 *
 * @since 0.1.0
 * @category constructors
 */
export const fromJsonSchema = <
  const Name extends string,
  F extends Schema.Schema.All = typeof Schema.Never,
  const Mode extends FailureMode = "return",
  AE = never,
  AR = never
>(
  name: Name,
  options: Omit<RawOptions<F, Mode, AE, AR>, "parameters"> & { readonly parameters: JsonSchema }
): Tool<Name, {
  readonly kind: "handled"
  readonly arguments: { readonly [key: string]: unknown }
  readonly params: { readonly [key: string]: unknown }
  readonly success: unknown
  readonly failure: Schema.Schema.Type<F>
  readonly progress: unknown
  readonly answer: unknown
  readonly error: NoInfer<AE> | (Mode extends "error" ? Schema.Schema.Type<F> | ToolTimeoutError : never)
  readonly requirements: NoInfer<AR> | Schema.Schema.Context<F>
}> =>
  functionTool(
    name,
    "handled",
    define(name, "handled", options, {
      parameters: { json: options.parameters },
      success: Schema.Unknown,
      failure: options.failure ?? Schema.Never,
      answer: Schema.Unknown
    })
  )

type RawOptions<F extends Schema.Schema.All, Mode extends FailureMode, AE, AR> = Options<
  Schema.Schema<{ readonly [key: string]: unknown }>,
  typeof Schema.Unknown,
  F,
  typeof Schema.Unknown,
  typeof Schema.Unknown,
  Mode,
  readonly [],
  AE,
  AR
>

/**
 * Makes a tool that OpenRouter or the provider executes, such as `openrouter:web_search`. It is sent unchanged.
 *
 * @since 0.1.0
 * @category constructors
 */
export const server = <const Config extends ServerTool>(tool: Config): Tool<Config["type"], {
  readonly kind: "server"
  readonly arguments: never
  readonly params: never
  readonly success: never
  readonly failure: never
  readonly progress: never
  readonly answer: never
  readonly error: never
  readonly requirements: never
}> => functionTool(tool.type, "server", { kind: "server", name: tool.type, tool })

/**
 * A tool of the Responses API other than a function.
 *
 * @since 0.1.0
 * @category models
 */
export type ServerTool = Exclude<ResponsesTool, ResponsesFunctionTool>

const functionTool = <Name extends string, T extends Types>(
  name: Name,
  kind: T["kind"],
  definition: Definition
): Tool<Name, T> => ({ name, kind, [TypeId]: { definition } })
