/** The OAuth client of the SDK over values in memory. What it learns is stored after each of its steps. */
import type {
  FetchLike,
  OAuthClientProvider,
  OAuthDiscoveryState,
  StoredOAuthClientInformation,
  StoredOAuthTokens
} from "@modelcontextprotocol/client"
import * as Redacted from "effect/Redacted"
import { isObject, parseJson, stringAt } from "../../../internal/json.js"
import type { Protected } from "./options.js"

/**
 * What is known of a login, as far as it is.
 *
 * @internal
 */
export interface Draft {
  client?: StoredOAuthClientInformation | undefined
  discovery?: OAuthDiscoveryState | undefined
  tokens?: StoredOAuthTokens | undefined
  verifier?: string | undefined
  /** The page to open. */
  page?: string | undefined
}

/**
 * The client of the options, with its secret.
 *
 * @internal
 */
export const knownClient = ({ client }: Protected): StoredOAuthClientInformation | undefined =>
  client === undefined ? undefined : {
    client_id: client.id,
    issuer: client.issuer,
    ...(client.secret === undefined ? {} : { client_secret: Redacted.value(client.secret) })
  }

/**
 * A login of a user, who comes back to `redirectUrl` with `state`. Without them, the program logs in as itself.
 *
 * @internal
 */
export const makeProvider = (
  options: Protected,
  draft: Draft,
  user?: { readonly redirectUrl: string; readonly state: string }
): OAuthClientProvider => {
  const known = knownClient(options)
  return {
    redirectUrl: user?.redirectUrl,
    clientMetadata: {
      client_name: options.clientName ?? "effect-openrouter",
      redirect_uris: user === undefined ? [] : [user.redirectUrl],
      grant_types: user === undefined ? ["client_credentials"] : ["authorization_code", "refresh_token"],
      response_types: user === undefined ? [] : ["code"],
      token_endpoint_auth_method: known?.client_secret === undefined ? "none" : "client_secret_basic",
      ...(options.scope === undefined ? {} : { scope: options.scope })
    },
    clientInformation: () => known ?? draft.client,
    // The SDK refuses the client of another authorization server if there is no way to register one
    ...(known === undefined
      ? {
        saveClientInformation: (client) => {
          draft.client = client
        }
      }
      : {}),
    discoveryState: () => draft.discovery,
    saveDiscoveryState: (discovery) => {
      draft.discovery = discovery
    },
    // A login begins when no token helps any more
    tokens: () => undefined,
    saveTokens: (tokens) => {
      draft.tokens = tokens
    },
    codeVerifier: () => draft.verifier ?? "",
    saveCodeVerifier: (verifier) => {
      draft.verifier = verifier
    },
    redirectToAuthorization: (page) => {
      draft.page = page.href
    },
    ...(user === undefined
      ? {
        prepareTokenRequest: (scope) => {
          const form = new URLSearchParams({ grant_type: "client_credentials" })
          if (scope !== undefined) form.set("scope", scope)
          return form
        }
      }
      : { state: () => user.state })
  }
}

/**
 * Requests to authorization servers. Of a refusal only the code and its description come back, because the SDK puts the whole body
 * into errors and onto the console.
 *
 * @internal
 */
export const fetchFor = (scrub: (text: string) => string): FetchLike => (url, init) => {
  const limit = AbortSignal.timeout(30_000)
  const given = init?.signal
  const signal = given === undefined || given === null ? limit : AbortSignal.any([given, limit])
  return globalThis.fetch(url, { ...init, signal }).then((response) => {
    const { status } = response
    if (status < 400 || init?.method !== "POST") return response
    return response.text().then((text) => {
      const body = parseJson(text)?.value
      const error = isObject(body) ? stringAt(body, "error") : undefined
      const told = error === undefined
        ? { error: "server_error", error_description: `the status ${status}` }
        : { error: scrub(error), error_description: scrub(stringAt(body, "error_description") ?? error) }
      return new Response(JSON.stringify(told), { status, headers: { "content-type": "application/json" } })
    })
  })
}
