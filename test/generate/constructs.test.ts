import { assert, describe, it } from "@effect/vitest"
import { generate } from "../../scripts/generate/generate.js"
import { type JsonObject, Refusal } from "../../scripts/generate/json.js"
import { inlineShared } from "../../scripts/generate/shared.js"
import type { Tables } from "../../scripts/generate/tables.js"
import { unformatted } from "./support/document.js"

const operations: Tables["operations"] = { getThing: { name: "things.get", doc: "Reads a thing." } }

const none = {
  patches: [],
  statuses: [],
  parameters: [],
  renames: {},
  schemaDocs: {},
  moduleDocs: {},
  fieldDocs: { shared: {}, own: {} }
}

const ref = (section: string, name: string): JsonObject => ({ $ref: `#/components/${section}/${name}` })

const thing: JsonObject = { type: "object", properties: { id: { type: "string" } }, required: ["id"] }

const json = (schema: JsonObject): JsonObject => ({ content: { "application/json": { schema } } })

const document = (operation: JsonObject, components: JsonObject = {}, path = "/thing"): JsonObject => ({
  paths: {
    [path]: { get: { operationId: "getThing", responses: { 200: json(ref("schemas", "Thing")) }, ...operation } }
  },
  components: {
    ...components,
    schemas: { Thing: thing, ...(components["schemas"] === undefined ? {} : Object(components["schemas"])) },
    securitySchemes: { key: { type: "http", scheme: "bearer" } }
  }
})

const run = (input: JsonObject, entry: Partial<Tables["operations"][string]> = {}): string => {
  const table = { getThing: { name: "things.get", doc: "Reads a thing.", ...operations["getThing"], ...entry } }
  return [...generate(inlineShared(input), { ...none, operations: table }, unformatted).files.values()].join("\n")
}

const refuses = (f: () => unknown, message: RegExp): void => {
  try {
    f()
  } catch (error) {
    assert.instanceOf(error, Refusal)
    assert.match(String(error), message)
    return
  }
  assert.fail(`was not refused: ${message}`)
}

const field = (schema: JsonObject, schemas: JsonObject = {}): string =>
  run(document({}, { schemas: { ...schemas, Thing: { type: "object", properties: { field: schema } } } }))

const query = (schema: JsonObject, more: JsonObject = {}): string =>
  run(document({ parameters: [{ name: "p", in: "query", schema, ...more }] }))

const text: JsonObject = { type: "string" }

describe("references", () => {
  const post = { requestBody: ref("requestBodies", "Body") }
  const shared: JsonObject = {
    requestBodies: { Body: { required: true, ...json(thing) } },
    responses: { Good: json(ref("schemas", "Thing")) },
    parameters: { Limit: { name: "limit", in: "query", schema: { type: "integer" } } }
  }

  it("to bodies, responses and parameters are followed", () => {
    const output = run(document({
      ...post,
      parameters: [ref("parameters", "Limit")],
      responses: { 200: ref("responses", "Good"), 404: ref("responses", "Good") }
    }, shared))
    assert.include(output, "body: \"json\"")
    assert.include(output, "schema: Thing")
    assert.include(output, "query: [\"limit\"]")
    assert.include(output, "Endpoint.Failure<404>")
  })

  it("chains of them are followed", () => {
    const chain = { requestBodies: { ...Object(shared["requestBodies"]), Other: ref("requestBodies", "Body") } }
    assert.include(run(document({ requestBody: ref("requestBodies", "Other") }, chain)), "body: \"json\"")
  })

  it("to nothing, to another place and to themselves are refused", () => {
    refuses(() => run(document(post)), /requestBody: reference to "Body", which does not exist/)
    refuses(() => run(document({ requestBody: ref("responses", "Good") }, shared)), /"#\/components\/requestBodies\/"/)
    const loop = { A: ref("requestBodies", "B"), B: ref("requestBodies", "A") }
    refuses(
      () => run(document({ requestBody: ref("requestBodies", "A") }, { requestBodies: loop })),
      /leads back to itself: A -> B -> A/
    )
  })

  it("between schemas may not form a loop, whatever keyword they stand in", () => {
    const loops: ReadonlyArray<JsonObject> = [
      { Loop: ref("schemas", "Loop") },
      { Loop: { allOf: [ref("schemas", "Loop"), { properties: {} }] } },
      { Loop: { anyOf: [ref("schemas", "Loop"), { type: "null" }] } },
      { Loop: { type: "array", items: ref("schemas", "Loop") } },
      { Loop: { type: "object", properties: { example: ref("schemas", "Loop") } } },
      { Loop: { type: "object", additionalProperties: ref("schemas", "Loop") } },
      { Loop: ref("schemas", "Other"), Other: ref("schemas", "Loop") }
    ]
    for (const schemas of loops) {
      refuses(() => field(ref("schemas", "Loop"), schemas), /recursive: .*Loop.* -> /)
    }
  })

  it("beside other keywords are refused", () => {
    refuses(() => field({ ...ref("schemas", "Other"), type: "string" }, { Other: text }), /"type" beside "\$ref"/)
  })
})

