/** What the parts of the loop share, and the state that more than one of them writes. */
import type * as Cause from "effect/Cause"
import type * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { makeSemaphore, type Semaphore } from "../../../internal/effect/locks.js"
import type { InputItem } from "../../../schema/ResponsesItemsRequest.js"
import type { ActivitiesService } from "../../Activities.js"
import type { RunInfo } from "../../Middleware.js"
import type { CachedPrefix } from "../context/caching.js"
import type { Entry } from "../conversation/entry.js"
import type { Journal } from "../conversation/journal.js"
import type { Messages } from "../conversation/messages.js"
import type { RunError } from "../errors.js"
import type { AgentEvent } from "../events.js"
import type { Decision, ToolRecord } from "../run.js"
import type { ParentRunService } from "../state/parentRun.js"
import type { Reservations } from "../state/reservations.js"
import type { State } from "../state/state.js"
import type { Agents } from "./agents.js"
import type { BackgroundCalls } from "./backgroundCalls.js"
import type { Prepared } from "./prepare.js"
import type { Decisions } from "./start.js"

/**
 * Emits events to the reader of a run. It waits for the reader only before a turn begins, with `turn.start`.
 *
 * @internal
 */
export type Emit = (events: ReadonlyArray<AgentEvent>) => Effect.Effect<void>

/**
 * Emits an event, if the caller reads events.
 *
 * @internal
 */
export const emitEvent = ({ emit }: RunContext, event: AgentEvent): Effect.Effect<void> =>
  emit === undefined ? Effect.void : emit([event])

/**
 * What runs inside of calls need, at any depth: the interpreter of the outermost run, which may record what they do, and the
 * run that stands in their keys.
 *
 * @internal
 */
export interface Inside {
  readonly interpreter: ActivitiesService
  readonly keyOf: (run: string) => string
}

/**
 * What the parts of the loop share.
 *
 * @internal
 */
export interface RunContext {
  readonly info: RunInfo
  /** The options of the agent that speaks, with those of the run. */
  readonly prepared: Prepared
  readonly agents: Agents
  readonly state: State
  readonly decisions: Decisions
  readonly calls: RunningCalls
  readonly background: BackgroundCalls
  readonly clock: Clock.Clock
  /** What the input adds to the stored conversation. */
  readonly input: UnstoredInput
  /** What is said to the conversation during the run. */
  readonly messages: Messages
  /** What caches of the prompt begin with. */
  readonly prefix: CachedPrefix
  /** Receives the events; undefined if the caller does not read them. */
  readonly emit: Emit | undefined
  /** The text of an output of the conversation that was kept aside, by the id of its call. */
  readonly keptText: (callId: string) => string | undefined
  /** What the runs inside of its calls did. */
  readonly journal: Journal
  readonly inside: Inside
  /** The version at which the conversation was removed, if it was. */
  readonly removed: number | undefined
  /** Whether what the run stores survives it. */
  readonly isStored: boolean
  /** Appends to the stored conversation, or to what the run around it keeps, if there is one. */
  readonly store: (entries: ReadonlyArray<Entry>) => Effect.Effect<void, RunError, unknown>
  /** Records a decision that was made during the run. */
  readonly decide: (callId: string, decision: Decision) => Effect.Effect<void, RunError, unknown>
  /** The stored request to interrupt this run, if there is one. */
  readonly interrupted: () => { readonly reason?: string | undefined } | undefined
  /** The run whose tool started this run, and the shared budget. Without them, it has no budget. */
  readonly parent: ParentRunService
  /** What runs inside of tools reserve of the limits of this run. */
  readonly reservations: ReadonlyArray<Reservations>
  /** The name of the exhausted budget of this run or of one of its parents. */
  readonly exhausted: Effect.Effect<string | undefined, RunError, unknown>
}

/**
 * The entries that the input adds to the stored conversation, until they are stored with the first response.
 *
 * @internal
 */
export class UnstoredInput {
  private readonly said = new WeakSet<Entry>()

  constructor(private entries: ReadonlyArray<Entry>) {}

  get hasEntries(): boolean {
    return this.entries.length > 0
  }

  /** Adds an entry behind those that wait. Without any, returns false. */
  add(entry: Entry): boolean {
    if (!this.hasEntries) return false
    this.entries = [...this.entries, entry]
    return true
  }

  /** Adds an entry also if none waits. `isSaid` tells that its items come from outside of the run. */
  put(entry: Entry, isSaid: boolean): void {
    this.entries = [...this.entries, entry]
    if (isSaid) this.said.add(entry)
  }

  /** The new input that the next request is the first to send. */
  get items(): ReadonlyArray<InputItem> {
    return this.entries.flatMap((entry) =>
      entry._tag === "input" && (entry.by === undefined || this.said.has(entry)) ? entry.items : []
    )
  }

  /** The items of messages that no response has seen. */
  get messages(): ReadonlyArray<InputItem> {
    return this.entries.flatMap((entry) => entry._tag === "input" && entry.messages !== undefined ? entry.items : [])
  }

  /** Returns the entries, once, without messages, which wait for the next run. */
  takeGiven(): ReadonlyArray<Entry> {
    return this.take().filter((entry) => entry._tag !== "input" || entry.messages === undefined)
  }

  /** Returns the entries, once. */
  take(): ReadonlyArray<Entry> {
    const taken = this.entries
    this.entries = []
    return taken
  }
}

/**
 * The tool calls of a turn that are executing.
 *
 * @internal
 */
export class RunningCalls {
  private permits: Semaphore | undefined = undefined
  private hasFailed = false
  private readonly executing = new Set<string>()
  private readonly done = new Map<string, Effect.Effect<ToolRecord, never, unknown>>()
  private readonly failures = new Map<string, Cause.Cause<RunError>>()

  /** Limits how many calls of a turn execute at the same time, if the turn has more than that. */
  limit(calls: number, concurrency: number): void {
    this.permits = calls > concurrency ? makeSemaphore(concurrency) : undefined
  }

  /** Executes a call when it has its turn. After the failure of another call, it does not begin. */
  execute<A, E, R>(callId: string, limit: Semaphore | undefined, call: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> {
    const begun = Effect.suspend(() => {
      if (this.hasFailed) return Effect.interrupt
      this.executing.add(callId)
      // Inside of the permits, so that a call that waits for them sees the failure
      return Effect.onError(call, () => Effect.sync(() => void (this.hasFailed = true)))
    })
    const permitted = this.permits === undefined ? begun : this.permits.withPermits(1)(begun)
    return limit === undefined ? permitted : limit.withPermits(1)(permitted)
  }

  /** Interrupts a call that has not begun its work when another call fails. */
  readonly unlessFailed: Effect.Effect<void> = Effect.suspend(() => this.hasFailed ? Effect.interrupt : Effect.void)

  isExecuting(callId: string): boolean {
    return this.executing.has(callId)
  }

  /** Keeps the record of a call that is done, in case that an interruption or a failure comes before it is recorded. */
  keep(callId: string, record: Effect.Effect<ToolRecord, never, unknown>): void {
    this.done.set(callId, record)
  }

  kept(callId: string): Effect.Effect<ToolRecord, never, unknown> | undefined {
    return this.done.get(callId)
  }

  /** Fails the run after the call is recorded. */
  failAfter(callId: string, cause: Cause.Cause<RunError>): void {
    this.hasFailed = true
    this.failures.set(callId, cause)
  }

  failureAfter(callId: string): Cause.Cause<RunError> | undefined {
    return this.failures.get(callId)
  }
}
