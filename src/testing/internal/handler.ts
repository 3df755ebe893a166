/**
 * Responses of single endpoints, keyed by the endpoint itself, with its types. Public through `MockHttpClient`.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import type * as Stream from "effect/Stream"
import type { OpenRouterClient } from "../../http/OpenRouterClient.js"
import type { ResponseError } from "../../http/OpenRouterError.js"
import { errorClassByStatus, OpenRouterDefaultError } from "../../http/OpenRouterError.js"
import { baseUrlOfRow, pathParameters } from "../../http/row.js"
import type { Auth, Row } from "../../http/row.js"
import { concat } from "../../internal/bytes.js"
import * as Script from "../Script.js"
import type { RecordedRequest } from "./recording.js"

/**
 * Responds to the requests of one method and path.
 *
 * @since 0.1.0
 * @category models
 */
export interface Handler {
  readonly method: string
  /** The path under the base URL, with `{parameters}`; the whole path, such as `/api/alpha/decisions`, elsewhere. */
  readonly path: string
  /** Whether requests need a key where the double requires one. Default: `"required"`. */
  readonly auth?: Auth | undefined
  readonly respond: (
    request: RecordedRequest,
    path: { readonly [name: string]: string }
  ) => Effect.Effect<Script.Turn>
}

/**
 * A result of a handler other than the success of the endpoint: an error by status, a custom response, or none.
 *
 * @since 0.1.0
 * @category models
 */
export type EndpointTurn = Script.Failure | Script.Reply | Script.NoReply

/**
 * The parameters that a handler of an endpoint receives. Query parameters are read from the URL, where a number and a
 * text of digits are equal. So a text that reads as a number or a boolean becomes one.
 *
 * @since 0.1.0
 * @category models
 */
export type ParamsOf<P> = [Exclude<P, void>] extends [never] ? { readonly [name: string]: unknown } : Exclude<P, void>

/**
 * An endpoint that a handler can respond to.
 *
 * @since 0.1.0
 * @category models
 */
export type Mockable =
  & Row
  & (
    (
      params: never
    ) => Effect.Effect<unknown, unknown, OpenRouterClient> | Stream.Stream<unknown, unknown, OpenRouterClient>
  )

/**
 * The result of a handler: the success of the endpoint (a list of the events of a stream), one of its errors, or a
 * reply of `Script`.
 *
 * @since 0.1.0
 * @category models
 */
export type HandlerResult<Result> = Result extends Effect.Effect<infer A, infer E, infer _R> ? Answer<A, E>
  : Result extends Stream.Stream<infer A, infer E, infer _R> ? Answer<ReadonlyArray<A>, E>
  : never

type Answer<A, E> = A | EndpointTurn | Effect.Effect<A | EndpointTurn, Extract<E, ResponseError>>

/**
 * Responds to an endpoint with a value of its success type, with an error that it documents, or with a reply of
 * `Script`. The value of a streaming endpoint is the list of its events. The response is encoded and decoded as over
 * the network.
 *
 * @since 0.1.0
 * @category constructors
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { Credits, Models } from "effect-openrouter"
 * import { NotFoundResponseError } from "effect-openrouter/http/OpenRouterError"
 * import { MockHttpClient, Script } from "effect-openrouter/testing"
 *
 * const handlers = [
 *   MockHttpClient.on(Credits.getCredits, () => ({ data: { total_credits: 10, total_usage: 2.5 } })),
 *   MockHttpClient.on(Models.get, ({ slug }) =>
 *     Effect.fail(new NotFoundResponseError({ status: 404, message: `no model ${slug}` }))),
 *   MockHttpClient.on(Models.list, () => Script.error(503, { retryAfter: "1 second" }))
 * ]
 * ```
 */
export const on: <R extends Mockable>(
  row: R,
  handler: (params: ParamsOf<Parameters<R>[0]>, request: RecordedRequest) => HandlerResult<ReturnType<R>>
) => Handler = (row: Row, handler: (params: never, request: RecordedRequest) => unknown): Handler => ({
  method: row.method,
  path: pathOf(row),
  auth: row.auth,
  respond: (request, path) =>
    Effect.suspend(() =>
      // only the types of the row describe its parameters; there is no description at run time
      effectOf(handler(paramsOf(row, request, path) as never, request))
    ).pipe(Effect.matchEffect({
      onFailure: failureOf,
      onSuccess: (output) => Effect.succeed(turnOf(row, output))
    }))
})

