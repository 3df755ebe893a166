/**
 * Runs of agents that outlive their process and their machine. A workflow engine (`@effect/workflow`) keeps each turn, tool
 * call and decision: after a crash another process goes on, and nothing that was finished is paid again.
 *
 * @since 0.1.0
 */
import { WorkflowEngine, WorkflowInstance } from "@effect/workflow/WorkflowEngine"
import * as Cause from "effect/Cause"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { Activities, type Decision, type PendingCall } from "../agent/Activities.js"
import type { Run } from "../agent/Agent.js"
import type { AgentEvent } from "../agent/AgentStream.js"
import type * as Tool from "../agent/Tool.js"
import type { ConfigError } from "../internal/effect/config.js"
import { type Expiry, failOrSuspend, interpreterOf } from "./internal/activities.js"
import { encodedAsJson, makeWorkflow, type Outside, poll, reasonOf, register, suspend } from "./internal/effect.js"
import { ended, type Failure } from "./internal/ended.js"
import { NotWaitingError, type RunInterruptedError } from "./internal/errors.js"
import { isStopped, requestStop } from "./internal/interruption.js"
import {
  type DurableRun,
  failedOf,
  type LibraryError,
  progressOf,
  succeededOf,
  toSucceeded
} from "./internal/records.js"
import { decide, type WaitingCall, waitingOf } from "./internal/waiting.js"

export type { Expiry } from "./internal/activities.js"
export type { Failure } from "./internal/ended.js"
export { NotWaitingError, RunInterruptedError } from "./internal/errors.js"
export type { DurableRun, LibraryError, Summary } from "./internal/records.js"
export type { WaitingCall } from "./internal/waiting.js"

/**
 * How an agent runs durably. `payload` is what a run is given; it is kept as JSON. `key` names the work: a second start with the
 * same key joins the first one.
 *
 * @since 0.1.0
 * @category models
 */
export interface Options<P, I, Value, ValueI, E, EI> {
  readonly payload: Schema.Schema<P, I>
  readonly key: (payload: NoInfer<P>) => string
  /** The structured output of the agent. Default: it has none. */
  readonly value?: Schema.Schema<Value, ValueI> | undefined
  /** The errors of your tools, stop conditions and middleware that end a run. Default: none. */
  readonly error?: Schema.Schema<E, EI> | undefined
  /**
   * Whether a run waits after this failure, until it is resumed: then the work that failed is done again, and nothing else.
   * Default: a 402, until there are credits.
   */
  readonly suspendOn?: ((error: LibraryError | NoInfer<E>) => boolean) | undefined
  /** What is decided about a call if nobody decides in time. Default: it waits, also for months. */
  readonly expire?: ((call: PendingCall) => Expiry | undefined) | undefined
}

/**
 * Where an execution is. It is `running` also before an engine has taken it up. While it is `suspended`, it needs no process:
 * it waits for the decisions about `pending`, for the time after a failed attempt, or, with a `reason`, to be resumed.
 *
 * @since 0.1.0
 * @category models
 */
export type Status<Value, E> =
  | { readonly _tag: "running" }
  | {
    readonly _tag: "suspended"
    readonly pending: ReadonlyArray<WaitingCall>
    readonly reason: string | undefined
  }
  | { readonly _tag: "ended"; readonly exit: Exit.Exit<DurableRun<Value>, Failure<E> | RunInterruptedError> }

/**
 * An agent that an engine runs. Each function needs the engine of the cluster, and can be called from any process that has it.
 *
 * @since 0.1.0
 * @category models
 */
export interface DurableAgent<P, Value, E> {
  /**
   * Lets this process carry out the runs. `run` is executed again after each wait and each crash: the engine returns what its
   * turns and tools did. So it must do the same each time, beside them: read no clock, and make no requests of its own.
   */
  readonly toLayer: <R>(
    run: (payload: P, executionId: string) => Effect.Effect<Run<Value>, LibraryError | ConfigError | E, R>
  ) => Layer.Layer<never, never, WorkflowEngine | Outside<R>>
  /** The id of the execution for a payload, whether it was started or not. */
  readonly executionId: (payload: P) => Effect.Effect<string>
  /** Starts a run, and returns the id of its execution without a wait for the result. */
  readonly start: (payload: P) => Effect.Effect<string, never, WorkflowEngine>
  /** Starts a run, or joins it, and waits for its result. */
  readonly run: (
    payload: P
  ) => Effect.Effect<DurableRun<Value>, Failure<E> | RunInterruptedError, WorkflowEngine>
  /**
   * Waits for the result of an execution. It looks after each `interval`, by default a second. It waits for an execution
   * that was never started, too: set a time limit where that can be.
   */
  readonly result: (
    executionId: string,
    options?: { readonly interval?: Duration.DurationInput | undefined }
  ) => Effect.Effect<DurableRun<Value>, Failure<E> | RunInterruptedError, WorkflowEngine>
  /** Where an execution is now. */
  readonly status: (executionId: string) => Effect.Effect<Status<Value, E>, never, WorkflowEngine>
  /** The calls that wait for a decision. A decision may take a moment until it is seen here. */
  readonly pending: (executionId: string) => Effect.Effect<ReadonlyArray<WaitingCall>, never, WorkflowEngine>
  /** Lets a call execute. The first decision about a call stays. */
  readonly approve: (executionId: string, callId: string) => Effect.Effect<void, NotWaitingError, WorkflowEngine>
  /** Does not let a call execute. The model reads the reason. */
  readonly reject: (
    executionId: string,
    callId: string,
    reason?: string
  ) => Effect.Effect<void, NotWaitingError, WorkflowEngine>
  /**
   * Answers a call: JSON in the encoded form of the schema of its tool. With a wrong answer the call waits again, and its
   * `problem` says what was wrong.
   */
  readonly answer: (
    executionId: string,
    callId: string,
    value: unknown
  ) => Effect.Effect<void, NotWaitingError, WorkflowEngine>
  /** Continues an execution that is suspended because of a failure. */
  readonly resume: (executionId: string) => Effect.Effect<void, never, WorkflowEngine>
  /** Ends an execution. A turn or tool under way is interrupted within a second or two; what it was charged is lost. */
  readonly interrupt: (executionId: string) => Effect.Effect<void, never, WorkflowEngine>
}

