/**
 * The agent loop: it requests a response, executes the tool calls in it, and sends their outputs in the next request,
 * until a response has no calls or a condition stops the run. Every turn is a streaming `POST /responses` with the whole
 * history.
 *
 * @since 0.1.0
 */
import type * as Effect from "effect/Effect"
import type * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import type * as Stream from "effect/Stream"
import { type AgentToolError, makeAgentTool, type Task } from "./internal/agentTool.js"
import type { AgentFailure } from "./internal/errors.js"
import type { AgentEvent } from "./internal/events.js"
import type { Exact, KnownOptions, UnknownOption } from "./internal/exactOptions.js"
import { makeHandoff } from "./internal/handoff.js"
import { runAgent } from "./internal/loop/agent.js"
import type { Emit } from "./internal/loop/runContext.js"
import type {
  Failure,
  Input,
  Options,
  PartialOf,
  Requirements,
  SpeakerFailure,
  ToolsOf,
  ValueOf
} from "./internal/options.js"
import type { Run } from "./internal/run.js"
import type { TurnParams } from "./internal/turnParams.js"
import { makeModelResult, type ModelResult } from "./internal/views/modelResult.js"
import { streamRun } from "./internal/views/streamRun.js"
import type * as Tool from "./Tool.js"

export { AgentToolError } from "./internal/agentTool.js"
export * from "./internal/errors.js"
export type * from "./internal/exactOptions.js"
export { httpStatus } from "./internal/httpStatus.js"
export type * from "./internal/options.js"
export type { ContextSize, FunctionCall, Outcome, Progress, Run, Step, Totals } from "./internal/run.js"
export type { ModelResult } from "./internal/views/modelResult.js"

const started = <const O extends Options>(options: O) => (emit?: Emit) =>
  // The loop uses tools, conditions and middleware without their types; the types of the options restore them.
  // `Exclude` makes editors show the members of the union instead of the options.
  runAgent(options, emit) as Effect.Effect<
    Run<ValueOf<O>>,
    AgentFailure | Exclude<Failure<O>, never>,
    Exclude<Requirements<O>, Scope.Scope>
  >

/**
 * Runs an agent to its end. `outcome` says how it ended: a stop, a pending call and an incomplete response are outcomes,
 * not errors. Every error has the `progress` of the run: its steps, items, text and cost so far.
 *
 * `POST /responses`, once a turn
 *
 * @since 0.1.0
 * @category running
 * @example
 * ```ts
 * import { Effect, Schema } from "effect"
 * import { Agent, StopWhen, Tool, Toolkit } from "effect-openrouter"
 *
 * const GetWeather = Tool.make("get_weather", {
 *   parameters: Schema.Struct({ city: Schema.String }),
 *   success: Schema.Struct({ celsius: Schema.Number })
 * })
 *
 * const program = Agent.run({
 *   model: "openai/gpt-5-nano",
 *   input: "Weather in Paris?",
 *   tools: Toolkit.make(GetWeather),
 *   stopWhen: [StopWhen.stepCountIs(10), StopWhen.maxCost(0.5)]
 * }).pipe(
 *   Effect.map((run) => run.outcome._tag === "completed" ? run.text : `ended as ${run.outcome._tag}`),
 *   Effect.catchTag("PaymentRequiredResponseError", (error) => Effect.succeed(`so far: ${error.progress.text}`))
 * )
 * ```
 */
export const run = <const O extends Options>(
  options: O & Exact<O>
): Effect.Effect<Run<ValueOf<O>>, AgentFailure | Exclude<Failure<O>, never>, Exclude<Requirements<O>, Scope.Scope>> =>
  started<O>(options)()

/**
 * Runs an agent and emits events as they happen; the last event is `run.end`. The run follows the pace of its reader, and
 * stops when the reader stops.
 *
 * `POST /responses`, once a turn
 *
 * @since 0.1.0
 * @category running
 * @example
 * ```ts
 * import { Console, Stream } from "effect"
 * import { Agent, AgentStream } from "effect-openrouter"
 *
 * const program = Agent.stream({ model: "openai/gpt-5-nano", input: "A story, please." }).pipe(
 *   AgentStream.textDeltas,
 *   Stream.runForEach((delta) => Console.log(delta))
 * )
 * ```
 */
export const stream = <const O extends Options>(
  options: O & Exact<O>
): Stream.Stream<
  AgentEvent<ToolsOf<O>, ValueOf<O>>,
  AgentFailure | Exclude<Failure<O>, never>,
  Exclude<Requirements<O>, Scope.Scope>
