import * as Cause from "effect/Cause"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { InvalidRequestError } from "../OpenRouterError.js"
import type { Row } from "../Row.js"
import { excerpt, stringAt } from "./json.js"
import { scrub } from "./secrets.js"

/**
 * A request body that is read while it is sent.
 *
 * @internal
 */
export interface Upload {
  readonly bytes: Stream.Stream<Uint8Array, unknown>
  /** Whether another attempt would send the same: not once a source has been read from that may not begin again. */
  readonly isRepeatable: () => boolean
  /** Fails where a source did. The connection that broke for it is not to blame. */
  readonly check: Effect.Effect<void, InvalidRequestError>
  /** Ends the reading. When this is done, so are the finalizers of the sources. */
  readonly close: Effect.Effect<void>
}

/**
 * What a body is made of, in order. `name` is the parameter to blame where reading fails.
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
 * Reads sources for a request, one chunk ahead of what is sent. A client that loses interest in a body may never say
 * so; therefore the sources are read in a scope of the call's own.
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
      return Effect.map(Scope.extend(Stream.toQueue(all, { capacity: 1 }), scope), (queue) =>
        Stream.concat(
          Stream.mapChunks(Stream.flattenTake(Stream.fromQueue(queue)), lastInTwo),
          // The queue of a call that is over ends like any other, but half a body must not look like a whole one
          Stream.suspend(() => whole ? Stream.empty : Stream.fail("The upload was given up"))
        ))
    }))
    return {
      bytes,
      isRepeatable: () => repeatable,
      check: Effect.suspend(() => failure === undefined ? Effect.void : explain(row, failure.name, failure.cause)),
      close: Scope.close(scope, Exit.void)
    }
  })

/** A `node:http` client of @effect/platform-node waits for its socket after every piece of a chunk but the last. */
const lastInTwo = (chunk: Chunk.Chunk<Uint8Array>): Chunk.Chunk<Uint8Array> => {
  const last = Option.getOrUndefined(Chunk.last(chunk))
  if (last === undefined || last.byteLength < 2) return chunk
  const middle = last.byteLength >> 1
  return Chunk.appendAll(Chunk.dropRight(chunk, 1), Chunk.make(last.subarray(0, middle), last.subarray(middle)))
}

const explain = (row: Row, name: string, cause: Cause.Cause<unknown>): Effect.Effect<void, InvalidRequestError> =>
  Option.match(Cause.failureOption(cause), {
    onNone: () => Effect.failCause(Cause.stripFailures(cause)),
    onSome: (error) => {
      const words = [stringAt(error, "_tag"), stringAt(error, "message")].filter((text) => text !== undefined)
      const why = excerpt(scrub(words.join(": ").split("\n")[0] ?? "", {}), 200)
      return Effect.fail(
        new InvalidRequestError({
          parameter: name,
          message: `${row.name}: \`${name}\` could not be read to its end, so the upload was broken off${
            why === "" ? "" : ` (${why})`
          }`
        })
      )
    }
  })
