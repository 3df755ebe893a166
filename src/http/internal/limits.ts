/** What all calls of a client share: how many run at a time, and how many are sent again. */
import * as Effect from "effect/Effect"
import { type ConfigError, invalid } from "../../internal/effect/config.js"
import type { Connection } from "./connection.js"

/**
 * Lets a number of connections be open at a time. A connection holds its place until its body is at its end.
 *
 * @internal
 */
export class Places {
  private readonly waiting = new Set<() => void>()

  constructor(private free: number) {}

  /** Waits for a place, in the order of the calls, and gives it to a connection. */
  take(connection: Connection): Effect.Effect<void> {
    return Effect.uninterruptibleMask((restore) =>
      Effect.flatMap(restore(this.place), () => connection.onEnd(() => this.release()))
    )
  }

  private readonly place = Effect.suspend(() => {
    if (this.free > 0) {
      this.free--
      return Effect.void
    }
    return Effect.async<void>((resume) => {
      let isGiven = false
      const give = () => {
        isGiven = true
        resume(Effect.void)
      }
      this.waiting.add(give)
      // An interruption may come after the place was given, and before it was taken
      return Effect.sync(() => isGiven ? this.release() : void this.waiting.delete(give))
    })
  })

  private release(): void {
    const [next] = this.waiting
    if (next === undefined) {
      this.free++
      return
    }
    this.waiting.delete(next)
    next()
  }
}

/** The limits of a client. @internal */
export interface Limits {
  readonly places: Places | undefined
  readonly retries: Retries | undefined
}

/**
 * The limits that options ask for.
 *
 * @internal
 */
export const limitsOf = (
  concurrency: number | undefined,
  quota: { readonly share: number; readonly burst?: number | undefined } | undefined
): Effect.Effect<Limits, ConfigError> => {
  const { burst = 10, share = 0 } = quota ?? {}
  if (concurrency !== undefined && !(Number.isInteger(concurrency) && concurrency > 0)) {
    return Effect.fail(invalid("concurrency", `It is ${concurrency}. Use a whole number above 0, or leave it out`))
  }
  if (!(share >= 0) || !(burst >= 0)) {
    return Effect.fail(
      invalid("retryQuota", `\`share\` is ${share} and \`burst\` is ${burst}. Use numbers from 0 for both`)
    )
  }
  return Effect.succeed({
    places: concurrency === undefined ? undefined : new Places(concurrency),
    retries: quota === undefined ? undefined : new Retries(share, burst)
  })
}

/**
 * How many retries there may be: a share of the calls, and some more at once.
 *
 * @internal
 */
export class Retries {
  private left: number

  constructor(private readonly share: number, private readonly burst: number) {
    this.left = burst
  }

  /** A call begins. */
  earn(): void {
    this.left = Math.min(this.burst, this.left + this.share)
  }

  /** Whether a call may be sent again. */
  spend(): boolean {
    // A tenth ten times is a little less than one
    if (this.left < 1 - 1e-9) return false
    this.left -= 1
    return true
  }

  /** A call was not sent again after all. */
  giveBack(): void {
    this.left += 1
  }
}
