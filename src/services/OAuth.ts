/**
 * Keys for the accounts of other people, by OAuth with PKCE: `start` makes the URL that the user opens, `complete`
 * exchanges the callback for their key. On Node, `effect-openrouter/node` receives the callback.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import type { OpenRouterClient } from "../http/OpenRouterClient.js"
import { InvalidRequestError } from "../http/OpenRouterError.js"
import { readBaseUrl } from "../http/requestOptions.js"
import { randomText, sha256 } from "../internal/crypto.js"
import { readCallback } from "../internal/oauthCallback.js"
import { exchangeAuthCodeForAPIKey } from "./endpoints/OAuth.js"

export * from "./endpoints/OAuth.js"

/**
 * The callback contains an error in place of a code, usually because the user declined. `error` is its name at
 * OpenRouter.
 *
 * @since 0.1.0
 * @category errors
 */
export class LoginRejectedError extends Schema.TaggedError<LoginRejectedError>()("LoginRejectedError", {
  message: Schema.String,
  error: Schema.String,
  description: Schema.optional(Schema.String)
}) {}

/**
 * The callback contains neither a code nor an error.
 *
 * @since 0.1.0
 * @category errors
 */
export class LoginCodeMissingError extends Schema.TaggedError<LoginCodeMissingError>()("LoginCodeMissingError", {
  message: Schema.String
}) {}

/**
 * The callback does not contain the `state` of this login, so it may be forged. No key was requested.
 *
 * @since 0.1.0
 * @category errors
 */
export class LoginStateMismatchError extends Schema.TaggedError<LoginStateMismatchError>()("LoginStateMismatchError", {
  message: Schema.String
}) {}

/**
 * The page has no WebCrypto, which browsers give to pages from `https:` and `localhost` only.
 *
 * @since 0.1.0
 * @category errors
 */
export class InsecureContextError extends Schema.TaggedError<InsecureContextError>()("InsecureContextError", {
  message: Schema.String
}) {}

/**
 * A new secret for one login: 32 random bytes as 43 characters.
 *
 * @since 0.1.0
 * @category PKCE
 */
export const codeVerifier: Effect.Effect<Redacted.Redacted> = Effect.map(randomText(32), Redacted.make)

/**
 * The S256 challenge of a verifier: its SHA-256 in base64url, without padding. Fails where the verifier is not 43 to
 * 128 letters, digits, `-`, `.`, `_` or `~`, or where there is no WebCrypto.
 *
 * @since 0.1.0
 * @category PKCE
 */
export const codeChallenge = (
  verifier: Redacted.Redacted
): Effect.Effect<string, InvalidRequestError | InsecureContextError> =>
  isVerifier(Redacted.value(verifier))
    ? Effect.flatMap(sha256(Redacted.value(verifier)), (challenge) =>
      challenge === undefined
        ? new InsecureContextError({
          message: "This page is not a secure context, so it has no WebCrypto. Serve it over https or from localhost."
        })
        : Effect.succeed(challenge))
    : invalid(
      "code_verifier",
      "a code verifier has 43 to 128 characters: letters, digits, `-`, `.`, `_`, `~`. Use one of OAuth.codeVerifier"
    )

/**
 * Options of a login.
 *
 * @since 0.1.0
 * @category models
 */
export interface LoginOptions {
  /**
   * The URL to which the browser is redirected: an `https:` URL, an `http:` one of this machine on any port, or one with an
   * app's own scheme. By default, the page shows the code and the user pastes it.
   */
  readonly callbackUrl?: string | URL | undefined
  /** The value that the callback must contain. Random by default. */
  readonly state?: string | undefined
  /** The name of the key in the user's list of keys. */
  readonly keyLabel?: string | undefined
  /** The proposed spending limit of the key, in USD. The user decides. */
  readonly limit?: number | undefined
  /** The workspace that is chosen for the key unless the user picks another. */
  readonly workspaceId?: string | undefined
  /** The only workspace that the key can be for. */
  readonly requiredWorkspaceId?: string | undefined
  /** The URL of the login page. Default `https://openrouter.ai/auth`. */
  readonly authUrl?: string | undefined
}

/**
 * Options of a URL that you make yourself.
 *
 * @since 0.1.0
 * @category models
 */
export interface AuthorizationUrlOptions extends LoginOptions {
  readonly codeChallenge?: string | undefined
  /** Default `S256`. */
  readonly codeChallengeMethod?: "S256" | "plain" | undefined
}

