import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { type ConfigError, invalid } from "../../internal/effect/config.js"

/**
 * The proxies that requests go through, as URLs, and the hosts that are reached directly. Nothing is an empty text.
 *
 * @internal
 */
export interface Proxies {
  readonly http: string
  readonly https: string
  readonly no: string
}

/** @internal */
export const direct: Proxies = { http: "", https: "", no: "" }

/**
 * The proxies that the environment names.
 *
 * @internal
 */
export const environmentProxies: Effect.Effect<Proxies, ConfigError> = Effect.gen(function*() {
  const http = yield* variable("HTTP_PROXY")
  const https = yield* variable("HTTPS_PROXY")
  return {
    http: yield* checkProxy("HTTP_PROXY", http),
    https: yield* checkProxy("HTTPS_PROXY", https),
    no: yield* variable("NO_PROXY")
  }
})

/** A variable in either spelling: that in small letters is the older one, and comes first wherever proxies are read. */
const variable = (name: string): Effect.Effect<string, ConfigError> =>
  Effect.zipWith(text(name.toLowerCase()), text(name), (small, capital) => small === "" ? capital : small)

const text = (name: string): Config.Config<string> =>
  Config.map(Config.option(Config.string(name)), (found) => Option.getOrElse(found, () => "").trim())

const protocols: ReadonlySet<string> = new Set(["http:", "https:", "socks:", "socks5:"])

/**
 * The URL of a proxy, which may leave out `http://`. What is wrong with it is said without the URL, because that holds
 * the password.
 *
 * @internal
 */
export const checkProxy = (name: string, proxy: string): Effect.Effect<string, ConfigError> => {
  if (proxy === "") return Effect.succeed("")
  const url = proxy.includes("://") ? proxy : `http://${proxy}`
  return isProxy(url) ? Effect.succeed(url) : Effect.fail(invalid(
    name,
    "It is not the URL of a proxy, such as http://user:password@proxy.example.com:8080. Special characters in the " +
      "password must be percent-encoded."
  ))
}

const isProxy = (text: string): boolean => {
  if (!URL.canParse(text)) return false
  const { hostname, password, protocol, username } = new URL(text)
  return protocols.has(protocol) && hostname !== "" && isEncoded(username) && isEncoded(password)
}

const isEncoded = (text: string): boolean => !/%(?![0-9a-f]{2})/i.test(text)
