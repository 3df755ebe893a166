/** Schedules of tests. Effect 3 combines schedules otherwise, and gives them other inputs. */
import * as Effect from "effect/Effect"
import * as Random from "effect/Random"
import * as Schedule from "effect/Schedule"

/** Continues while an input fits, without delay. */
export const whileInput = <In>(fits: (input: In) => boolean): Schedule.Schedule<unknown, In> =>
  Schedule.forever.pipe(Schedule.setInputType<In>(), Schedule.while(({ input }) => Effect.succeed(fits(input))))

/** A number of delays of `millis`. */
export const delays = (times: number, millis: number): Schedule.Schedule<unknown> =>
  Schedule.upTo(Schedule.spaced(millis), { times })

/** Draws this number, from 0 to 1, wherever a random one is drawn. */
export const withRandom = (drawn: number) => <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.updateService(effect, Random.Random, (random) => ({ ...random, nextDoubleUnsafe: () => drawn }))