/**
 * Responds to any method and path, without types: for a path without an endpoint, or for a response that no endpoint
 * has. The handler returns a value or an effect. A value that is not a turn of `Script` is sent as JSON. With the option
 * `auth`, requests need no key, even where the double requires one.
 *
 * @since 0.1.0
 * @category constructors
 * @example
 * ```ts
 * import { MockHttpClient, Script } from "effect-openrouter/testing"
 *
 * MockHttpClient.route("GET", "/models/{author}/{slug}", (request, { slug }) => ({ data: { id: slug } }))
 * MockHttpClient.route("GET", "/status", () => Script.reply("<html>Maintenance</html>", { status: 503 }))
 * ```
 */
export const route = (
  method: Row["method"],
  path: string,
  handler: (request: RecordedRequest, path: { readonly [name: string]: string }) => unknown,
  options: { readonly auth?: Auth | undefined } = {}
): Handler => ({
  method,
  path,
  auth: options.auth,
  respond: (request, parameters) =>
    Effect.suspend(() => effectOf(handler(request, parameters))).pipe(Effect.matchEffect({
      onFailure: failureOf,
      onSuccess: (output) => Effect.succeed(Script.isTurn(output) ? output : Script.reply(output))
    }))
})

const pathOf = (row: Row): string =>
  row.base === undefined ? row.path : new URL(baseUrlOfRow(row, "https://openrouter.ai/api/v1")).pathname + row.path

const effectOf = (output: unknown): Effect.Effect<unknown, unknown> =>
  // only the types of `on` know that the effect of a handler has no requirements
  Effect.isEffect(output) ? output as Effect.Effect<unknown, unknown> : Effect.succeed(output)

const paramsOf = (
  row: Row,
  request: RecordedRequest,
  path: { readonly [name: string]: string }
): { readonly [name: string]: unknown } => ({
  ...request.json,
  ...Object.fromEntries(
    row.query.flatMap((name) => {
      const value = request.query[name]
      return value === undefined ? [] : [[name, typeof value === "string" ? scalar(value) : value.map(scalar)]]
    })
  ),
  ...Object.fromEntries(pathParameters(row.path).map((name) => [name, path[name]]))
})

const scalar = (text: string): string | number | boolean =>
  text === "true" ? true : text === "false" ? false : text !== "" && String(Number(text)) === text ? Number(text) : text

const isResponseError = (error: unknown): error is ResponseError =>
  error instanceof OpenRouterDefaultError || Object.values(errorClassByStatus).some((Class) => error instanceof Class)

/** An error that is not one of OpenRouter is a mistake of the handler, so it is a defect. */
const failureOf = (error: unknown): Effect.Effect<Script.Turn> =>
  isResponseError(error)
    ? Effect.succeed(Script.error(error.status, {
      message: error.message,
      code: error.code,
      errorType: error.errorType,
      provider: error.provider,
      raw: error.raw,
      availability: error.availability,
      metadata: error.metadata,
      retryAfter: error.retryAfter
    }))
    : Effect.die(error)

const turnOf = (row: Row, output: unknown): Script.Turn => {
  if (Script.isTurn(output)) return output
  switch (row.success) {
    case "json":
      return Script.reply(output, { headers: { "content-type": "application/json" } })
    case "empty":
      return Script.reply(new Uint8Array(0), { status: 204 })
    case "binary":
      return chunks(Array.isArray(output) ? output : [output], "application/octet-stream")
    case "sse": {
      const named = row.path === "/messages"
      const events = (Array.isArray(output) ? output : [output]).map((event) =>
        `${named ? `event: ${event.type}\n` : ""}data: ${JSON.stringify(event)}\n\n`
      )
      return chunks([...events, `${named ? "event: data\n" : ""}data: [DONE]\n\n`], "text/event-stream")
    }
  }
}

const utf8 = new TextEncoder()

/** One network chunk for each piece. */
const chunks = (pieces: ReadonlyArray<unknown>, type: string): Script.Turn => {
  const bytes = pieces.map((piece) => piece instanceof Uint8Array ? piece : utf8.encode(String(piece)))
  return Script.reply(concat(bytes), { headers: { "content-type": type }, chunks: bytes.map((piece) => piece.length) })
}
