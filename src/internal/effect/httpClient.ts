/** Settings of an `HttpClient` that hold for one request. Effect 3 keeps them in fiber refs, Effect 4 in references. */
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as Headers from "@effect/platform/Headers"
import * as HttpClient from "@effect/platform/HttpClient"
import type { HttpClientError } from "@effect/platform/HttpClientError"
import type { HttpClientRequest } from "@effect/platform/HttpClientRequest"
import type { HttpClientResponse } from "@effect/platform/HttpClientResponse"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as FiberRef from "effect/FiberRef"
import { constTrue } from "effect/Function"
import * as Option from "effect/Option"

/**
 * A client that traces each request and sends the trace headers. Spans show no header: a server may repeat a key in any
 * header of its response.
 *
 * @internal
 */
export const withTracing = (client: HttpClient.HttpClient): HttpClient.HttpClient =>
  HttpClient.transformResponse(
    HttpClient.withTracerPropagation(client, true),
    Effect.locally(Headers.currentRedactedNames, [/^/])
  )

/** @internal */
export const withoutTracing = (client: HttpClient.HttpClient): HttpClient.HttpClient =>
  HttpClient.withTracerDisabledWhen(client, constTrue)

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
  options: (request: HttpClientRequest) => globalThis.RequestInit
): HttpClient.HttpClient => {
  const merged = (request: HttpClientRequest, context: Context.Context<never>) =>
    Context.add(context, FetchHttpClient.RequestInit, {
      ...Option.getOrUndefined(Context.getOption(context, FetchHttpClient.RequestInit)),
      ...options(request)
    })
  const changed = client.pipe(
    // The options of the caller can be read only here, right before the request is made
    HttpClient.mapRequestEffect((request) =>
      Effect.as(FiberRef.update(FiberRef.currentContext, (context) => merged(request, context)), request)
    ),
    // Restores the context after the response
    HttpClient.transformResponse(Effect.mapInputContext((context: Context.Context<never>) => context))
  )
  // One effect for both steps: `HttpClient.withScope` would otherwise start `fetch` before the options are set
  return HttpClient.makeWith(
    (request: Effect.Effect<HttpClientRequest>) => Effect.flatMap(request, changed.execute),
    Effect.succeed
  )
}
