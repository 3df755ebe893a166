import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as HttpClient from "@effect/platform/HttpClient"
import type { RequestError, ResponseError } from "@effect/platform/HttpClientError"
import type { HttpClientRequest } from "@effect/platform/HttpClientRequest"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as FiberRef from "effect/FiberRef"
import * as Option from "effect/Option"
import { OpenRouterDefaultError } from "../OpenRouterError.js"
import { innermost } from "./connection.js"

/**
 * Has `fetch` hand over redirects instead of following them: it would make GETs of POSTs, and send prompts and headers
 * of the caller's to wherever a server points. What the caller tells `fetch` besides stays.
 *
 * @internal
 */
export const withoutRedirects = (client: HttpClient.HttpClient): HttpClient.HttpClient => {
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

const statuses: ReadonlySet<number> = new Set([301, 302, 303, 307, 308])

/**
 * Whether a response is a redirect. Browsers hide those behind the status 0.
 *
 * @internal
 */
export const isRedirect = (status: number): boolean => status === 0 || statuses.has(status)

/**
 * Whether a request failed because `fetch` was told to make a failure of redirects.
 *
 * @internal
 */
export const isRefusedRedirect = (error: RequestError | ResponseError): boolean =>
  error.request.body._tag === "Stream" && /redirect/i.test(innermost(error.cause).message ?? "")

/**
 * The failure that a redirect is. It tells where to without what a path or query may hold.
 *
 * @internal
 */
export const redirected = (
  name: string,
  response: { readonly status: number; readonly location?: string | undefined; readonly from: string }
): OpenRouterDefaultError => {
  const origin = originOf(response.location, response.from)
  return new OpenRouterDefaultError({
    status: response.status,
    message: `${name}: the server answered with a redirect ${
      origin === undefined ? "without saying where to" : `to ${origin}`
    }. None is followed, as the request and the key would go along. Check the base URL.`
  })
}

const originOf = (location: string | undefined, from: string): string | undefined => {
  if (location === undefined || !URL.canParse(location, from)) return undefined
  const { origin } = new URL(location, from)
  return origin === "null" ? undefined : origin
}
