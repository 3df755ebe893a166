/** The activities of a run as those of a workflow: an engine records them, and a replay returns the records. */
import * as DurableClock from "@effect/workflow/DurableClock"
import * as DurableDeferred from "@effect/workflow/DurableDeferred"
import type * as Workflow from "@effect/workflow/Workflow"
import { WorkflowEngine, WorkflowInstance } from "@effect/workflow/WorkflowEngine"
import * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import type { ActivitiesService, Decision, PendingCall } from "../../agent/Activities.js"
import type { ConfigError } from "../../internal/effect/config.js"
import { besideSpan } from "../../internal/logs.js"
import { activity, hasRung, type Instance, suspend } from "./effect.js"
import type { Execution } from "./execution.js"
import { unlessStopped } from "./interruption.js"
import { nameOf } from "./names.js"
import { CompactionRecord, errorOf, type LibraryError, ToolRecord, TurnRecord } from "./records.js"
import { makeSuspensions } from "./suspensions.js"
import { announcer, decide, decisionAs, decisionOf } from "./waiting.js"

/**
 * What decides about a call in place of people: the decision, and the wait before it.
 *
 * @since 0.1.0
 * @category models
 */
export interface Expiry {
  readonly after: Duration.DurationInput
  readonly decision: Decision
}

/** @internal */
export interface Settings<E> {
  readonly notes: Workflow.Any
  /** The errors of the user's code. */
  readonly error: Schema.Schema<E, unknown>
  /** Whether the execution waits after this failure until it is resumed. */
  readonly suspendOn: (error: LibraryError | E) => boolean
  readonly expire: ((call: PendingCall) => Expiry | undefined) | undefined
}

/**
 * Fails, so that the engine records the failure; or suspends the execution, if someone can mend what failed. A failure that
 * cannot be recorded, such as a missing key, is one of those.
 *
 * @internal
 */
export const failOrSuspend = <E>(
  instance: Instance,
  { error, suspendOn }: Settings<E>,
  failure: LibraryError | ConfigError | E
): Effect.Effect<never, LibraryError | E> => {
  const isKnown = Schema.is(errorOf(error))
  if (!isKnown(failure)) return suspend(instance, textOf(failure))
  return Effect.flatMap(
    called("suspendOn", () => suspendOn(failure)),
    (suspends) => suspends === true ? suspend(instance, textOf(failure)) : Effect.fail(failure)
  )
}

/** What a function of the options returns. If it throws, the run goes on as without it. */
const called = <A>(name: string, option: () => A): Effect.Effect<A | undefined> =>
  Effect.catchAll(
    Effect.try({ try: option, catch: (cause) => cause }),
    (cause) => Effect.as(besideSpan(Effect.logError(`durable: \`${name}\` threw`, cause)), undefined)
  )

const textOf = (failure: LibraryError | ConfigError | unknown): string => {
  if (typeof failure !== "object" || failure === null) return "a failure without a message"
  const tag = "_tag" in failure ? `${failure._tag}: ` : ""
  return "message" in failure ? `${tag}${failure.message}` : tag.slice(0, -2)
}

type Check = Parameters<ActivitiesService["approval"]>[2]

/** A wait up to here stays in memory, because a restart in the middle of it costs no more than it. */
const inMemoryThreshold = Duration.seconds(60)

/**
 * The interpreter of one execution.
 *
 * @internal
 */
