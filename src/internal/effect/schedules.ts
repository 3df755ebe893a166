/**
 * Schedules as the delays that they give. Effect 4 steps a schedule in another way, and its schedules have other types.
 */
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import * as ScheduleDecision from "effect/ScheduleDecision"
import * as ScheduleIntervals from "effect/ScheduleIntervals"

/**
 * Steps a schedule with each input and returns the delay that it gives; `undefined` at its end. The caller does the
 * waiting. The state belongs to this function: call `delays` again for each run.
 *
 * @internal
 */
export const delays = <In>(
  schedule: Schedule.Schedule<unknown, In> | undefined
): (input: In) => Effect.Effect<Duration.Duration | undefined> => {
  if (schedule === undefined) return () => Effect.succeed(undefined)
  let state: unknown = schedule.initial
  return (input) =>
    Effect.gen(function*() {
      const now = yield* Clock.currentTimeMillis
      const [next, _, decision] = yield* schedule.step(now, input, state)
      state = next
      return ScheduleDecision.isContinue(decision)
        ? Duration.millis(Math.max(0, ScheduleIntervals.start(decision.intervals) - now))
        : undefined
    })
}

/**
 * Steps a schedule with each input and waits for the delay that it gives; `false` at its end.
 *
 * @internal
 */
export const waits = <In>(schedule: Schedule.Schedule<unknown, In>): (input: In) => Effect.Effect<boolean> => {
  const next = delays(schedule)
  return (input) =>
    Effect.flatMap(next(input), (delay) =>
      delay === undefined
        ? Effect.succeed(false)
        : Duration.toMillis(delay) === 0
        ? Effect.succeed(true)
        : Effect.as(Effect.sleep(delay), true))
}

/** @internal */
export interface Backoff<In> {
  readonly initialDelay: Duration.DurationInput
  /** By how much each delay is longer than the one before it. Default: 2. */
  readonly factor?: number
  readonly maxDelay: Duration.DurationInput
  readonly maxRetries: number
  /** Changes each delay by up to a fifth, so that callers that failed together do not return together. */
  readonly jitter?: boolean
  /** The least delay for an input; the schedule ends where it is longer than `max`. */
  readonly atLeast?: { readonly of: (input: In) => Duration.Duration; readonly max: Duration.DurationInput } | undefined
}

/**
 * Delays that grow exponentially up to a limit.
 *
 * @internal
 */
export const backoff = <In = unknown>(options: Backoff<In>): Schedule.Schedule<unknown, In> => {
  const maxDelay = Duration.decode(options.maxDelay)
  const growing = Schedule.modifyDelay(
    Schedule.exponential(options.initialDelay, options.factor),
    (_, delay) => Duration.min(delay, maxDelay)
  )
  const limited = Schedule.intersect(
    options.jitter === true ? Schedule.jittered(growing) : growing,
    Schedule.recurs(options.maxRetries)
  )
  const { atLeast } = options
  if (atLeast === undefined) return limited
  const max = Duration.decode(atLeast.max)
  return limited.pipe(
    Schedule.zipRight(Schedule.identity<In>()),
    Schedule.modifyDelay((input, delay) => Duration.max(delay, atLeast.of(input))),
    Schedule.whileInput((input: In) => Duration.lessThanOrEqualTo(atLeast.of(input), max))
  )
}
