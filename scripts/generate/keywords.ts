/**
 * Every member that an object of an OpenAPI document can have, with what the generator does with it. A member that is
 * neither read nor ignored for a reason is refused, so that nothing of a new document is lost in silence.
 */
import { isObject, type JsonObject, own, refuse } from "./json.js"

type Decision =
  /** The output depends on it, or the generator stops if it has a value that the output could not express. */
  | { readonly kind: "read" }
  | { readonly kind: "ignored"; readonly why: string }
  | { readonly kind: "refused"; readonly remedy: string }

type Members = Readonly<Record<string, Decision>>

const each = (decision: Decision, names: ReadonlyArray<string>): Members =>
  Object.fromEntries(names.map((name) => [name, decision]))

const read = (...names: ReadonlyArray<string>): Members => each({ kind: "read" }, names)

const ignored = (why: string, ...names: ReadonlyArray<string>): Members => each({ kind: "ignored", why }, names)

const refused = (remedy: string, ...names: ReadonlyArray<string>): Members => each({ kind: "refused", remedy }, names)

const prose = (...names: ReadonlyArray<string>): Members => ignored("It is prose, and ours is our own.", ...names)

/** The members of each kind of object. */
export const members = {
  schema: {
    ...read(
      "$ref",
      "additionalProperties",
      "allOf",
      "anyOf",
      "const",
      "deprecated",
      "discriminator",
      "enum",
      "format",
      "items",
      "oneOf",
      "properties",
      "required",
      "type"
    ),
    ...prose("$comment", "description", "example", "examples", "externalDocs", "title"),
    ...ignored(
      "The server enforces limits, and they change more often than the shape.",
      "exclusiveMaximum",
      "exclusiveMinimum",
      "maxItems",
      "maxLength",
      "maxProperties",
      "maximum",
      "minItems",
      "minLength",
      "minProperties",
      "minimum",
      "multipleOf",
      "pattern",
      "uniqueItems"
    ),
    ...ignored("The server fills it in; a client that sent it would keep an old default for ever.", "default"),
    ...refused(
      "describe it with the keywords that the generator reads, by a patch in patches.ts, or read it in parse.ts",
      "$anchor",
      "$defs",
      "$dynamicAnchor",
      "$dynamicRef",
      "$id",
      "$recursiveAnchor",
      "$recursiveRef",
      "$schema",
      "$vocabulary",
      "contains",
      "contentEncoding",
      "contentMediaType",
      "contentSchema",
      "definitions",
      "dependencies",
      "dependentRequired",
      "dependentSchemas",
      "else",
      "if",
      "maxContains",
      "minContains",
      "not",
      "nullable",
      "patternProperties",
      "prefixItems",
      "propertyNames",
      "readOnly",
      "then",
      "unevaluatedItems",
      "unevaluatedProperties",
      "writeOnly",
      "xml"
    )
  },
  discriminator: read("propertyName", "mapping"),
  document: {
    ...read("components", "openapi", "paths", "security", "servers"),
    ...prose("externalDocs", "info", "tags"),
    ...refused("the client receives no calls; leave it out on purpose in keywords.ts", "webhooks"),
    ...refused("the generator reads the dialect of OpenAPI 3.1", "jsonSchemaDialect")
  },
  components: {
    ...read("headers", "parameters", "requestBodies", "responses", "schemas", "securitySchemes"),
    ...prose("examples"),
    ...refused("nothing of it is carried over; decide in keywords.ts", "callbacks", "links", "pathItems")
  },
  "security scheme": {
    ...read("scheme", "type"),
    ...prose("bearerFormat", "description")
  },
  server: {
    ...read("url"),
    ...prose("description", "name"),
    ...refused("the base URL is an option of the client; take the variables out by a patch", "variables")
  },
  path: {
    ...read("delete", "get", "parameters", "patch", "post", "put", "servers"),
    ...prose("description", "summary"),
    ...refused("the client has no such method; extend `Row.method`", "head", "options", "query", "trace"),
    ...refused("repeat the operations under this path", "$ref")
  },
  operation: {
    ...read("deprecated", "operationId", "parameters", "requestBody", "responses", "security", "servers"),
    ...prose("description", "externalDocs", "summary", "tags"),
    ...refused("the client receives no calls; leave it out on purpose in keywords.ts", "callbacks")
  },
  parameter: {
    ...read("deprecated", "explode", "in", "name", "required", "schema", "style"),
    ...prose("description", "example", "examples"),
    ...refused(
      "the client encodes every reserved character and sends no empty value",
      "allowEmptyValue",
      "allowReserved"
    ),
    ...refused("parameters are text; give it a schema by a patch", "content")
  },
  "request body": {
    ...read("content", "required"),
    ...prose("description")
  },
  response: {
    ...read("content"),
    ...prose("description", "summary"),
    ...refused(
      "users read them by `withResponse`; if that is enough, ignore it in keywords.ts",
      "headers"
    ),
    ...refused("nothing of it is carried over; decide in keywords.ts", "links")
  },
  "media type": {
    ...read("schema"),
    ...prose("example", "examples"),
    ...refused("forms are written by the rules of HTML forms; see src/http/internal/multipart.ts", "encoding"),
    ...refused("the protocol of a stream says how its events are read", "itemEncoding", "itemSchema", "prefixEncoding")
  }
} as const satisfies Readonly<Record<string, Members>>

