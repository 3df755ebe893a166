import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as Clock from "effect/Clock"
import type { ConfigError } from "effect/ConfigError"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Scope from "effect/Scope"
import * as Tracer from "effect/Tracer"
import { parseJson } from "../../internal/json.js"
import { timeLimit } from "../../internal/timeLimit.js"
import type { OpenRouterClient } from "../OpenRouterClient.js"
import { InvalidRequestError } from "../OpenRouterError.js"
import type { RequestOptions } from "../requestOptions.js"
import { readBaseUrl } from "../requestOptions.js"
import { responseInfo } from "../responseInfo.js"
import type { Row } from "../row.js"
import { placeOf } from "../row.js"
import { connectionError, isRedirect, isRefusedRedirect, redirected } from "./connection.js"
import { toResponseError } from "./errorBody.js"
import type { Connection, KernelError, Opened } from "./opened.js"
import { missingKey } from "./openRouterClient.js"
import { beginning, readText } from "./readBody.js"
import type { PreparedRequest } from "./request.js"
import { isHeaderName, isHeaderValue, scrub, secretsOf } from "./secrets.js"
import type { Call } from "./telemetry.js"

/**
 * Sends a request once: with the key of the moment, and with a bad status turned into its error.
 *
 * @internal
 */
export const attempt = (
  client: OpenRouterClient.Service,
  call: Call,
  prepared: PreparedRequest,
  options: RequestOptions,
  attempts: number,
  connection: Connection
): Effect.Effect<Opened, KernelError> =>
  Effect.flatMap(scopeOf(connection), (scope) =>
    Effect.mapInputContext(
      send(client, call.row, prepared, options, attempts, connection),
      (context: Context.Context<never>) =>
        Context.add(Context.add(context, Scope.Scope, scope), Tracer.ParentSpan, call.span)
    ))

/** How long the words of a bad status may take: the status has told the most. */
const patience = "5 seconds"

const send = Effect.fnUntraced(function*(
  client: OpenRouterClient.Service,
  row: Row,
  prepared: PreparedRequest,
  options: RequestOptions,
  attempts: number,
  connection: Connection
) {
  const baseUrl = yield* baseUrlOf(client, row, options)
  const key = yield* keyOf(client, row, options)
  const headers = yield* headersOf(row, options, key)
  // Most calls end well, and do not pay for the search
  let secrets: ReadonlyArray<string> | undefined
  const conceal = (text: string) => scrub(text, headers, secrets ??= secretsOf(row, prepared.fields))
  const request = HttpClientRequest.make(row.method)(`${placeOf(row, baseUrl)}${prepared.path}`, {
    headers,
    body: prepared.body
  })
  const response = yield* Effect.catchAll(HttpClient.withScope(client.httpClient).execute(request), (error) =>
    // A client of the user's own may take bad statuses for failures
    error._tag === "ResponseError" && error.reason === "StatusCode"
      ? Effect.succeed(error.response)
      : Effect.fail(
        isRefusedRedirect(error)
          ? redirected(row.name, { status: 0, from: baseUrl })
          : connectionError("connect", conceal)(error)
      ))
  const info = responseInfo(response.status, response.headers, attempts, (text) => scrub(text, headers))
  const opened: Opened = { response, info, options, scrub: conceal, connection, heard: [] }
  if (response.status >= 200 && response.status < 300) return opened
  const text = yield* Effect.match(timeLimit(readText(opened), patience, () => beginning(opened)), {
    onFailure: ({ received = "" }) => received,
    onSuccess: conceal
  })
  if (isRedirect(response.status)) {
    return yield* redirected(row.name, {
      status: response.status,
      location: response.headers["location"],
      from: request.url
    })
  }
  const now = yield* Clock.currentTimeMillis
  return yield* Effect.fail(toResponseError({
    status: response.status,
    body: parseJson(text)?.value,
    text,
    headers: response.headers,
    documented: row.errors,
    generationId: info.generationId,
    now
  }))
})

const scopeOf = (connection: Connection): Effect.Effect<Scope.CloseableScope> =>
  Effect.tap(Scope.make(), (scope) =>
    Scope.addFinalizerExit(
      connection.scope,
      (exit) => connection.ended ? Effect.void : Scope.close(scope, exit)
    ))

const baseUrlOf = (
  client: OpenRouterClient.Service,
  row: Row,
  options: RequestOptions
): Effect.Effect<string, InvalidRequestError> =>
  options.baseUrl === undefined || options.baseUrl === client.options.baseUrl
    ? Effect.succeed(client.options.baseUrl)
    : Effect.mapError(
      readBaseUrl(options.baseUrl),
      (problem) => new InvalidRequestError({ parameter: "baseUrl", message: `${row.name}: ${problem}` })
    )

const keyOf = (
  client: OpenRouterClient.Service,
  row: Row,
  options: RequestOptions
): Effect.Effect<Redacted.Redacted | undefined, ConfigError> => {
  if (row.auth === "none") return Effect.succeed(undefined)
  const own = options.apiKey
  const key = own === undefined || own === client.options.apiKey
    ? client.apiKey
    : Redacted.isRedacted(own)
    ? Effect.succeed(own)
    : own
  const found = Effect.filterOrFail(key, (key) => Redacted.value(key).trim() !== "", () => missingKey)
  return row.auth === "required" ? found : Effect.map(Effect.option(found), Option.getOrUndefined)
}

const headersOf = (
  row: Row,
  options: RequestOptions,
  key: Redacted.Redacted | undefined
): Effect.Effect<Readonly<Record<string, string>>, InvalidRequestError> => {
  const headers: Record<string, string> = { accept: accepts[row.success] }
  if (options.httpReferer !== undefined) headers["http-referer"] = options.httpReferer
  if (options.appTitle !== undefined) headers["x-openrouter-title"] = options.appTitle
  if (options.appCategories !== undefined) headers["x-openrouter-categories"] = options.appCategories.join(",")
  if (options.routerMetadata === true) headers["x-openrouter-metadata"] = "enabled"
  for (const name in options.headers) headers[name.toLowerCase()] = options.headers[name] ?? ""
  if (key !== undefined) headers["authorization"] = `Bearer ${Redacted.value(key).trim()}`
  if (!Object.keys(headers).every(isHeaderName)) {
    return Effect.fail(
      new InvalidRequestError({
        parameter: "headers",
        message: `${row.name}: a header has a name that HTTP does not allow`
      })
    )
  }
  const bad = Object.keys(headers).find((name) => !isHeaderValue(headers[name] ?? ""))
  return bad === undefined ? Effect.succeed(headers) : Effect.fail(
    new InvalidRequestError({
      parameter: bad,
      message: `${row.name}: the value of the header ${bad} holds line breaks or characters beyond Latin-1`
    })
  )
}

const accepts = {
  json: "application/json",
  sse: "text/event-stream",
  binary: "*/*",
  empty: "*/*"
} as const
