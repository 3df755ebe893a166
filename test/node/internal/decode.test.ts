import * as Headers from "@effect/platform/Headers"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import { assert, describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as FastCheck from "effect/FastCheck"
import * as Stream from "effect/Stream"
import * as Zlib from "node:zlib"
import { decodeText } from "../../../src/internal/bytes.js"
import { type BodyFailure, bodyFailure } from "../../../src/internal/effect/httpFailures.js"
import { StreamResponse } from "../../../src/internal/effect/httpResponse.js"
import { decoded } from "../../../src/node/internal/decode.js"

const request = HttpClientRequest.get("http://localhost/")

type Bytes = Stream.Stream<Uint8Array, BodyFailure>

const responseOf = (encoding: string | undefined, body: (failure: (cause: unknown) => BodyFailure) => Bytes) =>
  new StreamResponse(
    request,
    200,
    Headers.fromInput({ "content-length": "1", ...(encoding === undefined ? {} : { "content-encoding": encoding }) }),
    body
  )

const respond = (encoding: string | undefined, ...pieces: ReadonlyArray<Uint8Array>) =>
  responseOf(encoding, () => Stream.fromIterable(pieces).pipe(Stream.rechunk(1)))

/** What could be read of a body, and how it ended. */
const read = (response: ReturnType<typeof decoded>) =>
  Effect.gen(function*() {
    const pieces: Array<Uint8Array> = []
    const end = yield* Effect.either(
      Stream.runForEach(response.stream, (piece) => Effect.sync(() => void pieces.push(piece)))
    )
    return { text: decodeText(pieces), end }
  })

const encodings: Readonly<Record<string, (text: string) => Buffer>> = {
  gzip: Zlib.gzipSync,
  "x-gzip": Zlib.gzipSync,
  GZIP: Zlib.gzipSync,
  deflate: Zlib.deflateSync,
  "deflate, as many servers understand it": Zlib.deflateRawSync,
  br: Zlib.brotliCompressSync,
  "gzip, br": (text) => Zlib.brotliCompressSync(Zlib.gzipSync(text)),
  "identity, gzip": Zlib.gzipSync
}

const headerOf = (name: string): string => name.replace(/, as .+$/, "")

/** Text that does not compress well, so that it comes in several pieces. */
const words = Array.from({ length: 8_000 }, (_, n) => ((n * 2_654_435_761) % 4_294_967_296).toString(36)).join(" ")

const split = (bytes: Uint8Array, size: number): ReadonlyArray<Uint8Array> =>
  Array.from({ length: Math.ceil(bytes.length / size) }, (_, n) => bytes.subarray(n * size, (n + 1) * size))

describe("a compressed body", () => {
  for (const [name, compress] of Object.entries(encodings)) {
    it.effect(`is read as it was: ${name}`, () =>
      Effect.gen(function*() {
        const response = decoded(respond(headerOf(name), ...split(compress(words), 1000)))
        assert.deepStrictEqual(response.headers, Headers.empty)
        const { end, text } = yield* read(response)
        assert.isTrue(text === words)
        assert.strictEqual(end._tag, "Right")
        assert.isTrue((yield* decoded(respond(headerOf(name), compress(words))).text) === words)
      }))

    it.effect(`fails after what could be read of it: ${name}`, () =>
      Effect.gen(function*() {
        const bytes = compress(words)
        const { end, text } = yield* read(
          decoded(respond(headerOf(name), ...split(bytes.subarray(0, bytes.length / 2), 1000)))
        )
        assert.strictEqual(end._tag, "Left")
        assert.isTrue(words.startsWith(text))
        assert.isAbove(text.length, words.length / 3)
      }))

    it.effect(`fails with the reason why the connection broke: ${name}`, () =>
      Effect.gen(function*() {
        const bytes = compress(words)
        const reset = new Error("reset")
        const { end, text } = yield* read(decoded(responseOf(headerOf(name), (failure) =>
          Stream.concat(
            Stream.fromIterable(split(bytes.subarray(0, bytes.length / 2), 1000)).pipe(Stream.rechunk(1)),
            Stream.fail(failure(reset))
          ))))
        assert.isAbove(text.length, words.length / 3)
        assert.strictEqual(end._tag === "Left" && end.left.cause, reset)
      }))

    it.effect(`is empty, or breaks before it begins: ${name}`, () =>
      Effect.gen(function*() {
        assert.deepStrictEqual((yield* read(decoded(respond(headerOf(name))))).end._tag, "Right")
        const failure = bodyFailure(request, respond(undefined), "reset")
        const { end } = yield* read(decoded(responseOf(headerOf(name), () => Stream.fail(failure))))
        assert.strictEqual(end._tag === "Left" && end.left, failure)
      }))
  }

  it.effect("never passes for another text if a byte of it is changed", () =>
    Effect.promise(() =>
      FastCheck.assert(
        FastCheck.asyncProperty(
          FastCheck.constantFrom("gzip", "deflate"),
          FastCheck.nat(),
          FastCheck.nat(255),
          FastCheck.integer({ min: 100, max: 5000 }),
          async (name, at, byte, size) => {
            const text = words.slice(0, 5000)
            const bytes = Buffer.from(encodings[name]?.(text) ?? "")
            // The first byte tells whether it is compressed at all, and how
            bytes[1 + at % (bytes.length - 1)] = byte
            const seen = await Effect.runPromise(read(decoded(respond(name, ...split(bytes, size)))))
            if (seen.end._tag === "Right") assert.isTrue(seen.text === text)
          }
        ),
        { numRuns: 50 }
      )
    ))

  it.effect("ends with its text, and is read to its own end, whatever follows or breaks there", () =>
    Effect.gen(function*() {
      for (const [name, compress] of Object.entries(encodings)) {
        let isRead = false
        const { end, text } = yield* read(decoded(responseOf(headerOf(name), (failure) =>
          Stream.concat(
            Stream.fromIterable(split(compress("whole"), 5)).pipe(Stream.rechunk(1)),
            Stream.fromEffect(Effect.suspend(() => {
              isRead = true
              return Effect.fail(failure("reset"))
            }))
          ))))
        assert.strictEqual(text, "whole", name)
        assert.strictEqual(end._tag, "Right", name)
        assert.isTrue(isRead, name)
      }
    }))

  it.effect("arrives as it is sent", () =>
    Effect.gen(function*() {
      for (
        const [name, compressor, flush] of [
          ["gzip", Zlib.createGzip(), Zlib.constants.Z_SYNC_FLUSH],
          ["deflate", Zlib.createDeflate(), Zlib.constants.Z_SYNC_FLUSH],
          ["br", Zlib.createBrotliCompress(), Zlib.constants.BROTLI_OPERATION_FLUSH]
        ] as const
      ) {
        const packed = (text: string) =>
          Effect.async<Buffer>((resume) => {
            compressor.write(text)
            compressor.flush(flush, () => resume(Effect.succeed(compressor.read())))
          })
        const seen = yield* Deferred.make<void>()
        // The second event is sent once the first has been read
        const body = Stream.concat(
          Stream.fromEffect(packed("data: 1\n\n")),
          Stream.fromEffect(Effect.zipRight(Deferred.await(seen), packed("data: 2\n\n")))
        )
        const response = decoded(responseOf(name, () => Stream.concat(body, Stream.never)))
        const texts: Array<string> = []
        yield* Stream.runForEach(Stream.take(response.stream, 2), (piece) =>
          Effect.zipRight(
            Effect.sync(() => void texts.push(decodeText([piece]))),
            Deferred.succeed(seen, undefined)
          ))
        assert.deepStrictEqual(texts, ["data: 1\n\n", "data: 2\n\n"], name)
      }
    }))

  it.effect("is unpacked no faster than it is read", () =>
    Effect.gen(function*() {
      const bomb = Zlib.gzipSync(Buffer.alloc(64 * 1024 * 1024))
      let asked = 0
      const pieces = Stream.fromIterable(split(bomb, 1024)).pipe(
        Stream.rechunk(1),
        Stream.tap(() => Effect.sync(() => asked++))
      )
      const first = yield* Stream.runCollect(Stream.take(decoded(responseOf("gzip", () => pieces)).stream, 1))
      assert.strictEqual(first.length, 1)
      assert.isBelow(asked, 32)
    }))
})

describe("a body that is not compressed", () => {
  it("stays as it is", () => {
    for (const encoding of [undefined, "identity", "zstd-9", "gzip, unheard-of", "gzip, gzip, gzip, gzip"]) {
      const response = respond(encoding, new Uint8Array([1]))
      assert.strictEqual(decoded(response), response)
    }
  })

  it.effect("is read although its header says gzip", () =>
    Effect.gen(function*() {
      const { end, text } = yield* read(decoded(respond("gzip", Buffer.from("{}"), Buffer.from("\n"))))
      assert.strictEqual(text, "{}\n")
      assert.strictEqual(end._tag, "Right")
    }))

  it.effect("fails if its header says anything else", () =>
    Effect.gen(function*() {
      const { end } = yield* read(decoded(respond("br", Buffer.from(`{"id":1}`))))
      assert.strictEqual(end._tag, "Left")
    }))
})
