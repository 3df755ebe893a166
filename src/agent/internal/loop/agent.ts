/** A whole run: options, conversation, middleware `start` and `end`, span, progress on errors. */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { isOpenRouterError } from "../../../http/OpenRouterError.js"
import { nothing, Payers } from "../../../http/spending.js"
import { currentClock } from "../../../internal/effect/fibers.js"
import { besideSpan } from "../../../internal/logs.js"
import { Activities, passThrough } from "../../Activities.js"
import type * as Conversation from "../../Conversation.js"
import type { Middleware, RunInfo } from "../../Middleware.js"
import { TypeId } from "../budget.js"
import { CachedPrefix } from "../context/caching.js"
import { TypeId as CompactionId } from "../context/compacting.js"
import { keptIn } from "../context/largeOutput.js"
import { histories } from "../conversation/history.js"
import { holding } from "../conversation/holding.js"
import { Journal } from "../conversation/journal.js"
import { Messages } from "../conversation/messages.js"
import * as Session from "../conversation/session.js"
import { beginsTask, earlier, none as noTotals } from "../conversation/totals.js"
import type { RunError } from "../errors.js"
import { Blocked } from "../guardrails/blocked.js"
import type { Options } from "../options.js"
import type { FunctionCall, Run } from "../run.js"
import * as History from "../state/history.js"
import { ParentRun } from "../state/parentRun.js"
import { Reservations } from "../state/reservations.js"
import { toRecord } from "../state/spending.js"
import { State } from "../state/state.js"
import { CallbackError, runCallback, thrown } from "../userCode.js"
import { Agents, prepareAgents } from "./agents.js"
import { awaitBackground, restart } from "./background.js"
import { type BackgroundCalls, withBackground } from "./backgroundCalls.js"
import { earlierPatches } from "./earlierPatches.js"
import { callsWithoutOutput, firstThatHolds } from "./ending.js"
import { NextRunId, randomId } from "./ids.js"
import { type Ending, loop } from "./loop.js"
import { EnclosingCall, isContinued, type NestedRun } from "./nestedRuns.js"
import type { Prepared } from "./prepare.js"
import { remembering } from "./remembering.js"
import { type Emit, type Inside, type RunContext, RunningCalls, UnstoredInput } from "./runContext.js"
import { inRunSpan } from "./spans.js"
import { checkAnswer, Decisions, readInput, startRun } from "./start.js"
import { executeAgain } from "./toolCall.js"

/**
 * A whole run, from its options to its end.
 *
 * @internal
 */
export const runAgent = (options: Options, emit: Emit | undefined): Effect.Effect<Run<unknown>, RunError, unknown> =>
  Effect.gen(function*() {
    const { budget, conversation, lease = "1 minute", name } = options
    const given = yield* Activities
    const id = options.runId ?? (yield* given.runId ?? Effect.flatten(NextRunId))
    const nested = (yield* EnclosingCall)?.begin(id)
    const recording = conversation === undefined && given === passThrough ? nested : undefined
    const others = yield* Payers
    const payers = budget === undefined ? others : new Set([...others, budget[TypeId].pay])
    const contextLength = options.compaction?.[CompactionId].contextLength
    const state = new State(payers, { agent: name, contextLength })
    const finished: Finished = {}
    const run = Effect.gen(function*() {
      const [prepared, others] = yield* prepareAgents(
        isContinued(nested, options) ? { ...options, input: undefined } : options
      )
      const agents = new Agents(prepared, others, state)
      const session = conversation === undefined ? undefined : yield* Session.open(conversation, { run: id, lease })
      if (session !== undefined) {
        const { sent, whole } = histories(session.log.entries)
        state.startFrom(whole, sent)
        state.speakers.restore(session.log.entries, (agent) => agent === name || others.has(agent))
      }
      const info: RunInfo = { id, name, conversation, history: state.sent.items }
      const keep: Keep | undefined = session?.append ?? recording?.keep
      const told = both(emit, nested?.emitAs(name))
      const inside = recording?.inside ?? { interpreter: given, keyOf: (run: string) => run }
      const keepers = { session, nested, recording, keep, inside }
      const looped = withBackground((background) =>
        Effect.flatMap(contextOf(info, prepared, agents, state, keepers, background, told), runLoop)
      )
      const body = orBlocked(state, looped)
      const kept = keep === undefined ? body : Effect.ensuring(body, storeRest(keep, info, state))
      const held = session === undefined ? kept : holding(session, id, lease, kept)
      return yield* orBlocked(state, withMiddleware(prepared.middleware, info, state, finished, held))
    })
    return yield* inRunSpan(
      options,
      state,
      (nested === undefined ? run : insideCall(nested, run)).pipe(
        Effect.provideService(Activities, recording?.activities(payers) ?? remembering(given, payers)),
        Effect.provideService(Payers, state.ledger.payers),
        Effect.mapError((error) => withProgress(error, finished.run ?? state.progress(partialOf(error))))
      )
    )
  })

