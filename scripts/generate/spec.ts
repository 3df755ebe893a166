/** The operations and schemas of an OpenAPI document, as the generator sees them. */
import { array, canonical, isObject, type Json, type JsonObject, object, pointer, refuse, string } from "./json.js"
import type { Definition, Definitions, Ir } from "./model.js"
import { nameInlineTypes, pascal } from "./names.js"
import type { Operation } from "./operations.js"
import * as Parse from "./parse.js"
import { fileOf, operationOf, type Tables } from "./tables.js"
import { normalize } from "./unions.js"

export interface Parameter {
  readonly name: string
  readonly required: boolean
  readonly type: Ir
}

export type Paging = "none" | "offset" | "cursor"

export interface OperationShape {
  readonly id: string
  readonly method: string
  readonly path: string
  /** Where the path starts, relative to the base URL, where it starts elsewhere. */
  readonly base: string | undefined
  readonly pathParams: ReadonlyArray<Parameter>
  readonly query: ReadonlyArray<Parameter>
  readonly jsonBody: string | undefined
  readonly formBody: string | undefined
  readonly formKind: "multipart" | "form"
  readonly success: { readonly kind: "json"; readonly schema: string } | { readonly kind: "binary" | "empty" | "sse" }
  /** The name of one streamed event, and of the message that carries it. */
  readonly event: { readonly schema: string; readonly envelope: string } | undefined
  readonly errors: ReadonlyArray<number>
  readonly paging: Paging
  readonly deprecated: boolean
}

export interface Spec {
  readonly operations: ReadonlyArray<OperationShape>
  readonly definitions: Definitions
  /** The components that each component mentions in the document, merged ones included. */
  readonly mentions: ReadonlyMap<string, ReadonlyArray<string>>
}

/** What the generated modules import under its own name. */
const reserved = new Set(["Schema", "FileContent", "Unrecognized", "UnknownRecord", "Endpoint", "EventStream"])

const methods = ["get", "put", "post", "patch", "delete"]
const irrelevantMembers = new Set(["description", "summary", "servers"])

/** Every operation object of a document with its place. */
export const operationObjects = (
  document: JsonObject
): ReadonlyArray<readonly [id: string, method: string, path: string, operation: JsonObject, at: string]> =>
  Object.entries(object(document["paths"], "#/paths")).flatMap(([path, item]) =>
    Object.entries(object(item, path)).flatMap(([method, json]) => {
      const at = pointer("#/paths", path, method)
      if (irrelevantMembers.has(method)) {
        return []
      }
      if (!methods.includes(method)) {
        return refuse(at, `unknown member "${method}" of a path`)
      }
      const servers = object(item, path)["servers"]
      const operation: JsonObject = { ...(servers === undefined ? {} : { servers }), ...object(json, at) }
      return [[string(operation["operationId"], at), method, path, operation, at] as const]
    })
  )

/** What the request bodies are that the client can write, by media type. */
const bodyKinds: Readonly<Record<string, "json" | "multipart" | "form">> = {
  "application/json": "json",
  "multipart/form-data": "multipart",
  "application/x-www-form-urlencoded": "form"
}

/** The path of another server, as a path beside the base URL, so that requests still go through a proxy at that URL. */
const placeOf = (
  document: JsonObject,
  operation: JsonObject,
  path: string,
  at: string
): Pick<OperationShape, "path" | "base"> => {
  const first = (servers: Json | undefined): string => {
    const [server] = array(servers, pointer(at, "servers"))
    return string(object(server, pointer(at, "servers"))["url"], pointer(at, "servers"))
  }
  if (operation["servers"] === undefined) {
    return { path, base: undefined }
  }
  const root = first(document["servers"])
  const above = root.slice(0, root.lastIndexOf("/") + 1)
  const url = first(operation["servers"]).replace(/\/$/, "") + path
  if (!url.startsWith(above)) {
    return refuse(at, `is on another server than ${above}`)
  }
  const [folder = "", ...rest] = url.slice(above.length).split("/")
  return { path: `/${rest.join("/")}`, base: `../${folder}` }
}

export const componentSchemas = (document: JsonObject): JsonObject =>
  object(object(document["components"], "#/components")["schemas"], "#/components/schemas")

