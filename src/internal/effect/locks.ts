import * as Effect from "effect/Effect"

interface Lock {
  readonly semaphore: Effect.Semaphore
  users: number
}

/**
 * Lets one effect after the other run for a key, and remembers a key only while somebody uses it.
 *
 * @internal
 */
export type Locks = (key: string) => <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>

/** @internal */
export const make = (): Locks => {
  const locks = new Map<string, Lock>()
  const take = (key: string): Lock => {
    const lock = locks.get(key) ?? { semaphore: Effect.unsafeMakeSemaphore(1), users: 0 }
    lock.users++
    locks.set(key, lock)
    return lock
  }
  const give = (key: string, lock: Lock): void => {
    lock.users--
    if (lock.users === 0) locks.delete(key)
  }
  return (key) => (effect) =>
    Effect.acquireUseRelease(
      Effect.sync(() => take(key)),
      ({ semaphore }) => semaphore.withPermits(1)(effect),
      (lock) => Effect.sync(() => give(key, lock))
    )
}