/** Extensions, whatever object they stand in. */
export const extensions: Members = {
  ...read("x-openrouter-type", "x-speakeasy-pagination", "x-speakeasy-sse-sentinel"),
  ...ignored(
    "It guides the generators of the official SDKs, and changes nothing on the wire.",
    "x-fern-ignore",
    "x-hidden",
    "x-speakeasy-deprecation-message",
    "x-speakeasy-entity",
    "x-speakeasy-group",
    "x-speakeasy-ignore",
    "x-speakeasy-max-method-params",
    "x-speakeasy-name-override",
    "x-speakeasy-server-id",
    "x-speakeasy-stream-request-field"
  ),
  ...ignored(
    "The library has rules of its own for retries, which never pay twice.",
    "x-retry-strategy",
    "x-speakeasy-retries"
  )
}

/** The formats that a schema may have, with the types that they may stand beside. All but `binary` change nothing. */
const formats: Readonly<Record<string, ReadonlyArray<string>>> = {
  ...Object.fromEntries(
    ["binary", "date", "date-time", "email", "hostname", "ipv4", "ipv6", "time", "uri", "url", "uuid"]
      .map((format) => [format, ["string"]])
  ),
  ...Object.fromEntries(
    ["double", "float", "int32", "int64", "uint32"].map((format) => [format, ["number", "integer"]])
  )
}

/**
 * What is not in the output although the generator reads it, each with its reason. The tables above say it for whole
 * members; these are values.
 */
export const ignoredValues: ReadonlyArray<string> = [
  "oneOf in place of anyOf, and the order of members: the members themselves say which value fits",
  "integer in place of number: TypeScript has one type for both",
  "every format but binary: text and numbers stay what came",
  "additionalProperties: true or false, because a new field must never break a response",
  "the type of additionalProperties beside properties: an index signature would have to fit the properties too",
  "null for an optional field, and absence of a nullable one, in what is received: both were seen for the same field",
  "required, for the schemas and fields that patches.ts makes optional",
  "null for a parameter: it is left out instead",
  "a type that properties or values say already",
  "properties that an allOf replaces: the replacement counts",
  "deprecated, on schemas that only others are made of, and on the messages of a stream",
  "the declaration of pages beside a parameter for them, and a known optional header: the client needs neither",
  "the mapping of a discriminator: the fixed values of the members decide, and must agree with it",
  "the bodies of errors: hand-written code reads any form of them (src/http/internal/readError.ts)",
  "the number of a successful status: every 2xx is a success",
  "schemas that no request and no successful response uses",
  "the fields of the messages of a stream beside the event: the reader of events needs none of them"
]

/** Refuses every member of an object that nobody decided on. */
export const checkMembers = (kind: keyof typeof members, json: JsonObject, at: string): void => {
  const known: Members = members[kind]
  for (const name of Object.keys(json)) {
    const decision = own(known, name) ?? own(extensions, name)
    if (decision === undefined) {
      refuse(at, `unknown keyword "${name}" of a ${kind}; decide in scripts/generate/keywords.ts what becomes of it`)
    } else if (decision.kind === "refused" && !isEmpty(json[name])) {
      refuse(at, `keyword "${name}" of a ${kind} is not carried over; ${decision.remedy}`)
    }
  }
}

const isEmpty = (value: unknown): boolean => isObject(value) && Object.keys(value).length === 0

export const checkFormat = (format: string, types: ReadonlyArray<string>, at: string): void => {
  const allowed = own(formats, format) ??
    refuse(at, `unknown format "${format}"; decide in scripts/generate/keywords.ts whether it changes the type`)
  if (!types.some((type) => allowed.includes(type))) {
    refuse(at, `format "${format}" beside type ${types.join(" or ") || "none"}; patch one of them`)
  }
}
