/** Settings of an `HttpClient` that hold for one request. Effect 3 keeps them in fiber refs, Effect 4 in references. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import { constTrue } from "effect/Function"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as HttpClient from "effect/http/HttpClient"
import type { HttpClientError } from "effect/http/HttpClientError"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import type { HttpClientResponse } from "effect/http/HttpClientResponse"
import * as HttpTraceContext from "effect/http/HttpTraceContext"

/**
 * A client that sends the trace headers of the call. Unlike on Effect 3, a request has no span of its own: the span that
 * Effect 4 makes keeps the error of a broken connection, which may repeat a key.
 *
 * @internal
 */
export const withTracing = (client: HttpClient.HttpClient): HttpClient.HttpClient =>
  HttpClient.mapRequestEffect(
    withoutTracing(client),
    (request) =>
      Effect.match(Effect.currentSpan, {
        onFailure: () => request,
        onSuccess: (span) => HttpClientRequest.setHeaders(request, HttpTraceContext.toHeaders(span))
      })
  )

/** @internal */
export const withoutTracing = (client: HttpClient.HttpClient): HttpClient.HttpClient =>
  HttpClient.transform(
    client,
    Effect.updateContext((context: Context.Context<never>) =>
      Context.add(context, HttpClient.TracerDisabledWhen, constTrue)
    )
  )

/**
 * Continues each response with an effect, such as a failure in its place.
 *
 * @internal
 */
export const flatMapResponse = <E>(
  client: HttpClient.HttpClient,
  f: (response: HttpClientResponse) => Effect.Effect<HttpClientResponse, E>
): HttpClient.HttpClient.With<HttpClientError | E> => HttpClient.transformResponse(client, Effect.flatMap(f))

/**
 * Adds options of `fetch` to each request, beside those that the caller provides.
 *
 * @internal
 */
export const withFetchOptions = (
  client: HttpClient.HttpClient,
  options: (request: HttpClientRequest.HttpClientRequest) => globalThis.RequestInit
): HttpClient.HttpClient => {
  const changed = client.pipe(
    // The options of the caller can be read only here, right before the request is made
    HttpClient.mapRequestEffect((request) =>
      Effect.withFiber((fiber) => {
        const given = Context.getOrUndefined(fiber.context, FetchHttpClient.RequestInit)
        fiber.setContext(Context.add(fiber.context, FetchHttpClient.RequestInit, { ...given, ...options(request) }))
        return Effect.succeed(request)
      })
    ),
    // Restores the context after the response
    HttpClient.transformResponse(Effect.updateContext((context: Context.Context<never>) => context))
  )
  return HttpClient.makeWith(
    (request: Effect.Effect<HttpClientRequest.HttpClientRequest>) => Effect.flatMap(request, changed.execute),
    Effect.succeed
  )
}
