import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { fromBatches, toBatches } from "../../internal/effect/batches.js"
import { isEmptyBody } from "../../internal/effect/httpFailures.js"
import { expectation } from "../../internal/effect/schemaIssues.js"
import { excerpt, parseJson, stringAt } from "../../internal/json.js"
import { errorInBody, errorInFile } from "../../response/findError.js"
import { hasOutput, readResponse } from "../../response/readResponse.js"
import { guard, issues } from "../../schema/guard.js"
import { ConnectionError, ResponseValidationError } from "../OpenRouterError.js"
import type { Row } from "../row.js"
import { openBody } from "./body.js"
import { connectionError } from "./connectionError.js"
import type { KernelError, OpenedResponse } from "./openedResponse.js"
import { toResponseError } from "./readError.js"
import { scrubValue } from "./scrub.js"

/** Reads the body as bytes, at the pace of the consumer. The connection closes when the consumer stops. */
const readBytes = (opened: OpenedResponse): Bytes =>
  Stream.catchAll(
    opened.response.stream,
    // A body without a single byte is an empty stream, not a failure
    (error) => isEmptyBody(error) ? Stream.empty : Stream.fail(connectionError("body", opened.scrub)(error))
  )

/**
 * The most bytes that are read of a body as text: of a good response as many as a string can safely have; of an error
 * fewer, but enough for one that repeats a request with images.
 */
const maxBytes = { response: 2 ** 28, error: 2 ** 24 }

/**
 * Reads the body as text, up to a limit. A connection that breaks half-way fails with the text that had arrived.
 *
 * @internal
 */
export const readText = (opened: OpenedResponse): Effect.Effect<string, ConnectionError> =>
  Effect.flatMap(openBody(opened), (read) => {
    const limit = opened.info.status < 300 ? maxBytes.response : maxBytes.error
    const text = Effect.sync(() => opened.text)
    const rest: Effect.Effect<string, ConnectionError> = Effect.matchEffect(Effect.async(read), {
      onFailure: (error) => Effect.fail(new ConnectionError({ ...error, message: error.message, ...opened.beginning })),
      onSuccess: (pieces) => {
        if (pieces === undefined) return text
        let size = 0
        for (const piece of pieces) size = opened.receive(piece)
        return size < limit ? rest : text
      }
    })
    return rest
  })

/**
 * Reads the body as a checked value. An error that came with a good status is found first, then the schema is applied.
 *
 * @internal
 */
export const readJson =
  <A>(row: Row, schema: Schema.Schema<A>) => (opened: OpenedResponse): Effect.Effect<A, KernelError> =>
    Effect.flatMap(readText(opened), (text): Effect.Effect<A, KernelError> => {
      const parsed = parseJson(text)
      if (parsed === undefined) return Effect.fail(notJson(row, opened, text))
      const error = errorInBody(parsed.value)
      if (error !== undefined) return failWithBody(row, opened, text)
      return guard(schema)(parsed.value)
        ? Effect.succeed(parsed.value)
        : Effect.fail(invalidBody(row, opened, schema, text))
    })

/**
 * Reads a body that has no value, and fails if it is an error.
 *
 * @internal
 */
export const readEmpty = (row: Row) => (opened: OpenedResponse): Effect.Effect<void, KernelError> =>
  Effect.flatMap(
    readText(opened),
    (text): Effect.Effect<void, KernelError> =>
      errorInBody(parseJson(text)?.value) === undefined ? Effect.void : failWithBody(row, opened, text)
  )

/** Fails with the error that a body is, or contains. */
const failWithBody = (row: Row, opened: OpenedResponse, text: string): Effect.Effect<never, KernelError> =>
  Effect.flatMap(Clock.currentTimeMillis, (now) => {
    const body = scrubValue(parseJson(text)?.value, opened.scrub)
    const partial = readResponse(body)
    return Effect.fail(toResponseError({
      status: undefined,
      body: errorInBody(body),
      headers: opened.response.headers,
      documented: row.errors,
      generationId: opened.info.generationId ?? partial.generationId,
      partial: hasOutput(partial) || partial.inputTokens !== undefined || partial.cost !== undefined
        ? partial
        : undefined,
      now
    }))
  })

const notJson = (row: Row, opened: OpenedResponse, text: string): ResponseValidationError =>
  new ResponseValidationError({
    message: `${row.name}: the response is ${text.trim() === "" ? "empty" : "not JSON"}, though its status is ` +
      `${opened.info.status}. Check that the base URL is an OpenRouter API.`,
    issues: [],
    received: excerpt(opened.scrub(text), 2000),
    generationId: opened.info.generationId
  })

const invalidBody = <A>(
  row: Row,
  opened: OpenedResponse,
  schema: Schema.Schema<A>,
  text: string
): ResponseValidationError => {
  const body = scrubValue(parseJson(text)?.value, opened.scrub)
  const found = issues(schema, body)
  const first = found[0]
  return new ResponseValidationError({
    message: `${row.name}: the response does not have the shape that the API documents${
      first === undefined ? "" : `, at ${first.path === "" ? "the top" : first.path}: ${expectation(first.message)}`
    }. The response is in \`${row.operation === undefined ? "received" : "partial.result"}\`.`,
    issues: found,
    received: excerpt(opened.scrub(text), 2000),
    generationId: opened.info.generationId ?? stringAt(body, "id"),
    partial: row.operation === undefined ? undefined : readResponse(body)
  })
}

type Bytes = Stream.Stream<Uint8Array, ConnectionError>

/**
 * Reads a file as bytes. A body that is an error in JSON fails instead.
 *
 * @internal
 */
export const readFile = (row: Row) => (opened: OpenedResponse): Effect.Effect<Bytes, KernelError, Scope.Scope> =>
  /^application\/json/i.test(opened.response.headers["content-type"] ?? "")
    ? readJsonFile(row, opened)
    : Effect.succeed(readBytes(opened))

/** The most characters that are read to tell an error from a file: no error has more. */
const maxErrorLength = 64 * 1024

const readJsonFile = Effect.fnUntraced(function*(row: Row, opened: OpenedResponse) {
  const next = yield* toBatches(readBytes(opened))
  const decoder = new TextDecoder()
  const received: Array<Uint8Array> = []
  let text = ""
  while (text.length < maxErrorLength) {
    const batch = yield* next
    if (batch.length === 0) {
      if (errorInFile(parseJson(text)?.value) !== undefined) return yield* failWithBody(row, opened, text)
      return Stream.fromIterable(received)
    }
    received.push(...batch)
    for (const piece of batch) text += decoder.decode(piece, { stream: true })
  }
  return Stream.concat(Stream.fromIterable(received), fromBatches(next))
})
