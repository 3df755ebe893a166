import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as Headers from "@effect/platform/Headers"
import * as HttpClient from "@effect/platform/HttpClient"
import type { HttpClientRequest } from "@effect/platform/HttpClientRequest"
import * as ConfigError from "effect/ConfigError"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as FiberRef from "effect/FiberRef"
import { constTrue } from "effect/Function"
import * as Option from "effect/Option"
import { readBaseUrl } from "../requestOptions.js"
import { isHeaderName, isHeaderValue } from "./secrets.js"

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

const howToGetAKey =
  "No OpenRouter API key. Create one at https://openrouter.ai/settings/keys and set OPENROUTER_API_KEY, " +
  "or pass `apiKey` to OpenRouterClient.layer"

/** @internal */
export const missingKey: ConfigError.ConfigError = ConfigError.MissingData(["OPENROUTER_API_KEY"], howToGetAKey)

/** @internal */
export const withKeyHelp = (error: ConfigError.ConfigError): ConfigError.ConfigError =>
  ConfigError.isMissingData(error)
    ? ConfigError.MissingData(error.path, howToGetAKey)
    : ConfigError.isMissingDataOnly(error)
    ? ConfigError.Or(error, missingKey)
    : error

/** @internal */
export const invalid = (name: string, message: string): ConfigError.ConfigError =>
  ConfigError.InvalidData([name], message)

/** @internal */
export const checkHeader = (name: string, value: string | undefined): Effect.Effect<void, ConfigError.ConfigError> =>
  !isHeaderName(name)
    ? Effect.fail(invalid("headers", "A header has a name that HTTP does not allow"))
    : value === undefined || isHeaderValue(value)
    ? Effect.void
    : Effect.fail(invalid(name, "It cannot be sent in a header: it holds line breaks or characters beyond Latin-1"))

/** @internal */
export const checkBaseUrl = (baseUrl: string): Effect.Effect<string, ConfigError.ConfigError> =>
  Effect.mapError(readBaseUrl(baseUrl), (problem) => invalid("OPENROUTER_BASE_URL", problem))
