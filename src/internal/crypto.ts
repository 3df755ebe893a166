import * as Effect from "effect/Effect"
import * as Encoding from "effect/Encoding"

/**
 * Unguessable text that fits into a URL: that many random bytes in base64url, four characters for three bytes.
 *
 * @internal
 */
export const randomText = (bytes: number): Effect.Effect<string> =>
  Effect.sync(() => Encoding.encodeBase64Url(globalThis.crypto.getRandomValues(new Uint8Array(bytes))))

/**
 * SHA-256 of a text, in base64url; undefined where the runtime keeps its digests from the page.
 *
 * @internal
 */
export const sha256 = (text: string): Effect.Effect<string | undefined> =>
  Effect.suspend(() => {
    // browsers leave it out on pages that are not secure, whatever the types say
    const subtle: SubtleCrypto | undefined = globalThis.crypto.subtle
    return subtle === undefined
      ? Effect.succeed(undefined)
      : Effect.map(
        Effect.promise(() => subtle.digest("SHA-256", new TextEncoder().encode(text))),
        (digest) => Encoding.encodeBase64Url(new Uint8Array(digest))
      )
  })
