/** Settings of an `HttpClient` that hold for one request. Effect 3 keeps them in fiber refs, Effect 4 in references. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import { constTrue } from "effect/Function"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as HttpClient from "effect/http/HttpClient"
import type { HttpClientError } from "effect/http/HttpClientError"
import type { HttpClientRequest } from "effect/http/HttpClientRequest"
import type { HttpClientResponse } from "effect/http/HttpClientResponse"

type ChangeContext = (context: Context.Context<never>, request: HttpClientRequest) => Context.Context<never>

const inContext = (client: HttpClient.HttpClient, change: ChangeContext): HttpClient.HttpClient =>
  HttpClient.transform(
    client,
    (effect, request) => Effect.updateContext(effect, (context: Context.Context<never>) => change(context, request))
  )

/**
 * A client that traces each request and sends the trace headers. Spans show no header: a server may repeat a key in any
 * header of its response.
 *
 * @internal
 */
export const withTracing = (client: HttpClient.HttpClient): HttpClient.HttpClient =>
  inContext(client, (context) =>
    Context.add(
      Context.add(context, HttpClient.TracerPropagationEnabled, true),
      HttpClient.TracerHeaderFilter,
      () => false
    ))

/** @internal */
export const withoutTracing = (client: HttpClient.HttpClient): HttpClient.HttpClient =>
  inContext(client, (context) => Context.add(context, HttpClient.TracerDisabledWhen, constTrue))

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
    (request: Effect.Effect<HttpClientRequest>) => Effect.flatMap(request, changed.execute),
    Effect.succeed
  )
}
