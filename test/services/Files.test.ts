import { assert, describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type * as Endpoint from "../../src/http/Endpoint.js"
import type { OpenRouterClient } from "../../src/http/OpenRouterClient.js"
import type { Status } from "../../src/http/OpenRouterError.js"
import * as Files from "../../src/services/Files.js"
import * as Stt from "../../src/services/Stt.js"
import * as Tts from "../../src/services/Tts.js"
import * as Videos from "../../src/services/Videos.js"
import * as MockHttpClient from "../../src/testing/MockHttpClient.js"
import { clientOf, clients, serveBytes } from "../http/support/bytes.js"

const error = (code: number, message: string) => JSON.stringify({ error: { code, message } })

const text = (bytes: ReadonlyArray<number>) => new TextDecoder().decode(new Uint8Array(bytes))

const speech = { model: "openai/tts-1", input: "Hello", voice: "alloy" }

/** Every endpoint that answers with bytes. */
const downloads: {
  readonly [name: string]: Stream.Stream<Uint8Array, Endpoint.BinaryFailure<Status>, OpenRouterClient>
} = {
  "Files.download": Files.download({ file_id: "file_1" }),
  "Tts.createSpeech": Tts.createSpeech(speech),
  "Videos.getContent": Videos.getContent({ jobId: "job-1" })
}

for (const [endpoint, download] of Object.entries(downloads)) {
  describe(endpoint, () => {
    for (const [name, http] of clients) {
      it.scopedLive(`61: emits the bytes as they arrive over ${name}`, () =>
        Effect.gen(function*() {
          const more = yield* Deferred.make<void>()
          const url = yield* serveBytes((_, response) => {
            response.writeHead(200, { "content-type": "application/octet-stream" })
            response.write(Uint8Array.of(0, 255))
            Effect.runFork(Effect.map(Deferred.await(more), () => response.end(Uint8Array.of(128))))
          })
          const first: Array<number> = []
          const all = yield* download.pipe(
            Stream.tap((bytes) => {
              first.push(...bytes)
              return Deferred.succeed(more, undefined)
            }),
            Stream.runFold<ReadonlyArray<number>, Uint8Array>([], (all, bytes) => [...all, ...bytes]),
            Effect.provide(clientOf(url, http))
          )
          assert.deepStrictEqual(all, [0, 255, 128])
        }))

      it.scopedLive(`fails with the error class of the status over ${name}`, () =>
        Effect.gen(function*() {
          const url = yield* serveBytes((request, response) => {
            request.resume()
            response.writeHead(404, { "content-type": "application/json" })
            response.end(error(404, "It is gone"))
          })
          const failure = yield* Effect.flip(Effect.provide(Stream.runDrain(download), clientOf(url, http)))
          assert.strictEqual(failure._tag, "NotFoundResponseError")
          assert.include(failure.message, "It is gone")
        }))

      it.scopedLive(`closes the connection when the reader stops early over ${name}`, () =>
        Effect.gen(function*() {
          const gone = yield* Deferred.make<void>()
          const url = yield* serveBytes((_, response) => {
            response.on("close", () => Effect.runFork(Deferred.succeed(gone, undefined)))
            response.write("enough, ")
          })
          const start = yield* download.pipe(
            Stream.take(1),
            Stream.decodeText(),
            Stream.mkString,
            Effect.provide(clientOf(url, http))
          )
          assert.strictEqual(start, "enough, ")
          yield* Deferred.await(gone)
        }))

      it.scopedLive(`emits the bytes that arrived and then fails when the connection breaks over ${name}`, () =>
        Effect.gen(function*() {
          const url = yield* serveBytes((_, response) => {
            response.writeHead(200, { "content-length": "100" })
            response.write("half", () => response.destroy())
          })
          const read: Array<number> = []
          const failure = yield* download.pipe(
            Stream.runForEach((bytes) => Effect.sync(() => read.push(...bytes))),
            Effect.flip,
            Effect.provide(clientOf(url, http))
          )
          assert.strictEqual(failure._tag === "ConnectionError" ? failure.phase : failure._tag, "body")
          assert.strictEqual(text(read), "half")
        }))
    }
  })
}

describe("Files.upload", () => {
  it.scopedLive("fails with the message of the server when a file is too large", () =>
    Effect.gen(function*() {
      const url = yield* serveBytes((request, response) => {
        request.resume()
        request.on("end", () => {
          response.writeHead(413, { "content-type": "application/json" })
          response.end(error(413, "At most 100 MB"))
        })
      })
      const upload = Files.upload({ file: { fileName: "a.pdf", content: Stream.make(new Uint8Array(1000)) } })
      const tagged = Effect.catchTag(upload, "PayloadTooLargeResponseError", (error) => Effect.succeed(error.message))
      assert.include(yield* Effect.provide(tagged, clientOf(url)), "At most 100 MB")
    }))

  it.effect("records the file of every form of content in the mock", () =>
    Effect.gen(function*() {
      const bytes = new TextEncoder().encode("data")
      const contents = [bytes, new Blob([bytes]), Stream.make(bytes), "data"]
      for (const content of contents) {
        const file = { fileName: "a.txt", content, contentType: "text/plain" }
        const uploaded = yield* Files.upload({ file, workspace_id: "w1" })
        assert.strictEqual("filename" in uploaded ? uploaded.filename : "", "a.txt: data")
      }
      const [request] = yield* MockHttpClient.requests
      assert.deepStrictEqual(request?.query, { workspace_id: "w1" })
    }).pipe(Effect.provide(MockHttpClient.layerClient([
      MockHttpClient.route("POST", "/files", ({ json }) => {
        const file = json["file"]
        return Effect.map(
          Effect.promise(async () => file instanceof File ? `${file.name}: ${await file.text()}` : "no file"),
          (filename) => ({
            id: "file_1",
            type: "file",
            created_at: "2026-01-01T00:00:00Z",
            downloadable: true,
            filename,
            mime_type: "text/plain",
            size_bytes: 4
          })
        )
      })
    ]))))
})

describe("Stt", () => {
  const wav = Uint8Array.of(82, 73, 70, 70, 0, 255)

  const heard = { text: "Hello", usage: { seconds: 1, cost: 0.0001 } }

  it.effect("transcribes a recording that is sent as JSON", () =>
    Effect.gen(function*() {
      const answer = yield* Stt.createTranscription({
        model: "openai/whisper-1",
        input_audio: Stt.inputAudio(wav, "wav"),
        language: "en"
      })
      assert.strictEqual(answer.text, "Hello")
      const [request] = yield* MockHttpClient.requests
      assert.deepStrictEqual(request?.body, {
        model: "openai/whisper-1",
        input_audio: { data: Buffer.from(wav).toString("base64"), format: "wav" },
        language: "en"
      })
    }).pipe(Effect.provide(MockHttpClient.layerClient([MockHttpClient.on(Stt.createTranscription, () => heard)]))))

  for (const [name, http] of clients) {
    it.scopedLive(`transcribes a recording that is uploaded over ${name}`, () =>
      Effect.gen(function*() {
        const forms: Array<Promise<FormData>> = []
        const url = yield* serveBytes((request, response) => {
          const pieces: Array<Buffer> = []
          request.on("data", (piece: Buffer) => pieces.push(piece))
          request.on("end", () => {
            const headers = { "content-type": request.headers["content-type"] ?? "" }
            forms.push(new Response(Buffer.concat(pieces), { headers }).formData())
            response.end(JSON.stringify(heard))
          })
        })
        const answer = yield* Stt.createTranscriptionMultipart({
          file: { fileName: "hello.wav", content: Stream.make(wav.subarray(0, 2), wav.subarray(2)) },
          model: "openai/whisper-1",
          temperature: 0,
          "timestamp_granularities[]": ["word", "segment"]
        }).pipe(Effect.provide(clientOf(url, http)))
        assert.strictEqual(answer.text, "Hello")
        const form = yield* Effect.promise(() => forms[0] ?? Promise.reject())
        assert.strictEqual(form.get("model"), "openai/whisper-1")
        assert.strictEqual(form.get("temperature"), "0")
        assert.deepStrictEqual(form.getAll("timestamp_granularities[]"), ["word", "segment"])
        const file = form.get("file")
        if (!(file instanceof File)) return assert.fail("no file")
        assert.strictEqual(file.name, "hello.wav")
        assert.deepStrictEqual(new Uint8Array(yield* Effect.promise(() => file.arrayBuffer())), wav)
      }))
  }
})

describe("Tts.createSpeech", () => {
  it.scopedLive("returns the generation id beside the bytes", () =>
    Effect.gen(function*() {
      const url = yield* serveBytes((_, response) => {
        response.writeHead(200, { "content-type": "audio/mpeg", "x-generation-id": "gen-tts-1" })
        response.end("ID3")
      })
      const { data, response } = yield* Effect.provide(Tts.createSpeech.withResponse(speech), clientOf(url))
      assert.strictEqual(response.generationId, "gen-tts-1")
      assert.strictEqual(yield* Stream.mkString(Stream.decodeText(data)), "ID3")
    }))
})
