import * as HttpBody from "@effect/platform/HttpBody"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { concat } from "../../internal/bytes.js"
import { isStream } from "../../internal/effect/batches.js"
import { isObject, type JsonObject } from "../../internal/json.js"
import { InvalidRequestError } from "../OpenRouterError.js"
import type { Row } from "../row.js"
import { isHeaderValue } from "./secrets.js"
import { makeUpload, type Upload } from "./upload.js"

/**
 * A form that is ready to be sent.
 *
 * @internal
 */
export interface Form {
  readonly body: HttpBody.HttpBody
  /** Present where the form is read while it is sent. */
  readonly upload?: Upload | undefined
}

type Content = Uint8Array | Blob | Stream.Stream<Uint8Array, unknown>

interface Part {
  readonly name: string
  /** Undefined for a plain field. */
  readonly fileName: string | undefined
  readonly contentType: string | undefined
  readonly content: Content
}

/**
 * Writes fields as `multipart/form-data`, by the rules of HTML forms. A small form becomes bytes, which every client
 * can send more than once. A larger form is read while it is sent.
 *
 * The runtime's own `FormData` would work with `fetch` only: undici's dispatcher accepts only the `FormData` of its own
 * package.
 *
 * @internal
 */
export const encodeForm = (row: Row, fields: JsonObject): Effect.Effect<Form, InvalidRequestError> =>
  Effect.suspend(() => {
    const parts: Array<Part> = []
    for (const [name, value] of Object.entries(fields)) {
      if (value === undefined || value === null) continue
      for (const item of Array.isArray(value) ? value : [value]) {
        const part = toPart(name, item)
        if (part === undefined) {
          return refuse(
            row,
            name,
            "cannot be a part of a form. Use a text, a number, a boolean, or a file: bytes, a Blob or a stream"
          )
        }
        if (!isHeaderValue(part.contentType ?? "")) {
          return refuse(
            row,
            name,
            "has a content type with line breaks or characters beyond Latin-1. Use one such as application/pdf"
          )
        }
        parts.push(part)
      }
    }
    return write(row, parts, newBoundary())
  })

const refuse = (row: Row, name: string, problem: string): Effect.Effect<never, InvalidRequestError> =>
  Effect.fail(new InvalidRequestError({ parameter: name, message: `${row.name}: \`${name}\` ${problem}` }))

const toPart = (name: string, value: unknown): Part | undefined => {
  if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") {
    return { name, fileName: undefined, contentType: undefined, content: utf8(withCrLf(String(value))) }
  }
  const file = toContent(value)
  if (file !== undefined) return { name, fileName: nameOf(file), contentType: typeOf(file), content: file }
  if (!isObject(value)) return undefined
  const { content, contentType, fileName } = value
  const inner = typeof content === "string" ? utf8(content) : toContent(content)
  return inner === undefined ? undefined : {
    name,
    fileName: typeof fileName === "string" && fileName !== "" ? fileName : nameOf(inner),
    contentType: typeof contentType === "string"
      ? contentType
      : typeof content === "string"
      ? "text/plain;charset=utf-8"
      : typeOf(inner),
    content: inner
  }
}

const toContent = (value: unknown): Content | undefined =>
  value instanceof Uint8Array || value instanceof Blob || isByteStream(value) ? value : undefined

/** The parameters of an upload allow no stream but one of bytes. */
const isByteStream = (value: unknown): value is Stream.Stream<Uint8Array, unknown> => isStream(value)

const nameOf = (content: Content): string => content instanceof File && content.name !== "" ? content.name : "file"

const typeOf = (content: Content): string =>
  content instanceof Blob && content.type !== "" ? content.type : "application/octet-stream"

const encoder = new TextEncoder()

const utf8 = (text: string): Uint8Array => encoder.encode(text)

/** Fields of a form have CRLF line ends, whatever line ends they had in memory. */
const withCrLf = (text: string): string => text.replace(/\r\n?|\n/g, "\r\n")