/** Emits events to the reader of the run, and to that of the run around it. */
const both = (own: Emit | undefined, outer: Emit | undefined): Emit | undefined =>
  own === undefined ? outer : outer === undefined ? own : (events) => Effect.zipRight(own(events), outer(events))

/** A run inside of a call, which hears of its end. Runs that its own functions start are not inside of that call. */
const insideCall = <A extends Run<unknown>>(
  nested: NestedRun,
  run: Effect.Effect<A, RunError, unknown>
): Effect.Effect<A, RunError, unknown> =>
  run.pipe(
    Effect.provideService(EnclosingCall, undefined),
    Effect.provideService(NextRunId, randomId),
    Effect.onExit((exit) => nested.end(exit))
  )

/** The entry of what no record of a turn or a tool has so far. */
const spentBeside = ({ id }: RunInfo, { ledger }: State, isEnd = false): ReadonlyArray<Conversation.Entry> => {
  const { calls, spent } = ledger.takeBeside(isEnd)
  if (spent === nothing) return []
  return [{ _tag: "spent", run: id, ...toRecord(spent), ...(calls.length === 0 ? {} : { calls }) }]
}

type Keep = (entries: ReadonlyArray<Conversation.Entry>) => Effect.Effect<void, RunError, unknown>

/** Who keeps what a run did: its stored conversation, or the run around it. */
interface Keepers {
  readonly session: Session.Session | undefined
  readonly nested: NestedRun | undefined
  /** `nested`, if it keeps what the run did. */
  readonly recording: NestedRun | undefined
  readonly keep: Keep | undefined
  readonly inside: Inside
}

/** Stores the rest of what a run spent, after any end. It adds nothing to the history. */
const storeRest = (keep: Keep, info: RunInfo, state: State): Effect.Effect<void, never, unknown> =>
  Effect.suspend(() => {
    const rest = spentBeside(info, state, true)
    return rest.length === 0 ? Effect.void : Effect.catchAll(
      keep(rest),
      (error) => besideSpan(Effect.logWarning("conversation: a part of what the run spent was not stored", error))
    )
  })

const contextOf = (
  info: RunInfo,
  prepared: Prepared,
  agents: Agents,
  state: State,
  { inside, keep, nested, recording, session }: Keepers,
  background: BackgroundCalls,
  emit: Emit | undefined
): Effect.Effect<readonly [RunContext, ReadonlyArray<FunctionCall>], RunError, unknown> =>
  Effect.gen(function*() {
    const outer = yield* ParentRun
    const parent = prepared.options.budget?.[TypeId].above(outer) ?? outer
    const clock = yield* currentClock
    const decisions = new Decisions()
    const items = yield* readInput(prepared, state)
    if (session !== undefined) state.earlier = earlier(session.log.entries)
    const decided = { here: decisions, above: nested?.decisions ?? new Map() }
    const { calls, hasOnlyMessages, input } = yield* startRun(prepared, agents, state, decided, session, items)
    if (state.earlier !== undefined && (hasOnlyMessages || input.some(beginsTask))) {
      state.earlier = { ...state.earlier, task: noTotals }
    }
    const journal = new Journal(session?.log.entries ?? recording?.recorded.entries ?? [])
    const store: RunContext["store"] = (entries) => {
      const added = recording === undefined ? entries : recording.recorded.takeNew(entries)
      journal.add(added)
      return keep === undefined ? Effect.void : keep([...spentBeside(info, state), ...added])
    }
    const run: RunContext = {
      info,
      get prepared() {
        return agents.speaker
      },
      agents,
      state,
      decisions,
      calls: new RunningCalls(),
      background,
      clock,
      input: new UnstoredInput(input),
      messages: new Messages(session, hasOnlyMessages),
      prefix: new CachedPrefix(),
      emit,
      keptText: (callId) =>
        state.keptText(callId) ?? keptIn(session?.log.entries ?? recording?.recorded.entries ?? [], callId),
      journal,
      inside,
      removed: session?.log.removed,
      isStored: keep !== undefined,
      store,
      decide: (callId, decision) =>
        Effect.gen(function*() {
          yield* checkAnswer(agents, History.pendingCalls(state.history), callId, decision)
          decisions.add(callId, decision)
          yield* store([{ _tag: "decision", callId, decision }])
        }),
      interrupted: () => session === undefined ? nested?.interrupted() : session.interrupted(),
      parent,
      reservations: prepared.conditions.flatMap(({ costLeft, name }) =>
        costLeft.map((left) => new Reservations(name, () => left(state.progress())))
      ),
      exhausted: Effect.flatMap(
        Effect.suspend(() => firstThatHolds(prepared.budgets, state)),
        (name) => name === undefined ? parent.exhausted : Effect.succeed(name)
      )
    }
    state.addPatches(yield* earlierPatches(run, session?.log.entries ?? []))
    yield* restart(run, session?.log.entries ?? recording?.recorded.entries ?? [], (call) => executeAgain(run, call))
    return [run, calls] as const
  })

