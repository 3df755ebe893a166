/** Who pays for activities that an interpreter remembers. */
import * as Effect from "effect/Effect"
import { nothing, type Payer, type Spent } from "../../../http/spending.js"
import { type ActivitiesService, passThrough, type ToolKey, type TurnKey } from "../../Activities.js"
import { ofError, ofRecord } from "../state/spending.js"

/**
 * An interpreter that may remember what earlier executions did. The calls of an activity that is executed pay by themselves;
 * for one that is remembered the payers pay here, because they may be others than those of the execution. Both times they
 * are told which work it was, so that a payer that knows it, such as a shared budget, does not pay twice.
 *
 * @internal
 */
export const remembering = (interpreter: ActivitiesService, payers: ReadonlySet<Payer>): ActivitiesService =>
  interpreter === passThrough ? passThrough : {
    ...interpreter,
    turn: (key, effect) => paying(payers, workOf("turn", key), effect, (effect) => interpreter.turn(key, effect)),
    tool: (key, effect) => paying(payers, workOf("tool", key), effect, (effect) => interpreter.tool(key, effect)),
    compaction: (key, effect) =>
      paying(payers, workOf("compaction", key), effect, (effect) => interpreter.compaction(key, effect))
  }

const workOf = (kind: string, key: TurnKey | ToolKey): string =>
  JSON.stringify([kind, key.run, key.turn, "callId" in key ? key.callId : "", key.attempt])

const paying = <A extends Parameters<typeof ofRecord>[0], E, R>(
  payers: ReadonlySet<Payer>,
  work: string,
  effect: Effect.Effect<A, E, R>,
  interpreted: (effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
): Effect.Effect<A, E, R> =>
  Effect.suspend(() => {
    let isExecuted = false
    const pay = (spent: Spent) =>
      Effect.sync(() => {
        for (const payer of payers) payer(spent, work)
      })
    // Inside of what the interpreter executes, because the run may be interrupted once the interpreter has the record
    const paid = pay(nothing)
    const executed = Effect.suspend(() => {
      isExecuted = true
      return effect.pipe(Effect.tap(() => paid), Effect.tapError(() => paid))
    })
    const payFor = (spent: Spent) => isExecuted ? Effect.void : pay(spent)
    return interpreted(executed).pipe(
      Effect.tap((record) => payFor(ofRecord(record))),
      Effect.tapError((error) => payFor(ofError(error)))
    )
  })
