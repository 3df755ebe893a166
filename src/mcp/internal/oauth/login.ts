/** Logs in: the page, the redirect, and the exchange of its code for tokens. */
import { auth } from "@modelcontextprotocol/client"
import * as Effect from "effect/Effect"
import { randomText } from "../../../internal/crypto.js"
import { readCallback } from "../../../internal/oauthCallback.js"
import { loginError, McpLoginError, wordsOf } from "./errors.js"
import type { Login, Protected } from "./options.js"
import { type Draft, fetchFor, knownClient, makeProvider } from "./provider.js"
import type { Secrets } from "./secrets.js"
import type { Grant, Pending, Stored, Vault } from "./stored.js"

/**
 * What the server said when it refused a request.
 *
 * @internal
 */
export interface Challenge {
  readonly resourceMetadataUrl?: URL | undefined
  readonly scope?: string | undefined
}

/** @internal */
export interface LoginOf {
  readonly server: string
  readonly options: Protected
  readonly vault: Vault
  readonly secrets: Secrets
}

/**
 * The whole login. The tokens are in the store when it ends.
 *
 * @internal
 */
export const logIn = (of: LoginOf, challenge: Challenge): Effect.Effect<Grant, McpLoginError> => {
  const { login } = of.options
  if (login === undefined) {
    return Effect.fail(
      loginError(
        of.server,
        "needed",
        "nobody can log in here. Set `oauth.login`, or log in with another program that uses the same store."
      )
    )
  }
  return login === "client_credentials" ? asProgram(of, challenge) : Effect.scoped(
    Effect.gen(function*() {
      const user = yield* Effect.mapError(login, failed(of, "its redirect could not be prepared"))
      const { page, pending } = yield* begin(of, user, challenge)
      const callback = yield* Effect.mapError(user.authorize(page), failed(of, "the page of the login failed"))
      return yield* finish(of, pending, callback)
    })
  )
}

/** Finds the authorization server, registers the client, and keeps what the redirect will need. */
const begin = (of: LoginOf, { redirectUrl }: Login, challenge: Challenge) =>
  Effect.gen(function*() {
    const { options, vault } = of
    const state = of.secrets.add(yield* randomText(16))
    const stored = yield* vault.load
    const draft: Draft = { client: clientFor(stored, redirectUrl) }
    yield* authorize(of, draft, { redirectUrl, state }, challenge)
    of.secrets.add(draft.verifier)
    const client = draft.client ?? knownClient(options)
    const { discovery, page, verifier } = draft
    if (client === undefined || discovery === undefined || page === undefined || verifier === undefined) {
      return yield* loginError(
        of.server,
        "failed",
        "the server gave no address of a login page. Check the address of the server, and that it uses OAuth."
      )
    }
    const pending: Pending = { client: withoutKnown(options, client), discovery, redirectUrl, verifier, state }
    yield* vault.save({ ...stored, pending })
    return { page, pending }
  })

/**
 * Exchanges the code of a redirect for tokens.
 *
 * @internal
 */
export const finish = (of: LoginOf, pending: Pending, callback: string): Effect.Effect<Grant, McpLoginError> =>
  Effect.gen(function*() {
    of.secrets.add(pending.verifier)
    of.secrets.add(pending.state)
    const read = readCallback(callback, pending.state, { strict: true })
    switch (read._tag) {
      case "StateMismatch":
        return yield* loginError(
          of.server,
          "state",
          "the redirect does not belong to the login that was begun. Its code was not used. Connect again."
        )
      case "Rejected":
        return yield* loginError(
          of.server,
          "rejected",
          `it was rejected (${
            of.secrets.scrub([read.error, read.description].filter(Boolean).join(": "))
          }). Connect again to ask the user once more.`
        )
      case "CodeMissing":
        return yield* loginError(of.server, "failed", "the redirect has no code. Connect again.")
    }
    const draft: Draft = { client: pending.client, discovery: pending.discovery, verifier: pending.verifier }
    yield* authorize(of, draft, pending, { code: of.secrets.add(read.code), iss: issuerOf(callback) })
    return yield* keep(of, draft)
  })

const asProgram = (of: LoginOf, challenge: Challenge) => {
  const draft: Draft = {}
  return Effect.flatMap(authorize(of, draft, undefined, challenge), () => keep(of, draft))
}

/** One step of the SDK: up to the page, from the code to the tokens, or the whole login of a program. */
const authorize = (
  { options, secrets, server }: LoginOf,
  draft: Draft,
  user: { readonly redirectUrl: string; readonly state: string } | undefined,
  step: Challenge & { readonly code?: string | undefined; readonly iss?: string | undefined }
): Effect.Effect<unknown, McpLoginError> =>
  Effect.tryPromise({
    try: (signal) => {
      const send = fetchFor(secrets.scrub)
      const { scope } = step
      return auth(makeProvider(options, draft, user), {
        serverUrl: options.url,
        fetchFn: (url, init) => send(url, { ...init, signal }),
        ...(step.resourceMetadataUrl === undefined ? {} : { resourceMetadataUrl: step.resourceMetadataUrl }),
        ...(scope === undefined ? {} : { scope }),
        ...(step.code === undefined ? {} : { authorizationCode: step.code }),
        ...(step.iss === undefined ? {} : { iss: step.iss })
      })
    },
    catch: failed({ secrets, server }, "the authorization server could not complete it")
  })

/** The tokens take the place of those before, and the login is over. */
const keep = (of: LoginOf, { client, discovery, tokens }: Draft) =>
  Effect.gen(function*() {
    const known = client ?? knownClient(of.options)
    if (known === undefined || discovery === undefined || tokens === undefined) {
      return yield* loginError(of.server, "failed", "the authorization server returned no tokens. Connect again.")
    }
    const grant: Grant = { tokens, discovery, client: withoutKnown(of.options, known) }
    yield* of.vault.save({ grant })
    return grant
  })

/** The secret of the options stays out of the store. */
const withoutKnown = ({ client }: Protected, { client_secret, ...rest }: Pending["client"]): Pending["client"] =>
  client === undefined && client_secret !== undefined ? { ...rest, client_secret } : rest

/** A client is registered for its redirect. */
const clientFor = ({ grant, pending }: Stored, redirectUrl: string) =>
  [grant?.client, pending?.client].find((client) =>
    client !== undefined && "redirect_uris" in client && Array.isArray(client.redirect_uris) &&
    client.redirect_uris.includes(redirectUrl)
  )

const issuerOf = (callback: string): string | undefined =>
  new URLSearchParams(callback.slice(callback.indexOf("?") + 1).replace(/#.*$/, "")).get("iss") ?? undefined

const failed = ({ secrets, server }: Pick<LoginOf, "secrets" | "server">, what: string) => (cause: unknown) =>
  cause instanceof McpLoginError
    ? cause
    : loginError(server, "failed", `${what} (${secrets.scrub(wordsOf(cause))}). Connect again.`)