/** Reads a document that is already patched and supplemented. */
export const read = (document: JsonObject, tables: Tables): Spec => {
  const schemas = componentSchemas(document)
  const { parse } = Parse.make((name, at) =>
    schemas[name] ?? refuse(at, `reference to "${name}", which does not exist`)
  )

  const definitions = new Map<string, Definition>()
  const define = (definition: Omit<Definition, "nullable">): void => {
    if (!/^[A-Za-z_]\w*$/.test(definition.name) || reserved.has(definition.name)) {
      refuse(definition.pointer, `"${definition.name}" cannot be the name of a schema`)
    }
    if (definitions.has(definition.name)) {
      refuse(definition.pointer, `would be called ${definition.name}, which exists; name it in operations.ts`)
    }
    definitions.set(
      definition.name,
      definition.type.kind === "nullable"
        ? { ...definition, nullable: true, type: definition.type.of }
        : { ...definition, nullable: false }
    )
  }
  for (const [name, schema] of Object.entries(schemas)) {
    const at = pointer("#/components/schemas", name)
    define({ name, pointer: at, origin: { kind: "component" }, type: parse(schema, at) })
  }

  const body = (
    schema: Json | undefined,
    at: string,
    kind: "request" | "response",
    operationId: string,
    name: string
  ): string => {
    const type = parse(schema, at)
    if (type.kind === "ref") {
      return type.name
    }
    define({ name, pointer: at, origin: { kind, operationId }, type })
    return name
  }

  const operations = operationObjects(document).map(([id, method, path, operation, at]): OperationShape => {
    const table = operationOf(tables, id)
    const { pathParams, query } = parameters(operation, path, at, parse, table.omit ?? [])
    const requests = content(operation["requestBody"], pointer(at, "requestBody"))
    const { errors, success } = responses(operation, at)
    const more = tables.statuses.filter(({ operations }) => operations.includes(id)).map(({ status }) => status)
    if (more.some((status) => errors.includes(status))) {
      refuse(at, "a patch adds a status that the document lists by now")
    }
    const requestName = table.request ?? `${pascal(id)}Request`
    const responseName = table.response ?? `${pascal(id)}Response`
    for (const mediaType of requests.keys()) {
      if (bodyKinds[mediaType] === undefined) {
        refuse(at, `unknown request media type "${mediaType}"`)
      }
    }
    const json = requests.get("application/json")
    const [formType] = [...requests.keys()].filter((mediaType) => bodyKinds[mediaType] !== "json")
    const form = formType === undefined ? undefined : requests.get(formType)
    return {
      id,
      method: method.toUpperCase(),
      ...placeOf(document, operation, path, at),
      pathParams,
      query,
      jsonBody: json === undefined ? undefined : body(json.schema, json.at, "request", id, requestName),
      formBody: form === undefined ? undefined : body(form.schema, form.at, "request", id, requestName),
      formKind: formType !== undefined && bodyKinds[formType] === "form" ? "form" : "multipart",
      success: successOf(success, at, (media) => body(media.schema, media.at, "response", id, responseName)),
      event: eventOf(success, table, at, fileOf(tables, id)),
      errors: [...errors, ...more].sort((a, b) => a - b),
      paging: paging(operation, query, at),
      deprecated: operation["deprecated"] === true
    }
  })
  for (const id of Object.keys(tables.operations)) {
    if (!operations.some((operation) => operation.id === id)) {
      const file = fileOf(tables, id)
      const source = file === "supplement.ts" ? "supplement.json" : "the document"
      refuse(file, `operation "${id}" is not in ${source} any more; remove its entry`)
    }
  }
  const named = nameInlineTypes(normalize(definitions), tables)
  return {
    operations: operations.map((operation) => ({ ...operation, query: operation.query.map(shareEnum(named)) })),
    definitions: named,
    mentions: new Map(Object.entries(schemas).map(([name, schema]) => [name, mentioned(schema ?? null)]))
  }
}

/** A parameter with the values of a named enum takes that enum. */
const shareEnum = (definitions: Definitions) => (parameter: Parameter): Parameter => {
  const shape = canonical(parameter.type)
  const named = parameter.type.kind === "literals" && parameter.type.values.length > 8
    ? [...definitions.values()].find(({ type }) => canonical(type) === shape)
    : undefined
  return named === undefined ? parameter : { ...parameter, type: { kind: "ref", name: named.name } }
}

const mentioned = (json: Json): ReadonlyArray<string> =>
  Array.isArray(json)
    ? json.flatMap(mentioned)
    : !isObject(json)
    ? []
    : Object.entries(json).flatMap(([key, value]) =>
      key === "$ref" && typeof value === "string"
        ? [Parse.refName(value, value)]
        : key === "example" || key === "examples" || value === undefined
        ? []
        : mentioned(value)
    )

interface Media {
  readonly schema: Json | undefined
  readonly at: string
}

const content = (json: Json | undefined, at: string): ReadonlyMap<string, Media> =>
  new Map(
    Object.entries(object(isObject(json) ? json["content"] ?? {} : {}, at)).map(([mediaType, media]) => [
      mediaType,
      { schema: object(media, at)["schema"], at: pointer(at, "content", mediaType, "schema") }
    ])
  )

