/** The runs that the handler of a call starts: what they did is kept by the run around them, and their calls wait there. */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import { InvalidRequestError } from "../../../http/OpenRouterError.js"
import type { Payer } from "../../../http/spending.js"
import { type Reference, reference } from "../../../internal/effect/references.js"
import { type ActivitiesService, passThrough } from "../../Activities.js"
import type { Entry } from "../conversation/entry.js"
import type { Recorded } from "../conversation/journal.js"
import type { Interrupt } from "../conversation/lease.js"
import type { RunError } from "../errors.js"
import type { NestedEvent } from "../events.js"
import type { Options } from "../options.js"
import type { Decision, PendingCall, Run } from "../run.js"
import * as History from "../state/history.js"
import { findWaiting } from "../state/waiting.js"
import { type CallInfo, ToolSuspended } from "../tool.js"
import { escapeId, localId } from "./ids.js"
import { remembering } from "./remembering.js"
import type { Emit, Inside, RunContext } from "./runContext.js"

/**
 * The call whose handler runs in this fiber.
 *
 * @internal
 */
export interface EnclosingCall {
  /** Begins a run inside of the call. */
  readonly begin: (id: string) => NestedRun
}

/** @internal */
export const EnclosingCall: Reference<EnclosingCall | undefined> = reference(
  "effect-openrouter/agent/EnclosingCall",
  (): EnclosingCall | undefined => undefined
)

/** What a call needs of the run that executes it. */
type Outer = Pick<
  RunContext,
  "calls" | "emit" | "info" | "inside" | "interrupted" | "isStored" | "journal" | "store"
>

/**
 * All runs inside of one execution of a call.
 *
 * @internal
 */
export class NestedRuns {
  private readonly firstAttempt: number
  private readonly waiting = new Map<NestedRun, Run<unknown>>()
  private begun = 0
  private isOpen = true
  private failed: Cause.Cause<RunError> | undefined

  constructor(private readonly outer: Outer, private readonly call: CallInfo) {
    this.firstAttempt = outer.journal.attempt(call.id)
  }

  /** Why the outer run fails, whatever the handler returns. */
  get failure(): Cause.Cause<RunError> | undefined {
    return this.failed
  }

  /** Whether a run inside waits. */
  get waits(): boolean {
    return this.waiting.size > 0
  }

  /** The calls that wait inside, in the order in which their runs began, whichever of them waited first. */
  get pending(): ReadonlyArray<PendingCall> {
    return [...this.waiting]
      .sort(([a], [b]) => a.position - b.position)
      .flatMap(([nested, run]) => nested.pendingOf(run))
  }

  /** What the record of the call has to keep: what no conversation stores, and what a replay that has the record needs. */
  get unstored(): ReadonlyArray<Entry> | null {
    const { inside, isStored, journal } = this.outer
    return isStored && inside.interpreter.nested !== true ? null : journal.ofCall(this.call.id)
  }

  /** The given attempt of the handler. Only the first one continues what an earlier execution began. */
  attempt(number: number): EnclosingCall {
    const attempt = this.firstAttempt + number - 1
    const begun = new Map<string, number>()
    this.waiting.clear()
    return {
      begin: (id) => {
        const times = (begun.get(id) ?? 0) + 1
        begun.set(id, times)
        const inner = times === 1 ? id : `${id}/${times}`
        return new NestedRun(this, this.outer, this.call, attempt, inner, this.begun++)
      }
    }
  }

  /** A call suspends if a run inside of it waits, whatever its handler returns. */
  suspends<A, E, R>(handling: Effect.Effect<A, E, R>): Effect.Effect<A, E | ToolSuspended, R> {
    const suspended = Effect.failSync(() => new ToolSuspended({ callId: this.call.id }))
    return Effect.matchCauseEffect(handling, {
      onFailure: (cause): Effect.Effect<A, E | ToolSuspended> =>
        this.waiting.size === 0 || Cause.isInterrupted(cause) ? Effect.failCause(cause) : suspended,
      onSuccess: (value): Effect.Effect<A, ToolSuspended> => this.waiting.size === 0 ? Effect.succeed(value) : suspended
    })
  }

  /** The call is done. What still runs inside of it is no part of it. */
  close(): void {
    this.isOpen = false
  }

  keep(entries: ReadonlyArray<Entry>): Effect.Effect<void, never, unknown> {
    if (!this.isOpen || entries.length === 0) return Effect.void
    return Effect.catchAllCause(this.outer.store(entries), (cause) => {
      this.fail(cause)
      return Effect.interrupt
    })
  }

  fail(cause: Cause.Cause<RunError>): void {
    this.failed ??= cause
  }

  /** A run that waits, until a later run of the handler takes its calls on. */
  wait(nested: NestedRun, run: Run<unknown>): void {
    this.waiting.set(nested, run)
  }

  goOn(run: Run<unknown>): void {
    const added = new Set(run.items)
    const before = run.history.filter((item) => !added.has(item))
    const taken = new Set([...History.callIds(before), ...findWaiting(before).map(({ call }) => call.callId)])
    for (const [nested, { pending }] of this.waiting) {
      if (pending.length > 0 && pending.every(({ callId, path }) => taken.has(path?.[0] ?? callId))) {
        this.waiting.delete(nested)
      }
    }
  }
}

/**
 * A run inside of a call.
 *
 * @internal
 */
export class NestedRun {
  readonly recorded: Recorded
  /** The beginning of the ids that its calls have in the outer run. */
  private readonly prefix: string
  private hasDecisions = false

