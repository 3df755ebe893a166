/** What a store keeps of the logins at a server. */
import type * as KeyValueStore from "@effect/platform/KeyValueStore"
import type { OAuthDiscoveryState, StoredOAuthClientInformation, StoredOAuthTokens } from "@modelcontextprotocol/client"
import * as Effect from "effect/Effect"
import * as Locks from "../../../internal/effect/locks.js"
import { getText } from "../../../internal/effect/storage.js"
import { isObject, objectAt, parseJson, stringAt } from "../../../internal/json.js"
import { type McpLoginError, storeFailed } from "./errors.js"
import type { Protected } from "./options.js"

/**
 * Who may use the server: the tokens, the client that got them, and the authorization server that gave them.
 *
 * @internal
 */
export interface Grant {
  readonly tokens: StoredOAuthTokens
  readonly client: StoredOAuthClientInformation
  readonly discovery: OAuthDiscoveryState
}

/**
 * A login that waits for its user.
 *
 * @internal
 */
export interface Pending {
  readonly client: StoredOAuthClientInformation
  readonly discovery: OAuthDiscoveryState
  readonly redirectUrl: string
  readonly verifier: string
  readonly state: string
}

/** @internal */
export interface Stored {
  readonly grant?: Grant | undefined
  readonly pending?: Pending | undefined
}

/** The fields that this library reads; the SDK wrote the others, and checks them itself. */
const isStored = (u: unknown): u is Stored =>
  isObject(u) && [objectAt(u, "grant"), objectAt(u, "pending")].every((part) =>
    part === undefined ||
    stringAt(part["client"], "client_id") !== undefined &&
      stringAt(part["discovery"], "authorizationServerUrl") !== undefined
  ) && (u["grant"] === undefined || stringAt(objectAt(u, "grant")?.["tokens"], "access_token") !== undefined) &&
  (u["pending"] === undefined || stringAt(u["pending"], "verifier") !== undefined)

/**
 * The values of one server in a store.
 *
 * @internal
 */
export interface Vault {
  /** What a damaged value holds counts as nothing: the user logs in again. */
  readonly load: Effect.Effect<Stored, McpLoginError>
  readonly save: (stored: Stored) => Effect.Effect<void, McpLoginError>
  /** One refresh at a time, for all connections of this process. */
  readonly refreshing: <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
  /** One login at a time, for all connections of this process. */
  readonly loggingIn: <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
}

// They belong to the store, so that all connections that use it exclude each other
const locks = new WeakMap<KeyValueStore.KeyValueStore, Locks.Locks>()

/** @internal */
export const vaultOf = (server: string, { store, url }: Protected): Vault => {
  const lock = locks.get(store) ?? Locks.make()
  locks.set(store, lock)
  const key = `mcp.oauth.${encodeURIComponent(url)}`
  return {
    load: Effect.mapBoth(getText(store, key), {
      onFailure: storeFailed(server),
      onSuccess: (text) => {
        const value = text === undefined ? undefined : parseJson(text)?.value
        return isStored(value) ? value : {}
      }
    }),
    save: (stored) => Effect.mapError(Effect.asVoid(store.set(key, JSON.stringify(stored))), storeFailed(server)),
    refreshing: lock(`refresh ${key}`),
    loggingIn: lock(`login ${key}`)
  }
}