> => streamRun(started<O>(options))

/**
 * Starts an agent and returns views of its run: text, items, tools, events. Each can be read at any time, any number of
 * times. Closing the scope interrupts the run.
 *
 * `POST /responses`, once a turn
 *
 * @since 0.1.0
 * @category running
 * @example
 * ```ts
 * import { Console, Effect, Stream } from "effect"
 * import { Agent } from "effect-openrouter"
 *
 * const program = Effect.scoped(Effect.gen(function*() {
 *   const result = yield* Agent.callModel({ model: "openai/gpt-5-nano", input: "A story, please." })
 *   yield* Stream.runForEach(result.textStream, (delta) => Console.log(delta))
 *   yield* Console.log(yield* result.cost)
 * }))
 * ```
 */
export const callModel = <const O extends Options>(
  options: O & Exact<O>
): Effect.Effect<
  ModelResult<ToolsOf<O>, ValueOf<O>, AgentFailure | Exclude<Failure<O>, never>, PartialOf<O>>,
  never,
  Scope.Scope | Exclude<Requirements<O>, Scope.Scope>
> => makeModelResult(started<O>(options), options)

/**
 * Options of {@link asTool}: those of any tool, and how a call becomes the input of the agent.
 *
 * @since 0.1.0
 * @category models
 */
export interface ToolOptions<
  Name extends string,
  P extends Schema.Schema.All,
  Mode extends Tool.FailureMode
> extends Tool.Limits<AgentToolError, Mode> {
  /** Default: the name of the agent. */
  readonly name?: Name | undefined
  /** What the other agent gives to this one. Default: a text, `task`. */
  readonly parameters?: P | undefined
  /** The input of the agent. Default: the task, or the JSON of other parameters. */
  readonly input?: ((params: Schema.Schema.Type<P>) => Input) | undefined
  /** Whether a call waits for `approve` or `reject`. */
  readonly requireApproval?: boolean | ((params: Schema.Schema.Type<P>, call: Tool.CallInfo) => boolean) | undefined
}

/** An agent has no input, and its type says so. */
type WithoutInput<O> = O extends { readonly input: unknown }
  ? { readonly input: UnknownOption<"an agent has no `input`; give it to `Agent.run({ ...agent, input })`"> }
  : unknown

/**
 * An agent as a value: the options of its runs, but for their input. `Agent.run({ ...agent, input })` runs it, and
 * {@link asTool} gives it to another agent.
 *
 * @since 0.1.0
 * @category agents
 * @example
 * ```ts
 * import { Schema } from "effect"
 * import { Agent, Tool, Toolkit } from "effect-openrouter"
 *
 * const LookUp = Tool.make("look_up", { parameters: Schema.Struct({ term: Schema.String }), success: Schema.String })
 *
 * const librarian = Agent.make({
 *   name: "librarian",
 *   model: "openai/gpt-5-nano",
 *   instructions: "You look things up.",
 *   tools: Toolkit.make(LookUp)
 * })
 *
 * const program = Agent.run({ ...librarian, input: "What is a lighthouse?" })
 * ```
 */
export const make = <const O extends Options & { readonly name: string }>(
  options: O & KnownOptions<O> & WithoutInput<O>
): O => options

/**
 * Makes an agent a tool of another one. A call runs the agent, with a history of its own, and returns its text, or the
 * value of its `output`. Where the agent ends without either, the call fails with an {@link AgentToolError}, which the other
 * agent sees. What the agent spends counts for the run around it; its approvals are pending there, and its events arrive
 * there as `nested`. The tool needs no handler.
 *
 * @since 0.1.0
 * @category agents
 * @example
 * ```ts
 * import { Agent, Toolkit } from "effect-openrouter"
 *
 * const model = "openai/gpt-5-nano"
 * const librarian = Agent.make({ name: "librarian", model, instructions: "You look things up." })
 *
 * const program = Agent.run({
 *   model,
 *   input: "Write about lighthouses.",
 *   tools: Toolkit.make(Agent.asTool(librarian, { name: "ask_librarian" }))
 * })
 * ```
 */
export const asTool = <
  const O extends Options & { readonly name: string },
  P extends Schema.Schema.All = typeof Task,
  const Name extends string = O["name"],
  const Mode extends Tool.FailureMode = "return"
