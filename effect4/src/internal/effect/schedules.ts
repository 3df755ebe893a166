/** Schedules as the delays that they give. Effect 3 steps a schedule in another way, and its schedules have other types. */
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Pull from "effect/Pull"
import * as Schedule from "effect/Schedule"

type Step<In> = (now: number, input: In) => Pull.Pull<[unknown, Duration.Duration], never, unknown>

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
  let begun: Step<In> | undefined
  return (input) =>
    Effect.gen(function*() {
      const now = yield* Clock.currentTimeMillis
      begun ??= yield* Schedule.toStep(schedule)
      return yield* Pull.matchEffect(begun(now, input), {
        onSuccess: ([, delay]) => Effect.succeed(delay),
        onFailure: Effect.failCause,
        onDone: () => Effect.succeed(undefined)
      })
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
  readonly initialDelay: Duration.Input
  /** By how much each delay is longer than the one before it. Default: 2. */
  readonly factor?: number
  readonly maxDelay: Duration.Input
  readonly maxRetries: number
  /** Changes each delay by up to a fifth, so that callers that failed together do not return together. */
  readonly jitter?: boolean
  /** The least delay for an input; the schedule ends where it is longer than `max`. */
  readonly atLeast?: { readonly of: (input: In) => Duration.Duration; readonly max: Duration.Input } | undefined
}

/**
 * Delays that grow exponentially up to a limit.
 *
 * @internal
 */
export const backoff = <In = unknown>(options: Backoff<In>): Schedule.Schedule<unknown, In> => {
  const maxDelay = Duration.fromInputUnsafe(options.maxDelay)
  const growing = Schedule.modifyDelay(
    Schedule.exponential(options.initialDelay, options.factor),
    ({ duration }) => Effect.succeed(Duration.min(duration, maxDelay))
  )
  const limited = Schedule.upTo(options.jitter === true ? Schedule.jittered(growing) : growing, {
    times: options.maxRetries
  })
  const { atLeast } = options
  if (atLeast === undefined) return limited
  const max = Duration.fromInputUnsafe(atLeast.max)
  return limited.pipe(
    Schedule.setInputType<In>(),
    Schedule.modifyDelay(({ duration, input }) => Effect.succeed(Duration.max(duration, atLeast.of(input)))),
    Schedule.while(({ input }) => Effect.succeed(Duration.isLessThanOrEqualTo(atLeast.of(input), max)))
  )
}
