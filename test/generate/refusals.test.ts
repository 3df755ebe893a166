import { assert, describe, it } from "@effect/vitest"
import { readdirSync, readFileSync } from "node:fs"
import { generate } from "../../scripts/generate/generate.js"
import { type JsonObject, Refusal } from "../../scripts/generate/json.js"
import { addParameters, applyPatches, supplement } from "../../scripts/generate/patch.js"
import { componentSchemas } from "../../scripts/generate/spec.js"
import type { Tables } from "../../scripts/generate/tables.js"
import { root, unformatted } from "./support/document.js"

const tables: Tables = {
  operations: { getThing: { name: "things.get", doc: "Reads a thing." } },
  patches: [],
  statuses: [],
  parameters: [],
  renames: {},
  schemaDocs: {},
  moduleDocs: {},
  fieldDocs: { shared: {}, own: {} }
}

const thing: JsonObject = { type: "object", properties: { id: { type: "string" } }, required: ["id"] }

const operation = (more: JsonObject = {}): JsonObject => ({
  operationId: "getThing",
  responses: {
    200: { content: { "application/json": { schema: { $ref: "#/components/schemas/Thing" } } } },
    404: {}
  },
  ...more
})

const document = (schemas: JsonObject = {}, get: JsonObject = operation(), path = "/thing"): JsonObject => ({
  paths: { [path]: { get } },
  components: { schemas: { Thing: thing, ...schemas } }
})

const run = (input: JsonObject, more: Partial<Tables> = {}): ReadonlyMap<string, string> =>
  generate(input, { ...tables, ...more }, unformatted).files

const refuses = (f: () => unknown, message: RegExp): void => {
  try {
    f()
  } catch (error) {
    assert.instanceOf(error, Refusal)
    assert.match(String(error), message)
    return
  }
  assert.fail("was not refused")
}

const withField = (field: JsonObject): JsonObject =>
  document({ Thing: { type: "object", properties: { field }, required: ["field"] } })

const body = (schema: JsonObject): JsonObject => ({ content: { "application/json": { schema } } })

const requestBody = (schema: JsonObject): JsonObject => ({ required: true, ...body(schema) })

describe("a document that the generator understands", () => {
  it("a small document becomes a schema and a row", () => {
    const files = run(document())
    assert.deepStrictEqual([...files.keys()], ["src/schema/Things.ts", "src/services/endpoints/Things.ts"])
    assert.include(files.get("src/schema/Things.ts"), "export interface Thing {\n  readonly id: string\n}")
    assert.include(
      files.get("src/schema/Things.ts"),
      "export const Thing: Schema<Thing> = lazyStruct(() => ({\n  id: String\n}))"
    )
    assert.include(
      files.get("src/services/endpoints/Things.ts"),
      "export type GetFailure = Endpoint.Failure<404>"
    )
    assert.include(
      files.get("src/services/endpoints/Things.ts"),
      "export const get: Endpoint.ReadEndpoint<void, Thing, GetFailure> = Endpoint.read({"
    )
  })
})

describe("generated schemas", () => {
  it("import only the prelude and each other", () => {
    const folder = `${root}src/schema/`
    const specifiers = readdirSync(folder).filter((file) => /^[A-Z]/.test(file)).flatMap((file) =>
      [...readFileSync(folder + file, "utf8").matchAll(/ from "(.*)"$/gm)].map(([, specifier = ""]) => specifier)
    )
    assert.isAbove(specifiers.length, 100)
    assert.deepStrictEqual(specifiers.filter((specifier) => !/^\.\/([A-Z]\w*|prelude)\.js$/.test(specifier)), [])
  })
})