/**
 * Runs an agent for `toLayer`, and tells its events. After a wait or a crash, the engine returns what was done, and the run tells
 * of it again: the starts and ends of turns and the results of tools, but none of the deltas between. Events that must
 * come once are known by their `turn`, `attempt` and `toolCallId`.
 *
 * @since 0.1.0
 * @category running
 * @example
 * ```ts
 * import { Effect, PubSub, Schema } from "effect"
 * import { Agent } from "effect-openrouter"
 * import { DurableAgent } from "effect-openrouter/durable"
 *
 * declare const live: PubSub.PubSub<{ readonly run: string; readonly delta: string }>
 *
 * const Story = DurableAgent.make("story/v1", { payload: Schema.String, key: (topic) => topic })
 *
 * const StoryLive = Story.toLayer((topic, run) =>
 *   DurableAgent.tell(
 *     Agent.stream({ model: "openai/gpt-5-nano", input: `A story about ${topic}` }),
 *     (event) =>
 *       event.type === "response.output_text.delta" ? PubSub.publish(live, { run, delta: event.delta }) : Effect.void
 *   )
 * )
 * ```
 */
export const tell = <T extends Tool.Any, A, E, R, E2 = never, R2 = never>(
  events: Stream.Stream<AgentEvent<T, A>, E, R>,
  event: (event: AgentEvent<T, A>) => Effect.Effect<unknown, E2, R2>
): Effect.Effect<Run<A>, E | E2, R | R2> =>
  Effect.suspend(() => {
    let run: Run<A> | undefined
    const told = Stream.runForEach(events, (one) => {
      if (one.type === "run.end") run = one.run
      return event(one)
    })
    // A stream that ends without an error ends with `run.end`
    return Effect.flatMap(told, () => run === undefined ? Effect.interrupt : Effect.succeed(run))
  })

const isPaymentRequired = (error: unknown): boolean =>
  typeof error === "object" && error !== null && "status" in error && error.status === 402

/**
 * Makes an agent durable. Put a version into the name: executions that began with an older program go on with this one, and
 * find what they did by the turns and calls of that. A name has at most 100 characters.
 *
 * @since 0.1.0
 * @category constructors
 * @example
 * ```ts
 * import { Effect, Schema } from "effect"
 * import { Agent, StopWhen, Tool, Toolkit } from "effect-openrouter"
 * import { DurableAgent } from "effect-openrouter/durable"
 *
 * const Refund = Tool.make("refund", {
 *   parameters: Schema.Struct({ order: Schema.String }),
 *   success: Schema.String,
 *   requireApproval: true
 * })
 * const tools = Toolkit.make(Refund)
 *
 * const Support = DurableAgent.make("support/v1", {
 *   payload: Schema.Struct({ ticket: Schema.String, text: Schema.String }),
 *   key: ({ ticket }) => ticket
 * })
 *
 * // In the processes that do the work
 * const SupportLive = Support.toLayer(({ text }) =>
 *   Agent.run({ model: "openai/gpt-5-nano", input: text, tools, stopWhen: StopWhen.maxCost(2) })
 * )
 *
 * // Anywhere
 * const program = Effect.gen(function*() {
 *   const id = yield* Support.start({ ticket: "T-1", text: "My lamp is broken." })
 *   const waiting = yield* Support.pending(id)
 *   yield* Effect.forEach(waiting, ({ callId }) => Support.approve(id, callId))
 *   const { text } = yield* Support.result(id)
 *   return text
 * })
 * ```
 */