const quoted = (text: string): string =>
  `"${text.replaceAll("\n", "%0A").replaceAll("\r", "%0D").replaceAll("\"", "%22")}"`

/** Cannot be guessed, so that no content can contain it and end its own part. */
const newBoundary = (): string =>
  "----effect-openrouter-" +
  Array.from(globalThis.crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join(
    ""
  )

const headOf = (part: Part, boundary: string): Uint8Array => {
  const file = part.fileName === undefined ? "" : `; filename=${quoted(part.fileName)}`
  const type = part.contentType === undefined ? "" : `\r\nContent-Type: ${part.contentType}`
  return utf8(
    `--${boundary}\r\nContent-Disposition: form-data; name=${quoted(withCrLf(part.name))}${file}${type}\r\n\r\n`
  )
}

const crLf = utf8("\r\n")

interface Piece {
  readonly name: string
  readonly content: Content
}

/** Forms up to 4 MiB are read into memory before they are sent. */
const smallForm = 4 * 1024 * 1024

const write = (row: Row, parts: ReadonlyArray<Part>, boundary: string): Effect.Effect<Form, InvalidRequestError> => {
  const contentType = `multipart/form-data; boundary=${boundary}`
  const pieces = parts.flatMap((part): ReadonlyArray<Piece> => [
    { name: part.name, content: headOf(part, boundary) },
    { name: part.name, content: part.content },
    { name: part.name, content: crLf }
  ]).concat({ name: "", content: utf8(`--${boundary}--\r\n`) })
  const size = pieces.reduce((sum, { content }) => sum + sizeOf(content), 0)
  if (pieces.every(({ content }) => content instanceof Uint8Array) || size <= smallForm) {
    return Effect.map(
      Effect.forEach(pieces, (piece) => inMemory(row, piece)),
      (chunks) => ({ body: HttpBody.uint8Array(concat(chunks), contentType) })
    )
  }
  if (isBrowser() && Number.isFinite(size)) {
    const blob = new Blob(pieces.flatMap(({ content }) => isByteStream(content) ? [] : [blobPart(content)]), {
      type: contentType
    })
    return Effect.succeed({ body: HttpBody.raw(blob, { contentType, contentLength: size }) })
  }
  return Effect.map(
    makeUpload(
      row,
      pieces.map(({ content, name }) => ({ name, bytes: streamOf(content), once: isByteStream(content) }))
    ),
    (upload) => ({
      body: HttpBody.stream(upload.bytes, contentType, Number.isFinite(size) ? size : undefined),
      upload
    })
  )
}

const sizeOf = (content: Content): number =>
  content instanceof Uint8Array ? content.byteLength : content instanceof Blob ? content.size : Infinity

const unreadable = "cannot be read. Open the file again, and send the request again"

const inMemory = (row: Row, { content, name }: Piece): Effect.Effect<Uint8Array, InvalidRequestError> =>
  content instanceof Blob
    ? Effect.matchEffect(Effect.tryPromise(() => content.arrayBuffer()), {
      onFailure: () => refuse(row, name, unreadable),
      onSuccess: (buffer) => Effect.succeed(new Uint8Array(buffer))
    })
    : content instanceof Uint8Array
    ? Effect.succeed(content)
    : refuse(row, name, unreadable)

const streamOf = (content: Content): Stream.Stream<Uint8Array, unknown> =>
  content instanceof Uint8Array
    ? Stream.make(content)
    : content instanceof Blob
    ? Stream.fromReadableStream({ evaluate: () => content.stream(), onError: (cause) => cause })
    : content

/**
 * Few browsers can stream a request, and none can over HTTP/1.1; but they read a `Blob` of files while they send it.
 */
const isBrowser = (): boolean => "document" in globalThis || "WorkerGlobalScope" in globalThis

const blobPart = (content: Uint8Array | Blob): Blob | Uint8Array<ArrayBuffer> =>
  content instanceof Blob
    ? content
    : content.buffer instanceof ArrayBuffer
    ? new Uint8Array(content.buffer, content.byteOffset, content.byteLength)
    : new Uint8Array(content)
