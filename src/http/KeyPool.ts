/**
 * Several API keys behind one client: each with a budget, a tenant or an account of its own. A pool does not raise the rate
 * limits of OpenRouter, which hold for all keys of an account together.
 *
 * @since 0.1.0
 */
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type { Redacted } from "effect/Redacted"
import type { ResponseError } from "./OpenRouterError.js"
import { retryAfter } from "./Retry.js"

/**
 * Chooses the key of each attempt. After a response with 401, 402 or 429, `failed` says whether another key can take over.
 *
 * @since 0.1.0
 * @category models
 */
export interface KeyPool {
  readonly keys: ReadonlyArray<Redacted>
  readonly next: Effect.Effect<Redacted>
  readonly failed: (key: Redacted, error: ResponseError) => Effect.Effect<boolean>
}

/**
 * Options of a pool.
 *
 * @since 0.1.0
 * @category models
 */
export interface Options {
  /**
   * How long a key rests after a failure; undefined for an error that says nothing about the key. Default: 429 as long as
   * `retryAfter` says, or a minute; 402 ten minutes; 401 a day.
   */
  readonly rest?: ((error: ResponseError) => Duration.DurationInput | undefined) | undefined
}

const defaultRest = (error: ResponseError): Duration.DurationInput | undefined => {
  switch (error.status) {
    case 401:
      return "1 day"
    case 402:
      return "10 minutes"
    case 429:
      return retryAfter(error) ?? "1 minute"
    default:
      return undefined
  }
}

/**
 * A pool that takes its keys in turn. A key that failed rests, and the call goes on with the next one at once. When all keys
 * rest, the call fails with the last error, or is retried as `retry` says, with the key that rests the shortest.
 *
 * @since 0.1.0
 * @category constructors
 * @example
 * ```ts
 * import { Redacted } from "effect"
 * import { KeyPool, OpenRouterClient } from "effect-openrouter"
 *
 * declare const keys: readonly [Redacted.Redacted, Redacted.Redacted]
 *
 * const OpenRouter = OpenRouterClient.layer({ apiKey: KeyPool.make(keys) })
 * ```
 */
export const make = (keys: readonly [Redacted, ...ReadonlyArray<Redacted>], options: Options = {}): KeyPool => {
  const { rest = defaultRest } = options
  const [first] = keys
  // The places of keys, because two keys may be equal
  const restsUntil = keys.map(() => 0)
  let turn = 0

  const placeAt = (now: number): number => {
    for (let step = 0; step < keys.length; step++) {
      const place = (turn + step) % keys.length
      if ((restsUntil[place] ?? 0) <= now) {
        turn = place + 1
        return place
      }
    }
    return restsUntil.indexOf(Math.min(...restsUntil))
  }

  return {
    keys,
    next: Effect.map(Clock.currentTimeMillis, (now) => keys[placeAt(now)] ?? first),
    failed: (key, error) =>
      Effect.map(Clock.currentTimeMillis, (now) => {
        const duration = rest(error)
        if (duration === undefined) return false
        const until = now + Duration.toMillis(duration)
        keys.forEach((one, place) => {
          if (one === key) restsUntil[place] = Math.max(restsUntil[place] ?? 0, until)
        })
        return restsUntil.some((until) => until <= now)
      })
  }
}
