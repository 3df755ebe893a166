import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Scope from "effect/Scope"
import * as Tracer from "effect/Tracer"
import type { ConfigError } from "../../internal/effect/config.js"
import { currentClock } from "../../internal/effect/fibers.js"
import { responseOf } from "../../internal/effect/httpFailures.js"
import { parseJson } from "../../internal/json.js"
import { readJsonPrefix } from "../../internal/jsonPrefix.js"
import { timeLimit } from "../../internal/timeLimits.js"
import type { KeyPool } from "../KeyPool.js"
import type { OpenRouterClient } from "../OpenRouterClient.js"
import { InvalidRequestError, type ResponseError } from "../OpenRouterError.js"
import type { RequestOptions } from "../requestOptions.js"
import { readBaseUrl } from "../requestOptions.js"
import { responseInfo } from "../responseInfo.js"
import type { Row } from "../row.js"
import { baseUrlOfRow, isPaid } from "../row.js"
import type { Connection } from "./connection.js"
import { isRedirect, isRefusedRedirect, redirectError, sendError } from "./connectionError.js"
import { type KernelError, OpenedResponse } from "./openedResponse.js"
import { currentKey, missingKey } from "./openRouterClient.js"
import { partialOf } from "./partialOf.js"
import { readText } from "./readBody.js"
import { toResponseError } from "./readError.js"
import type { PreparedRequest } from "./request.js"
import { makeScrub, type Scrub, scrubValue } from "./scrub.js"
import { isHeaderName, isHeaderValue, secretsOf, secretsOfHeaders } from "./secrets.js"
import type { Call } from "./telemetry.js"

/**
 * Sends a request once, with the current key, and turns a bad status into its error.
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
): Effect.Effect<OpenedResponse, KernelError> =>
  Effect.flatMap(scopeOf(connection), (scope) =>
    Effect.mapInputContext(
      withAnyKey(client, call, options, (key) => send(client, call, prepared, options, attempts, connection, key)),
      (context: Context.Context<never>) =>
        Context.add(Context.add(context, Scope.Scope, scope), Tracer.ParentSpan, call.span)
    ))

/** Sends with the current key. A pool of keys may say that another key can take over after a bad status. */
const withAnyKey = <A, R>(
  client: OpenRouterClient.Service,
  call: Pick<Call, "row">,
  options: RequestOptions,
  sendWith: (key: Redacted.Redacted | undefined) => Effect.Effect<A, KernelError, R>
): Effect.Effect<A, KernelError, R> => {
  const pool = poolOf(options)
  return Effect.flatMap(keyOf(client, call.row, options), (key) => {
    const sent = sendWith(key)
    if (pool === undefined || key === undefined) return sent
    return Effect.catchAll(sent, (error) =>
      isAboutKey(error)
        ? Effect.flatMap(pool.failed(key, error), (isOther) =>
          isOther ? withAnyKey(client, call, options, sendWith) : Effect.fail(error))
        : Effect.fail(error))
  })
}

const poolOf = ({ apiKey }: RequestOptions): KeyPool | undefined =>
  apiKey === undefined || Redacted.isRedacted(apiKey) || Effect.isEffect(apiKey) ? undefined : apiKey

/** The failures of a key that nobody has worked for. */
const isAboutKey = (error: KernelError): error is ResponseError =>
  "status" in error && error.partial === undefined &&
  (error.status === 401 || error.status === 402 || error.status === 429)

/** How long the body of a bad status may take. The status alone makes an error, so waiting longer gains little. */
const errorBodyTimeout = "5 seconds"

