/** Compactions of a run: when they are due, and their records. */
import * as Effect from "effect/Effect"
import { Payers } from "../../../http/spending.js"
import { Activities, type TurnKey } from "../../Activities.js"
import * as Usage from "../../Usage.js"
import { type Compacting, type Need, TypeId } from "../context/compacting.js"
import { namedLimit } from "../context/contextError.js"
import { tokensBeside } from "../context/tokens.js"
import type { RunError } from "../errors.js"
import type { CompactionRecord } from "../run.js"
import { reserving, UsedUp } from "../state/parentRun.js"
import { ofRecord, toRecord } from "../state/spending.js"
import { orWhole } from "./orWhole.js"
import { record } from "./record.js"
import type { RunContext } from "./runContext.js"

/**
 * Compacts the history before a turn, if that is due. Returns the budget that a summary used up.
 *
 * @internal
 */
export const compactIfDue = (run: RunContext): Effect.Effect<UsedUp | undefined, RunError, unknown> =>
  Effect.suspend(() => {
    const { context, sent, turns } = run.state
    const compacting = run.prepared.options.compaction?.[TypeId]
    const { size } = context
    if (compacting === undefined || !context.hasGrown) return Effect.succeed(undefined)
    if (!compacting.isDue(size, sent.length)) return Effect.succeed(undefined)
    const { estimate, limit } = size
    const key = { run: run.info.id, turn: turns + 1, attempt: 1 }
    const target = compacting.target * (limit ?? estimate)
    return Effect.flatMap(compactTo(run, compacting, key, { tokens: estimate, target, limit }), () => usedUpIn(run))
  })

const usedUpIn = (run: RunContext): Effect.Effect<UsedUp | undefined, RunError, unknown> =>
  Effect.map(run.exhausted, (name) => name === undefined ? undefined : new UsedUp(name))

/**
 * Compacts the history before an attempt at a turn, because the request of the attempt before was refused as too long.
 * Returns whether the history is shorter now.
 *
 * @internal
 */
export const compactAfter = (
  run: RunContext,
  key: TurnKey,
  refused: unknown
): Effect.Effect<boolean, RunError, unknown> =>
  Effect.suspend(() => {
    const compacting = run.prepared.options.compaction?.[TypeId]
    if (compacting === undefined) return Effect.succeed(false)
    const { estimate, limit } = run.state.context.size
    const named = namedLimit(refused) ?? limit
    const tokens = Math.max(estimate, named ?? 0)
    return compactTo(run, compacting, key, { tokens, target: compacting.target * (named ?? tokens), limit: named })
  })

/** Compacts the history, and records it. Returns whether the history is shorter now. */
const compactTo = (
  run: RunContext,
  compacting: Compacting,
  key: TurnKey,
  need: Omit<Need, "beside">
): Effect.Effect<boolean, RunError, unknown> =>
  Effect.uninterruptibleMask((restore) =>
    Effect.gen(function*() {
      const activities = yield* Activities
      const { clock, parent, prepared, state } = run
      const accountKey = `compaction ${key.turn} ${key.attempt}`
      const account = state.ledger.open(accountKey)
      const beside = tokensBeside(prepared.options.instructions, prepared.wireTools)
      const done = yield* orWhole<CompactionRecord, UsedUp, RunError, unknown>(restore, (keep) =>
        reserving(
          parent,
          activities.compaction(
            key,
            Effect.gen(function*() {
              account.begin()
              const startedAt = clock.unsafeCurrentTimeMillis()
              const compacted = yield* compacting.compact(state.sent.items, { ...need, beside })
              const { attempt, turn } = key
              const times = { startedAt, endedAt: clock.unsafeCurrentTimeMillis() }
              const made: CompactionRecord = { turn, attempt, ...compacted, ...toRecord(account.seal()), ...times }
              keep(made)
              return made
            }).pipe(Effect.provideService(Payers, state.ledger.payersOf(account)))
          ),
          () => account.spent
        ))
      if (done instanceof UsedUp) {
        state.ledger.drop(account)
        return false
      }
      // Behind new input that is not stored yet, the entry waits for the first response as well, but not its cost
      const isLate = run.input.hasEntries
      if (isLate) state.ledger.drop(account, ofRecord(done))
      else state.ledger.record(accountKey, ofRecord(done))
      state.addCompaction(done)
      const stored = isLate ? { ...done, usage: Usage.none, unsettled: undefined } : done
      const entry = { _tag: "compacted", run: run.info.id, record: stored } as const
      const { items, ...told } = done
      yield* record(run, {
        entries: run.input.add(entry) ? [] : [entry],
        events: Effect.succeed([{ type: "context.compacted", ...told }])
      })
      return items !== undefined
    })
  )
