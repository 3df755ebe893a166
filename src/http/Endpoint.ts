/**
 * Turns a row of data into a function. An endpoint takes its parameters and returns an `Effect` or a `Stream`. Its
 * error type has the documented statuses of the endpoint and the failures of the transport.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import type * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type { ConfigError } from "../internal/effect/config.js"
import { readResponse } from "../response/readResponse.js"
import { callable } from "./internal/callable.js"
import { execute } from "./internal/execute.js"
import { encodeForm } from "./internal/multipart.js"
import type { KernelError, OpenedResponse } from "./internal/openedResponse.js"
import { nextParams, paginate } from "./internal/paginate.js"
import { readEmpty, readJson } from "./internal/readBody.js"
import { readFile } from "./internal/readFile.js"
import type { Encode } from "./internal/request.js"
import { recordFailure, recordOutcome, withCallSpan } from "./internal/telemetry.js"
import type { OpenRouterClient } from "./OpenRouterClient.js"
import type {
  ConnectionError,
  ErrorOfStatus,
  OpenRouterDefaultError,
  Status,
  StreamStalledError,
  TransportError
} from "./OpenRouterError.js"
import type { WithResponse } from "./responseInfo.js"
import { type Auth, isPaid, type Row } from "./row.js"

export type { Auth, Row } from "./row.js"

/**
 * The errors of an endpoint: its documented statuses, any other status, the ways a request can break, and a missing
 * key if it requires one.
 *
 * @since 0.1.0
 * @category models
 */
export type Failure<S extends Status, A extends Auth = "required"> =
  | ErrorOfStatus<S>
  | OpenRouterDefaultError
  | TransportError
  | (A extends "required" ? ConfigError : never)

/**
 * The errors of an endpoint that returns bytes: also those that can end the bytes.
 *
 * @since 0.1.0
 * @category models
 */
export type BinaryFailure<S extends Status, A extends Auth = "required"> = Failure<S, A> | StreamStalledError

/**
 * An endpoint that returns one value: call it, or read its row.
 *
 * @since 0.1.0
 * @category models
 */
export interface Endpoint<in Params, out A, out E> extends Row {
  (params: Params): Effect.Effect<A, E, OpenRouterClient>
  /** The same call; its result has the facts of the response as well. */
  readonly withResponse: (params: Params) => Effect.Effect<WithResponse<A>, E, OpenRouterClient>
}

/**
 * An endpoint that returns JSON; `schema` describes it.
 *
 * @since 0.1.0
 * @category models
 */
export interface JsonEndpoint<in Params, out A, out E> extends Endpoint<Params, A, E> {
  readonly success: "json"
  readonly schema: Schema.Schema<unknown>
}

/**
 * An endpoint that reads JSON: a call changes nothing and costs nothing, so that a cache may call it at any time.
 *
 * @since 0.1.0
 * @category models
 */
export interface ReadEndpoint<in Params, out A, out E> extends JsonEndpoint<Params, A, E> {
  readonly reads: true
}

/**
 * An endpoint that lists items page by page. `stream` returns the items of all pages, starting with the page that the
 * parameters name. It requests a page when its first item is read, and fails with the error of a page that fails.
 *
 * @since 0.1.0
 * @category models
 */
export interface PagedEndpoint<in Params, out A, out E> extends ReadEndpoint<Params, A, E> {
  readonly paging: "offset" | "cursor"
  /** The items of all pages. A page is requested when its first item is read. */
  readonly stream: (params: Params) => Stream.Stream<ItemOf<A>, E, OpenRouterClient>
}

/**
 * The parameters of the next page; undefined after the last page. Use it to request one page at a time, for example when a
 * user clicks "more". To read all items, use `stream` of the endpoint.
 *
 * If a listing says neither how many items there are nor whether there are more, the last page may be empty.
 *
 * @since 0.1.0
 * @category combinators
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { ApiKeys } from "effect-openrouter"
 * import { Endpoint } from "effect-openrouter/extend"
 *
 * const more = (params: ApiKeys.ListParams) =>
 *   Effect.map(ApiKeys.list(params), (page) => ({
 *     keys: page.data,
 *     next: Endpoint.nextPage(ApiKeys.list, params, page)
 *   }))
 * ```
 */
export const nextPage = <Params, A, E>(
  endpoint: PagedEndpoint<Params, A, E>,
  params: NoInfer<Params>,
  page: NoInfer<A>
): Exclude<Params, void> | undefined =>
  // A cursor or an offset is one of the parameters of the endpoint
  nextParams(endpoint, params, page) as Exclude<Params, void> | undefined

/**
 * The item of a page.
 *
 * @since 0.1.0
 * @category models
 */
export type ItemOf<A> = A extends { readonly data: ReadonlyArray<infer Item> } ? Item : never

/**
 * An endpoint that returns only a status.
 *
 * @since 0.1.0
 * @category models
 */
export interface EmptyEndpoint<in Params, out E> extends Endpoint<Params, void, E> {
  readonly success: "empty"
}

/**
 * An endpoint that returns bytes, as a stream that is read at the pace of the consumer. A read that takes longer than
 * `idleTimeout` fails with `StreamStalledError`, a connection that breaks with `ConnectionError`.
 *
 * @since 0.1.0
 * @category models
 */
export interface BinaryEndpoint<in Params, out E> extends Row {
  (params: Params): Stream.Stream<Uint8Array, E, OpenRouterClient>
  readonly success: "binary"
  /** The opened response: its facts, and the bytes as a stream to run within the same scope. */
  readonly withResponse: (
    params: Params
  ) => Effect.Effect<
    WithResponse<Stream.Stream<Uint8Array, ConnectionError | StreamStalledError>>,
    E,
    OpenRouterClient | Scope.Scope
  >
}

