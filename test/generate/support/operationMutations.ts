/** Changes of one operation, or of the path around it. */
import { isObject, type Json, type JsonObject, without } from "../../../scripts/generate/json.js"

export interface OperationMutation {
  readonly name: string
  /** The changed members of the path, or none where the change makes no sense. */
  readonly of: (operation: JsonObject, method: string) => ReadonlyArray<JsonObject>
  /** The output may stay the same, for a reason of `ignoredValues` or of the table of keywords. */
  readonly ignored?: boolean
}

const list = (json: Json | undefined): ReadonlyArray<Json> => Array.isArray(json) ? json : []

const object = (json: Json | undefined): JsonObject => isObject(json) ? json : {}

const text: JsonObject = { type: "string" }

/** A change of the operation itself. */
const change = (
  name: string,
  of: (operation: JsonObject) => JsonObject | undefined,
  ignored = false
): OperationMutation => ({
  name,
  of: (operation, method) => {
    const changed = of(operation)
    return changed === undefined ? [] : [{ [method]: changed }]
  },
  ignored
})

const added = (name: string, parameter: JsonObject): OperationMutation =>
  change(name, (operation) => ({
    ...operation,
    parameters: [...list(operation["parameters"]), { name: "a_new_parameter", schema: text, ...parameter }]
  }))

/** A change of the first parameter that fits. */
const parameter = (
  name: string,
  of: (parameter: JsonObject) => JsonObject | undefined,
  ignored = false
): OperationMutation =>
  change(name, (operation) => {
    const all = list(operation["parameters"]).map(object)
    const i = all.findIndex((one) => of(one) !== undefined)
    return i < 0
      ? undefined
      : { ...operation, parameters: all.map((one, j) => j === i ? of(one) ?? one : one) }
  }, ignored)

const isSent = (parameter: JsonObject): boolean =>
  parameter["in"] !== "header" && !["use_rss", "use_rss_chat_links"].includes(String(parameter["name"]))

const successOf = (operation: JsonObject): string =>
  Object.keys(object(operation["responses"]))
    .find((status) => status.startsWith("2")) ?? "200"

const success = (
  name: string,
  of: (response: JsonObject) => JsonObject | undefined
): OperationMutation =>
  change(name, (operation) => {
    const responses = object(operation["responses"])
    const changed = of(object(responses[successOf(operation)]))
    return changed && { ...operation, responses: { ...responses, [successOf(operation)]: changed } }
  })

const body = (name: string, of: (body: JsonObject) => JsonObject | undefined): OperationMutation =>
  change(name, (operation) => {
    const changed = isObject(operation["requestBody"]) ? of(operation["requestBody"]) : undefined
    return changed && { ...operation, requestBody: changed }
  })

const withContent = (part: JsonObject, mediaType: string): JsonObject => ({
  ...part,
  content: { ...object(part["content"]), [mediaType]: { schema: text } }
})

/** All media types under another name, the first one, or with another member. */
const mediaTypes = (
  part: JsonObject,
  of: (entries: ReadonlyArray<readonly [string, JsonObject]>) => ReadonlyArray<readonly [string, Json]>
): JsonObject | undefined => {
  const entries = Object.entries(object(part["content"])).map(([type, media]) => [type, object(media)] as const)
  return entries.length === 0 ? undefined : { ...part, content: Object.fromEntries(of(entries)) }
}

