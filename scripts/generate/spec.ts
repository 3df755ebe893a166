/** The operations and schemas of an OpenAPI document, as the generator sees them. */
import { type Event, eventOf, requestBodies, responses, type Success, successOf } from "./bodies.js"
import { checkDiscriminators } from "./discriminators.js"
import {
  canonical,
  isObject,
  type Json,
  type JsonObject,
  object,
  own,
  pointer,
  refuse,
  string,
  without
} from "./json.js"
import { checkMembers } from "./keywords.js"
import { checkRecursion, type Mentions, mentionsOf } from "./mentions.js"
import type { Definition, Definitions, Ir } from "./model.js"
import { nameInlineTypes, pascal } from "./names.js"
import { isList, isScalar, type Parameter, type ParameterReader, readParameters } from "./parameters.js"
import * as Parse from "./parse.js"
import { preludeValues } from "./prelude.js"
import { authOf, urlOf } from "./security.js"
import { fileOf, operationOf, type Tables } from "./tables.js"
import { normalize } from "./unions.js"

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
  readonly auth: "required" | "optional" | "none"
  readonly success: Success<string>
  /** The name of one streamed event, and of the message that carries it. */
  readonly event: Event | undefined
  readonly errors: ReadonlyArray<number>
  readonly paging: Paging
  readonly deprecated: boolean
  /** The group and the title of the operation in the document, of which the address of its page is made. */
  readonly tag: string | undefined
  readonly summary: string | undefined
  /** Whether the document says that only a management key is accepted. */
  readonly needsManagementKey: boolean
}

export interface Spec {
  readonly operations: ReadonlyArray<OperationShape>
  readonly definitions: Definitions
  /** The components that each component mentions in the document, merged ones included. */
  readonly mentions: Mentions
}

const methods = ["get", "put", "post", "patch", "delete"]

/** Every operation object of a document with its place. */
export const operationObjects = (
  document: JsonObject
): ReadonlyArray<readonly [id: string, method: string, path: string, operation: JsonObject, at: string]> =>
  Object.entries(object(document["paths"], "#/paths")).flatMap(([path, json]) => {
    const item = object(json, path)
    checkMembers("path", item, pointer("#/paths", path))
    return methods.flatMap((method) => {
      const at = pointer("#/paths", path, method)
      const servers = item["servers"]
      return item[method] === undefined ? [] : [
        [
          string(object(item[method], at)["operationId"], at),
          method,
          path,
          { ...(servers === undefined ? {} : { servers }), ...object(item[method], at) },
          at
        ] as const
      ]
    })
  })

/** The path of another server, as a path beside the base URL, so that requests still go through a proxy at that URL. */
const placeOf = (
  document: JsonObject,
  operation: JsonObject,
  path: string,
  at: string
): Pick<OperationShape, "path" | "base"> => {
  if (!/^(\/([\w.~-]|\{\w+\})+)+$/.test(path)) {
    refuse(at, `the path ${JSON.stringify(path)} has characters that cannot be sent as they are`)
  }
  if (operation["servers"] === undefined) {
    return { path, base: undefined }
  }
  const root = urlOf(document["servers"], "#/servers")
  const above = root.slice(0, root.lastIndexOf("/") + 1)
  const url = urlOf(operation["servers"], pointer(at, "servers")).replace(/\/$/, "") + path
  if (!url.startsWith(above)) {
    return refuse(at, `is on another server than ${above}`)
  }
  const [folder = "", ...rest] = url.slice(above.length).split("/")
  return { path: `/${rest.join("/")}`, base: `../${folder}` }
}

export const componentSchemas = (document: JsonObject): JsonObject =>
  object(object(document["components"], "#/components")["schemas"], "#/components/schemas")

/** What generated modules import or use under its own name. */
const reserved = new Set(
  ("Schema FileContent Unrecognized UnknownRecord OpenUnion Endpoint EventStream ReadonlyArray " +
    preludeValues.join(" ")).split(" ")
)

