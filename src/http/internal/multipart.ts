import * as HttpBody from "@effect/platform/HttpBody"
import * as Cause from "effect/Cause"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { concat } from "../../internal/bytes.js"
import { excerpt, isObject, type JsonObject, stringAt } from "../../internal/json.js"
import { InvalidRequestError } from "../OpenRouterError.js"
import type { Row } from "../row.js"
import { isHeaderValue, scrub } from "./secrets.js"

/**
 * A form, ready to be sent.
 *
 * @internal
 */
export interface Form {
  readonly body: HttpBody.HttpBody
  /** Where the form is read while it is sent. */
  readonly upload?: Upload | undefined
}

type Content = Uint8Array | Blob | Stream.Stream<Uint8Array, unknown>

interface Part {
  readonly name: string
  /** None for a plain field. */
  readonly fileName: string | undefined
  readonly contentType: string | undefined
  readonly content: Content
}

/**
 * Writes fields as `multipart/form-data`, by the rules of HTML forms. A small form becomes bytes, which every client
 * can send and send again. What is larger is read while it is sent.
 *
 * The runtime's own `FormData` would do for `fetch` alone: undici's dispatcher takes none but that of its own package.
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
        if (part === undefined) return refuse(row, name, "cannot be a part of a form")
        if (!isHeaderValue(part.contentType ?? "")) {
          return refuse(row, name, "has a content type with line breaks or characters beyond Latin-1")
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
  value instanceof Uint8Array || value instanceof Blob || isStream(value) ? value : undefined

const isStream = (value: unknown): value is Stream.Stream<Uint8Array, unknown> =>
  Predicate.hasProperty(value, Stream.StreamTypeId)

const nameOf = (content: Content): string => content instanceof File && content.name !== "" ? content.name : "file"

const typeOf = (content: Content): string =>
  content instanceof Blob && content.type !== "" ? content.type : "application/octet-stream"

const encoder = new TextEncoder()

const utf8 = (text: string): Uint8Array => encoder.encode(text)

/** Fields of a form have the line ends of the network, whatever they had in memory. */
const withCrLf = (text: string): string => text.replace(/\r\n?|\n/g, "\r\n")

const quoted = (text: string): string =>
  `"${text.replaceAll("\n", "%0A").replaceAll("\r", "%0D").replaceAll("\"", "%22")}"`

/** Cannot be guessed, so that no content can end its part by holding it. */
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

/** Up to here, files are read into memory before they are sent: 4 MiB. */
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
    const blob = new Blob(pieces.flatMap(({ content }) => isStream(content) ? [] : [blobPart(content)]), {
      type: contentType
    })
    return Effect.succeed({ body: HttpBody.raw(blob, { contentType, contentLength: size }) })
  }
  return Effect.map(
    makeUpload(row, pieces.map(({ content, name }) => ({ name, bytes: streamOf(content), once: isStream(content) }))),
    (upload) => ({
      body: HttpBody.stream(upload.bytes, contentType, Number.isFinite(size) ? size : undefined),
      upload
    })
  )
}

const sizeOf = (content: Content): number =>
  content instanceof Uint8Array ? content.byteLength : content instanceof Blob ? content.size : Infinity

const inMemory = (row: Row, { content, name }: Piece): Effect.Effect<Uint8Array, InvalidRequestError> =>
  content instanceof Blob
    ? Effect.matchEffect(Effect.tryPromise(() => content.arrayBuffer()), {
      onFailure: () => refuse(row, name, "cannot be read"),
      onSuccess: (buffer) => Effect.succeed(new Uint8Array(buffer))
    })
    : content instanceof Uint8Array
    ? Effect.succeed(content)
    : refuse(row, name, "cannot be read")

const streamOf = (content: Content): Stream.Stream<Uint8Array, unknown> =>
  content instanceof Uint8Array
    ? Stream.make(content)
    : content instanceof Blob
    ? Stream.fromReadableStream({ evaluate: () => content.stream(), onError: (cause) => cause })
    : content

/** Few browsers can stream a request, and none over HTTP/1.1; but a `Blob` of files they read while they send it. */
const isBrowser = (): boolean => "document" in globalThis || "WorkerGlobalScope" in globalThis