export const make = <P, I, Value = undefined, ValueI = undefined, E = never, EI = never>(
  name: string,
  options: Options<P, I, Value, ValueI, E, EI>
): DurableAgent<P, Value, E> => {
  if (name.length > 100) throw new Error(`The name of a durable agent has at most 100 characters: ${name}`)
  // Without a schema there is no value, and no error
  const value = (options.value ?? Schema.Undefined) as Schema.Schema<Value, ValueI>
  // As above
  const error = encodedAsJson((options.error ?? Schema.Never) as Schema.Schema<E, EI>)
  const notes = makeWorkflow({
    name: `${name}/notes`,
    payload: Schema.Null,
    key: () => "",
    success: Schema.Null,
    error: Schema.Never
  })
  const settings = { notes, error, suspendOn: options.suspendOn ?? isPaymentRequired, expire: options.expire }
  const workflow = makeWorkflow({
    name,
    payload: options.payload,
    key: options.key,
    success: succeededOf(value),
    error: failedOf(error)
  })
  const of = (executionId: string) => ({ workflow, notes, executionId })

  const complete = (executionId: string) =>
    Effect.map(
      poll(workflow, executionId),
      Option.flatMap((result) => result._tag === "Complete" ? Option.some(result.exit) : Option.none())
    )

  /** What waits. Nothing does after the end. */
  const waiting = (executionId: string) =>
    Effect.flatMap(
      complete(executionId),
      (exit) => Option.isSome(exit) ? Effect.succeed([]) : waitingOf(of(executionId))
    )

  const pending = (executionId: string) =>
    Effect.map(waiting(executionId), (waiting) => waiting.map(({ call }) => call))

  const decideAs = (decision: Decision) => (executionId: string, callId: string) =>
    Effect.gen(function*() {
      const calls = yield* waiting(executionId)
      const found = calls.find(({ call }) => call.callId === callId)
      const problem = found === undefined
        ? `no call "${callId}" waits. Read the calls that wait with \`pending\``
        : decision._tag === "reject" || (decision._tag === "approve") === (found.call.reason === "approval")
        ? undefined
        : `the call "${callId}" waits for an ${
          found.call.reason === "approval" ? "approval. Use `approve` or `reject`" : "answer. Use `answer` or `reject`"
        }`
      if (found === undefined || problem !== undefined) {
        return yield* Effect.fail(new NotWaitingError({ message: problem ?? "", executionId, callId }))
      }
      yield* decide(of(executionId), found.name, decision)
    })

  const execute = (payload: P, executionId: string) =>
    Effect.flatMap(WorkflowEngine, (engine) => engine.execute(workflow, { executionId, payload: { payload } }))

  // `key` may throw
  const executionId = (payload: P) => Effect.suspend(() => workflow.executionId({ payload }))

  return {
    toLayer: (run) =>
      Layer.mergeAll(
        register(notes, () => Effect.succeed(null)),
        register(workflow, (payload, executionId) =>
          Effect.gen(function*() {
            const instance = yield* WorkflowInstance
            if (yield* isStopped({ workflow, notes, executionId })) {
              instance.interrupted = true
              return yield* Effect.interrupt
            }
            const exit = yield* Effect.exit(
              Effect.provideService(run(payload, executionId), Activities, yield* interpreterOf(settings))
            )
            // Whatever `run` made of the interruption
            if (instance.suspended) return yield* suspend(instance)
            if (Exit.isSuccess(exit)) return toSucceeded(exit.value)
            const failure = Cause.failureOption(exit.cause)
            // Without a failure, the cause fails with nothing
            if (Option.isNone(failure)) return yield* Effect.failCause(exit.cause as Cause.Cause<never>)
            return yield* Effect.mapError(
              failOrSuspend(instance, settings, failure.value),
              (error) => ({ error, run: progressOf(failure.value) })
            )
          }))
      ),
    executionId,
    start: (payload) =>
      Effect.gen(function*() {
        const engine = yield* WorkflowEngine
        const id = yield* executionId(payload)
        // Its error is that of the result, which a start does not wait for
        yield* Effect.orDie(engine.execute(workflow, { executionId: id, payload: { payload }, discard: true }))
        return id
      }),
    run: (payload) =>
      Effect.flatMap(
        executionId(payload),
        (id) => Effect.flatMap(Effect.exit(execute(payload, id)), (exit) => ended(id, exit))
      ),
    result: (executionId, { interval = "1 second" } = {}) =>
      Effect.gen(function*() {
        let exit = yield* complete(executionId)
        while (Option.isNone(exit)) {
          yield* Effect.sleep(interval)
          exit = yield* complete(executionId)
        }
        return yield* ended(executionId, exit.value)
      }),
    status: (executionId) =>
      Effect.gen(function*() {
        const result = yield* poll(workflow, executionId)
        if (Option.isNone(result)) return { _tag: "running" }
        if (result.value._tag === "Suspended") {
          return { _tag: "suspended", pending: yield* pending(executionId), reason: reasonOf(result.value) }
        }
        return { _tag: "ended", exit: yield* Effect.exit(ended(executionId, result.value.exit)) }
      }),
    pending,
    approve: decideAs({ _tag: "approve" }),
    reject: (executionId, callId, reason) =>
      decideAs({ _tag: "reject", ...(reason === undefined ? {} : { reason }) })(executionId, callId),
    answer: (executionId, callId, value) => decideAs({ _tag: "answer", value })(executionId, callId),
    resume: workflow.resume,
    interrupt: (executionId) => Effect.zipRight(requestStop(of(executionId)), workflow.interrupt(executionId))
  }
}
