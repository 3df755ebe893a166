import * as Effect from "effect/Effect"
import { constVoid } from "effect/Function"
import type * as Scope from "effect/Scope"
import type { Duplex } from "node:stream"

/** The next pieces of a body; none at its end. */
type Next<E> = Effect.Effect<ReadonlyArray<Uint8Array>, E>

/**
 * Sends pieces through a decoder of Node. It is given the next pieces only when it has nothing left to return, so that
 * nothing is unpacked that nobody reads. What breaks the input ends it first: all that had arrived is unpacked before
 * the failure.
 *
 * @internal
 */
export const unpack = <E>(
  input: Next<E>,
  make: () => Duplex,
  failure: (cause: unknown) => E
): Effect.Effect<Next<E>, never, Scope.Scope> =>
  Effect.map(
    Effect.acquireRelease(Effect.sync(make), (decoder) => Effect.sync(() => void decoder.destroy())),
    (decoder) => {
      let isBusy = false
      let isOver = false
      let broken: E | undefined
      let end: Next<E> | undefined
      let wake: () => void = constVoid
      const isDone = () => {
        isBusy = false
        wake()
      }
      decoder.on("readable", () => wake())
      decoder.on("end", () => {
        end = rest
        wake()
      })
      decoder.on("error", (cause) => {
        end = Effect.fail(broken ?? failure(cause))
        wake()
      })
      // What follows the last byte of the packed text says nothing, but only a body that was read frees its connection
      const rest: Next<E> = Effect.suspend(() =>
        isOver ? Effect.succeed([]) : Effect.matchEffect(input, {
          onFailure: () => Effect.succeed([]),
          onSuccess: (pieces) => {
            isOver = pieces.length === 0
            return rest
          }
        })
      )
      const feed = Effect.map(
        Effect.catchAll(input, (error) => {
          broken = error
          return Effect.succeed([])
        }),
        (pieces) => {
          isBusy = true
          isOver = pieces.length === 0
          if (isOver) decoder.end()
          else pieces.forEach((piece, n) => decoder.write(piece, n === pieces.length - 1 ? isDone : undefined))
        }
      )
      const change = Effect.async<void>((resume) => {
        wake = () => resume(Effect.void)
      })
      const next: Next<E> = Effect.suspend(() => {
        const piece: Uint8Array | null = decoder.read()
        if (piece !== null) return Effect.succeed([piece])
        return end ?? Effect.zipRight(isBusy ? change : feed, next)
      })
      return next
    }
  )
