import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Schema from "effect/Schema"
import { currentClock } from "../../internal/effect/fibers.js"
import { expectation } from "../../internal/effect/schemaIssues.js"
import { isObject, parseJson, stringAt } from "../../internal/json.js"
import { readJsonPrefix } from "../../internal/jsonPrefix.js"
import { errorInBody } from "../../response/findError.js"
import { tolerantBody } from "../../response/tolerant.js"
import { guard, issues } from "../../schema/guard.js"
import { ConnectionError, RequestTimeoutError, ResponseValidationError } from "../OpenRouterError.js"
import { isPaid, type Row } from "../row.js"
import { openBody, readUntil } from "./body.js"
import { fetchLimit, isBodyTimeout } from "./connectionError.js"
import type { KernelError, OpenedResponse } from "./openedResponse.js"
import { partialOf } from "./partialOf.js"
import { toResponseError } from "./readError.js"
import { readEvents } from "./readEvents.js"
import { scrubValue } from "./scrub.js"

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
export const readText = (opened: OpenedResponse): Effect.Effect<string, ConnectionError | RequestTimeoutError> =>
  Effect.zipWith(openBody(opened), currentClock, (read, clock) => {
    const limit = opened.info.status < 300 ? maxBytes.response : maxBytes.error
    let lastRead = clock.unsafeCurrentTimeMillis()
    const whole = readUntil(read, (pieces) => {
      lastRead = clock.unsafeCurrentTimeMillis()
      let size = 0
      for (const piece of pieces) size = opened.receive(piece)
      return size >= limit
    })
    return Effect.matchEffect(whole, {
      onSuccess: () => Effect.sync(() => opened.text),
      onFailure: (error) => Effect.fail(brokenOff(opened, error, clock.unsafeCurrentTimeMillis() - lastRead))
    })
  }).pipe(Effect.flatten)

/** The error of a body that broke off, with what had arrived of it. */
const brokenOff = (
  opened: OpenedResponse,
  error: ConnectionError,
  waited: number
): ConnectionError | RequestTimeoutError => {
  if (!isBodyTimeout(error)) return new ConnectionError({ ...error, message: error.message, ...opened.beginning })
  const timeout = Duration.millis(waited)
  const message = `${opened.row.name}: ${fetchLimit(timeout)} What had arrived is in the error.`
  return new RequestTimeoutError({ timeout, message, ...opened.beginning })
}

/**
 * Reads the body as a checked value. An error that came with a good status is found first, then the schema is applied.
 *
 * @internal
 */
export const readJson =
  <A>(row: Row, schema: Schema.Schema<A>) => (opened: OpenedResponse): Effect.Effect<A, KernelError> =>
    Effect.flatMap(readText(opened), (text): Effect.Effect<A, KernelError> => {
      const parsed = parseJson(text)
      if (parsed === undefined) return readEvents(row, schema, opened, text) ?? Effect.fail(notJson(row, opened, text))
      const error = errorInBody(parsed.value)
      if (error !== undefined) return failWithBody(row, opened, text)
      const fits = guard(schema)
      // A good body is checked once
      if (fits(parsed.value)) return Effect.succeed(parsed.value)
      const value = isPaid(row) ? tolerantBody(parsed.value) : parsed.value
      return fits(value) ? Effect.succeed(value) : Effect.fail(invalidBody(row, opened, schema, text))
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

/**
 * Fails with the error that a body is, or contains.
 *
 * @internal
 */
export const failWithBody = (row: Row, opened: OpenedResponse, text: string): Effect.Effect<never, KernelError> =>
  Effect.flatMap(Clock.currentTimeMillis, (now) => {
    const body = scrubValue(parseJson(text)?.value, opened.scrub)
    const partial = partialOf(body)
    return Effect.fail(toResponseError({
      status: undefined,
      body: errorInBody(body),
      headers: opened.response.headers,
      documented: row.errors,
      generationId: opened.info.generationId ?? stringAt(body, "id"),
      partial,
      now
    }))
  })

const notJson = (row: Row, opened: OpenedResponse, text: string): ResponseValidationError => {
  const found = readJsonPrefix(text)
  const isEmpty = text.trim() === ""
  const problem = isEmpty
    ? "is empty"
    : found?.isWhole === true
    ? "is not JSON alone, but is followed by something else"
    : "is not JSON"
  const remedy = isPaid(row) && isObject(found?.value)
    ? "What arrived is in `received`, and what could be read of it in `partial`."
    : "Check that the base URL is an OpenRouter API."
  return new ResponseValidationError({
    message: `${row.name}: the response ${problem}, though its status is ${opened.info.status}. ${remedy}`,
    issues: [],
    ...opened.keep(text, found?.value)
  })
}

/**
 * What to do about a response that is good for OpenRouter and unknown to this library.
 *
 * @internal
 */
export const unknownShape = "A newer version of effect-openrouter may know it; if there is none, report it."

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
    }. The response is in \`${isPaid(row) ? "partial.result" : "received"}\`. ${unknownShape}`,
    issues: found,
    ...opened.keep(text, body)
  })
}