/** Words that cannot name a constant or a type. */
const words = new Set(
  ("any arguments as async await bigint boolean break case catch class const continue debugger default delete do else " +
    "enum eval export extends false finally for from function if implements import in instanceof interface let never " +
    "new null number object of package private protected public return static string super switch symbol this throw " +
    "true try type typeof undefined unknown var void while with yield __proto__").split(" ")
)

const isSchemaName = (name: string): boolean => /^[A-Za-z_]\w*$/.test(name) && !reserved.has(name) && !words.has(name)

/** The named schemas, and a way to add those that stand in operations. */
interface Schemas extends Parse.Parser {
  readonly definitions: Map<string, Definition>
  readonly define: (definition: Omit<Definition, "nullable" | "deprecated">, isDeprecated?: boolean) => void
}

const readSchemas = (schemas: JsonObject): Schemas => {
  const component = (name: string, at: string): JsonObject =>
    without(object(own(schemas, name) ?? refuse(at, `reference to "${name}", which does not exist`), at), "deprecated")
  const { discriminators, parse } = Parse.make(component)
  const definitions = new Map<string, Definition>()
  const define: Schemas["define"] = (definition, isDeprecated = false) => {
    if (!isSchemaName(definition.name)) {
      refuse(definition.pointer, `"${definition.name}" cannot be the name of a schema`)
    }
    if (definitions.has(definition.name)) {
      refuse(definition.pointer, `would be called ${definition.name}, which exists; name it in operations.ts`)
    }
    definitions.set(
      definition.name,
      definition.type.kind === "nullable"
        ? { ...definition, nullable: true, deprecated: isDeprecated, type: definition.type.of }
        : { ...definition, nullable: false, deprecated: isDeprecated }
    )
  }
  for (const [name, schema] of Object.entries(schemas)) {
    const at = pointer("#/components/schemas", name)
    const isDeprecated = isObject(schema) && schema["deprecated"] === true
    define({ name, pointer: at, origin: { kind: "component" }, type: parse(component(name, at), at) }, isDeprecated)
  }
  return { parse, discriminators, definitions, define }
}

/** Reads a document that is already patched and supplemented. */
export const read = (document: JsonObject, tables: Tables): Spec => {
  const schemas = componentSchemas(document)
  const mentions = mentionsOf(schemas)
  checkRecursion(mentions)
  const { define, definitions, discriminators, parse } = readSchemas(schemas)
  const lookup = (name: string): Ir | undefined => definitions.get(name)?.type

  const body = (
    schema: Json | undefined,
    at: string,
    kind: "request" | "response",
    operationId: string,
    name: string
  ): string => {
    const type = parse(schema, at)
    const isNullable = type.kind === "nullable" ||
      (type.kind === "ref" && definitions.get(type.name)?.nullable === true)
    if (isNullable) {
      refuse(at, `a ${kind} that may be null; no type of an endpoint says that, so patch it`)
    }
    if (type.kind === "ref") {
      return type.name
    }
    define({ name, pointer: at, origin: { kind, operationId }, type })
    return name
  }

  const operations = operationObjects(document).map(([id, method, path, operation, at]): OperationShape => {
    const table = operationOf(tables, id)
    checkMembers("operation", operation, at)
    const { pathParams, query } = readParameters(operation, path, at, { parse, lookup, omit: table.omit ?? [] })
    const requests = requestBodies(operation, at)
    const { errors, success } = responses(operation, at)
    const more = tables.statuses.filter(({ operations }) => operations.includes(id)).map(({ status }) => status)
    if (more.some((status) => errors.includes(status))) {
      refuse(at, "a patch adds a status that the document lists by now")
    }
    const requestName = table.request ?? `${pascal(id)}Request`
    const responseName = table.response ?? `${pascal(id)}Response`
    const { form, formKind, json } = requests
    const formBody = form === undefined ? undefined : body(form.schema, form.at, "request", id, requestName)
    if (formBody !== undefined) {
      checkForm(lookup(formBody), lookup, pointer(at, "requestBody"))
    }
    return {
      id,
      method: method.toUpperCase(),
      ...placeOf(document, operation, path, at),
      pathParams,
      query,
      jsonBody: json === undefined ? undefined : body(json.schema, json.at, "request", id, requestName),
      formBody,
      formKind,
      auth: authOf(document, operation, table, at),
      success: successOf(success, table, at, {
        define: (media) => body(media.schema, media.at, "response", id, responseName),
        parse
      }),
      event: eventOf(success, table, at, fileOf(tables, id)),
      errors: [...errors, ...more].sort((a, b) => a - b),
      paging: paging(operation, query, at),
      deprecated: operation["deprecated"] === true,
      tag: tagOf(operation),
      summary: typeof operation["summary"] === "string" ? operation["summary"] : undefined,
      needsManagementKey: /\[Management key\]\([^)]*\) required/.test(String(operation["description"]))
    }
  })
  for (const id of Object.keys(tables.operations)) {
    if (!operations.some((operation) => operation.id === id)) {
      const file = fileOf(tables, id)
      const source = file === "supplement.ts" ? "supplement.json" : "the document"
      refuse(file, `operation "${id}" is not in ${source} any more; remove its entry`)
    }
  }
  checkDiscriminators(discriminators, definitions)
  const named = nameInlineTypes(normalize(definitions), tables)
  for (const { event } of operations) {
    if (event !== undefined) {
      checkEnvelope(event, named)
    }
  }
  return {
    operations: operations.map((operation) => ({ ...operation, query: operation.query.map(shareEnum(named)) })),
    definitions: named,
    mentions
  }
}

