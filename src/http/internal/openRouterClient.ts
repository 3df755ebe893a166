import type { HttpClient } from "@effect/platform/HttpClient"
import type { Config } from "effect/Config"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import { type ConfigError, invalid, missing, withMissingHelp } from "../../internal/effect/config.js"
import { withFetchOptions, withoutTracing, withTracing } from "../../internal/effect/httpClient.js"
import { readBaseUrl, type RequestOptions } from "../requestOptions.js"
import { isHeaderName, isHeaderValue } from "./secrets.js"

/**
 * Prepares an `HttpClient`: it follows no redirect, and makes no span of its own unless spans are to be `traced` across
 * the network, because each call has a span already.
 *
 * @internal
 */
export const transport = (client: HttpClient, traced: boolean): HttpClient =>
  traced ? withTracing(withoutRedirects(client)) : withoutTracing(withoutRedirects(client))

/**
 * Makes `fetch` return redirects instead of following them: it would turn a POST into a GET, and send the prompt and
 * the headers of the caller to the server that the redirect names.
 */
const withoutRedirects = (client: HttpClient): HttpClient =>
  withFetchOptions(client, (request) => ({
    // To be able to follow a redirect, the `fetch` of Node keeps a copy of the whole body of a streamed request
    redirect: request.body._tag === "Stream" ? "error" : "manual"
  }))

const howToGetAKey =
  "No OpenRouter API key. Create one at https://openrouter.ai/settings/keys and set OPENROUTER_API_KEY, " +
  "or pass `apiKey` to OpenRouterClient.layer"

/** @internal */
export const missingKey: ConfigError = missing("OPENROUTER_API_KEY", howToGetAKey)

/**
 * Reads a key. Says how to get one if its variables are missing.
 *
 * @internal
 */
export const readKey = (key: Config<Redacted.Redacted>): Effect.Effect<Redacted.Redacted, ConfigError> =>
  withMissingHelp(key, "OPENROUTER_API_KEY", howToGetAKey)

/**
 * The key of an attempt.
 *
 * @internal
 */
export const currentKey = (key: NonNullable<RequestOptions["apiKey"]>): Effect.Effect<Redacted.Redacted> =>
  Redacted.isRedacted(key) ? Effect.succeed(key) : Effect.isEffect(key) ? key : key.next

/** @internal */
export const checkHeader = (name: string, value: string | undefined): Effect.Effect<void, ConfigError> =>
  !isHeaderName(name)
    ? Effect.fail(
      invalid("headers", "The name of a header has a character that HTTP does not allow. Use letters, digits and \"-\"")
    )
    : value === undefined || isHeaderValue(value)
    ? Effect.void
    : Effect.fail(
      invalid(
        name,
        "It cannot be sent in a header, because it holds line breaks or characters beyond Latin-1. Remove them, or encode it"
      )
    )

/** @internal */
export const checkBaseUrl = (baseUrl: string, allowInsecureHttp: boolean): Effect.Effect<string, ConfigError> =>
  Effect.mapError(readBaseUrl(baseUrl, allowInsecureHttp), (problem) => invalid("OPENROUTER_BASE_URL", problem))
