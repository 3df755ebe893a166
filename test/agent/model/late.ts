/** Work that outlives its call. It waits for the next request of its run, so that it is known who has to pay for it. */
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Scope from "effect/Scope"
import { interruptFork } from "../../../src/internal/effect/fibers.js"
import { elapse } from "./clock.js"

interface Left {
  readonly run: string
  readonly begin: Deferred.Deferred<void>
  readonly fiber: Fiber.RuntimeFiber<unknown, unknown>
}

export class Late {
  private left: Array<Left> = []

  /** Starts work of a run, in a fiber that nothing ends with its call. */
  start<E, R>(run: string, call: number, work: Effect.Effect<unknown, E, R>): Effect.Effect<void, never, R> {
    return Effect.uninterruptible(Effect.gen(this, function*() {
      const begin = yield* Deferred.make<void>()
      const waiting = Effect.zipRight(Deferred.await(begin), work)
      // Odd calls start it in a scope that outlives them
      const fiber = call % 2 === 0
        ? yield* Effect.forkDaemon(Effect.interruptible(waiting))
        : yield* Effect.flatMap(Scope.make(), (scope) => Effect.forkIn(Effect.interruptible(waiting), scope))
      this.left.push({ run, begin, fiber })
    }))
  }

  /** A request of the run waits for its response meanwhile. */
  finish(run: string): Effect.Effect<void> {
    return Effect.suspend(() => {
      const left = this.of(run)
      const begun = Effect.forEach(left, ({ begin }) => Deferred.succeed(begin, undefined))
      return Effect.zipRight(
        Effect.uninterruptible(begun),
        Effect.forEach(left, ({ fiber }) => Fiber.await(fiber), { discard: true })
      )
    })
  }

  /** The run has ended, and the rest happens without it. Where its process died, nothing more happens. */
  end(run: string, isDead: boolean): Effect.Effect<void> {
    return Effect.gen(this, function*() {
      const left = this.of(run)
      this.left = this.left.filter((one) => !left.includes(one))
      for (const { begin, fiber } of left) {
        yield* isDead ? interruptFork(fiber) : Deferred.succeed(begin, undefined)
      }
      yield* elapse(left.map(({ fiber }) => fiber))
    })
  }

  private of(run: string): ReadonlyArray<Left> {
    return this.left.filter((one) => one.run === run)
  }
}
