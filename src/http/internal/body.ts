import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { constVoid } from "effect/Function"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { type Pull, pullFrom } from "../../internal/effect/batches.js"
import { currentClock, isLiveClock } from "../../internal/effect/fibers.js"
import { isEmptyBody } from "../../internal/effect/httpFailures.js"
import { isObject, objectAt } from "../../internal/json.js"
import type { ConnectionError } from "../OpenRouterError.js"
import { bodyError } from "./connectionError.js"
import type { OpenedResponse } from "./openedResponse.js"

/**
 * Requests the next read of a body; `undefined` at its end.
 *
 * @internal
 */
export type ReadBody = Pull<Iterable<Uint8Array> | undefined, ConnectionError>

/**
 * Opens a body for reading. Reads the runtime's own stream where it can be found, because the layers of a `Stream` cost
 * more than a read itself.
 *
 * @internal
 */
export const openBody = ({ connection, response, row, scrub }: OpenedResponse): Effect.Effect<ReadBody> => {
  const toError = bodyError(row, scrub)
  const end = () => connection.end()
  const source = sourceOf(response)
  if (source !== undefined) {
    const cancel = Effect.sync(() => void source.cancel().catch(constVoid))
    return Effect.zipWith(
      connection.onAbort(() => cancel),
      currentClock,
      (_, clock) => readSource(source, toError, end, isLiveClock(clock) ? nextTurn : thisTurn)
    )
  }
  const bytes = response.stream.pipe(
    // A body without a single byte is an empty stream, not a failure
    Stream.catchAll((error) => isEmptyBody(error) ? Stream.empty : Stream.fail(toError(error))),
    Stream.onEnd(Effect.sync(end))
  )
  return Scope.extend(pullFrom(bytes), connection.scope)
}

const readSource = (
  source: Source,
  toError: (error: { readonly cause: unknown }) => ConnectionError,
  end: () => void,
  turn: (f: () => void) => void
): ReadBody =>
(resume) => {
  source.next().then(
    ({ done, value }) => {
      if (done !== true && value !== undefined) return resume(Exit.succeed([value]))
      if (done === true) end()
      turn(() => resume(Exit.succeed(undefined)))
    },
    (cause: unknown) => resume(Exit.fail(toError({ cause })))
  )
}

const thisTurn = (f: () => void): void => f()

/**
 * Calls a function in the next turn of the event loop, where the runtime has `setImmediate`. Node frees a connection
 * one turn after the end of its body; a request that is sent before that opens another connection. Only the live clock
 * uses this, because the clock of a test does not wait for that turn.
 */
const nextTurn: (f: () => void) => void = "setImmediate" in globalThis ? globalThis.setImmediate : thisTurn

/**
 * Reads a body to its end, or until `take` says that it has enough. This is one wait of the fiber, because it costs more
 * to wake a fiber than to read.
 *
 * @internal
 */
export const readUntil = (
  read: ReadBody,
  take: (pieces: Iterable<Uint8Array>) => boolean
): Effect.Effect<void, ConnectionError> =>
  Effect.async((resume) => {
    let cancel: Effect.Effect<void> | void = undefined
    let isReading = false
    let isInterrupted = false
    let wantsMore = true
    // A loop, not a recursion: a body in memory responds at once
    const readOn = (): void => {
      isReading = true
      while (wantsMore) {
        wantsMore = false
        cancel = read(received)
      }
      isReading = false
    }
    const received = (pieces: Exit.Exit<Iterable<Uint8Array> | undefined, ConnectionError>): void => {
      if (isInterrupted) return
      if (Exit.isFailure(pieces)) return resume(pieces)
      if (pieces.value === undefined || take(pieces.value)) return resume(Effect.void)
      wantsMore = true
      if (!isReading) readOn()
    }
    readOn()
    return Effect.suspend(() => {
      isInterrupted = true
      return cancel ?? Effect.void
    })
  })

/** @internal */
export interface Source {
  readonly next: () => Promise<{ readonly done?: boolean | undefined; readonly value?: Uint8Array | undefined }>
  readonly cancel: () => Promise<unknown>
}

/**
 * The runtime's own stream within a response of the platform. It is a private field there, so its type is checked; and
 * a response that inherits from such a response, or has a `stream` of its own, may have another body.
 *
 * @internal
 */
export const sourceOf = (response: object): Source | undefined => {
  if (!Object.hasOwn(response, "source") || Object.hasOwn(response, "stream")) return undefined
  const body = objectAt(objectAt(response, "source"), "body")
  if (isWebStream(body) && !body.locked) {
    const reader = body.getReader()
    return { next: () => reader.read(), cancel: () => reader.cancel() }
  }
  if (isNodeStream(body) && !body.destroyed) {
    const reader = body[Symbol.asyncIterator]()
    return { next: () => reader.next(), cancel: () => Promise.resolve(body.destroy()) }
  }
  return undefined
}

/** The part of a Node stream that is used here; undici responds with one. */
interface NodeStream {
  readonly destroyed: boolean
  readonly destroy: () => unknown
  readonly [Symbol.asyncIterator]: () => AsyncIterator<Uint8Array, undefined>
}

const isNodeStream = (u: unknown): u is NodeStream =>
  isObject(u) && typeof u["destroy"] === "function" && Symbol.asyncIterator in u

const isWebStream = (u: unknown): u is ReadableStream<Uint8Array> => isObject(u) && typeof u["getReader"] === "function"
