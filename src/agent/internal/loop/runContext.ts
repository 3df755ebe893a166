import type * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type { RunInfo } from "../../Middleware.js"
import type { Entry } from "../conversation/entry.js"
import type { RunError } from "../errors.js"
import type { AgentEvent } from "../events.js"
import type { Decision, ToolRecord } from "../records.js"
import type { LedgerService } from "../state/spending.js"
import type { State } from "../state/state.js"
import type { Prepared } from "./prepare.js"
import type { Decisions } from "./start.js"

/** @internal */
export type Emit = (events: ReadonlyArray<AgentEvent>) => Effect.Effect<void>

/**
 * Tells what happened, where anybody wants to know.
 *
 * @internal
 */
export const tell = ({ emit }: RunContext, event: AgentEvent): Effect.Effect<void> =>
  emit === undefined ? Effect.void : emit([event])

/**
 * What the parts of a run share.
 *
 * @internal
 */
export interface RunContext {
  readonly info: RunInfo
  readonly prepared: Prepared
  readonly state: State
  readonly decisions: Decisions
  readonly clock: Clock.Clock
  /** Where the events go, if anybody wants them. */
  readonly emit: Emit | undefined
  /** Lets in as many calls of a round as may run at once, where there are more. */
  limit: Effect.Semaphore | undefined
  /** What the input adds to the stored conversation, until it is stored. */
  input: ReadonlyArray<Entry>
  /** The records of calls whose handlers are done, by their ids, in case that nobody comes to take note of them. */
  readonly finished: Map<string, Effect.Effect<ToolRecord, RunError, unknown>>
  /** Appends to the stored conversation, where there is one. */
  readonly store: (entries: ReadonlyArray<Entry>) => Effect.Effect<void, RunError, unknown>
  /** Takes note of a decision that came while the run went on. */
  readonly decide: (callId: string, decision: Decision) => Effect.Effect<void, RunError, unknown>
  /** Why somebody asked the run to stop, where somebody did. */
  readonly interrupted: () => { readonly reason?: string | undefined } | undefined
  /** The account of the run around this one. */
  readonly around: LedgerService
  /** The name of the budget of this run, or of one around it, that is used up. */
  readonly exhausted: Effect.Effect<string | undefined, RunError, unknown>
}
