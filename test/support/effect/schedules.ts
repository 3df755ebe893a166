/** Schedules of tests. Effect 4 combines schedules otherwise, and gives them other inputs. */
import * as Effect from "effect/Effect"
import * as Random from "effect/Random"
import * as Schedule from "effect/Schedule"

/** Continues while an input fits, without delay. */
export const whileInput = <In>(fits: (input: In) => boolean): Schedule.Schedule<unknown, In> =>
  Schedule.recurWhile(fits)

/** A number of delays of `millis`. */
export const delays = (times: number, millis: number): Schedule.Schedule<unknown> =>
  Schedule.addDelay(Schedule.recurs(times), () => millis)

/** Draws this number, from 0 to 1, wherever a random one is drawn. */
export const withRandom = (drawn: number) => <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.withRandom(effect, Random.fixed([drawn]))