export const interpreterOf = <E>(
  settings: Settings<E>
): Effect.Effect<ActivitiesService, never, WorkflowEngine | WorkflowInstance> =>
  Effect.gen(function*() {
    const context = yield* Effect.context<WorkflowEngine | WorkflowInstance>()
    const instance = Context.get(context, WorkflowInstance)
    const { executionId, workflow } = instance
    const suspensions = makeSuspensions()
    const execution: Execution = { workflow, executionId, notes: settings.notes }
    const announce = announcer(execution)
    const failure = errorOf(settings.error)

    /** Inside of an activity, the engine gives an instance of its own: what suspends it suspends the execution then. */
    const here = <A, F, R>(
      effect: Effect.Effect<A, F, R>
    ): Effect.Effect<A, F, Exclude<R, WorkflowEngine | WorkflowInstance>> =>
      Effect.mapInputContext(
        suspensions.noticed(effect),
        (given: Context.Context<Exclude<R, WorkflowEngine | WorkflowInstance>>) =>
          // The given context has the rest
          Context.merge(context, given) as Context.Context<R | WorkflowInstance>
      )

    const shortRun = (run: string): string =>
      run.startsWith(`${executionId}/`) ? run.slice(executionId.length + 1) : run

    const recorded = <A, F, R>(
      name: Effect.Effect<string>,
      success: Schema.Schema<A, unknown>,
      effect: Effect.Effect<A, F, R>
    ): Effect.Effect<A, F, R> => {
      // `toLayer` accepts no run with other errors
      const known = effect as Effect.Effect<A, LibraryError | ConfigError | E, R>
      const execute = Effect.flatMap(WorkflowInstance, (own) =>
        Effect.flatMap(
          Effect.exit(unlessStopped(execution, own, suspensions.unlessSuspended(own, known))),
          (exit): Effect.Effect<A, LibraryError | E> => {
            // An activity inside suspended this one, whatever was made of its interruption
            if (own.suspended) return suspend(own)
            if (Exit.isSuccess(exit)) return Effect.succeed(exit.value)
            const failed = Cause.failureOption(exit.cause)
            if (Option.isSome(failed)) return failOrSuspend(own, settings, failed.value)
            // The engine would execute it again at once, several times
            if (Cause.isInterruptedOnly(exit.cause)) return suspend(own, "a turn or a tool interrupted itself")
            // It has no failure
            return Effect.failCause(exit.cause as Cause.Cause<never>)
          }
        ))
      const done = here(
        Effect.flatMap(name, (name) => activity({ name, success, error: failure, execute }))
      )
      // Its failures are those of the effect
      return done as Effect.Effect<A, F, R>
    }

    const decisionAbout = (
      name: string,
      call: PendingCall,
      check: Check
    ): Effect.Effect<Decision, never, WorkflowEngine | WorkflowInstance> =>
      Effect.gen(function*() {
        let problem: string | undefined
        for (let attempt = 1;; attempt++) {
          const decision = attempt === 1 ? name : `${name}/${attempt}`
          if (Option.isNone(yield* decisionOf(execution, decision))) {
            yield* announce({ decision, call, problem })
            yield* expireAfter(yield* called("expire", () => settings.expire?.(call)), decision, check)
          }
          const made = yield* DurableDeferred.await(decisionAs(decision))
          const checked = yield* Effect.either(check(made))
          if (checked._tag === "Right") {
            return made
          }
          problem = checked.left.message
        }
      })

    /** The clock wakes the execution, which then finds that nobody has decided. */
    const expireAfter = (expiry: Expiry | undefined, decision: string, check: Check) =>
      Effect.gen(function*() {
        if (expiry === undefined) {
          return
        }
        const engine = yield* WorkflowEngine
        const clock = DurableClock.make({ name: `expiry/${decision}`, duration: expiry.after })
        if (!(yield* hasRung(engine, clock))) {
          return yield* engine.scheduleClock(workflow, { executionId, clock })
        }
        const fits = yield* Effect.either(check(expiry.decision))
        yield* decide(
          execution,
          decision,
          fits._tag === "Right"
            ? expiry.decision
            : { _tag: "reject", reason: `Nobody answered in time, and the answer for that does not fit.` }
        )
      })

    let runs = 0
    return {
      // A run that begins after another one was suspended is an answer to its interruption: it must not be paid
      runId: Effect.suspend(() => instance.suspended ? suspend(instance) : Effect.succeed(`${executionId}/${++runs}`)),
      nested: true,
      // Only inside of the execution, where there always is one
      services: Effect.map(
        Effect.context<never>(),
        (fiber) =>
          Context.getOption(fiber, WorkflowInstance).pipe(
            Option.match({ onNone: Context.empty, onSome: (own) => Context.make(WorkflowInstance, own) })
          )
      ),
      turn: (key, effect) => recorded(nameOf("turn", shortRun(key.run), key.turn, key.attempt), TurnRecord, effect),
      tool: (key, effect) =>
        recorded(nameOf("tool", shortRun(key.run), key.turn, key.callId, key.attempt), ToolRecord, effect),
      compaction: (key, effect) =>
        recorded(nameOf("compaction", shortRun(key.run), key.turn, key.attempt), CompactionRecord, effect),
      approval: (key, call, check) =>
        here(Effect.flatMap(
          nameOf("decision", shortRun(key.run), key.turn, key.callId, key.attempt, key.reason),
          (name) => Effect.asSome(decisionAbout(name, call, check))
        )),
      sleep: (key, duration) =>
        here(Effect.flatMap(
          nameOf("sleep", shortRun(key.run), key.turn, key.attempt),
          (name) => DurableClock.sleep({ name, duration, inMemoryThreshold })
        ))
    }
  })
