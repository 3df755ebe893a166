/** Whether a log is written. Effect 3 keeps the level in a `FiberRef`, Effect 4 in the context. */
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as LogLevel from "effect/LogLevel"
import * as References from "effect/References"

/**
 * Makes an effect of the context, and of whether logs of the level Debug are written.
 *
 * @internal
 */
export const withDebug = <A, E, R>(
  use: (isDebug: boolean, context: Context.Context<never>) => Effect.Effect<A, E, R>
): Effect.Effect<A, E, R> =>
  Effect.withFiber((fiber) =>
    use(!LogLevel.isGreaterThan(fiber.getRef(References.MinimumLogLevel), "Debug"), fiber.context)
  )