>(agent: O, options: ToolOptions<Name, P, Mode> = {}): Tool.Tool<Name, {
  readonly kind: "provided"
  readonly arguments: Schema.Schema.Encoded<P>
  readonly params: Schema.Schema.Type<P>
  readonly success: undefined extends ValueOf<O> ? string | Exclude<ValueOf<O>, undefined> : ValueOf<O>
  readonly failure: AgentToolError
  readonly progress: never
  readonly answer: never
  readonly error: Mode extends "error" ? AgentToolError | Tool.ToolTimeoutError : never
  readonly requirements: Requirements<O> | Schema.Schema.Context<P>
}> =>
  // The name is that of the options, or of the agent
  makeAgentTool(agent, options) as Tool.Tool<Name, never>

/**
 * Options of {@link handoff}.
 *
 * @since 0.1.0
 * @category models
 */
export interface HandoffOptions<Name extends string, P extends Schema.Schema.All> {
  /** Default: `transfer_to_`, and the name of the agent. */
  readonly name?: Name | undefined
  /** When to hand over, for the model. */
  readonly description?: string | undefined
  /** What the model says with the handoff. The agent that takes over reads it in the history. Default: nothing. */
  readonly parameters?: P | undefined
  /** Whether a handoff waits for `approve` or `reject`. */
  readonly requireApproval?: boolean | ((params: Schema.Schema.Type<P>, call: Tool.CallInfo) => boolean) | undefined
}

/** An agent that takes over brings its parameters, tools and output; the rest is of the run. */
type Speaks<O> = {
  readonly [Key in Exclude<keyof O & keyof Options, keyof TurnParams | "name" | "tools" | "activeTools" | "output">]:
    UnknownOption<
      `an agent that takes over has no \`${Key}\` of its own; set it for the run`
    >
}

/**
 * Makes a tool that hands the conversation over to another agent. After a call of it, and after the other calls of the same
 * response, the other agent goes on with the same history, its own instructions and tools, until it hands over or ends the
 * run. A parameter or `output` that it does not set stays as the run has it; so do `stopWhen`, `budget` and `middleware`. A
 * name in place of an agent stands for the agent that the run began with, or another one that it knows: so agents can hand
 * back.
 *
 * A stored conversation goes on with the agent that took over last. The event `agent.handoff`, `agent` of each step and
 * `agent` of the run say who speaks.
 *
 * @since 0.1.0
 * @category agents
 * @example
 * ```ts
 * import { Agent, Toolkit } from "effect-openrouter"
 *
 * const model = "openai/gpt-5-nano"
 * const billing = Agent.make({
 *   name: "billing",
 *   model,
 *   instructions: "You answer questions about invoices.",
 *   tools: Toolkit.make(Agent.handoff("triage"))
 * })
 *
 * const program = Agent.run({
 *   name: "triage",
 *   model,
 *   instructions: "You find out what the customer needs.",
 *   tools: Toolkit.make(Agent.handoff(billing, { description: "For anything about money." })),
 *   input: "My invoice is wrong."
 * })
 * ```
 */
export const handoff: {
  <
    const O extends Options & { readonly name: string },
    P extends Schema.Schema.All = typeof Schema.Void,
    const Name extends string = `transfer_to_${O["name"]}`
  >(to: O & Speaks<O>, options?: HandoffOptions<Name, P>): Tool.Tool<Name, {
    readonly kind: "handoff"
    readonly arguments: Schema.Schema.Encoded<P>
    readonly params: Schema.Schema.Type<P>
    readonly success: { readonly agent: string }
    readonly failure: never
    readonly progress: never
    readonly answer: never
    readonly error: SpeakerFailure<O>
    readonly requirements: Requirements<O> | Schema.Schema.Context<P>
    readonly agent: O
  }>
  <
    const To extends string,
    P extends Schema.Schema.All = typeof Schema.Void,
    const Name extends string = `transfer_to_${To}`
  >(to: To, options?: HandoffOptions<Name, P>): Tool.Tool<Name, {
    readonly kind: "handoff"
    readonly arguments: Schema.Schema.Encoded<P>
    readonly params: Schema.Schema.Type<P>
    readonly success: { readonly agent: string }
    readonly failure: never
    readonly progress: never
    readonly answer: never
    readonly error: never
    readonly requirements: Schema.Schema.Context<P>
  }>
} = (to: (Options & { readonly name: string }) | string, options: HandoffOptions<string, Schema.Schema.All> = {}) =>
  // The name is that of the options, or made of that of the agent
  makeHandoff(to, options) as Tool.Tool<never, never>