/**
 * The URL of the page where the user allows the login. `start` makes it with all parameters. Use this function when
 * you keep verifier and state yourself. The `state` is optional. It is also added to the callback URL, so that it comes
 * back even if the page does not return it.
 *
 * @since 0.1.0
 * @category constructors
 */
export const authorizationUrl = (options: AuthorizationUrlOptions): Effect.Effect<string, InvalidRequestError> =>
  Effect.gen(function*() {
    const { authUrl = "https://openrouter.ai/auth", callbackUrl, codeChallenge, state } = options
    if (!URL.canParse(authUrl)) {
      return yield* invalid(
        "authUrl",
        "the URL of the login page is not absolute. Use one such as https://openrouter.ai/auth"
      )
    }
    if (codeChallenge === "" || (codeChallenge === undefined && callbackUrl === undefined)) {
      return yield* invalid(
        "code_challenge",
        "it is missing or empty, and a login without a callback needs it. Pass the result of OAuth.codeChallenge, or use OAuth.start"
      )
    }
    if (state === "" || (state !== undefined && callbackUrl === undefined)) {
      return yield* invalid(
        "state",
        "it is empty, or there is no callback that can return it. Set `callbackUrl`, or leave `state` out"
      )
    }
    const parameters = {
      callback_url: callbackUrl === undefined ? undefined : yield* withState(callbackUrl, state),
      code_challenge: codeChallenge,
      code_challenge_method: codeChallenge === undefined ? undefined : options.codeChallengeMethod ?? "S256",
      state,
      key_label: options.keyLabel,
      limit: options.limit,
      workspace_id: options.workspaceId,
      required_workspace_id: options.requiredWorkspaceId
    }
    const url = new URL(authUrl)
    for (const [name, value] of Object.entries(parameters)) {
      if (value !== undefined) url.searchParams.set(name, String(value))
    }
    return url.href
  })

const withState = (
  callbackUrl: string | URL,
  state: string | undefined
): Effect.Effect<string, InvalidRequestError> => {
  if (!URL.canParse(callbackUrl)) {
    return invalid(
      "callback_url",
      "the URL of the callback is not absolute. Use one such as https://example.com/callback"
    )
  }
  const url = new URL(callbackUrl)
  if (url.hash !== "") {
    return invalid(
      "callback_url",
      "the URL of the callback has a fragment, in which the code would be lost. Remove the part after #"
    )
  }
  if (state !== undefined) url.searchParams.set("state", state)
  return url.protocol === "http:"
    ? Effect.mapBoth(readBaseUrl(url.origin), {
      onFailure: () =>
        refusal(
          "callback_url",
          "the callback must use https, unless it is on this machine. Use an https URL, or one of localhost"
        ),
      onSuccess: () => url.href
    })
    : Effect.succeed(url.href)
}

const refusal = (parameter: string, message: string): InvalidRequestError =>
  new InvalidRequestError({ parameter, message: `OAuth login: ${message}` })

const invalid = (parameter: string, message: string): Effect.Effect<never, InvalidRequestError> =>
  Effect.fail(refusal(parameter, message))

/**
 * A login that waits for its user, as data. Store it where the handler of the callback can read it, such as the session
 * of the user, `sessionStorage` or a `KeyValueStore`. Its encoded form contains the verifier in clear text; its printed
 * form does not.
 *
 * @since 0.1.0
 * @category models
 */
export interface PendingLogin {
  /** The URL that the user must open. */
  readonly url: string
  readonly codeVerifier: Redacted.Redacted
  /** The value that the callback must contain; undefined when the user pastes the code. */
  readonly state?: string | undefined
}

export const PendingLogin: Schema.Schema<PendingLogin, PendingLoginEncoded> = Schema.Struct({
  url: Schema.String,
  codeVerifier: Schema.Redacted(Schema.String),
  state: Schema.optional(Schema.String)
})

/**
 * A `PendingLogin` as it is stored. Only the user who started the login may read it.
 *
 * @since 0.1.0
 * @category models
 */
export interface PendingLoginEncoded {
  readonly url: string
  readonly codeVerifier: string
  readonly state?: string | undefined
}

