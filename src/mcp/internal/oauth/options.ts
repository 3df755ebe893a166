/** What a user says about the login at a server. */
import type * as KeyValueStore from "@effect/platform/KeyValueStore"
import type * as Effect from "effect/Effect"
import type * as Redacted from "effect/Redacted"
import type * as Scope from "effect/Scope"

/**
 * How somebody logs in: a page is opened, and the browser comes back to `redirectUrl`.
 *
 * @since 0.1.0
 * @category models
 */
export interface Login {
  /** The URL to which the browser is redirected after the login. */
  readonly redirectUrl: string
  /** Opens the page at `url`, or shows the URL, and returns the URL to which the browser was redirected, with its query. */
  readonly authorize: (url: string) => Effect.Effect<string, unknown>
}

/**
 * A client that is registered at an authorization server. `issuer` is that server: the secret goes to no other.
 *
 * @since 0.1.0
 * @category models
 */
export interface Client {
  readonly id: string
  readonly secret?: Redacted.Redacted | undefined
  readonly issuer: string
}

/**
 * The login at a server that asks for OAuth.
 *
 * @since 0.1.0
 * @category models
 */
export interface OAuth {
  /**
   * Keeps the tokens, the registration of the client, and a login that is under way, in clear text. One store is for one user: use
   * `KeyValueStore.prefix` for several.
   */
  readonly store: KeyValueStore.KeyValueStore
  /**
   * How somebody logs in, when no token helps. With `"client_credentials"` the program logs in as `client`, and nobody is asked.
   * Default: nobody can, so a connection fails that needs a login.
   */
  readonly login?: Effect.Effect<Login, unknown, Scope.Scope> | "client_credentials" | undefined
  /** Default: the program registers itself as a client. */
  readonly client?: Client | undefined
  /** The name under which the program registers itself. Default `effect-openrouter`. */
  readonly clientName?: string | undefined
  /** The scopes to ask for, with blanks between. Default: what the server names. */
  readonly scope?: string | undefined
}

/**
 * The server that a login is for, by its address.
 *
 * @internal
 */
export interface Protected extends OAuth {
  readonly url: string
}
