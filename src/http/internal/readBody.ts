import * as Chunk from "effect/Chunk"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { excerpt, parseJson, stringAt } from "../../internal/json.js"
import { errorInBody, errorInFile } from "../../response/findError.js"
import { hasOutput, readResponse } from "../../response/readResponse.js"
import { guard, issues } from "../../schema/guard.js"
import { expectation } from "../../schema/issues.js"
import { ConnectionError, ResponseValidationError } from "../OpenRouterError.js"
import type { Row } from "../row.js"
import { openBody, textOf } from "./body.js"
import { connectionError } from "./connection.js"
import { toResponseError } from "./errorBody.js"
import type { KernelError, Opened } from "./opened.js"

/**
 * The body as bytes, at the consumer's pace. The connection closes when the consumer stops.
 *
 * @internal
 */
export const readBytes = (opened: Opened): Stream.Stream<Uint8Array, ConnectionError> =>
  Stream.catchAll(
    opened.response.stream,
    (error) =>
      // A body without a single byte is an empty stream, not a failure
      error.reason === "EmptyBody" ? Stream.empty : Stream.fail(connectionError("body", opened.scrub)(error))
  )

/**
 * Bytes of a body that are read at most: of an answer as many as a string can safely have, of an error fewer, though it
 * may repeat the request with its images.
 */
const limits = { answer: 2 ** 28, error: 2 ** 24 }

/**
 * The body as text, up to a limit. A connection that breaks half-way fails with what had been received.
 *
 * @internal
 */
export const readText = (opened: Opened): Effect.Effect<string, ConnectionError> =>
  Effect.flatMap(openBody(opened), (read) => {
    const limit = opened.info.status < 300 ? limits.answer : limits.error
    let size = 0
    const received = () => textOf(opened.heard)
    const rest: Effect.Effect<string, ConnectionError> = Effect.matchEffect(Effect.async(read), {
      onFailure: (error) => Effect.fail(brokenOff(error, opened)),
      onSuccess: (bytes) => {
        if (bytes === undefined) return Effect.sync(received)
        for (const piece of bytes) {
          opened.heard.push(piece)
          size += piece.length
        }
        return size < limit ? rest : Effect.sync(received)
      }
    })
    return rest
  })

const brokenOff = (error: ConnectionError, opened: Opened): ConnectionError =>
  new ConnectionError({ ...error, message: error.message, ...beginning(opened) })

/**
 * What had arrived of an answer that was not read to its end.
 *
 * @internal
 */
export const beginning = (
  opened: Opened | undefined
): { readonly received: string | undefined; readonly generationId: string | undefined } => {
  const text = opened === undefined ? "" : textOf(opened.heard)
  return {
    received: opened === undefined || text === "" ? undefined : excerpt(opened.scrub(text), 2000),
    generationId: opened?.info.generationId
  }
}

/**
 * The body as a checked value: an error that hides in a good status is found first, then the schema is asked.
 *
 * @internal
 */
export const readJson = <A>(row: Row, schema: Schema.Schema<A>) => (opened: Opened): Effect.Effect<A, KernelError> =>
  Effect.flatMap(readText(opened), (text): Effect.Effect<A, KernelError> => {
    const parsed = parseJson(text)
    if (parsed === undefined) return Effect.fail(notJson(row, opened, text))
    const error = errorInBody(parsed.value)
    if (error !== undefined) return failure(row, opened, text)
    return guard(schema)(parsed.value) ? Effect.succeed(parsed.value) : Effect.fail(unfit(row, opened, schema, text))
  })

/**
 * Nothing, unless an error hides where nothing was promised.
 *
 * @internal
 */
export const readNothing = (row: Row) => (opened: Opened): Effect.Effect<void, KernelError> =>
  Effect.flatMap(
    readText(opened),
    (text): Effect.Effect<void, KernelError> =>
      errorInBody(parseJson(text)?.value) === undefined ? Effect.void : failure(row, opened, text)
  )

/**
 * Fails with the error that a body is, or holds.
 *
 * @internal
 */
export const failure = (row: Row, opened: Opened, text: string): Effect.Effect<never, KernelError> =>
  Effect.flatMap(Clock.currentTimeMillis, (now) => {
    const body = parseJson(opened.scrub(text))?.value
    const answer = readResponse(body)
    return Effect.fail(toResponseError({
      status: undefined,
      body: errorInBody(body),
      headers: opened.response.headers,
      documented: row.errors,
      generationId: opened.info.generationId ?? answer.generationId,
      partial: hasOutput(answer) || answer.inputTokens !== undefined || answer.cost !== undefined ? answer : undefined,
      now
    }))
  })

const notJson = (row: Row, opened: Opened, text: string): ResponseValidationError =>
  new ResponseValidationError({
    message: `${row.name}: the answer is ${text.trim() === "" ? "empty" : "not JSON"}, though its status is ` +
      `${opened.info.status}. Check that the base URL is an OpenRouter API.`,
    issues: [],
    received: excerpt(opened.scrub(text), 2000),
    generationId: opened.info.generationId
  })

const unfit = <A>(row: Row, opened: Opened, schema: Schema.Schema<A>, text: string): ResponseValidationError => {
  const received = opened.scrub(text)
  const body = parseJson(received)?.value
  const found = issues(schema, body)
  const first = found[0]
  return new ResponseValidationError({
    message: `${row.name}: the answer does not have the shape that the API promises${
      first === undefined ? "" : `, at ${first.path === "" ? "the top" : first.path}: ${expectation(first.message)}`
    }. The answer is in \`${row.operation === undefined ? "received" : "partial.result"}\`.`,
    issues: found,
    received: excerpt(received, 2000),
    generationId: opened.info.generationId ?? stringAt(body, "id"),
    partial: row.operation === undefined ? undefined : readResponse(body)
  })
}

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