describe("special operations", () => {
  const rows = (get: JsonObject, more: Partial<Tables> = {}, servers: JsonObject = {}): string =>
    run({ ...document({}, get), ...servers }, more).get("src/services/endpoints/Things.ts") ?? ""

  const servers: JsonObject = { servers: [{ url: "https://openrouter.ai/api/v1" }] }

  it("a form is recognized by its media type", () => {
    const form = (mediaType: string) =>
      operation({ requestBody: { required: true, content: { [mediaType]: { schema: thing } } } })
    assert.include(rows(form("application/x-www-form-urlencoded")), "  body: \"form\",\n")
    assert.include(rows(form("multipart/form-data")), " = Endpoint.upload({\n")
  })

  it("an operation on another server has a path beside the base URL", () => {
    const places = { "https://openrouter.ai": "/api/alpha/thing", "https://openrouter.ai/api/alpha/": "/thing" }
    for (const [url, path] of Object.entries(places)) {
      const own = operation({ servers: [{ url }] })
      const text = run({ ...document({}, own, path), ...servers }).get("src/services/endpoints/Things.ts")
      assert.include(text, "  path: \"/thing\",\n  base: \"../alpha\",\n")
      assert.include(text, "`GET /api/alpha/thing`")
    }
    refuses(
      () => rows(operation({ servers: [{ url: "https://example.com/api/v1" }] }), {}, servers),
      /is on another server than https:\/\/openrouter.ai\/api\//
    )
  })

  it("the servers of a path apply to its operations", () => {
    const item = { get: operation(), servers: [{ url: "https://openrouter.ai/api/beta" }] }
    const text = run({ ...servers, paths: { "/thing": item }, components: { schemas: { Thing: thing } } })
    assert.include(text.get("src/services/endpoints/Things.ts"), "  base: \"../beta\",\n")
  })

  it("an operation that only streams is one row with its own name", () => {
    const event = { "text/event-stream": { schema: { $ref: "#/components/schemas/Message" } } }
    const streaming = operation({
      requestBody: requestBody({ type: "object", properties: { stream: { type: "boolean" } } }),
      responses: { 200: { content: event }, 404: {} }
    })
    const stream = { protocol: "chat", event: "Thing", result: "Followed" } as const
    const operations = { getThing: { name: "things.follow", doc: "Follows a thing.", stream } }
    const message = {
      type: "object",
      properties: { data: { $ref: "#/components/schemas/Thing" } },
      required: ["data"]
    }
    const text = run(document({ Message: message }, streaming), { operations })
      .get("src/services/endpoints/Things.ts") ?? ""
    assert.include(text, "export type FollowFailure = EventStream.StreamFailure<404>")
    assert.include(
      text,
      "export const follow: EventStream.StreamEndpoint<\n  FollowParams,\n  Thing,\n  ChatProtocol.Followed,\n" +
        "  FollowFailure\n> = EventStream.endpoint({"
    )
    assert.include(text, "  protocol: ChatProtocol.protocol,")
    assert.notInclude(text, "Endpoint.json(")
    const { result: _, ...resultless } = stream
    refuses(
      () =>
        run(document({ Message: message }, streaming), {
          operations: { getThing: { ...operations.getThing, stream: resultless } }
        }),
      /getThing: has no whole response; add stream.result/
    )
  })
})

