/** Tokens for the requests to a server: sent, refreshed, and asked for again. */
import { extractWWWAuthenticateParams, OAuthError, refreshAuthorization } from "@modelcontextprotocol/client"
import * as Effect from "effect/Effect"
import { promiseHere } from "../promises.js"
import type { Fetch } from "../transport.js"
import { loginError, McpLoginError, wordsOf } from "./errors.js"
import { type Challenge, logIn, type LoginOf } from "./login.js"
import type { Protected } from "./options.js"
import { fetchFor, knownClient } from "./provider.js"
import { makeSecrets } from "./secrets.js"
import { type Grant, vaultOf } from "./stored.js"

/**
 * The requests of one connection.
 *
 * @internal
 */
export interface Authorization {
  readonly fetch: Fetch
  /** Logs in if the failure of an attempt asks for it. Whether the attempt may then be made again: the server did nothing for it. */
  readonly recover: (cause: unknown) => Effect.Effect<boolean, McpLoginError>
  /** A text without the secrets of the login. */
  readonly scrub: (text: string) => string
}

/** The server refused the token that was sent, and it cannot be refreshed. */
class LoginNeeded extends Error {
  // The SDK passes an error with this name on while it negotiates
  override readonly name = "UnauthorizedError"

  constructor(readonly token: string | undefined, readonly refusal: Response) {
    super("a login is needed")
  }
}

/** @internal */
export const makeAuthorization = (server: string, options: Protected): Effect.Effect<Authorization> =>
  Effect.gen(function*() {
    const promise = yield* promiseHere
    const secrets = makeSecrets()
    secrets.addAll(knownClient(options))
    const vault = vaultOf(server, options)
    const of: LoginOf = { server, options, vault, secrets }
    let token: string | undefined

    const take = (grant: Grant | undefined): string | undefined => {
      token = secrets.addAll(grant)?.tokens.access_token
      return token
    }

    /** The token to use in place of one that was refused. */
    const renewed = (refused: string | undefined): Effect.Effect<string | undefined, McpLoginError> =>
      vault.refreshing(Effect.gen(function*() {
        const { grant, ...rest } = yield* vault.load
        if (grant === undefined) return undefined
        if (grant.tokens.access_token !== refused) return take(grant)
        const tokens = yield* refresh(of, secrets.addAll(grant))
        if (tokens === undefined) {
          // Another process may have used the refresh token first
          const now = yield* vault.load
          return now.grant?.tokens.access_token === refused ? undefined : take(now.grant)
        }
        const next = { ...grant, tokens: { ...tokens, issuer: grant.tokens.issuer } }
        yield* vault.save({ ...rest, grant: next })
        return take(next)
      }))

    const own = new URL(options.url).origin
    const fetch: Fetch = (url, init) => {
      const send = (token: string | undefined) => {
        const headers = new Headers(init?.headers)
        if (token !== undefined && new URL(url).origin === own) headers.set("authorization", `Bearer ${token}`)
        return Effect.tryPromise({ try: () => globalThis.fetch(url, { ...init, headers }), catch: (cause) => cause })
      }
      const read = (response: Response) => Effect.ignore(Effect.tryPromise(() => response.text()))
      return promise(Effect.gen(function*() {
        const sent = token ?? (yield* Effect.map(vault.load, ({ grant }) => take(grant)))
        const response = yield* send(sent)
        if (!isRefused(response)) return response
        yield* read(response)
        // A refresh gives no more rights than there are
        const next = response.status === 403 ? undefined : yield* renewed(sent)
        if (next === undefined) return yield* Effect.fail(new LoginNeeded(sent, response))
        const again = yield* send(next)
        if (!isRefused(again)) return again
        yield* read(again)
        return yield* Effect.fail(new LoginNeeded(next, again))
      }))
    }

    const recover = (cause: unknown): Effect.Effect<boolean, McpLoginError> => {
      const needed = find(cause, (error) => error instanceof LoginNeeded)
      const failure = find(cause, (error) => error instanceof McpLoginError)
      if (failure !== undefined) return Effect.fail(failure)
      if (needed === undefined) return Effect.succeed(false)
      return vault.loggingIn(Effect.gen(function*() {
        const { grant } = yield* vault.load
        const isOther = grant !== undefined && grant.tokens.access_token !== needed.token
        take(isOther ? grant : yield* logIn(of, challengeOf(needed.refusal, options, grant)))
        return true
      }))
    }
    return { fetch, recover, scrub: secrets.scrub }
  })

/** New tokens; `undefined` if the authorization server does not take the refresh token, or there is none. */
const refresh = ({ options, secrets, server }: LoginOf, { client, discovery, tokens }: Grant) => {
  const { refresh_token } = tokens
  if (refresh_token === undefined) return Effect.succeed(undefined)
  const resource = discovery.resourceMetadata?.resource
  return Effect.tryPromise({
    try: (signal) => {
      const send = fetchFor(secrets.scrub)
      return refreshAuthorization(discovery.authorizationServerUrl, {
        clientInformation: knownClient(options) ?? client,
        refreshToken: refresh_token,
        fetchFn: (url, init) => send(url, { ...init, signal }),
        ...(discovery.authorizationServerMetadata === undefined
          ? {}
          : { metadata: discovery.authorizationServerMetadata }),
        ...(resource === undefined ? {} : { resource })
      })
    },
    catch: (cause) => cause
  }).pipe(
    Effect.catchAll((cause) =>
      cause instanceof OAuthError && isDead(cause.code)
        ? Effect.succeed(undefined)
        : loginError(
          server,
          "failed",
          `its tokens could not be refreshed (${secrets.scrub(wordsOf(cause))}). Try again.`
        )
    )
  )
}

const isDead = (code: string): boolean =>
  ["invalid_grant", "invalid_client", "unauthorized_client", "invalid_scope", "unsupported_grant_type"].includes(code)

const isRefused = (response: Response): boolean =>
  response.status === 401 ||
  response.status === 403 && extractWWWAuthenticateParams(response).error === "insufficient_scope"

/** What to log in for. A login for more rights asks for those before, too. */
const challengeOf = (refusal: Response, { scope }: Protected, grant: Grant | undefined): Challenge => {
  const { resourceMetadataUrl, scope: asked } = extractWWWAuthenticateParams(refusal)
  const scopes = refusal.status === 403 ? [scope, grant?.tokens.scope, asked] : [scope ?? asked]
  const all = new Set(scopes.flatMap((scope) => scope?.split(" ") ?? []).filter((scope) => scope !== ""))
  return { resourceMetadataUrl, scope: all.size === 0 ? undefined : [...all].join(" ") }
}

/** The first error of a chain of causes that is meant. */
const find = <A>(cause: unknown, isMeant: (error: unknown) => error is A): A | undefined => {
  for (let error = cause, depth = 0; depth < 10 && error !== undefined; depth++) {
    if (isMeant(error)) return error
    error = error instanceof Error ? error.cause : undefined
  }
  return undefined
}
