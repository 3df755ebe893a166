/**
 * The agent loop: it requests a response, executes the tool calls in it, and sends their outputs in the next request,
 * until a response has no calls or a condition stops the run. Every turn is a streaming `POST /responses` with the whole
 * history.
 *
 * @since 0.1.0
 */
import type * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type * as Stream from "effect/Stream"
import type { AgentFailure } from "./internal/errors.js"
import type { AgentEvent } from "./internal/events.js"
import { runAgent } from "./internal/loop/agent.js"
import type { Emit } from "./internal/loop/runContext.js"
import type { Exact, Failure, Options, Requirements, ToolsOf, ValueOf } from "./internal/options.js"
import type { Run } from "./internal/run.js"
import { makeModelResult, type ModelResult } from "./internal/views/modelResult.js"
import { streamRun } from "./internal/views/streamRun.js"

export * from "./internal/errors.js"
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
  ModelResult<ToolsOf<O>, ValueOf<O>, AgentFailure | Exclude<Failure<O>, never>>,
  never,
  Scope.Scope | Exclude<Requirements<O>, Scope.Scope>
> => makeModelResult(started<O>(options))
