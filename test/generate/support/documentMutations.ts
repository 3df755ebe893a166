/** Changes of the document around its operations and schemas. The generator refuses each of them. */
import { isObject, type Json, type JsonObject, without } from "../../../scripts/generate/json.js"

type Change = (document: JsonObject) => JsonObject

const components = (more: JsonObject): Change => (document) => ({
  ...document,
  components: { ...(isObject(document["components"]) ? document["components"] : {}), ...more }
})

const member = (name: string, value: Json): Change => (document) => ({ ...document, [name]: value })

export const documentMutations: ReadonlyArray<readonly [name: string, change: Change]> = [
  ["another version of OpenAPI", member("openapi", "3.0.3")],
  ["no version", (document) => without(document, "openapi")],
  ["another server", member("servers", [{ url: "https://example.com/api/v1" }])],
  ["two servers", member("servers", [{ url: "https://openrouter.ai/api/v1" }, { url: "https://example.com" }])],
  ["variables in the server", member("servers", [{ url: "https://openrouter.ai/api/v1", variables: { a: {} } }])],
  ["no servers", (document) => without(document, "servers")],
  ["no key by default", member("security", [])],
  ["an optional key by default", member("security", [{ apiKey: [] }, {}])],
  ["another key by default", member("security", [{ mutual: [] }])],
  ["no word about keys", (document) => without(document, "security")],
  ["a key in a header", components({ securitySchemes: { apiKey: { type: "apiKey", in: "header", name: "X-Key" } } })],
  ["a password", components({ securitySchemes: { apiKey: { type: "http", scheme: "basic" } } })],
  ["OAuth", components({ securitySchemes: { apiKey: { type: "oauth2", flows: {} } } })],
  ["webhooks", member("webhooks", { done: {} })],
  ["a dialect", member("jsonSchemaDialect", "https://example.com/schema")],
  ["an unknown member", member("newMember", true)],
  ["an unknown extension", member("x-new", true)],
  ["an unknown kind of component", components({ newKind: { A: {} } })],
  ["shared callbacks", components({ callbacks: { A: {} } })],
  ["shared paths", components({ pathItems: { A: {} } })],
  ["shared links", components({ links: { A: {} } })],
  ["no paths", (document) => without(document, "paths")]
]
