import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { mapBatches, readAhead } from "../../internal/effect/batches.js"
import { withoutFailures } from "../../internal/effect/causes.js"
import { excerpt, stringAt } from "../../internal/json.js"
import { InvalidRequestError } from "../OpenRouterError.js"
import type { Row } from "../row.js"
import { makeScrub } from "./scrub.js"

/**
 * A request body that is read while it is sent.
 *
 * @internal
 */
export interface Upload {
  readonly bytes: Stream.Stream<Uint8Array, unknown>
  /** Whether another attempt would send the same: not after a source was read from that may not start again. */
  readonly isRepeatable: () => boolean
  /** Fails where a source failed: then the connection broke because of the source. */
  readonly check: Effect.Effect<void, InvalidRequestError>
  /** Ends the reading, and waits for the finalizers of the sources. */
  readonly close: Effect.Effect<void>
}

/**
 * A part of a body. `name` is the parameter that an error names when reading fails.
 *
 * @internal
 */
export interface Source {
  readonly name: string
  readonly bytes: Stream.Stream<Uint8Array, unknown>
  /** Whether it may be impossible to read it twice. */
  readonly once: boolean
}

/**
 * Reads sources for a request, one batch ahead of the client. The sources are read in a scope that belongs to the call,
 * because a client that drops a body may never report it.
 *
 * @internal
 */
export const makeUpload = (row: Row, sources: ReadonlyArray<Source>): Effect.Effect<Upload> =>
  Effect.map(Scope.make(), (scope) => {
    let repeatable = true
    let failure: { readonly name: string; readonly cause: Cause.Cause<unknown> } | undefined
    const watched = (source: Source) =>
      Stream.suspend(() => {
        if (source.once) repeatable = false
        return Stream.catchAllCause(source.bytes, (cause) => {
          if (!Cause.isInterruptedOnly(cause)) failure ??= { name: source.name, cause }
          return Stream.failCause(cause)
        })
      })
    const bytes = Stream.unwrap(Effect.suspend(() => {
      let whole = false
      const all = Stream.concat(
        Stream.flatMap(Stream.fromIterable(sources), watched),
        Stream.execute(Effect.sync(() => {
          whole = true
        }))
      )
      return Effect.map(readAhead(all, scope), (ahead) =>
        Stream.concat(
          mapBatches(ahead, splitLast),
          // A call that has ended closes the scope, which ends the stream; half a body must not look like a whole one
          Stream.suspend(() => whole ? Stream.empty : Stream.fail("The call ended before the upload did"))
        ))
    }))
    return {
      bytes,
      isRepeatable: () => repeatable,
      check: Effect.suspend(() => failure === undefined ? Effect.void : explain(row, failure.name, failure.cause)),
      close: Scope.close(scope, Exit.void)
    }
  })

/** A `node:http` client of @effect/platform-node waits for its socket after every piece of a batch but the last. */
const splitLast = (batch: ReadonlyArray<Uint8Array>): ReadonlyArray<Uint8Array> => {
  const last = batch.at(-1)
  if (last === undefined || last.byteLength < 2) return batch
  const middle = last.byteLength >> 1
  return [...batch.slice(0, -1), last.subarray(0, middle), last.subarray(middle)]
}

const explain = (row: Row, name: string, cause: Cause.Cause<unknown>): Effect.Effect<void, InvalidRequestError> =>
  Option.match(Cause.failureOption(cause), {
    onNone: () => Effect.failCause(withoutFailures(cause)),
    onSome: (error) => {
      const words = [stringAt(error, "_tag"), stringAt(error, "message")].filter((text) => text !== undefined)
      const why = excerpt(makeScrub([])(words.join(": ").split("\n")[0] ?? ""), 200)
      return Effect.fail(
        new InvalidRequestError({
          parameter: name,
          message: `${row.name}: \`${name}\` could not be read to its end, so the upload stopped${
            why === "" ? "" : ` (${why})`
          }. Open it again, and send the request again`
        })
      )
    }
  })