const tagOf = ({ tags }: JsonObject): string | undefined => {
  const [tag] = Array.isArray(tags) ? tags : []
  return typeof tag === "string" ? tag : undefined
}

/** A form has texts, files, and lists of these. */
const checkForm = (type: Ir | undefined, lookup: ParameterReader["lookup"], at: string): void => {
  const fields = type?.kind === "struct" ? type.fields : []
  const isPart = (part: Ir): boolean => part.kind === "file" || isScalar(part, lookup) || isList(part, lookup)
  const stray = fields.find(({ type }) => !isPart(type.kind === "nullable" ? type.of : type))
  if (stray !== undefined) {
    refuse(at, `the field "${stray.name}" of a form is neither text, file nor a list of these`)
  }
}

/** Refuses a stream whose messages do not carry the event that the table names. */
const checkEnvelope = (event: Event, definitions: Definitions): void => {
  const envelope = definitions.get(event.envelope)?.type
  const data = envelope?.kind === "struct" ? envelope.fields.find(({ name }) => name === "data") : undefined
  if (data === undefined || data.optional || canonical(data.type) !== canonical({ kind: "ref", name: event.schema })) {
    refuse(event.at, `the messages of the stream do not carry ${event.schema}, which the operation's entry names`)
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

/** The parameters that continue a list after an item. */
const cursors = ["cursor", "starting_after", "after"]

/** The kinds of pages that a list can declare. */
const pagination: Readonly<Record<string, Paging>> = { offsetLimit: "offset", cursor: "cursor" }

const paging = (operation: JsonObject, query: ReadonlyArray<Parameter>, at: string): Paging => {
  const declared = operation["x-speakeasy-pagination"]
  if (declared === undefined) {
    // Not every listing that skips records is declared as paginated
    return query.some(({ name }) => name === "offset") ? "offset" : "none"
  }
  const { inputs, outputs, type, ...others } = object(declared, at)
  const kind = own(pagination, string(type, at)) ?? refuse(at, "unknown kind of pagination")
  const places = object(outputs ?? {}, at)
  const expected: JsonObject = { results: "$.data", ...(kind === "cursor" ? { nextCursor: "$.cursor" } : {}) }
  const names = kind === "cursor" ? ["cursor"] : ["offset", "limit"]
  const continues = kind === "cursor" ? cursors : ["offset"]
  const isUsual = Object.entries(places).every(([name, place]) => own(expected, name) === place) &&
    (inputs === undefined ||
      canonical(inputs) === canonical(names.map((name) => ({ in: "parameters", name, type: name }))))
  return isUsual && Object.keys(others).length === 0 && query.some(({ name }) => continues.includes(name))
    ? kind
    : refuse(at, "pages are requested or found in another way than src/http/internal/paginate.ts does")
}