  constructor(
    private readonly runs: NestedRuns,
    private readonly outer: Outer,
    private readonly call: CallInfo,
    private readonly attempt: number,
    readonly id: string,
    readonly position: number
  ) {
    this.recorded = outer.journal.recorded(call.id, attempt, id)
    const own = `${call.idempotencyKey}/`
    const name = id.startsWith(own) ? id.slice(own.length) : escapeId(`id:${id}`)
    this.prefix = `${escapeId(call.id)}/${name}/`
  }

  /**
   * Returns what the run did before, instead of doing it again. Asks the outer run for decisions. The payers pay for what
   * the interpreter remembers, and not for what the outer run has in its own records.
   */
  activities(payers: ReadonlySet<Payer>): ActivitiesService {
    const { interpreter, keyOf } = this.inside
    const { compaction, nested, sleep, tool, turn } = interpreter.nested === true
      ? remembering(interpreter, payers)
      : passThrough
    const own = <K extends { readonly run: string }>(key: K): K => ({ ...key, run: keyOf(key.run) })
    return {
      turn: (key, effect) => {
        const record = this.recorded.turn(key.turn)
        return record === undefined ? turn(own(key), effect) : Effect.succeed(record)
      },
      tool: (key, effect) => {
        const record = this.recorded.tool(key.callId, key.attempt)
        return record === undefined ? tool(own(key), effect) : Effect.succeed(record)
      },
      compaction: (key, effect) => {
        const record = this.recorded.compaction(key.turn, key.attempt)
        return record === undefined ? compaction(own(key), effect) : Effect.succeed(record)
      },
      approval: (key, call) => Effect.sync(() => Option.fromNullable(this.decisionAbout(call, key.attempt))),
      sleep: (key, duration) => sleep(own(key), duration),
      nested
    }
  }

  /** What the runs inside of its calls need. */
  get inside(): Inside {
    const { interpreter, keyOf } = this.outer.inside
    return { interpreter, keyOf: (run) => keyOf(this.inAttempt(run)) }
  }

  /** A handler that is tried again does not receive what its first try did. */
  private inAttempt(run: string): string {
    if (this.attempt === 1) return run
    const { id } = this
    const isBelow = run === id || run.startsWith(`${id}/`)
    return `${id}/try-${this.attempt}${isBelow ? run.slice(id.length) : `/${escapeId(run)}`}`
  }

  /** The decisions about its calls, for a run with a conversation of its own. */
  get decisions(): ReadonlyMap<string, Decision> {
    const decisions = this.outer.journal.decisions(this.prefix)
    this.hasDecisions ||= decisions.size > 0
    return decisions
  }

  /** Emits the events of the run, which has this name, to the reader of the outer run, if there is one. */
  emitAs(agent: string | undefined): Emit | undefined {
    const { call, id: run, outer: { emit } } = this
    if (emit === undefined) return undefined
    return (events) =>
      emit(events.map((event): NestedEvent =>
        event.type === "nested"
          ? { ...event, path: [call.id, ...event.path] }
          : { type: "nested", path: [call.id], run, ...(agent === undefined ? {} : { agent }), event }
      ))
  }

  /** Keeps entries of the run. If that fails, the outer run fails, and this run is interrupted. */
  readonly keep = (entries: ReadonlyArray<Entry>): Effect.Effect<void, never, unknown> => {
    const { attempt, call: { id: callId }, id: inner, outer: { info: { id: run } } } = this
    return this.runs.keep(entries.map((entry) => ({ _tag: "nested", run, callId, attempt, inner, entry })))
  }

  /** The request to interrupt the outer run. */
  interrupted(): Interrupt | undefined {
    return this.outer.interrupted()
  }

  /** Tells the call how the run ended. */
  end(exit: Exit.Exit<Run<unknown>, RunError>): Effect.Effect<void, never, unknown> {
    return Exit.isSuccess(exit) ? this.endWith(exit.value) : Effect.sync(() => {
      const error = Option.getOrUndefined(Cause.failureOption(exit.cause))
      const isWrong = error instanceof InvalidRequestError && error.parameter === "answer"
      if (isWrong && this.hasDecisions) this.runs.fail(exit.cause)
    })
  }

  private endWith(run: Run<unknown>): Effect.Effect<void, never, unknown> {
    const { outcome } = run
    this.runs.goOn(run)
    const isPaused = outcome._tag === "awaiting_approval" || outcome._tag === "awaiting_tools" ||
      outcome._tag === "interrupted" && this.interrupted() !== undefined
    if (isPaused) this.runs.wait(this, run)
    return this.keep([{ _tag: "closed", run: this.id, outcome: outcome._tag }])
  }

  /** The calls that wait, as calls of the outer run. A run that was interrupted waits itself, and not its calls. */
  pendingOf({ outcome, pending }: Run<unknown>): ReadonlyArray<PendingCall> {
    const { id, turn } = this.call
    return outcome._tag === "interrupted" ? [] : pending.map((call) => ({
      ...call,
      callId: this.prefix + localId(call),
      turn,
      path: [id, ...call.path ?? []]
    }))
  }

  private decisionAbout(call: PendingCall, execution: number): Decision | undefined {
    const places = this.recorded.placesOfDecision(call, execution)
    const asked = { callId: this.prefix + localId(call), reason: call.reason }
    const decision = places === undefined ? undefined : this.outer.journal.decision(asked, places)
    this.hasDecisions ||= decision !== undefined
    return decision
  }
}

/**
 * Whether a run with a conversation of its own continues: its input is stored there.
 *
 * @internal
 */
export const isContinued = (nested: NestedRun | undefined, { conversation }: Options): boolean =>
  conversation !== undefined && nested?.recorded.hasEnded === true