describe("parameters", () => {
  it("of a path apply to its operations, unless an operation replaces them", () => {
    const shared = [{ name: "limit", in: "query", schema: text }, { name: "page", in: "query", schema: text }]
    const input = document({ parameters: [{ name: "limit", in: "query", schema: { type: "integer" } }] })
    const paths = Object.entries(Object(input["paths"])).map(([path, item]) => [
      path,
      { ...Object(item), parameters: shared }
    ])
    const output = run({ ...input, paths: Object.fromEntries(paths) })
    assert.include(output, "readonly limit?: number | undefined")
    assert.include(output, "readonly page?: string | undefined")
  })

  it("that are lists are lists of text", () => {
    assert.include(query({ type: "array", items: text }), "readonly p?: ReadonlyArray<string> | undefined")
    assert.notInclude(query({ type: "array", items: text }, { style: "form", explode: true }), "joined")
    assert.include(query({ type: "array", items: text }, { explode: false }), "query: [\"p\"],\n  joined: [\"p\"]")
  })

  it("that are deprecated are marked", () => {
    assert.include(query(text, { deprecated: true }), "  /** @deprecated */\n  readonly p?: string | undefined")
  })

  it("that the client would write in another form are refused", () => {
    const list = { type: "array", items: text }
    refuses(() => query(list, { style: "pipeDelimited" }), /style "pipeDelimited"/)
    refuses(() => query({ type: "object", properties: { a: text } }, { style: "deepObject" }), /style "deepObject"/)
    refuses(() => query({ type: "object", properties: { a: text } }), /neither text, number or boolean nor a list/)
    refuses(() => query({ type: "array", items: { type: "array", items: text } }), /nor a list of these/)
    refuses(() => query(text, { allowReserved: true }), /"allowReserved" of a parameter is not carried over/)
    refuses(() => query(text, { content: json(text) }), /"content" of a parameter is not carried over/)
    const path = (more: JsonObject) => () =>
      run(document({ parameters: [{ name: "id", in: "path", required: true, schema: text, ...more }] }, {}, "/t/{id}"))
    assert.include(path({})(), "path: \"/t/{id}\"")
    refuses(path({ style: "label" }), /simple style/)
    refuses(path({ schema: list }), /simple style/)
    refuses(path({ required: false }), /is not required/)
  })

  it("in a header or a cookie are refused, except for headers that the client knows", () => {
    const header = (more: JsonObject) => () =>
      run(document({
        parameters: [{
          name: "X-OpenRouter-Metadata",
          in: "header",
          schema: ref("schemas", "MetadataLevel"),
          ...more
        }]
      }, { schemas: { MetadataLevel: { type: "string", enum: ["enabled", "disabled"] } } }))
    assert.include(header({})(), "query: []")
    refuses(header({ required: true }), /is required, and the client sends it only with the option/)
    refuses(header({ schema: text }), /does not take "enabled", which the option/)
    refuses(header({ name: "Idempotency-Key" }), /header parameter "Idempotency-Key"; send it by an option/)
    refuses(header({ in: "cookie" }), /in cookie/)
  })

  it("that are repeated are refused", () => {
    const p = { name: "p", in: "query", schema: text }
    refuses(() => run(document({ parameters: [p, p] })), /a second parameter "p" in query/)
  })
})

