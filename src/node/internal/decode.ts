import * as Headers from "@effect/platform/Headers"
import type { HttpClientResponse } from "@effect/platform/HttpClientResponse"
import * as Effect from "effect/Effect"
import { pipe } from "effect/Function"
import * as Stream from "effect/Stream"
import type { Duplex } from "node:stream"
import * as Zlib from "node:zlib"
import { fromBatches, toBatches } from "../../internal/effect/batches.js"
import type { BodyFailure } from "../../internal/effect/httpFailures.js"
import { StreamResponse } from "../../internal/effect/httpResponse.js"
import { unpack } from "./unpack.js"

type Bytes = Stream.Stream<Uint8Array, BodyFailure>

/** What unpacks a body that begins with these bytes; `undefined` if it is not packed. */
type Decoder = (beginning: Uint8Array) => (() => Duplex) | undefined

/**
 * A response as it was before it was compressed. It stays as it is if it was not, or in a way that is not known here.
 * Bytes are unpacked as they arrive, and no faster than they are read. A body that is cut short or corrupt fails after
 * everything that could be unpacked of it.
 *
 * @internal
 */
export const decoded = (response: HttpClientResponse): HttpClientResponse => {
  const decoders = decodersOf(response.headers["content-encoding"] ?? "")
  return decoders.length === 0 ? response : new StreamResponse(
    response.request,
    response.status,
    // They tell of the compressed body
    pipe(response.headers, Headers.remove("content-encoding"), Headers.remove("content-length")),
    (failure) => decoders.reduce((bytes: Bytes, decoder) => decode(bytes, decoder, failure), response.stream),
    response.cookies
  )
}

/** No server has a reason for more, and each could multiply the size of the body. */
const maxEncodings = 3

/** The decoders of a header, the last encoding first; none if one of them is not known. */
const decodersOf = (header: string): ReadonlyArray<Decoder> => {
  const names = header.toLowerCase().split(",").map((name) => name.trim()).filter((name) =>
    name !== "" && name !== "identity"
  )
  const known = names.flatMap((name) => decoderByName.get(name) ?? []).reverse()
  return known.length === names.length && names.length <= maxEncodings ? known : []
}

/** A proxy may unpack a body and leave its header: the bytes decide. */
const gunzip: Decoder = ([first]) => first === 0x1f ? Zlib.createGunzip : undefined

/** Many servers leave out the two bytes that the standard asks for. */
const inflate: Decoder = ([first = 0]) => (first & 0x0f) === 8 ? Zlib.createInflate : Zlib.createInflateRaw

const isMaker = (u: unknown): u is () => Duplex => typeof u === "function"

/** Node has it since 22.15. */
const zstd: unknown = Reflect.get(Zlib, "createZstdDecompress")

const decoderByName: ReadonlyMap<string, Decoder> = new Map([
  ["gzip", gunzip],
  ["x-gzip", gunzip],
  ["deflate", inflate],
  ["br", (): () => Duplex => Zlib.createBrotliDecompress],
  ...(isMaker(zstd) ? [["zstd", (): () => Duplex => zstd] as const] : [])
])

const decode = (bytes: Bytes, decoder: Decoder, failure: (cause: unknown) => BodyFailure): Bytes =>
  Stream.unwrapScoped(Effect.gen(function*() {
    const next = yield* toBatches(Stream.filter(bytes, ({ length }) => length > 0))
    const first = yield* next
    const [beginning] = first
    if (beginning === undefined) return Stream.empty
    const make = decoder(beginning)
    const beginAgain = [first]
    const whole = Effect.suspend(() => {
      const pieces = beginAgain.pop()
      return pieces === undefined ? next : Effect.succeed(pieces)
    })
    return fromBatches(make === undefined ? whole : yield* unpack(whole, make, failure))
  }))
