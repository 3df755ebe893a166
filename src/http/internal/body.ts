import * as Channel from "effect/Channel"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Fiber from "effect/Fiber"
import { constVoid } from "effect/Function"
import * as Runtime from "effect/Runtime"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { concat } from "../../internal/bytes.js"
import { isObject, objectAt } from "../../internal/json.js"
import type { ConnectionError } from "../OpenRouterError.js"
import { connectionError } from "./connection.js"
import type { Opened } from "./opened.js"

/**
 * Asks for the next of something: is called back once, with an effect that is the answer. Returns how to stop waiting, where
 * there is more to it than not to listen.
 *
 * @internal
 */
export type Ask<A, E> = (resume: (answer: Effect.Effect<A, E>) => void) => Effect.Effect<void> | void

/**
 * Asks for the next network read; there is none at the end.
 *
 * @internal
 */
export type Read<E> = Ask<Iterable<Uint8Array> | undefined, E>

/**
 * The reads of a body. Where the runtime's own stream is at hand, that is asked: the layers of a `Stream` cost more than
 * a read itself.
 *
 * @internal
 */
export const openBody = ({ connection, response, scrub }: Opened): Effect.Effect<Read<ConnectionError>> => {
  const broken = connectionError("body", scrub)
  const end = () => {
    connection.ended = true
  }
  const source = sourceOf(response)
  if (source !== undefined) return Effect.as(cancelling(connection, source), asking(source, broken, end))
  const bytes = response.stream.pipe(
    // A body without a single byte is an empty stream, not a failure
    Stream.catchAll((error) => error.reason === "EmptyBody" ? Stream.empty : Stream.fail(broken(error))),
    Stream.onEnd(Effect.sync(end))
  )
  return Scope.extend(reading(bytes), connection.scope)
}

const asking = (source: Source, broken: (error: { readonly cause: unknown }) => ConnectionError, end: () => void): Read<
  ConnectionError
> =>
(resume) => {
  source.next().then(
    ({ done, value }) => {
      if (done === true) end()
      resume(Effect.succeed(done === true || value === undefined ? undefined : [value]))
    },
    (cause: unknown) => resume(Effect.fail(broken({ cause })))
  )
}

const cancelling = (connection: Opened["connection"], source: Source): Effect.Effect<void> =>
  Scope.addFinalizer(
    connection.scope,
    Effect.sync(() => {
      if (!connection.ended) source.cancel().catch(constVoid)
    })
  )

/**
 * The reads of any stream.
 *
 * @internal
 */
export const reading = <E>(bytes: Stream.Stream<Uint8Array, E>): Effect.Effect<Read<E>, never, Scope.Scope> =>
  Effect.flatMap(
    Channel.toPull(Stream.toChannel(bytes)),
    (pull) => inFibers(Effect.map(pull, (taken) => Either.isRight(taken) ? taken.right : undefined))
  )

/** Has each answer worked out in a fiber of its own. */
const inFibers = <A, E>(answer: Effect.Effect<A, E>): Effect.Effect<Ask<A, E>> =>
  Effect.map(Effect.runtime<never>(), (runtime) => {
    const runFork = Runtime.runFork(runtime)
    return (resume) => {
      const fiber = runFork(Effect.interruptible(answer))
      fiber.addObserver(resume)
      return Fiber.interrupt(fiber)
    }
  })

/**
 * The text that pieces of bytes are together.
 *
 * @internal
 */
export const textOf = (pieces: ReadonlyArray<Uint8Array>): string => {
  const [first = nothing] = pieces
  return new TextDecoder().decode(pieces.length > 1 ? concat(pieces) : first)
}

const nothing = new Uint8Array(0)

/** @internal */
export interface Source {
  readonly next: () => Promise<{ readonly done?: boolean | undefined; readonly value?: Uint8Array | undefined }>
  readonly cancel: () => Promise<unknown>
}

/**
 * The stream of the runtime within a response of the platform's. It is a private field there, so nothing is taken for
 * granted; and what somebody made of such a response may have another body.
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

/** What is asked of a stream of Node's, which undici answers with. */
interface NodeStream {
  readonly destroyed: boolean
  readonly destroy: () => unknown
  readonly [Symbol.asyncIterator]: () => AsyncIterator<Uint8Array, undefined>
}

const isNodeStream = (u: unknown): u is NodeStream =>
  isObject(u) && typeof u["destroy"] === "function" && Symbol.asyncIterator in u

const isWebStream = (u: unknown): u is ReadableStream<Uint8Array> => isObject(u) && typeof u["getReader"] === "function"
