/** Texts that must appear in no error. */
import { isObject } from "../../../internal/json.js"

/** @internal */
export interface Secrets {
  readonly add: <A extends string | undefined>(secret: A) => A
  /** Adds what a stored value has of tokens and secrets, and returns the value. */
  readonly addAll: <A>(value: A) => A
  /** A text without the secrets. */
  readonly scrub: (text: string) => string
}

/** @internal */
export const makeSecrets = (): Secrets => {
  const known = new Set<string>()
  const add = <A extends string | undefined>(secret: A): A => {
    if (secret !== undefined && secret.length > 3) known.add(secret)
    return secret
  }
  const addAll = <A>(value: A): A => {
    if (isObject(value)) {
      for (const [name, inner] of Object.entries(value)) {
        if (typeof inner === "string" && secretNames.test(name)) add(inner)
        else addAll(inner)
      }
    }
    return value
  }
  return {
    add,
    addAll,
    scrub: (text) => [...known].reduce((rest, secret) => rest.replaceAll(secret, "<redacted>"), text)
  }
}

const secretNames = /^(access_token|refresh_token|id_token|client_secret|registration_access_token|verifier|state)$/