const runLoop = ([run, calls]: readonly [RunContext, ReadonlyArray<FunctionCall>]) =>
  Effect.gen(function*() {
    const { outcome, pending, value }: Ending = yield* loop(run, calls)
    if (outcome._tag !== "interrupted") yield* awaitBackground(run, true)
    if (run.messages.isStored) run.state.takeBack(run.input.messages)
    const unstored = run.input.takeGiven()
    if (unstored.length > 0) yield* run.store(unstored)
    const { ended, lastStep } = run.state
    return { ...run.state.progress(), outcome, pending, value, response: (lastStep ?? ended?.step)?.response }
  })

/** A guardrail ends a run, and does not fail it. */
const orBlocked = (state: State, run: Effect.Effect<Run<unknown>, RunError, unknown>) =>
  Effect.catchAll(
    run,
    (error) => error instanceof Blocked ? Effect.succeed(blockedRun(state, error)) : Effect.fail(error)
  )

const blockedRun = (state: State, { by, reason }: Blocked): Run<unknown> => ({
  ...state.progress(),
  outcome: { _tag: "blocked", by, reason },
  pending: callsWithoutOutput(state),
  value: undefined,
  response: state.lastStep?.response
})

/** A run that ended, if a middleware failed after its end. */
interface Finished {
  run?: Run<unknown>
}

/** Runs the middleware `start` before the body, and `end` after it, for each middleware that started. */
const withMiddleware = (
  middleware: ReadonlyArray<Middleware>,
  info: RunInfo,
  state: State,
  finished: Finished,
  body: Effect.Effect<Run<unknown>, RunError, unknown>
): Effect.Effect<Run<unknown>, RunError, unknown> =>
  middleware.reduceRight(
    (inner, { end, start }) =>
      Effect.uninterruptibleMask((restore) =>
        Effect.zipRight(
          start === undefined ? Effect.void : restore(runCallback("the middleware `start`", () => start(info))),
          end === undefined
            ? restore(inner)
            : Effect.flatMap(Effect.exit(restore(inner)), (exit) => endWith(end, state, exit, finished))
        )
      ),
    body
  )

/**
 * Runs the middleware `end`. If it throws or dies, a run that succeeded fails, and the progress of the error is the whole
 * run. Any other end of the run is worth more than the failure of `end`, which is logged then.
 */
const endWith = (
  end: NonNullable<Middleware["end"]>,
  state: State,
  exit: Exit.Exit<Run<unknown>, RunError>,
  finished: Finished
): Effect.Effect<Run<unknown>, RunError, unknown> =>
  Effect.gen(function*() {
    const callback = "the middleware `end`"
    const ended = yield* Effect.exit(runCallback(callback, () => end(state.progress(), exit)))
    if (Exit.isSuccess(ended)) return yield* exit
    const failure = Cause.squash(ended.cause)
    const error = failure instanceof CallbackError ? failure : thrown(callback, failure)
    if (Exit.isSuccess(exit)) {
      finished.run = exit.value
      return yield* Effect.fail(error)
    }
    yield* Effect.logError("The middleware `end` failed, after the run had failed", error)
    return yield* exit
  })

const partialOf = (error: RunError): { readonly text: string } | undefined =>
  isOpenRouterError(error) && "partial" in error ? error.partial : undefined

/**
 * Copies an error and adds the progress of the run. A copy, because the caller may hold the same error elsewhere. The
 * field is not enumerable, so that logs and encoders do not print the whole conversation.
 *
 * @internal
 */
export const withProgress = <E>(error: E, progress: object): E => {
  if (typeof error !== "object" || error === null) return error
  const copy: E & object = Object.create(Object.getPrototypeOf(error), Object.getOwnPropertyDescriptors(error))
  return Object.defineProperty(copy, "progress", { value: progress, configurable: true, enumerable: false })
}
