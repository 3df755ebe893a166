import * as ConfigError from "effect/ConfigError"
import * as Effect from "effect/Effect"
import { isHeaderName, isHeaderValue } from "./secrets.js"

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

const loopback = /^(localhost|127(\.\d+){3}|\[::1\]|.*\.localhost)$/

/**
 * The base URL without what may surround it; fails with a sentence. It must be absolute and keep the key off open
 * wires.
 *
 * @internal
 */
export const readBaseUrl = (baseUrl: string): Effect.Effect<string, string> => {
  if (!URL.canParse(baseUrl)) return Effect.fail("The base URL is not an absolute URL")
  const url = new URL(baseUrl)
  if (url.username !== "" || url.password !== "" || url.search !== "" || url.hash !== "") {
    return Effect.fail("The base URL must not hold credentials, a query or a fragment")
  }
  if (url.protocol !== "https:" && !(url.protocol === "http:" && loopback.test(url.hostname))) {
    return Effect.fail("The base URL must use https: the API key would cross the network in the clear")
  }
  return Effect.succeed(`${url.origin}${url.pathname}`.replace(/\/+$/, ""))
}

/** @internal */
export const checkBaseUrl = (baseUrl: string): Effect.Effect<string, ConfigError.ConfigError> =>
  Effect.mapError(readBaseUrl(baseUrl), (problem) => invalid("OPENROUTER_BASE_URL", problem))
