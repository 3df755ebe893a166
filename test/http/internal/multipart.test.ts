import type * as HttpBody from "@effect/platform/HttpBody"
import { assert, describe, it } from "@effect/vitest"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as FastCheck from "effect/FastCheck"
import * as Ref from "effect/Ref"
import * as Stream from "effect/Stream"
import { vi } from "vitest"
import { encodeForm } from "../../../src/http/internal/multipart.js"
import * as Rows from "../support/rows.js"

const encode = (fields: { readonly [name: string]: unknown }) => encodeForm(Rows.upload, fields)

interface Written {
  readonly contentType: string
  readonly bytes: Uint8Array
}

const written = (body: HttpBody.HttpBody): Effect.Effect<Written, unknown> => {
  const contentType = "contentType" in body ? body.contentType ?? "" : ""
  switch (body._tag) {
    case "Uint8Array":
      return Effect.succeed({ contentType, bytes: body.body })
    case "Stream":
      return Effect.map(
        Stream.runCollect(body.stream),
        (chunks) => ({ contentType, bytes: Buffer.concat([...chunks]) })
      )
    case "Raw":
      return body.body instanceof Blob
        ? Effect.map(Effect.promise(() => new Response(blobOf(body.body)).arrayBuffer()), (buffer) => ({
          contentType,
          bytes: new Uint8Array(buffer)
        }))
        : Effect.die("no blob")
    default:
      return Effect.die(body._tag)
  }
}

const blobOf = (value: unknown): Blob => value instanceof Blob ? value : assert.fail("no blob")

const write = (fields: { readonly [name: string]: unknown }) =>
  Effect.flatMap(encode(fields), ({ body }) => written(body))

/** The same form as the runtime writes it, with our boundary. */
const byRuntime = (form: FormData, { contentType }: Written) =>
  Effect.promise(async () => {
    const response = new Response(form)
    const boundary = /boundary=(.*)$/.exec(response.headers.get("content-type") ?? "")?.[1] ??
      assert.fail("no boundary")
    const own = contentType.replace("multipart/form-data; boundary=", "")
    return Buffer.from(await response.arrayBuffer()).toString("latin1").replaceAll(boundary, own)
  })

const latin1 = (bytes: Uint8Array) => Buffer.from(bytes).toString("latin1")

const parse = ({ bytes, contentType }: Written) =>
  Effect.promise(() => new Response(new Uint8Array(bytes), { headers: { "content-type": contentType } }).formData())

const text = FastCheck.string({
  unit: FastCheck.oneof(
    FastCheck.constantFrom("\r", "\n", "\"", "\\", "é", "%"),
    FastCheck.string({ unit: "binary", minLength: 1, maxLength: 1 })
  )
})
const bytes = FastCheck.uint8Array({ maxLength: 200 })

