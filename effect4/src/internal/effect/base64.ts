/** Base64. Effect 3 has one module `Encoding`. */
import * as Base64 from "effect/encoding/Base64"
import * as Base64Url from "effect/encoding/Base64Url"
import * as Result from "effect/Result"

/**
 * Encodes bytes, or a text as UTF-8.
 *
 * @internal
 */
export const encodeBase64 = (input: Uint8Array | string): string => Base64.encode(input)

/** @internal */
export const encodeBase64Url = (input: Uint8Array | string): string => Base64Url.encode(input)

/**
 * Decodes a text; `undefined` where it is not base64url.
 *
 * @internal
 */
export const decodeBase64UrlText = (base64Url: string): string | undefined =>
  Result.getOrUndefined(Base64Url.decodeString(base64Url))

/**
 * Decodes bytes; `undefined` where the text is not base64.
 *
 * @internal
 */
export const decodeBase64 = (base64: string): Uint8Array | undefined => Result.getOrUndefined(Base64.decode(base64))

/**
 * Decodes a text; `undefined` where it is not base64.
 *
 * @internal
 */
export const decodeBase64Text = (base64: string): string | undefined =>
  Result.getOrUndefined(Base64.decodeString(base64))
