/** Whether a log is written. Effect 3 keeps the level in a `FiberRef`, Effect 4 in the context. */
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as FiberRef from "effect/FiberRef"
import * as LogLevel from "effect/LogLevel"

/**
 * Makes an effect of the context, and of whether logs of the level Debug are written.
 *
 * @internal
 */
export const withDebug = <A, E, R>(
  use: (isDebug: boolean, context: Context.Context<never>) => Effect.Effect<A, E, R>
): Effect.Effect<A, E, R> =>
  Effect.withFiberRuntime((fiber) =>
    use(
      LogLevel.lessThanEqual(fiber.getFiberRef(FiberRef.currentMinimumLogLevel), LogLevel.Debug),
      fiber.getFiberRef(FiberRef.currentContext)
    )
  )