/**
 * The definition of an endpoint, for its constructor.
 *
 * @since 0.1.0
 * @category models
 */
export interface Definition<S extends Status, Auth_ extends Auth>
  extends Omit<Row, "body" | "success" | "errors" | "auth">
{
  /** How the fields are sent; files have a constructor of their own, {@link upload}. */
  readonly body: Exclude<Row["body"], "multipart">
  readonly errors: ReadonlyArray<S>
  readonly auth: Auth_
}

/**
 * Makes an endpoint that returns JSON. The response is checked against `schema` and returned unchanged, with the fields
 * that the schema does not know.
 *
 * @since 0.1.0
 * @category constructors
 */
export const json = <Params, A, S extends Status, Auth_ extends Auth>(
  definition: Definition<S, Auth_> & { readonly schema: Schema.Schema<A> }
): JsonEndpoint<Params, A, Failure<S, Auth_>> => {
  const row = { ...definition, success: "json" } as const
  return callable(row, whole(row, readJson(row, definition.schema)))
}

/**
 * Makes an endpoint that reads JSON, as {@link json} does, for calls that change nothing and cost nothing.
 *
 * @since 0.1.0
 * @category constructors
 */
export const read = <Params, A, S extends Status, Auth_ extends Auth>(
  definition: Definition<S, Auth_> & { readonly schema: Schema.Schema<A> }
): ReadEndpoint<Params, A, Failure<S, Auth_>> => {
  const row = { ...definition, success: "json", reads: true } as const
  return callable(row, whole(row, readJson(row, definition.schema)))
}

/**
 * Makes an endpoint that receives files: its fields are sent as `multipart/form-data`, and it returns JSON.
 *
 * @since 0.1.0
 * @category constructors
 */
export const upload = <Params, A, S extends Status, Auth_ extends Auth>(
  definition: Omit<Definition<S, Auth_>, "body"> & { readonly schema: Schema.Schema<A> }
): JsonEndpoint<Params, A, Failure<S, Auth_>> => {
  const row = { ...definition, body: "multipart", success: "json" } as const
  return callable(row, whole(row, readJson(row, definition.schema), encodeForm))
}

/**
 * Makes an endpoint that returns one page of a list.
 *
 * @since 0.1.0
 * @category constructors
 */
export const paged = <Params, A, S extends Status, Auth_ extends Auth>(
  definition: Definition<S, Auth_> & {
    readonly schema: Schema.Schema<A>
    readonly paging: NonNullable<Row["paging"]>
  }
): PagedEndpoint<Params, A, Failure<S, Auth_>> => {
  const row = { ...definition, success: "json", reads: true } as const
  const functions = whole(row, readJson(row, definition.schema))
  return callable(row, { ...functions, stream: (params) => paginate(row, functions.call, params) })
}

/**
 * Makes an endpoint that returns only a status.
 *
 * @since 0.1.0
 * @category constructors
 */
export const empty = <Params, S extends Status, Auth_ extends Auth>(
  definition: Definition<S, Auth_>
): EmptyEndpoint<Params, Failure<S, Auth_>> => {
  const row = { ...definition, success: "empty" } as const
  return callable(row, whole(row, readEmpty(row)))
}

/**
 * Makes an endpoint that returns bytes.
 *
 * @since 0.1.0
 * @category constructors
 */
export const binary = <Params, S extends Status, Auth_ extends Auth>(
  definition: Definition<S, Auth_>
): BinaryEndpoint<Params, BinaryFailure<S, Auth_>> => {
  const row = { ...definition, success: "binary" } as const
  const withResponse = (params: unknown) =>
    withCallSpan(row, params, (call) =>
      Effect.flatMap(Effect.scope, (scope) =>
        execute(
          call,
          (opened) =>
            Effect.map(readFile(row)(opened), (data) => {
              // Bytes have no usage
              call.bill.givenUp({ generationId: opened.info.generationId })
              return { data, response: opened.info }
            }),
          { scope }
        )))
  return callable(row, {
    call: (params) => Stream.unwrapScoped(Effect.map(withResponse(params), (opened) => opened.data)),
    withResponse
  })
}

/** The functions of an endpoint whose response is read whole. */
const whole = <A>(row: Row, read: (opened: OpenedResponse) => Effect.Effect<A, KernelError>, encode?: Encode) => {
  const withResponse = (params: unknown) =>
    withCallSpan(row, params, (call) =>
      Effect.clockWith((clock) => {
        const started = clock.unsafeCurrentTimeNanos()
        return execute(call, (opened) =>
          Effect.flatMap(read(opened), (data) => {
            if (!isPaid(row)) return Effect.succeed({ data, response: opened.info })
            const result = readResponse(data)
            const { info: { generationId }, scrubName } = opened
            call.log?.read(result)
            call.bill.succeeded({ partial: result, generationId, scrubName })
            if (row.operation === undefined) return Effect.succeed({ data, response: opened.info })
            const response = { ...opened.info, generationId: generationId ?? result.generationId }
            return Effect.as(recordOutcome(call, { response: result, started, scrubName }), {
              data,
              response
            })
          }), { encode }).pipe(Effect.tapError((error) => recordFailure(call, error, started)))
      }))
  return { call: (params: unknown) => Effect.map(withResponse(params), (opened) => opened.data), withResponse }
}
