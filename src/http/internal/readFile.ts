import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { fromBatches } from "../../internal/effect/batches.js"
import { currentClock } from "../../internal/effect/fibers.js"
import { parseJson } from "../../internal/json.js"
import { limitEach } from "../../internal/timeLimits.js"
import { errorInBody, errorInFile } from "../../response/findError.js"
import { ConnectionError, StreamStalledError } from "../OpenRouterError.js"
import { defaultIdleTimeout } from "../requestOptions.js"
import { isPaid, type Row } from "../row.js"
import { openBody } from "./body.js"
import { fetchLimit, isBodyTimeout } from "./connectionError.js"
import type { KernelError, OpenedResponse } from "./openedResponse.js"
import { failWithBody } from "./readBody.js"

type Failure = ConnectionError | StreamStalledError

/** The next bytes; an empty batch at the end. */
type Next = Effect.Effect<ReadonlyArray<Uint8Array>, Failure>

/**
 * Reads a file as bytes, at the pace of the consumer. A body that is an error in JSON fails instead. Each read may take
 * as long as `idleTimeout`. The connection closes with the scope of the call.
 *
 * @internal
 */
export const readFile =
  (row: Row) => (opened: OpenedResponse): Effect.Effect<Stream.Stream<Uint8Array, Failure>, KernelError> =>
    Effect.flatMap(
      openBytes(opened),
      (next) =>
        /^application\/json/i.test(opened.response.headers["content-type"] ?? "")
          ? readJsonFile(row, opened, next)
          : Effect.succeed(fromBatches(next))
    )

const openBytes = Effect.fnUntraced(function*(opened: OpenedResponse) {
  const { connection, options } = opened
  const read = yield* openBody(opened)
  const clock = yield* currentClock
  const idleTimeout = Duration.decode(options.idleTimeout ?? defaultIdleTimeout)
  const limit = {
    millis: Math.max(1, Duration.toMillis(idleTimeout)),
    onTimeout: Effect.failSync(() => stalled(opened, idleTimeout))
  }
  const reads = Duration.isFinite(idleTimeout)
    ? yield* limitEach(read, [limit], connection.scope)
    : Effect.async(read)
  const next: Next = Effect.suspend(() => {
    const requestedAt = clock.unsafeCurrentTimeMillis()
    return Effect.mapBoth(reads, {
      onFailure: (error) =>
        error._tag === "ConnectionError"
          ? brokenOff(opened, error, clock.unsafeCurrentTimeMillis() - requestedAt)
          : error,
      onSuccess: (pieces) => pieces === undefined ? [] : Array.from(pieces)
    })
  })
  return next
})

const stalled = ({ info, row }: OpenedResponse, idleTimeout: Duration.Duration): StreamStalledError =>
  new StreamStalledError({
    message: `${row.name}: the response sent nothing for ${Duration.format(idleTimeout)}, so it was given up. ` +
      "Raise `idleTimeout` if the server is that slow.",
    idleTimeout,
    generationId: info.generationId
  })

const brokenOff = ({ info, row }: OpenedResponse, error: ConnectionError, waited: number): Failure => {
  const { generationId } = info
  if (!isBodyTimeout(error)) return new ConnectionError({ ...error, message: error.message, generationId })
  const idleTimeout = Duration.millis(waited)
  return new StreamStalledError({ message: `${row.name}: ${fetchLimit(idleTimeout)}`, idleTimeout, generationId })
}

/** The most characters that are read to tell an error from a file: no error has more. */
const maxErrorLength = 64 * 1024

const readJsonFile = Effect.fnUntraced(function*(row: Row, opened: OpenedResponse, next: Next) {
  // What is paid for is speech, never JSON; a file may be JSON
  const errorIn = isPaid(row) ? errorInBody : errorInFile
  const decoder = new TextDecoder()
  const received: Array<Uint8Array> = []
  let text = ""
  while (text.length < maxErrorLength) {
    const batch = yield* next
    if (batch.length === 0) {
      if (errorIn(parseJson(text)?.value) !== undefined) return yield* failWithBody(row, opened, text)
      return Stream.fromIterable(received)
    }
    for (const piece of batch) {
      received.push(piece)
      text += decoder.decode(piece, { stream: true })
    }
  }
  return Stream.concat(Stream.fromIterable(received), fromBatches(next))
})
