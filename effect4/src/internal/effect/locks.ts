/** Locks and limits. Effect 3 has them in `Effect`. */
import * as Effect from "effect/Effect"
import * as S from "effect/Semaphore"

/**
 * Lets a number of effects run at the same time.
 *
 * @internal
 */
export type Semaphore = S.Semaphore

/** @internal */
export const makeSemaphore = (permits: number): Semaphore => S.makeUnsafe(permits)

interface Lock {
  readonly semaphore: Semaphore
  users: number
}

/**
 * Lets one effect run at a time for each key. A key is kept only while an effect uses it.
 *
 * @internal
 */
export type Locks = (key: string) => <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>

/** @internal */
export const make = (): Locks => {
  const locks = new Map<string, Lock>()
  const acquire = (key: string): Lock => {
    const lock = locks.get(key) ?? { semaphore: makeSemaphore(1), users: 0 }
    lock.users++
    locks.set(key, lock)
    return lock
  }
  const release = (key: string, lock: Lock): void => {
    lock.users--
    if (lock.users === 0) locks.delete(key)
  }
  return (key) => (effect) =>
    Effect.acquireUseRelease(
      Effect.sync(() => acquire(key)),
      ({ semaphore }) => semaphore.withPermits(1)(effect),
      (lock) => Effect.sync(() => release(key, lock))
    )
}
