/** What is above a run, and limits it. */
import * as Effect from "effect/Effect"
import { nothing, type Spent } from "../../../http/spending.js"
import { type Reference, reference } from "../../../internal/effect/references.js"
import type { RunError } from "../errors.js"
import type { Reservations } from "./reservations.js"

/**
 * What is above a run: the run whose tool started it, and a budget that it shares. The run stops when a budget above it is
 * exhausted.
 *
 * @internal
 */
export interface ParentRunService {
  /** How many runs are above. */
  readonly depth: number
  /** The limits of cost above, of which each request reserves a part. */
  readonly reservations: ReadonlyArray<Reservations>
  /** The name of an exhausted budget of the parent or of its parents. */
  readonly exhausted: Effect.Effect<string | undefined, RunError, unknown>
}

/** @internal */
export const ParentRun: Reference<ParentRunService> = reference(
  "effect-openrouter/agent/ParentRun",
  (): ParentRunService => ({ depth: 0, reservations: [], exhausted: Effect.succeed(undefined) })
)

/**
 * A turn that was not requested, because the limit of that name is used up.
 *
 * @internal
 */
export class UsedUp {
  constructor(readonly name: string) {}
}

/**
 * The limits of which a fiber has a reservation. A run inside of a middleware `model` would wait for its own request.
 *
 * @internal
 */
export const Held: Reference<ReadonlySet<Reservations>> = reference("effect-openrouter/agent/Held", () => none)

const none: ReadonlySet<Reservations> = new Set()

/**
 * Requests a turn when each limit above its run has room for it. It takes all reservations at once, so that no two
 * requests wait for each other.
 *
 * @internal
 */
export const reserving = <A, R>(
  above: ParentRunService,
  request: Effect.Effect<A, RunError, R>,
  spent: () => Spent | undefined
): Effect.Effect<A | UsedUp, RunError, unknown> =>
  above.reservations.length === 0 ? request : Effect.uninterruptibleMask((restore) =>
    Effect.gen(function*() {
      const held = yield* Held
      const limits = above.reservations.filter((limit) => !held.has(limit))
      for (;;) {
        const usedUp = limits.find((limit) => limit.isUsedUp)
        if (usedUp !== undefined) return new UsedUp(usedUp.name)
        const full = limits.find((limit) => !limit.hasRoom(above.depth))
        if (full === undefined) break
        const exhausted = yield* restore(Effect.zipRight(full.change, above.exhausted))
        if (exhausted !== undefined) return new UsedUp(exhausted)
      }
      const ends = limits.map((limit) => limit.reserve(above.depth))
      return yield* Effect.ensuring(
        restore(Effect.provideService(request, Held, new Set([...held, ...limits]))),
        Effect.sync(() => {
          for (const end of ends) end(spent() ?? nothing)
        })
      )
    })
  )