describe("a form", () => {
  it.effect.prop(
    "is what the runtime's FormData writes, byte for byte",
    [FastCheck.array(
      FastCheck.tuple(text, FastCheck.oneof(text, FastCheck.tuple(text.filter((name) => name !== ""), bytes))),
      { maxLength: 5 }
    )],
    ([entries]) =>
      Effect.gen(function*() {
        const form = new FormData()
        const fields = Object.fromEntries(entries.map(([name, value]) => [
          name,
          typeof value === "string" ? value : { fileName: value[0], content: value[1] }
        ]))
        for (const [name, value] of Object.entries(fields)) {
          if (typeof value === "string") form.append(name, value)
          else form.append(name, new Blob([new Uint8Array(value.content)]), value.fileName)
        }
        const own = yield* write(fields)
        assert.strictEqual(latin1(own.bytes), yield* byRuntime(form, own))
      })
  )

  it.effect.prop(
    "has the same bytes where its file is a stream, however that is cut",
    [bytes, FastCheck.array(FastCheck.nat(200), { maxLength: 8 })],
    ([content, cuts]) =>
      Effect.gen(function*() {
        const at = [0, ...cuts.map((cut) => Math.min(cut, content.length)).sort((a, b) => a - b), content.length]
        const pieces = at.slice(1).map((end, index) => content.subarray(at[index], end))
        const streams = [
          Stream.fromIterable(pieces),
          Stream.fromChunk(Chunk.fromIterable(pieces)),
          Stream.fromReadableStream({
            evaluate: () => new Blob([new Uint8Array(content)]).stream(),
            onError: (error) => error
          })
        ]
        for (const stream of streams) {
          const own = yield* write({ model: "m", file: { fileName: "a.bin", content: stream }, last: "x" })
          const file = yield* parse(own)
          assert.deepStrictEqual(
            new Uint8Array(yield* Effect.promise(() => blobOf(file.get("file")).arrayBuffer())),
            new Uint8Array(content)
          )
          const held = yield* write({ model: "m", file: { fileName: "a.bin", content }, last: "x" })
          const [boundary = "", other = ""] = [own, held].map((form) => form.contentType.split("=")[1] ?? "")
          assert.strictEqual(latin1(own.bytes).replaceAll(boundary, other), latin1(held.bytes))
        }
      }),
    { fastCheck: { numRuns: 30 } }
  )

  it.effect("quotes names as HTML specifies, so that no name can start a header or a part", () =>
    Effect.gen(function*() {
      const { bytes } = yield* write({ "a\"b\rc": "1\n2", file: { fileName: "x\"\r\ny\\.txt", content: "z\n" } })
      assert.deepStrictEqual(
        latin1(bytes).split("\r\n").filter((line) => !line.startsWith("--")),
        [
          "Content-Disposition: form-data; name=\"a%22b%0D%0Ac\"",
          "",
          "1",
          "2",
          "Content-Disposition: form-data; name=\"file\"; filename=\"x%22%0D%0Ay\\.txt\"",
          "Content-Type: text/plain;charset=utf-8",
          "",
          "z\n",
          ""
        ]
      )
    }))

  it.effect("has a new random boundary each time", () =>
    Effect.gen(function*() {
      const forms = yield* Effect.replicateEffect(write({ a: "b" }), 50)
      const types = new Set(forms.map((form) => form.contentType))
      assert.strictEqual(types.size, 50)
      for (const type of types) assert.match(type, /^multipart\/form-data; boundary=[\w-]{36,70}$/)
    }))

  it.effect("accepts files with and without names and types", () =>
    Effect.gen(function*() {
      const bytes = new TextEncoder().encode("data")
      const cases: ReadonlyArray<readonly [unknown, { readonly name: string; readonly type: string }]> = [
        [new File(["data"], "a.txt", { type: "text/plain" }), { name: "a.txt", type: "text/plain" }],
        [new Blob(["data"]), { name: "file", type: "application/octet-stream" }],
        [bytes, { name: "file", type: "application/octet-stream" }],
        [Stream.make(bytes), { name: "file", type: "application/octet-stream" }],
        [{ fileName: "b.bin", content: bytes }, { name: "b.bin", type: "application/octet-stream" }],
        [{ content: new File(["data"], "c.txt") }, { name: "c.txt", type: "application/octet-stream" }],
        [{ fileName: "d.md", content: "data" }, { name: "d.md", type: "text/plain;charset=utf-8" }],
        [{ fileName: "e.md", content: "data", contentType: "text/markdown" }, { name: "e.md", type: "text/markdown" }],
        [
          { fileName: "f.mp3", content: new Blob(["data"], { type: "x/y" }), contentType: "audio/mpeg" },
          { name: "f.mp3", type: "audio/mpeg" }
        ],
        [
          { fileName: "g.mp3", content: Stream.make(bytes), contentType: "audio/mpeg" },
          { name: "g.mp3", type: "audio/mpeg" }
        ]
      ]
      for (const [value, expected] of cases) {
        const file = (yield* parse(yield* write({ file: value }))).get("file")
        assert.instanceOf(file, File)
        if (!(file instanceof File)) continue
        assert.deepStrictEqual({ name: file.name, type: file.type }, expected)
        assert.strictEqual(yield* Effect.promise(() => file.text()), "data")
      }
    }))

  it.effect("rejects a content type that would start another header", () =>
    Effect.gen(function*() {
      for (const content of ["text", Stream.make(new Uint8Array(1))]) {
        const file = { fileName: "a", content, contentType: "text/plain\r\nX-Evil: 1" }
        const error = yield* Effect.flip(encode({ file }))
        assert.strictEqual(error.parameter, "file")
        assert.notInclude(error.message, "Evil")
      }
    }))
})

describe("a large form", () => {
  const mebibyte = new Uint8Array(1024 * 1024)
  const large = new Blob(Array.from({ length: 5 }, () => mebibyte), { type: "video/mp4" })

  it.effect("is read from its blob while it is sent, and has a length", () =>
    Effect.gen(function*() {
      const { body, upload } = yield* encode({ file: large, purpose: "user_data" })
      assert.strictEqual(body._tag, "Stream")
      const { bytes } = yield* written(body)
      assert.strictEqual(body._tag === "Stream" ? body.contentLength : undefined, bytes.length)
      assert.isTrue(upload?.isRepeatable())
      assert.deepStrictEqual(latin1((yield* written(body)).bytes), latin1(bytes))
    }))

  it.effect("stays a blob in a browser", () =>
    Effect.gen(function*() {
      vi.stubGlobal("document", {})
      const { body } = yield* encode({ file: large, purpose: "user_data" })
      assert.strictEqual(body._tag, "Raw")
      const form = yield* written(body)
      assert.strictEqual(body._tag === "Raw" ? body.contentLength : undefined, form.bytes.length)
      const file = (yield* parse(form)).get("file")
      assert.deepStrictEqual(file instanceof File ? [file.size, file.type] : file, [large.size, "video/mp4"])
    }).pipe(Effect.ensuring(Effect.sync(() => vi.unstubAllGlobals()))))

  it.effect("is read no faster than its reader", () =>
    Effect.gen(function*() {
      const produced = yield* Ref.make(0)
      const source = Stream.repeatEffect(Effect.as(Ref.update(produced, (n) => n + 1), mebibyte))
      const { body } = yield* encode({ file: { fileName: "endless", content: source } })
      if (body._tag !== "Stream") return assert.fail(body._tag)
      assert.strictEqual(yield* Ref.get(produced), 0)
      yield* Stream.runForEach(Stream.take(body.stream, 50), () => Effect.yieldNow())
      assert.isAtMost(yield* Ref.get(produced), 53)
    }))
})