describe("the generator rejects", () => {
  it("an operation without a name, with the file that names it", () => {
    const nameless = (more: Partial<Tables>) => () => run(document(), { operations: {}, ...more })
    refuses(nameless({}), /getThing: the operation has no name; add it to scripts\/generate\/operations.ts/)
    refuses(nameless({ supplied: new Set(["getThing"]) }), /add it to scripts\/generate\/supplement.ts/)
  })

  it("an unknown keyword, with its path", () => {
    refuses(
      () => run(withField({ type: "string", contentEncoding: "base64" })),
      /Thing\/properties\/field.*contentEncoding/
    )
  })

  it("an unknown type", () => {
    refuses(() => run(withField({ type: "tuple" })), /unknown type "tuple"/)
  })

  it("keywords that exclude each other", () => {
    refuses(() => run(withField({ anyOf: [{ type: "string" }], type: "string" })), /"type" beside "anyOf"/)
  })

  it("an allOf that is not one schema with changes", () => {
    refuses(() => run(withField({ allOf: [thing, thing, thing] })), /allOf of 3 parts/)
    refuses(() => run(withField({ allOf: [{ type: "string" }, thing] })), /allOf over string/)
  })

  it("a required property that is not described", () => {
    refuses(() => run(withField({ type: "object", properties: {}, required: ["a"] })), /requires "a"/)
  })

  it("a reference to a missing schema, and a reference to another document", () => {
    refuses(() => run(withField({ $ref: "#/components/schemas/Nothing" })), /Nothing/)
    refuses(() => run(withField({ $ref: "other.json#/Thing" })), /reference "other.json#\/Thing"/)
  })

  it("a recursive schema", () => {
    refuses(() => run(withField({ $ref: "#/components/schemas/Thing" })), /recursive: Thing -> Thing/)
  })

  it("an operation without a name, and a name without an operation", () => {
    refuses(() => run(document(), { operations: {} }), /getThing: the operation has no name/)
    refuses(
      () => run(document(), { operations: { ...tables.operations, gone: { name: "things.gone", doc: "Is gone." } } }),
      /operation "gone" is not in the document any more/
    )
  })

  it("two operations with the same name", () => {
    const both = document()
    const paths = { "/thing": { get: operation() }, "/other": { get: operation({ operationId: "getOther" }) } }
    const names = { ...tables.operations, getOther: { name: "things.get", doc: "Reads another thing." } }
    refuses(() => run({ ...both, paths }, { operations: names }), /a second operation is called Things.get/)
  })

  it("an inline body whose name is taken", () => {
    const inline = operation({ responses: { 200: body(thing) } })
    refuses(() => run(document({ GetThingResponse: thing }, inline)), /would be called GetThingResponse, which exists/)
  })

  it("an inline type whose name is taken, until it is renamed", () => {
    const large = (name: string): JsonObject => ({
      type: "object",
      properties: Object.fromEntries(["a", "b", "c", "d"].map((field) => [`${name}_${field}`, { type: "string" }]))
    })
    const schemas = {
      ThingPart: large("component"),
      Thing: { type: "object", properties: { part: large("inline") }, required: ["part"] }
    }
    refuses(() => run(document(schemas)), /would be called ThingPart, which exists/)
    const renamed = run(document(schemas), { renames: { ThingPart: "Piece" } })
    assert.include([...renamed.values()].join("\n"), "readonly part: Piece\n")
  })

  it("a schema with a reserved or malformed name", () => {
    refuses(() => run(document({ Schema: thing })), /"Schema" cannot be the name of a schema/)
    refuses(() => run(document({ "Thing-2": thing })), /"Thing-2" cannot be the name of a schema/)
  })

  it("a rename, a sentence or a module without its schema", () => {
    refuses(() => run(document(), { renames: { Gone: "Lost" } }), /no type gets the name Gone/)
    refuses(() => run(document(), { schemaDocs: { Gone: "Is gone." } }), /schema "Gone" is not generated/)
    refuses(() => run(document(), { moduleDocs: { Gone: "Is gone." } }), /module "Gone" is not generated/)
  })

  it("a body field with the name of a parameter", () => {
    const post = operation({
      parameters: [{ in: "path", name: "id", required: true, schema: { type: "string" } }],
      requestBody: requestBody({ $ref: "#/components/schemas/Thing" })
    })
    refuses(() => run(document({}, post, "/thing/{id}")), /"id" is both a parameter and a field of the body/)
  })

  it("a path that differs from its parameters", () => {
    refuses(() => run(document({}, operation(), "/thing/{id}")), /the path and its parameters differ/)
  })

  it("parameters and media types that it does not know", () => {
    const cookie = [{ in: "cookie", name: "session", schema: { type: "string" } }]
    refuses(() => run(document({}, operation({ parameters: cookie }))), /parameter "session" in cookie/)
    const answer = { 200: { content: { "text/csv": { schema: { type: "string" } } } } }
    refuses(() => run(document({}, operation({ responses: answer }))), /unknown response media type "text\/csv"/)
    const form = { required: true, content: { "application/xml": { schema: thing } } }
    refuses(() => run(document({}, operation({ requestBody: form }))), /unknown request media type/)
  })

  it("several successful responses, and a malformed status", () => {
    refuses(() => run(document({}, operation({ responses: { 200: {}, 201: {} } }))), /2 successful responses/)
    refuses(() => run(document({}, operation({ responses: { 200: {}, default: {} } }))), /unknown status "default"/)
  })

  it("a stream without a protocol", () => {
    const answer = { schema: { $ref: "#/components/schemas/Thing" } }
    const stream = { 200: { content: { "application/json": answer, "text/event-stream": answer } } }
    refuses(() => run(document({}, operation({ responses: stream }))), /streams; say how in operations.ts/)
  })

  it("a patch that adds what the document has", () => {
    const list = { Colour: { type: "string", enum: ["red"] }, Any: { anyOf: [{ $ref: "#/components/schemas/Thing" }] } }
    const patched = (patch: Omit<Tables["patches"][number], "why">) =>
      applyPatches(document(list), [{ why: "", ...patch }])
    const colour = { in: "#/components/schemas/Colour" }
    const schemas = componentSchemas(patched({ ...colour, values: ["green"] }))
    assert.deepStrictEqual(schemas["Colour"], { type: "string", enum: ["red", "green"] })
    refuses(() => patched({ ...colour, values: ["blue", "red"] }), /adds the value "red", which the document lists/)

    const any = { in: "#/components/schemas/Any" }
    const members = componentSchemas(patched({ ...any, members: [{ $ref: "#/components/schemas/Colour" }] }))["Any"]
    assert.deepStrictEqual(members, {
      anyOf: [{ $ref: "#/components/schemas/Thing" }, { $ref: "#/components/schemas/Colour" }]
    })
    refuses(() => patched({ ...any, members: [{ $ref: "#/components/schemas/Thing" }] }), /adds a member, which/)
    refuses(() => patched({ ...colour, members: [{ $ref: "#/components/schemas/Thing" }] }), /is no union/)

    const parameter = { why: "", name: "limit", schema: { type: "integer" }, operations: ["getThing"] }
    const added = addParameters(document(), [parameter])
    assert.include(run(added).get("src/services/endpoints/Things.ts"), "  readonly limit?: number | undefined\n")
    refuses(() => addParameters(added, [parameter]), /adds the parameter "limit", which the document lists by now/)
    refuses(() => addParameters(document(), [{ ...parameter, operations: ["gone"] }]), /an operation that is not there/)
  })

  it("a patch without its place or its reason", () => {
    const apply = (patch: Tables["patches"][number]) => () => applyPatches(document(), [patch])
    const place = "#/components/schemas/Thing"
    refuses(apply({ why: "", in: "#/components/schemas/Gone", optional: [] }), /a patch has lost its place/)
    refuses(apply({ why: "", in: /^Gone/, optional: ["id"] }), /a patch has lost its place/)
    refuses(apply({ why: "", in: place, optional: ["gone"] }), /names "gone", which is not there/)
    refuses(apply({ why: "", in: place, only: ["id"] }), /changes nothing any more/)
    refuses(apply({ why: "", in: place, add: { id: {} } }), /adds "id", which the document describes by now/)
    assert.deepStrictEqual(
      applyPatches(document(), [{ why: "", in: place, optional: ["id"] }]),
      document({ Thing: { ...thing, required: [] } })
    )
  })

  it("a patch for a status that the document lists", () => {
    const statuses = [{ why: "", status: 404, operations: ["getThing"] }]
    refuses(() => run(document(), { statuses }), /a status that the document lists by now/)
  })

  it("a supplement that repeats the document", () => {
    refuses(
      () => supplement(document(), { components: { schemas: { Thing: thing } } }),
      /the supplement repeats "Thing"/
    )
    refuses(() => supplement(document(), { paths: { "/thing": {} } }), /the supplement repeats "\/thing"/)
  })
})
