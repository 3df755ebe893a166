/** Recording: the one place where a run stores what happened. It tells the reader afterwards. */
import * as Effect from "effect/Effect"
import type { Entry } from "../conversation/entry.js"
import type { RunError } from "../errors.js"
import type { AgentEvent } from "../events.js"
import type { RunContext } from "./runContext.js"

/**
 * What happened: the entries for the stored conversation, and the events for the reader.
 *
 * @internal
 */
export interface Happened {
  readonly entries: ReadonlyArray<Entry>
  readonly events?: Effect.Effect<ReadonlyArray<AgentEvent>, never, unknown> | undefined
}

/**
 * Records a turn, the result of a call, a decision or new input. First it stores the entries, then it emits the events: so
 * nobody hears of anything that a crash could lose. The caller has changed the state before. If the store fails, the
 * state still has the record, and nothing is emitted.
 *
 * @internal
 */
export const record = (run: RunContext, { entries, events }: Happened): Effect.Effect<void, RunError, unknown> => {
  const { emit } = run
  const kept = run.store(entries)
  return emit === undefined || events === undefined ? kept : Effect.zipRight(kept, Effect.flatMap(events, emit))
}