const blobPart = (content: Uint8Array | Blob): Blob | Uint8Array<ArrayBuffer> =>
  content instanceof Blob
    ? content
    : content.buffer instanceof ArrayBuffer
    ? new Uint8Array(content.buffer, content.byteOffset, content.byteLength)
    : new Uint8Array(content)

/**
 * A request body that is read while it is sent.
 *
 * @internal
 */
export interface Upload {
  readonly bytes: Stream.Stream<Uint8Array, unknown>
  /** Whether another attempt would send the same: not once a source has been read from that may not begin again. */
  readonly isRepeatable: () => boolean
  /** Fails where a source did. The connection that broke for it is not to blame. */
  readonly check: Effect.Effect<void, InvalidRequestError>
  /** Ends the reading. When this is done, so are the finalizers of the sources. */
  readonly close: Effect.Effect<void>
}

/**
 * What a body is made of, in order. `name` is the parameter to blame where reading fails.
 *
 * @internal
 */
export interface Source {
  readonly name: string
  readonly bytes: Stream.Stream<Uint8Array, unknown>
  /** Whether it may be impossible to read it twice. */
  readonly once: boolean
}

/**
 * Reads sources for a request, one chunk ahead of what is sent. A client that loses interest in a body may never say
 * so; therefore the sources are read in a scope of the call's own.
 *
 * @internal
 */
export const makeUpload = (row: Row, sources: ReadonlyArray<Source>): Effect.Effect<Upload> =>
  Effect.map(Scope.make(), (scope) => {
    let repeatable = true
    let failure: { readonly name: string; readonly cause: Cause.Cause<unknown> } | undefined
    const watched = (source: Source) =>
      Stream.suspend(() => {
        if (source.once) repeatable = false
        return Stream.catchAllCause(source.bytes, (cause) => {
          if (!Cause.isInterruptedOnly(cause)) failure ??= { name: source.name, cause }
          return Stream.failCause(cause)
        })
      })
    const bytes = Stream.unwrap(Effect.suspend(() => {
      let whole = false
      const all = Stream.concat(
        Stream.flatMap(Stream.fromIterable(sources), watched),
        Stream.execute(Effect.sync(() => {
          whole = true
        }))
      )
      return Effect.map(Scope.extend(Stream.toQueue(all, { capacity: 1 }), scope), (queue) =>
        Stream.concat(
          Stream.mapChunks(Stream.flattenTake(Stream.fromQueue(queue)), lastInTwo),
          // The queue of a call that is over ends like any other, but half a body must not look like a whole one
          Stream.suspend(() => whole ? Stream.empty : Stream.fail("The upload was given up"))
        ))
    }))
    return {
      bytes,
      isRepeatable: () => repeatable,
      check: Effect.suspend(() => failure === undefined ? Effect.void : explain(row, failure.name, failure.cause)),
      close: Scope.close(scope, Exit.void)
    }
  })

/** A `node:http` client of @effect/platform-node waits for its socket after every piece of a chunk but the last. */
const lastInTwo = (chunk: Chunk.Chunk<Uint8Array>): Chunk.Chunk<Uint8Array> => {
  const last = Option.getOrUndefined(Chunk.last(chunk))
  if (last === undefined || last.byteLength < 2) return chunk
  const middle = last.byteLength >> 1
  return Chunk.appendAll(Chunk.dropRight(chunk, 1), Chunk.make(last.subarray(0, middle), last.subarray(middle)))
}

const explain = (row: Row, name: string, cause: Cause.Cause<unknown>): Effect.Effect<void, InvalidRequestError> =>
  Option.match(Cause.failureOption(cause), {
    onNone: () => Effect.failCause(Cause.stripFailures(cause)),
    onSome: (error) => {
      const words = [stringAt(error, "_tag"), stringAt(error, "message")].filter((text) => text !== undefined)
      const why = excerpt(scrub(words.join(": ").split("\n")[0] ?? "", {}), 200)
      return Effect.fail(
        new InvalidRequestError({
          parameter: name,
          message: `${row.name}: \`${name}\` could not be read to its end, so the upload was broken off${
            why === "" ? "" : ` (${why})`
          }`
        })
      )
    }
  })
