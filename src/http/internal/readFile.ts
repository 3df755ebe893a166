import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type { ConnectionError } from "../OpenRouterError.js"
import type { Row } from "../Row.js"
import { errorInFile } from "./findError.js"
import { parseJson } from "./json.js"
import type { KernelError, Opened } from "./opened.js"
import { failure, readBytes } from "./readBody.js"

type Bytes = Stream.Stream<Uint8Array, ConnectionError>

/**
 * The bytes of a file, unless an error in JSON came in its place.
 *
 * @internal
 */
export const readFile = (row: Row) => (opened: Opened): Effect.Effect<Bytes, KernelError, Scope.Scope> =>
  /^application\/json/i.test(opened.response.headers["content-type"] ?? "")
    ? readJsonFile(row, opened)
    : Effect.succeed(readBytes(opened))

/** Characters that are looked at before a file is taken for one: more than any error has. */
const glance = 64 * 1024

const readJsonFile = Effect.fnUntraced(function*(row: Row, opened: Opened) {
  const pull = yield* Stream.toPull(readBytes(opened))
  const decoder = new TextDecoder()
  let begun = Chunk.empty<Uint8Array>()
  let text = ""
  const look = Effect.map(pull, (bytes) => {
    begun = Chunk.appendAll(begun, bytes)
    for (const piece of bytes) text += decoder.decode(piece, { stream: true })
    return text.length < glance
  })
  const isWhole = yield* Effect.repeat(look, { while: (more) => more }).pipe(
    Effect.as(false),
    Effect.catchAll((end) => Option.isNone(end) ? Effect.succeed(true) : Effect.fail(end.value))
  )
  if (isWhole && errorInFile(parseJson(text)?.value) !== undefined) return yield* failure(row, opened, text)
  return isWhole
    ? Stream.fromChunk(begun)
    : Stream.concat(Stream.fromChunk(begun), Stream.repeatEffectChunkOption(pull))
})
