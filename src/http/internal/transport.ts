import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as Headers from "@effect/platform/Headers"
import * as HttpClient from "@effect/platform/HttpClient"
import type { HttpClientRequest } from "@effect/platform/HttpClientRequest"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as FiberRef from "effect/FiberRef"
import { constTrue } from "effect/Function"
import * as Option from "effect/Option"

/**
 * The client that is given, as requests go through it: no redirect is followed, and there is no further span for what
 * has one, unless spans are to be `traced` across the network.
 *
 * @internal
 */
export const transport = (client: HttpClient.HttpClient, traced: boolean): HttpClient.HttpClient =>
  traced
    ? HttpClient.withTracerPropagation(withoutRedirects(client), true).pipe(
      // A server may repeat a key in any header of its own, and spans would show it
      HttpClient.transformResponse(Effect.locally(Headers.currentRedactedNames, [/^/]))
    )
    : HttpClient.withTracerDisabledWhen(withoutRedirects(client), constTrue)

/**
 * Has `fetch` hand over redirects instead of following them: it would make GETs of POSTs, and send prompts and headers
 * of the caller's to wherever a server points. What the caller tells `fetch` besides stays.
 */
const withoutRedirects = (client: HttpClient.HttpClient): HttpClient.HttpClient => {
  const told = client.pipe(
    // Only here, right before the request is made, is what a layer of the caller's tells `fetch` to be seen
    HttpClient.mapRequestEffect((request) =>
      Effect.as(
        FiberRef.update(FiberRef.currentContext, (context) => Context.merge(context, telling(request, context))),
        request
      )
    ),
    // The end of what is told
    HttpClient.transformResponse(Effect.mapInputContext((context: Context.Context<never>) => context))
  )
  // In one piece: giving it a scope would otherwise tell `fetch` before that can be seen
  return HttpClient.makeWith(
    (request: Effect.Effect<HttpClientRequest>) => Effect.flatMap(request, told.execute),
    Effect.succeed
  )
}

const telling = (
  request: HttpClientRequest,
  context: Context.Context<never>
): Context.Context<FetchHttpClient.RequestInit> =>
  Context.make(FetchHttpClient.RequestInit, {
    ...Option.getOrUndefined(Context.getOption(context, FetchHttpClient.RequestInit)),
    // Where it may meet a redirect, the `fetch` of Node keeps a copy of the body, all of it
    redirect: request.body._tag === "Stream" ? "error" : "manual"
  })
