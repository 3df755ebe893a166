/** Base64. Effect 4 has modules `encoding/Base64` and `encoding/Base64Url`. */
import * as Either from "effect/Either"
import * as Encoding from "effect/Encoding"

/**
 * Encodes bytes, or a text as UTF-8.
 *
 * @internal
 */
export const encodeBase64 = (input: Uint8Array | string): string => Encoding.encodeBase64(input)

/** @internal */
export const encodeBase64Url = (input: Uint8Array | string): string => Encoding.encodeBase64Url(input)

/**
 * Decodes a text; `undefined` where it is not base64url.
 *
 * @internal
 */
export const decodeBase64UrlText = (base64Url: string): string | undefined =>
  Either.getOrUndefined(Encoding.decodeBase64UrlString(base64Url))

/**
 * Decodes bytes; `undefined` where the text is not base64.
 *
 * @internal
 */
export const decodeBase64 = (base64: string): Uint8Array | undefined =>
  Either.getOrUndefined(Encoding.decodeBase64(base64))

/**
 * Decodes a text; `undefined` where it is not base64.
 *
 * @internal
 */
export const decodeBase64Text = (base64: string): string | undefined =>
  Either.getOrUndefined(Encoding.decodeBase64String(base64))
