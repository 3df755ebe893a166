/** What the parts of the loop share, and the state that more than one of them writes. */
import type * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { makeSemaphore, type Semaphore } from "../../../internal/effect/locks.js"
import type { RunInfo } from "../../Middleware.js"
import type { Entry } from "../conversation/entry.js"
import type { RunError } from "../errors.js"
import type { AgentEvent } from "../events.js"
import type { Decision, ToolRecord } from "../run.js"
import type { ParentRunService } from "../state/spending.js"
import type { State } from "../state/state.js"
import type { Prepared } from "./prepare.js"
import type { Decisions } from "./start.js"

/** @internal */
export type Emit = (events: ReadonlyArray<AgentEvent>) => Effect.Effect<void>

/**
 * Emits an event, if the caller reads events.
 *
 * @internal
 */
export const emitEvent = ({ emit }: RunContext, event: AgentEvent): Effect.Effect<void> =>
  emit === undefined ? Effect.void : emit([event])

/**
 * What the parts of the loop share.
 *
 * @internal
 */
export interface RunContext {
  readonly info: RunInfo
  readonly prepared: Prepared
  readonly state: State
  readonly decisions: Decisions
  readonly calls: RunningCalls
  readonly clock: Clock.Clock
  /** What the input adds to the stored conversation. */
  readonly input: UnstoredInput
  /** Receives the events; undefined if the caller does not read them. */
  readonly emit: Emit | undefined
  /** Appends to the stored conversation, if there is one. */
  readonly store: (entries: ReadonlyArray<Entry>) => Effect.Effect<void, RunError, unknown>
  /** Records a decision that was made during the run. */
  readonly decide: (callId: string, decision: Decision) => Effect.Effect<void, RunError, unknown>
  /** The stored request to interrupt this run, if there is one. */
  readonly interrupted: () => { readonly reason?: string | undefined } | undefined
  /** The run whose tool started this run. Without one, it has no budget. */
  readonly parent: ParentRunService
  /** The name of the exhausted budget of this run or of one of its parents. */
  readonly exhausted: Effect.Effect<string | undefined, RunError, unknown>
}

/**
 * The entries that the input adds to the stored conversation, until they are stored with the first response.
 *
 * @internal
 */
export class UnstoredInput {
  constructor(private entries: ReadonlyArray<Entry>) {}

  /** Returns the entries, once. */
  take(): ReadonlyArray<Entry> {
    const taken = this.entries
    this.entries = []
    return taken
  }
}

/**
 * The tool calls that are executing.
 *
 * @internal
 */
export class RunningCalls {
  private permits: Semaphore | undefined = undefined
  private readonly finished = new Map<string, Effect.Effect<ToolRecord, RunError, unknown>>()

  /** Limits how many calls of a turn execute at the same time, if the turn has more than that. */
  limit(calls: number, concurrency: number): void {
    this.permits = calls > concurrency ? makeSemaphore(concurrency) : undefined
  }

  withPermit<A, E, R>(call: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> {
    return this.permits === undefined ? call : this.permits.withPermits(1)(call)
  }

  /** Keeps the record of a call whose handler succeeded, in case that an interruption comes before it is recorded. */
  finish(callId: string, record: Effect.Effect<ToolRecord, RunError, unknown>): void {
    this.finished.set(callId, record)
  }

  finishedRecord(callId: string): Effect.Effect<ToolRecord, RunError, unknown> | undefined {
    return this.finished.get(callId)
  }
}