export const operationMutations: ReadonlyArray<OperationMutation> = [
  // --- parameters ---
  added("a query parameter", { in: "query" }),
  added("a required query parameter", { in: "query", required: true }),
  added("a query parameter that is a list", { in: "query", schema: { type: "array", items: text } }),
  added("a list with commas", { in: "query", explode: false, schema: { type: "array", items: text } }),
  added("an object in the query", { in: "query", schema: { type: "object", properties: { a: text } } }),
  added("a deep object", { in: "query", style: "deepObject", schema: { type: "object", properties: { a: text } } }),
  added("a parameter with content", { in: "query", content: {} }),
  added("a header", { in: "header" }),
  added("a required header", { in: "header", required: true }),
  added("a cookie", { in: "cookie" }),
  added("a path parameter", { in: "path", required: true }),
  added("a parameter in no place", { in: "somewhere" }),
  added("a parameter by reference to nothing", { $ref: "#/components/parameters/Nothing" }),
  parameter("a parameter with another name", (one) => isSent(one) ? { ...one, name: "renamed" } : undefined),
  parameter(
    "a parameter in another place",
    (one) => isSent(one) ? { ...one, in: one["in"] === "query" ? "path" : "query" } : undefined
  ),
  parameter("a parameter in a header", (one) => isSent(one) ? { ...one, in: "header" } : undefined),
  parameter("a required parameter", (one) => isSent(one) ? { ...one, required: one["required"] !== true } : undefined),
  parameter(
    "a required header that was optional",
    (one) => one["in"] === "header" ? { ...one, required: true } : undefined
  ),
  parameter(
    "another type of a parameter",
    (one) =>
      isSent(one) && object(one["schema"])["type"] === "string" ? { ...one, schema: { type: "integer" } } : undefined
  ),
  parameter(
    "a parameter that is null",
    (one) =>
      isSent(one) && object(one["schema"])["type"] === "string" && object(one["schema"])["enum"] === undefined
        ? { ...one, schema: { ...object(one["schema"]), type: ["string", "null"] } }
        : undefined,
    true
  ),
  parameter(
    "a parameter that is an object",
    (one) => isSent(one) ? { ...one, schema: { type: "object", properties: { a: text } } } : undefined
  ),
  parameter("a style", (one) => isSent(one) ? { ...one, style: "spaceDelimited" } : undefined),
  parameter("reserved characters", (one) => ({ ...one, allowReserved: true })),
  parameter("empty values", (one) => ({ ...one, allowEmptyValue: true })),
  parameter("an unknown member of a parameter", (one) => ({ ...one, newMember: true })),
  parameter("a deprecated parameter", (one) => isSent(one) ? { ...one, deprecated: true } : undefined),
  parameter("prose of a parameter", (one) => ({ ...one, description: "new", example: "new" }), true),
  parameter(
    "a boolean that is spelled no more",
    (one) => object(one["schema"])["x-openrouter-type"] === undefined ? undefined : { ...one, schema: text }
  ),
  change("a parameter twice", (operation) => {
    const [first] = list(operation["parameters"])
    return first === undefined ? undefined : { ...operation, parameters: [...list(operation["parameters"]), first] }
  }),
  change("a parameter less", (operation) => {
    const all = list(operation["parameters"]).map(object)
    const last = all.findLastIndex((one) => one["in"] !== "header")
    return last < 0 ? undefined : { ...operation, parameters: all.filter((_, i) => i !== last) }
  }),
  {
    name: "a parameter of the path",
    of: (
      operation,
      method
    ) => [{ [method]: operation, parameters: [{ name: "a_new_parameter", in: "query", schema: text }] }]
  },

  // --- security and servers ---
  change("no key", (operation) => ({ ...operation, security: [] })),
  change("an optional key", (operation) => ({ ...operation, security: [{ apiKey: [] }, {}] })),
  change("two keys", (operation) => ({ ...operation, security: [{ apiKey: [], bearer: [] }] })),
  change("an unknown scheme", (operation) => ({ ...operation, security: [{ mutual: [] }] })),
  change("a scope", (operation) => ({ ...operation, security: [{ apiKey: ["read"] }] })),
  change("another server", (operation) => ({ ...operation, servers: [{ url: "https://example.com/api/v1" }] })),
  change("another base path", (operation) => ({ ...operation, servers: [{ url: "https://openrouter.ai/api/v9" }] })),
  change("two servers", (operation) => ({
    ...operation,
    servers: [{ url: "https://openrouter.ai/api/v1" }, { url: "https://example.com" }]
  })),
  change("a server with variables", (operation) => ({
    ...operation,
    servers: [{ url: "https://openrouter.ai/api/v1", variables: { a: {} } }]
  })),

  // --- request bodies ---
  body("an optional body", (one) => ({ ...one, required: false })),
  body("a body that does not say whether it is required", (one) => without(one, "required")),
  body("another media type of a body", (one) => withContent(one, "application/xml")),
  body(
    "a body of another media type",
    (one) => mediaTypes(one, (entries) => entries.map(([, media]) => ["text/csv", media]))
  ),
  body("a body without content", (one) => without(one, "content")),
  body(
    "an encoding",
    (one) => mediaTypes(one, (entries) => entries.map(([type, media]) => [type, { ...media, encoding: { a: {} } }]))
  ),
  body("a body without a schema", (one) => mediaTypes(one, (entries) => entries.map(([type]) => [type, {}]))),
  body("a body by reference to nothing", () => ({ $ref: "#/components/requestBodies/Nothing" })),
  body("an unknown member of a body", (one) => ({ ...one, newMember: true })),
  change(
    "no body",
    (operation) => operation["requestBody"] === undefined ? undefined : without(operation, "requestBody")
  ),
  change("a body", (operation) =>
    operation["requestBody"] === undefined
      ? {
        ...operation,
        requestBody: {
          required: true,
          content: { "application/json": { schema: { type: "object", properties: { a_new_field: text } } } }
        }
      }
      : undefined),

  // --- responses ---
  success("another media type of a response", (one) => withContent(one, "text/csv")),
  success("bytes beside a response", (one) => withContent(one, "application/octet-stream")),
  success("a stream beside a response", (one) =>
    object(one["content"])["text/event-stream"] === undefined
      ? {
        ...one,
        content: { ...object(one["content"]), "text/event-stream": { schema: { $ref: "#/components/schemas/A" } } }
      }
      : undefined),
  success(
    "a response of another media type",
    (one) => mediaTypes(one, (entries) => entries.map(([, media]) => ["text/csv", media]))
  ),
  success("JSON in place of a response", (one) => {
    const content = { "application/json": { schema: { type: "object", properties: { a_new_field: text } } } }
    return { ...one, content }
  }),
  success("a response without content", (one) => one["content"] === undefined ? undefined : without(one, "content")),
  success(
    "a response without a schema",
    (one) =>
      mediaTypes(one, (entries) =>
        entries.map((
          [type, media]
        ) => [
          type,
          type.includes("json") || type.includes("event-stream") ? {} : { ...media, schema: { type: "object" } }
        ]))
  ),
  success("a header of a response", (one) => ({ ...one, headers: { "X-New": { schema: text } } })),
  success("a link", (one) => ({ ...one, links: { next: {} } })),
  success("a response by reference to nothing", () => ({ $ref: "#/components/responses/Nothing" })),
  success("an unknown member of a response", (one) => ({ ...one, newMember: true })),

  change("another successful response", (operation) => ({
    ...operation,
    responses: { ...object(operation["responses"]), 299: { description: "" } }
  })),
  change("a default response", (operation) => ({
    ...operation,
    responses: { ...object(operation["responses"]), default: { description: "" } }
  })),
  change("a redirect", (operation) => ({
    ...operation,
    responses: { ...object(operation["responses"]), 302: { description: "" } }
  })),
  change("another error", (operation) => ({
    ...operation,
    responses: { ...object(operation["responses"]), 418: { description: "" } }
  })),
  change("an error less", (operation) => {
    const status = Object.keys(object(operation["responses"])).find((status) => status.startsWith("4"))
    return status === undefined
      ? undefined
      : { ...operation, responses: without(object(operation["responses"]), status) }
  }),
  change("no responses", (operation) => without(operation, "responses")),

  // --- the rest ---
  change("another id", (operation) => ({ ...operation, operationId: "aNewOperation" })),
  change("no id", (operation) => without(operation, "operationId")),
  change("a deprecated operation", (operation) => ({ ...operation, deprecated: operation["deprecated"] !== true })),
  change("callbacks", (operation) => ({ ...operation, callbacks: { done: {} } })),
  change("an unknown member", (operation) => ({ ...operation, newMember: true })),
  change("an unknown extension", (operation) => ({ ...operation, "x-new": true })),
  change("prose", (operation) => ({ ...operation, summary: "new", description: "new", tags: ["new"] }), true),
  change("an unknown pagination", (operation) => ({ ...operation, "x-speakeasy-pagination": { type: "pages" } })),
  change("pages in another place", (operation) =>
    operation["x-speakeasy-pagination"] === undefined
      ? undefined
      : {
        ...operation,
        "x-speakeasy-pagination": { ...object(operation["x-speakeasy-pagination"]), outputs: { results: "$.items" } }
      }),
  change(
    "no declared pages",
    (operation) =>
      operation["x-speakeasy-pagination"] === undefined ? undefined : without(operation, "x-speakeasy-pagination"),
    true
  ),
  { name: "another method", of: (operation, method) => [{ [method === "put" ? "post" : "put"]: operation }] },
  { name: "a method that the client lacks", of: (operation, method) => [{ [method]: operation, trace: operation }] },
  { name: "an unknown member of a path", of: (operation, method) => [{ [method]: operation, newMember: {} }] },
  { name: "a path by reference", of: () => [{ $ref: "#/components/pathItems/A" }] },
  {
    name: "a second operation",
    of: (
      operation,
      method
    ) => [{ [method]: operation, [method === "put" ? "post" : "put"]: { ...operation, operationId: "aNewOperation" } }]
  }
]
