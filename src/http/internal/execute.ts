import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import type { HttpClientResponse } from "@effect/platform/HttpClientResponse"
import * as Clock from "effect/Clock"
import type { ConfigError } from "effect/ConfigError"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as ExecutionStrategy from "effect/ExecutionStrategy"
import * as Exit from "effect/Exit"
import { constTrue } from "effect/Function"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Schedule from "effect/Schedule"
import * as Scope from "effect/Scope"
import { OpenRouterClient } from "../OpenRouterClient.js"
import type { OpenRouterError } from "../OpenRouterError.js"
import { InvalidRequestError, RequestTimeoutError } from "../OpenRouterError.js"
import type { RequestOptions } from "../RequestOptions.js"
import { CurrentRequestOptions, merge } from "../RequestOptions.js"
import type { ResponseInfo } from "../ResponseInfo.js"
import { exponential, isRetryable, isSafeToRepeat } from "../Retry.js"
import type { Row } from "../Row.js"
import { connectionError } from "./connection.js"
import { toResponseError } from "./errorBody.js"
import { parseJson } from "./json.js"
import { readText } from "./readBody.js"
import { prepare, type PreparedRequest } from "./request.js"
import { responseInfo } from "./responseInfo.js"
import { isHeaderName, isHeaderValue, scrub } from "./secrets.js"
import { missingKey, readBaseUrl } from "./settings.js"
import { attemptFailed } from "./telemetry.js"
import { type Upload, withoutRedirects } from "./upload.js"

/**
 * An answer whose status is good and whose body has not been read.
 *
 * @internal
 */
export interface Opened {
  readonly response: HttpClientResponse
  readonly info: ResponseInfo
  readonly options: RequestOptions
  readonly scrub: (text: string) => string
}

/** @internal */
export type KernelError = OpenRouterError | ConfigError

/**
 * Sends a request and reads its answer, with the retries and the timeout of the client and the call around both. For a
 * stream, `read` is what it takes to see the first event. The response is given up when it is read to its end or
 * interrupted, or when `scope` closes where there is one.
 *
 * @internal
 */
export const execute = <A, R>(
  row: Row,
  params: unknown,
  read: (opened: Opened) => Effect.Effect<A, KernelError, R>,
  scope?: Scope.Scope
): Effect.Effect<A, KernelError, R | OpenRouterClient> =>
  Effect.flatMap(OpenRouterClient, (client) =>
    Effect.flatMap(CurrentRequestOptions, (current) => {
      const options = merge(client.options, current)
      return Effect.flatMap(prepare(row, params), (prepared) => {
        let attempts = 0
        const once = inScopeOf(scope, (own) =>
          Effect.flatMap(attempt(client, row, prepared, options, ++attempts, own), read))
        const { upload } = prepared
        return upload === undefined
          ? withTimeout(withRetry(once, row, options), row, options)
          : Effect.ensuring(
            withTimeout(withRetry(blaming(upload, once), row, options, upload.isRepeatable), row, options),
            upload.close
          )
      })
    }))

/** A connection that breaks because its body cannot be read fails with the reason of that. */
const blaming = <A, R>(upload: Upload, once: Effect.Effect<A, KernelError, R>): Effect.Effect<A, KernelError, R> =>
  Effect.catchTag(once, "ConnectionError", (error) => Effect.zipRight(upload.check, Effect.fail(error)))

/** Gives each attempt a scope of its own below the given one, closed at once where the attempt fails. */
const inScopeOf = <A, E, R>(
  scope: Scope.Scope | undefined,
  attempt: (scope: Scope.Scope | undefined) => Effect.Effect<A, E, R>
): Effect.Effect<A, E, R> =>
  scope === undefined
    ? Effect.suspend(() => attempt(undefined))
    : Effect.flatMap(Scope.fork(scope, ExecutionStrategy.sequential), (own) =>
      Effect.onExit(attempt(own), (exit) => Exit.isFailure(exit) ? Scope.close(own, exit) : Effect.void))

const defaultRetry = exponential()

const withRetry = <A, R>(
  once: Effect.Effect<A, KernelError, R>,
  row: Row,
  options: RequestOptions,
  isRepeatable: () => boolean = constTrue
): Effect.Effect<A, KernelError, R> => {
  const observed = Effect.tapError(once, attemptFailed)
  if (options.retry === false) return observed
  const idempotent = row.method !== "POST" && row.method !== "PATCH"
  const rule = row.repeatable ?? (idempotent || row.operation !== undefined) ? isRetryable : isSafeToRepeat
  const mayRetry = (error: OpenRouterError): boolean => isRepeatable() && rule(error)
  const schedule = options.retry ?? defaultRetry
  return Effect.catchIf(
    observed,
    (error): error is OpenRouterError => error._tag !== "ConfigError" && mayRetry(error),
    (first) =>
      Effect.flatMap(Schedule.driver(schedule), (driver) => {
        const again = (error: OpenRouterError): Effect.Effect<A, KernelError, R> =>
          Effect.matchEffect(driver.next(error), {
            onFailure: () => Effect.fail(error),
            onSuccess: () =>
              Effect.catchIf(
                observed,
                (next): next is OpenRouterError => next._tag !== "ConfigError" && mayRetry(next),
                again
              )
          })
        return again(first)
      })
  )
}

const defaultTimeout = Duration.minutes(10)

const withTimeout = <A, E, R>(
  effect: Effect.Effect<A, E, R>,
  row: Row,
  options: RequestOptions
): Effect.Effect<A, E | RequestTimeoutError, R> => {
  const timeout = Duration.decode(options.timeout ?? defaultTimeout)
  if (!Duration.isFinite(timeout)) return effect
  return Effect.timeoutFail(effect, {
    duration: timeout,
    onTimeout: () =>
      new RequestTimeoutError({
        timeout,
        message: `${row.name}: no answer within ${Duration.format(timeout)}. Raise \`timeout\`, or stream the answer.`
      })
  })
}

const attempt = Effect.fnUntraced(function*(
  client: OpenRouterClient.Service,
  row: Row,
  prepared: PreparedRequest,
  options: RequestOptions,
  attempts: number,
  scope: Scope.Scope | undefined
) {
  const baseUrl = yield* baseUrlOf(client, row, options)
  const key = yield* keyOf(client, row, options)
  const headers = yield* headersOf(row, options, key)
  const conceal = (text: string) => scrub(text, headers)
  const request = HttpClientRequest.make(row.method)(`${baseUrl}${prepared.path}`, {
    headers,
    body: prepared.body
  })
  const send = scope === undefined
    ? client.httpClient.execute(request)
    : Effect.provideService(HttpClient.withScope(client.httpClient).execute(request), Scope.Scope, scope)
  const sent = prepared.upload === undefined ? send : withoutRedirects(send)
  const response = yield* Effect.catchAll(sent, (error) =>
    // A client of the user's own may take bad statuses for failures
    error._tag === "ResponseError" && error.reason === "StatusCode"
      ? Effect.succeed(error.response)
      : Effect.fail(connectionError("connect", conceal)(error)))
  const info = responseInfo(response.status, response.headers, attempts, conceal)
  const opened: Opened = { response, info, options, scrub: conceal }
  if (response.status >= 200 && response.status < 300) return opened
  const text = yield* Effect.match(readText(opened), {
    onFailure: (error) => error.received ?? "",
    onSuccess: conceal
  })
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