const send = Effect.fnUntraced(function*(
  client: OpenRouterClient.Service,
  { content, row }: Call,
  prepared: PreparedRequest,
  options: RequestOptions,
  attempts: number,
  connection: Connection,
  key: Redacted.Redacted | undefined
) {
  const baseUrl = yield* baseUrlOf(client, row, options)
  const headers = yield* headersOf(row, options, key)
  // Most calls succeed, so the search for secrets in the body waits for the first error
  let scrub: Scrub | undefined
  const redact: Scrub = (text) =>
    (scrub ??= makeScrub([...secretsOfHeaders(headers), ...secretsOf(row, prepared.fields)]))(text)
  content?.sent(redact)
  const request = HttpClientRequest.make(row.method)(`${baseUrlOfRow(row, baseUrl)}${prepared.path}`, {
    headers,
    body: prepared.body
  })
  const clock = yield* currentClock
  const startedAt = clock.unsafeCurrentTimeMillis()
  const response = yield* Effect.catchAll(HttpClient.withScope(client.httpClient).execute(request), (error) => {
    // A client of the user's own may turn bad statuses into failures
    const response = responseOf(error)
    if (response !== undefined) return Effect.succeed(response)
    return Effect.fail(
      isRefusedRedirect(error)
        ? redirectError(row.name, { status: 0, from: baseUrl })
        : sendError(row, redact, () => Duration.millis(clock.unsafeCurrentTimeMillis() - startedAt))(error)
    )
  })
  const isGood = response.status >= 200 && response.status < 300
  const scrubName = scrubOfHeaders(client, headers)
  const info = responseInfo(response.status, response.headers, attempts, isGood ? scrubName : redact)
  const opened = new OpenedResponse(row, response, info, options, redact, connection, scrubName)
  if (isGood) return opened
  yield* Effect.ignore(timeLimit(readText(opened), errorBodyTimeout, () => "What has arrived is enough"))
  const { text } = opened
  if (isRedirect(response.status)) {
    return yield* redirectError(row.name, {
      status: response.status,
      location: response.headers["location"],
      from: request.url
    })
  }
  const body = scrubValue(parseJson(text)?.value, redact)
  return yield* Effect.fail(toResponseError({
    status: response.status,
    body,
    text: redact(text),
    headers: response.headers,
    documented: row.errors,
    generationId: info.generationId,
    partial: isPaid(row) ? partialOf(body ?? scrubValue(readJsonPrefix(text)?.value, redact)) : undefined,
    now: clock.unsafeCurrentTimeMillis()
  }))
})

/** The last headers of each client, with what removes their secrets: most calls of a client send the same ones. */
const lastScrubs = new WeakMap<
  OpenRouterClient.Service,
  { readonly headers: Readonly<Record<string, string>>; readonly scrub: Scrub }
>()

const scrubOfHeaders = (client: OpenRouterClient.Service, headers: Readonly<Record<string, string>>): Scrub => {
  const last = lastScrubs.get(client)
  if (last !== undefined && isSame(last.headers, headers)) return last.scrub
  const scrub = makeScrub(secretsOfHeaders(headers))
  lastScrubs.set(client, { headers, scrub })
  return scrub
}

const isSame = (a: Readonly<Record<string, string>>, b: Readonly<Record<string, string>>): boolean => {
  const names = Object.keys(a)
  return names.length === Object.keys(b).length && names.every((name) => a[name] === b[name])
}

/** A scope for the platform's client, which aborts the request when its scope closes. */
const scopeOf = (connection: Connection): Effect.Effect<Scope.CloseableScope> =>
  Effect.tap(Scope.make(), (scope) => connection.onAbort((exit) => Scope.close(scope, exit)))

const baseUrlOf = (
  client: OpenRouterClient.Service,
  row: Row,
  options: RequestOptions
): Effect.Effect<string, InvalidRequestError> =>
  options.baseUrl === undefined || options.baseUrl === client.options.baseUrl
    ? Effect.succeed(client.options.baseUrl)
    : Effect.mapError(
      readBaseUrl(options.baseUrl, client.options.allowInsecureHttp),
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
    : currentKey(own)
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
        message:
          `${row.name}: the name of a header has a character that HTTP does not allow. Use letters, digits and "-"`
      })
    )
  }
  const bad = Object.keys(headers).find((name) => !isHeaderValue(headers[name] ?? ""))
  return bad === undefined ? Effect.succeed(headers) : Effect.fail(
    new InvalidRequestError({
      parameter: bad,
      message:
        `${row.name}: the value of the header ${bad} holds line breaks or characters beyond Latin-1. Encode it, for example with encodeURIComponent`
    })
  )
}

const accepts = {
  json: "application/json",
  sse: "text/event-stream",
  binary: "*/*",
  empty: "*/*"
} as const
