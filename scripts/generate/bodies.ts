/** The bodies of requests and responses, by media type. */
import { isObject, type Json, type JsonObject, object, own, pointer, refuse, string } from "./json.js"
import { checkMembers } from "./keywords.js"
import type { Ir } from "./model.js"
import type { Operation } from "./operations.js"
import * as Parse from "./parse.js"

export interface Media {
  readonly schema: Json | undefined
  readonly at: string
  readonly sentinel: Json | undefined
}

type Content = ReadonlyMap<string, Media>

const contentOf = (json: JsonObject, at: string): Content =>
  new Map(
    Object.entries(object(json["content"] ?? {}, at)).map(([mediaType, value]) => {
      const here = pointer(at, "content", mediaType)
      const media = object(value, here)
      checkMembers("media type", media, here)
      return [
        mediaType,
        { schema: media["schema"], at: pointer(here, "schema"), sentinel: media["x-speakeasy-sse-sentinel"] }
      ]
    })
  )

export interface RequestBodies {
  readonly json: Media | undefined
  readonly form: Media | undefined
  readonly formKind: "multipart" | "form"
}

/** What the request bodies are that the client can write. */
const bodyKinds: Readonly<Record<string, "json" | "multipart" | "form">> = {
  "application/json": "json",
  "multipart/form-data": "multipart",
  "application/x-www-form-urlencoded": "form"
}

export const requestBodies = (operation: JsonObject, at: string): RequestBodies => {
  if (operation["requestBody"] === undefined) {
    return { json: undefined, form: undefined, formKind: "multipart" }
  }
  const here = pointer(at, "requestBody")
  const body = object(operation["requestBody"], here)
  checkMembers("request body", body, here)
  if (body["required"] !== true) {
    refuse(here, "the body may be left out, but the client always sends it; patch `required`")
  }
  const content = contentOf(body, here)
  const unknown = [...content.keys()].find((mediaType) => own(bodyKinds, mediaType) === undefined)
  if (unknown !== undefined || content.size === 0) {
    return refuse(here, unknown === undefined ? "no media type" : `unknown request media type "${unknown}"`)
  }
  const [form, ...others] = [...content.keys()].filter((mediaType) => own(bodyKinds, mediaType) !== "json")
  if (others.length > 0) {
    refuse(here, "two kinds of forms, and the client writes one")
  }
  return {
    json: content.get("application/json"),
    form: form === undefined ? undefined : content.get(form),
    formKind: form !== undefined && own(bodyKinds, form) === "form" ? "form" : "multipart"
  }
}

export const responses = (
  operation: JsonObject,
  at: string
): { readonly errors: ReadonlyArray<number>; readonly success: Content } => {
  const all = Object.entries(object(operation["responses"], pointer(at, "responses"))).map(([status, json]) => {
    const here = pointer(at, "responses", status)
    const response = object(json, here)
    checkMembers("response", response, here)
    return [status, contentOf(response, here)] as const
  })
  const successes = all.filter(([status]) => /^2\d\d$/.test(status))
  const [only] = successes
  if (only === undefined || successes.length !== 1) {
    return refuse(at, `${successes.length} successful responses`)
  }
  const errors = all.filter((response) => response !== only).map(([status]) =>
    /^[45]\d\d$/.test(status) ? Number(status) : refuse(at, `unknown status "${status}"`)
  )
  return { errors, success: only[1] }
}

export type Success<A> = { readonly kind: "json"; readonly schema: A } | { readonly kind: "binary" | "empty" | "sse" }

/** What a successful response is. Of several media types, all but JSON and a stream are named in operations.ts. */
export const successOf = <A>(
  content: Content,
  table: Operation,
  at: string,
  { define, parse }: {
    readonly define: (media: Media) => A
    readonly parse: (schema: Json | undefined, at: string) => Ir
  }
): Success<A> => {
  const { otherMedia = [] } = table
  const gone = [...otherMedia, ...(table.binary === undefined ? [] : [table.binary])].find((type) => !content.has(type))
  if (gone !== undefined) {
    refuse(at, `no response of type "${gone}", which the operation's entry names; correct the entry`)
  }
  const types = [...content.keys()].filter((type) => !otherMedia.includes(type))
  if (table.binary !== undefined) {
    const media = content.get(table.binary)
    if (types.length > 1) {
      refuse(at, `a response of type "${table.binary}", and others: ${types.join(", ")}; correct the operation's entry`)
    }
    if (media?.schema !== undefined && parse(media.schema, media.at).kind !== "file") {
      refuse(media.at, "is no string of format binary, as the bytes of a file are")
    }
    return { kind: "binary" }
  }
  const unknown = types.find((type) => type !== "application/json" && type !== "text/event-stream")
  if (unknown !== undefined) {
    refuse(
      at,
      `unknown response media type "${unknown}"; name it in the operation's entry, as \`binary\` if the library ` +
        "returns its bytes, or in `otherMedia` if the library does not ask for it"
    )
  }
  const json = content.get("application/json")
  return json !== undefined
    ? { kind: "json", schema: define(json) }
    : content.has("text/event-stream")
    ? { kind: "sse" }
    : { kind: "empty" }
}

export interface Event {
  readonly schema: string
  readonly envelope: string
  readonly at: string
}

/** The streamed event. An operation that lists a stream only to exclude it has none. */
export const eventOf = (content: Content, table: Operation, at: string, file: string): Event | undefined => {
  const stream = content.get("text/event-stream")
  const schema = stream !== undefined && isObject(stream.schema) ? stream.schema : {}
  const isReal = stream !== undefined && schema["type"] !== "string"
  if (isReal !== (table.stream !== undefined)) {
    return refuse(at, isReal ? `streams; say how in ${file}` : `does not stream, but ${file} says so`)
  }
  if (table.stream === undefined || stream === undefined) {
    return undefined
  }
  if (stream.sentinel !== undefined && stream.sentinel !== "[DONE]") {
    refuse(stream.at, "the stream ends with something else than [DONE]")
  }
  Parse.onlyBeside(schema, ["$ref"], stream.at)
  return { schema: table.stream.event, envelope: Parse.refName(string(schema["$ref"], at), at), at: stream.at }
}