describe("the key of a call", () => {
  it("is needed as the document says", () => {
    const auth = (security: ReadonlyArray<JsonObject>) => run(document({ security }))
    assert.include(auth([{ key: [] }]), "auth: \"required\"")
    assert.include(auth([]), "auth: \"none\"")
    assert.include(auth([{ key: [] }, {}]), "auth: \"optional\"")
    refuses(() => auth([{ other: [] }]), /unknown security scheme "other"/)
    refuses(() => auth([{ key: ["read"] }]), /scopes of "key"/)
  })

  it("is not needed where the tables say so, until the document says it too", () => {
    assert.include(run(document({}), { auth: "none" }), "auth: \"none\"")
    refuses(() => run(document({ security: [] }), { auth: "none" }), /take `auth` out of the operation's entry/)
  })
})

describe("enums", () => {
  it("of one type become literals, and null stays null", () => {
    assert.include(field({ enum: ["a", "b"] }), "\"a\" | \"b\" | (string & {})")
    assert.include(field({ type: "integer", enum: [1, 2] }), "1 | 2 | (number & {})")
    assert.include(field({ type: ["string", "null"], enum: ["a", "b", null] }), "\"a\" | \"b\" | (string & {}) | null")
    for (const nothing of [{ const: null }, { enum: [null] }, { type: "null" }]) {
      const output = field(nothing)
      assert.include(output, "readonly field?: null | undefined")
      assert.include(output, "field: optional(Null)")
      assert.match(output, /import \{.*\bNull\b.*\} from "\.\/prelude\.js"/)
    }
  })

  it("that contradict their type, or mix types, are refused", () => {
    refuses(() => field({ type: "string", enum: ["a", 1] }), /the value 1 is none of type string/)
    refuses(() => field({ type: "string", const: null }), /the value null is none of type string/)
    refuses(() => field({ type: "integer", enum: [1.5] }), /the value 1.5 is none of type integer/)
    refuses(() => field({ type: ["string", "null"], enum: ["a"] }), /type "null", which no value of the enum has/)
    refuses(() => field({ enum: ["a", 1] }), /an enum of several types \(string, number\)/)
    refuses(() => field({ type: "string", enum: [] }), /an enum without values/)
    refuses(() => field({ const: "a", enum: ["a"] }), /"enum" beside "const"/)
    refuses(() => field({ enum: [{}] }), /enum value \{\}/)
  })
})

describe("types", () => {
  it("and keywords of other types are refused together", () => {
    refuses(() => field({ type: "string", items: text }), /"items" beside type string/)
    refuses(() => field({ type: "array", properties: {} }), /"properties" beside type array/)
    refuses(() => field({ items: text }), /"items" beside no type/)
    refuses(() => field({ type: [] }), /an empty list of types/)
    refuses(() => field({ anyOf: [] }), /a union without members/)
    refuses(() => field({ type: "integer", format: "binary" }), /format "binary" beside type integer/)
    refuses(() => field({ type: "string", format: "byte" }), /unknown format "byte"/)
    refuses(() => field({ type: "string", "x-new": true }), /unknown keyword "x-new"/)
    refuses(
      () => field({ type: "array", items: { ...text, deprecated: true } }),
      /is deprecated; the generator says so/
    )
  })

  it("that change another schema keep or end its null", () => {
    const part = { type: ["object", "null"], properties: { a: text } }
    const all = (change: JsonObject) => field({ allOf: [ref("schemas", "Part"), change] }, { Part: part })
    assert.match(all({ required: ["a"] }), /readonly field\?: .*\| null \| undefined/)
    refuses(() => all({ type: "string", required: ["a"] }), /type string, which the schema that it changes does not/)
  })
})

describe("discriminators", () => {
  const member = (value: string): JsonObject => ({
    type: "object",
    properties: { type: { type: "string", enum: [value] }, [value]: text }
  })
  const union = (mapping: JsonObject, propertyName = "type") =>
    field({
      oneOf: [ref("schemas", "A"), ref("schemas", "B")],
      discriminator: { propertyName, mapping }
    }, { A: member("a"), B: member("b"), C: member("c") })
  const name = (schema: string): string => `#/components/schemas/${schema}`

  it("must agree with their members", () => {
    assert.include(union({ a: name("A"), b: name("B") }), "OpenUnion<\"type\", A | B>")
    assert.include(union({ a: "A" }), "OpenUnion<\"type\", A | B>")
    refuses(() => union({ a: name("B"), b: name("A") }), /maps "a" to "B", whose "type" has other values/)
    refuses(() => union({ a: name("Gone") }), /maps "a" to "Gone", which does not exist/)
    refuses(() => union({ c: name("C") }), /maps "c" to "C", which is no member/)
    refuses(() => union({}, "kind"), /a member has no "kind" with fixed values/)
  })
})

describe("responses", () => {
  const media = (...types: ReadonlyArray<string>) => ({
    responses: {
      200: {
        content: Object.fromEntries(types.map((type) => [
          type,
          { schema: type === "application/json" ? thing : { type: "string", format: "binary" } }
        ]))
      }
    }
  })

  it("are bytes where the tables name their media type", () => {
    assert.include(run(document(media("audio/*")), { binary: "audio/*" }), "Endpoint.binary(")
    refuses(() => run(document(media("audio/*"))), /unknown response media type "audio\/\*"/)
    refuses(() => run(document(media("application/json")), { binary: "audio/*" }), /no response of type "audio\/\*"/)
  })

  it("of several media types are refused, except for those that the tables leave out", () => {
    const both = document(media("application/json", "application/rss+xml"))
    assert.include(run(both, { otherMedia: ["application/rss+xml"] }), "Endpoint.read(")
    refuses(() => run(both), /unknown response media type "application\/rss\+xml"/)
    refuses(() => run(both, { binary: "application/rss+xml" }), /and others: application\/json/)
  })

  it("with headers or links are refused", () => {
    const response = json(ref("schemas", "Thing"))
    const headers = { "X-New": { schema: text } }
    refuses(() => run(document({ responses: { 200: { ...response, headers } } })), /"headers" of a response is not/)
    refuses(() => run(document({ responses: { 200: { ...response, links: { a: {} } } } })), /"links" of a response/)
    refuses(() => run(document({ callbacks: { a: {} } })), /"callbacks" of a operation is not carried over/)
  })
})

describe("names", () => {
  it("of properties are data, whatever they are", () => {
    const properties = JSON.parse(
      "{\"__proto__\":{\"type\":\"string\"},\"constructor\":{\"type\":\"string\"},\"a*/b\":{}}"
    )
    const output = run(document({}, { schemas: { Thing: { type: "object", properties } } }))
    assert.include(output, "  [\"__proto__\"]: nullish(String)")
    assert.include(output, "  constructor: nullish(String)")
    assert.include(output, "  readonly __proto__?: string | null | undefined")
    assert.include(output, "\"a*/b\"")
  })

  it("of schemas that are words of the language, or imported by every module, are refused", () => {
    for (const name of ["class", "Record", "ReadonlyArray", "__proto__", "String"]) {
      const schemas = Object.fromEntries([[name, thing]])
      refuses(() => field(ref("schemas", name), schemas), /cannot be the name of a schema/)
    }
  })

  it("of paths may not hold what ends a text or a comment", () => {
    refuses(() => run(document({}, {}, "/thing*/")), /has characters that cannot be sent as they are/)
    refuses(() => run(document({}, {}, "/thing\");")), /has characters that cannot be sent as they are/)
  })
})