/**
 * Starts a login: a new verifier, its S256 challenge, a random `state`, and the URL that holds the last two. Nothing is
 * sent; each call is a login of its own.
 *
 * @since 0.1.0
 * @category login
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { OAuth, OpenRouterClient } from "effect-openrouter"
 *
 * const login = Effect.gen(function*() {
 *   const pending = yield* OAuth.start({ callbackUrl: "https://example.com/callback", keyLabel: "Example" })
 *   // ... send the user to pending.url, keep `pending`, and take the URL that they come back to
 *   const { key } = yield* OAuth.complete(pending, "https://example.com/callback?code=...&state=...")
 *   return OpenRouterClient.layer({ apiKey: key })
 * })
 * ```
 */
export const start = (
  options: LoginOptions = {}
): Effect.Effect<PendingLogin, InvalidRequestError | InsecureContextError> =>
  Effect.gen(function*() {
    const verifier = yield* codeVerifier
    const challenge = yield* codeChallenge(verifier)
    const state = options.state ?? (options.callbackUrl === undefined ? undefined : yield* randomText(16))
    const url = yield* authorizationUrl({ ...options, state, codeChallenge: challenge })
    return { url, codeVerifier: verifier, state }
  })

/**
 * The key of the user, and the id of the user.
 *
 * @since 0.1.0
 * @category models
 */
export interface Credentials {
  readonly key: Redacted.Redacted
  readonly userId: string | undefined
}

/**
 * Errors of a callback.
 *
 * @since 0.1.0
 * @category errors
 */
export type LoginError = LoginRejectedError | LoginCodeMissingError | LoginStateMismatchError

/**
 * Errors of the exchange of a code for a key. A code that is wrong, used, older than ten minutes or of another login
 * fails with `ForbiddenResponseError`.
 *
 * @since 0.1.0
 * @category errors
 */
export type ExchangeError = Effect.Effect.Error<ReturnType<typeof exchangeAuthCodeForAPIKey>>

/**
 * Completes a login: checks that `callback` belongs to it, and exchanges the code for the user's key. `callback` is the URL that
 * the browser was redirected to (whole, or from its path on), its query, or the code that the user pasted when the
 * login has no callback. The client needs no key of its own.
 *
 * @since 0.1.0
 * @category login
 * @example
 * ```ts
 * import { Console, Effect } from "effect"
 * import { OAuth } from "effect-openrouter"
 *
 * const finish = (pending: OAuth.PendingLogin, url: URL) =>
 *   OAuth.complete(pending, url).pipe(
 *     Effect.flatMap(({ userId }) => Console.log(`Welcome, ${userId}`)),
 *     Effect.catchTags({
 *       LoginRejectedError: () => Console.log("Maybe later."),
 *       LoginStateMismatchError: () => Console.log("This is not the login that was started here."),
 *       ForbiddenResponseError: () => Console.log("The code is too old. Please try again.")
 *     })
 *   )
 * ```
 */
export const complete = (
  login: PendingLogin,
  callback: string | URL | URLSearchParams
): Effect.Effect<Credentials, LoginError | ExchangeError, OpenRouterClient> =>
  Effect.gen(function*() {
    const code = yield* codeOf(login, callback)
    const { key, user_id } = yield* exchangeAuthCodeForAPIKey({
      code,
      code_verifier: Redacted.value(login.codeVerifier),
      code_challenge_method: "S256"
    })
    return { key: Redacted.make(key), userId: user_id ?? undefined }
  })

const codeOf = (login: PendingLogin, callback: string | URL | URLSearchParams): Effect.Effect<string, LoginError> => {
  const read = readCallback(callback, login.state)
  switch (read._tag) {
    case "Code":
      return Effect.succeed(read.code)
    case "Rejected":
      return new LoginRejectedError({
        message: `OAuth.complete: the login was rejected: ${
          read.description ?? read.error
        }. Start another if the user wants to.`,
        error: read.error,
        description: read.description
      })
    case "CodeMissing":
      return new LoginCodeMissingError({
        message:
          "OAuth.complete: the callback has no code. Pass the whole URL of the callback, or start the login again."
      })
    case "StateMismatch":
      return new LoginStateMismatchError({
        message:
          "OAuth.complete: the callback does not belong to this login, because its state differs. Start the login again."
      })
  }
}

/** What RFC 7636 allows as a verifier. */
const isVerifier = (text: string): boolean => /^[A-Za-z0-9\-._~]{43,128}$/.test(text)