const responses = (
  operation: JsonObject,
  at: string
): { readonly errors: ReadonlyArray<number>; readonly success: ReadonlyMap<string, Media> } => {
  const all = Object.entries(object(operation["responses"], pointer(at, "responses")))
  const successes = all.filter(([status]) => status.startsWith("2"))
  const [only] = successes
  if (only === undefined || successes.length !== 1) {
    return refuse(at, `${successes.length} successful responses`)
  }
  const errors = all.filter(([status]) => !status.startsWith("2")).map(([status]) =>
    /^[45]\d\d$/.test(status) ? Number(status) : refuse(at, `unknown status "${status}"`)
  )
  return {
    errors,
    success: content(only[1], pointer(at, "responses", only[0]))
  }
}

const successOf = (
  media: ReadonlyMap<string, Media>,
  at: string,
  define: (media: Media) => string
): OperationShape["success"] => {
  const json = media.get("application/json")
  if (json !== undefined) {
    return { kind: "json", schema: define(json) }
  }
  const [mediaType] = media.keys()
  return mediaType === undefined
    ? { kind: "empty" }
    : /^(audio|video)\/|^application\/octet-stream$/.test(mediaType)
    ? { kind: "binary" }
    : mediaType === "text/event-stream"
    ? { kind: "sse" }
    : refuse(at, `unknown response media type "${mediaType}"`)
}

/** The streamed event. An operation that lists a stream only to exclude it has none. */
const eventOf = (
  media: ReadonlyMap<string, Media>,
  table: Operation,
  at: string,
  file: string
): OperationShape["event"] => {
  const stream = media.get("text/event-stream")
  const schema = stream !== undefined && isObject(stream.schema) ? stream.schema : {}
  const isReal = stream !== undefined && schema["type"] !== "string"
  if (isReal !== (table.stream !== undefined)) {
    return refuse(at, isReal ? `streams; say how in ${file}` : `does not stream, but ${file} says so`)
  }
  return table.stream === undefined
    ? undefined
    : { schema: table.stream.event, envelope: Parse.refName(string(schema["$ref"], at), at) }
}

const parameters = (
  operation: JsonObject,
  path: string,
  at: string,
  parse: Parse.Parser["parse"],
  omit: ReadonlyArray<string>
): Pick<OperationShape, "pathParams" | "query"> => {
  const all = array(operation["parameters"] ?? [], at).map((json, i) => {
    const here = pointer(at, "parameters", i)
    const parameter = object(json, here)
    const schema = object(parameter["schema"], here)
    return {
      name: string(parameter["name"], here),
      in: string(parameter["in"], here),
      required: parameter["required"] === true,
      type: parameterType(parse(schema, pointer(here, "schema")), schema)
    }
  })
  const unknown = all.find((parameter) => !["path", "query", "header"].includes(parameter.in))
  if (unknown !== undefined) {
    refuse(at, `parameter "${unknown.name}" in ${unknown.in}`)
  }
  const pathParams = all.filter((parameter) => parameter.in === "path")
  const inPath = [...path.matchAll(/\{([^}]+)\}/g)].map(([, name]) => name)
  if (inPath.length !== pathParams.length || !pathParams.every(({ name }) => inPath.includes(name))) {
    refuse(at, "the path and its parameters differ")
  }
  return {
    pathParams,
    query: all.filter((parameter) => parameter.in === "query" && !omit.includes(parameter.name))
  }
}

/** A parameter is never sent as null, and booleans that are spelled as strings are booleans. */
const parameterType = (type: Ir, schema: JsonObject): Ir => {
  if (type.kind === "nullable") {
    return parameterType(type.of, schema)
  }
  if (schema["x-openrouter-type"] === "boolean") {
    return { kind: "boolean" }
  }
  if (type.kind === "union" && type.members.some((member) => member.kind === "boolean")) {
    return { kind: "boolean" }
  }
  if (type.kind === "literals" && type.values.every((value) => value === "true" || value === "false")) {
    return type.values.length === 2 ? { kind: "boolean" } : { kind: "literals", values: [type.values[0] === "true"] }
  }
  return type
}

const paging = (operation: JsonObject, query: ReadonlyArray<{ readonly name: string }>, at: string): Paging => {
  const declared = operation["x-speakeasy-pagination"]
  if (declared === undefined) {
    // Not every listing that skips records is declared as paginated
    return query.some(({ name }) => name === "offset") ? "offset" : "none"
  }
  const type = object(declared, at)["type"]
  return type === "offsetLimit" ? "offset" : type === "cursor" ? "cursor" : refuse(at, "unknown kind of pagination")
}
