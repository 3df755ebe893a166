import * as Effect from "effect/Effect"
import { encodeBase64Url } from "./effect/base64.js"

/**
 * Unguessable text that fits into a URL: random bytes in base64url, four characters for three bytes.
 *
 * @internal
 */
export const randomText = (bytes: number): Effect.Effect<string> =>
  Effect.sync(() => encodeBase64Url(globalThis.crypto.getRandomValues(new Uint8Array(bytes))))

/**
 * SHA-256 of a text, in base64url; `undefined` where the runtime offers no digests.
 *
 * @internal
 */
export const sha256 = (text: string): Effect.Effect<string | undefined> =>
  Effect.suspend(() => {
    // Browsers leave it out on pages that are not secure, whatever the types say
    const subtle: SubtleCrypto | undefined = globalThis.crypto.subtle
    return subtle === undefined
      ? Effect.succeed(undefined)
      : Effect.map(
        Effect.promise(() => subtle.digest("SHA-256", new TextEncoder().encode(text))),
        (digest) => encodeBase64Url(new Uint8Array(digest))
      )
  })

/**
 * HMAC-SHA-256 of a text, in base64url; `undefined` where the runtime offers none.
 *
 * @internal
 */
export const hmacSha256 = (key: string, text: string): Effect.Effect<string | undefined> =>
  Effect.suspend(() => {
    // Browsers leave it out on pages that are not secure, whatever the types say
    const subtle: SubtleCrypto | undefined = globalThis.crypto.subtle
    const bytes = (text: string) => new TextEncoder().encode(text)
    const algorithm = { name: "HMAC", hash: "SHA-256" }
    return subtle === undefined
      ? Effect.succeed(undefined)
      : Effect.promise(() => subtle.importKey("raw", bytes(key), algorithm, false, ["sign"])).pipe(
        Effect.flatMap((key) => Effect.promise(() => subtle.sign(algorithm, key, bytes(text)))),
        Effect.map((signature) => encodeBase64Url(new Uint8Array(signature)))
      )
  })

/**
 * Whether two texts are equal, in a time that does not depend on where they differ.
 *
 * @internal
 */
export const isEqualSecret = (given: string, secret: string): boolean => {
  let difference = given.length ^ secret.length
  for (let index = 0; index < given.length; index++) {
    difference |= given.charCodeAt(index) ^ secret.charCodeAt(index % Math.max(1, secret.length))
  }
  return difference === 0
}
