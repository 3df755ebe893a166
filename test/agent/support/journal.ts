/** A durable interpreter: it keeps what activities did as JSON, and a process that dies can be run again. */
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import type * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as Activities from "../../../src/agent/Activities.js"
import { toEffect } from "../../../src/internal/effect/results.js"
import { outcomeOf } from "../../support/effect/schemas.js"

/** What survives a process: a text for each activity, by its key. */
export type Journal = Map<string, string>

interface Process {
  readonly journal: Journal
  readonly decide: (key: Activities.ApprovalKey, call: Activities.PendingCall) => Activities.Decision | undefined
  /** The process dies at this new activity: before it, after it but before it is kept, or when it is kept. */
  /** Whether it also keeps what runs inside of tools do. */
  readonly nested?: boolean
  readonly fatal?: { readonly activity: number; readonly when: "before" | "unkept" | "kept" } | undefined
}

/** Runs an agent in a process of its own. Returns nothing if the process died. */
export const runIn = <A, E, R>(
  { decide, fatal, journal, nested }: Process,
  agent: Effect.Effect<A, E, R>
): Effect.Effect<Option.Option<A>, E, R> =>
  Effect.gen(function*() {
    const end = yield* Deferred.make<Option.Option<A>, E>()
    const die = Effect.zipRight(Deferred.succeed(end, Option.none()), Effect.never)
    let activities = 0

    const activity = <B, F, Q>(name: string, key: object, schema: Schema.Schema<B>, effect: Effect.Effect<B, F, Q>) =>
      Effect.suspend(() => {
        const id = JSON.stringify([name, key])
        const kept = journal.get(id)
        const outcome = outcomeOf(schema, Activities.ActivityError)
        if (kept !== undefined) {
          const known: unknown = JSON.parse(kept)
          // The journal has only failures that this activity had
          return toEffect(outcome.decode(known)) as Effect.Effect<B, F>
        }
        const dies = fatal?.activity === ++activities ? fatal.when : undefined
        if (dies === "before") return die
        return Effect.gen(function*() {
          const result = yield* Effect.either(effect)
          if (dies === "unkept") return yield* die
          journal.set(id, JSON.stringify(outcome.encode(result as Either.Either<B, Activities.ActivityError>)))
          return yield* dies === "kept" ? die : toEffect(result)
        })
      })

    const interpreter: Activities.ActivitiesService = {
      nested,
      turn: (key, effect) => activity("turn", key, Activities.TurnRecord, effect),
      tool: (key, effect) => activity("tool", key, Activities.ToolRecord, effect),
      compaction: (key, effect) => activity("compaction", key, Activities.CompactionRecord, effect),
      sleep: (key, duration) =>
        Effect.asVoid(activity("sleep", key, Schema.Null, Effect.as(Effect.sleep(duration), null))),
      approval: (key, call) => {
        const decision = decide(key, call)
        return decision === undefined
          ? Effect.succeedNone
          : Effect.asSome(activity("approval", key, Activities.Decision, Effect.succeed(decision)))
      }
    }
    yield* agent.pipe(
      Effect.asSome,
      Effect.provideService(Activities.Activities, interpreter),
      Effect.exit,
      Effect.flatMap((exit) => Deferred.done(end, exit)),
      Effect.forkDaemon
    )
    return yield* Deferred.await(end)
  })
