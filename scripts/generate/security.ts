/** Where requests go, and what they are sent with: the client knows one server and one kind of key. */
import { array, type Json, type JsonObject, object, own, pointer, refuse, string } from "./json.js"
import { checkMembers } from "./keywords.js"
import type { Operation } from "./operations.js"

/** The default of the option `baseUrl`. */
const server = "https://openrouter.ai/api/v1"

/** Refuses a document that is about another API than the client's. */
export const checkDocument = (document: JsonObject): void => {
  checkMembers("document", document, "#")
  const version = string(document["openapi"], "#/openapi")
  if (!/^3\.1\.\d+$/.test(version)) {
    refuse("#/openapi", `version ${version}; the generator reads OpenAPI 3.1`)
  }
  if (urlOf(document["servers"], "#/servers") !== server) {
    refuse("#/servers", `the server is not ${server}; change the default of \`baseUrl\` and this check together`)
  }
  const schemes = object(object(document["components"], "#/components")["securitySchemes"] ?? {}, "#/components")
  for (const [name, json] of Object.entries(schemes)) {
    const at = pointer("#/components/securitySchemes", name)
    const scheme = object(json, at)
    checkMembers("security scheme", scheme, at)
    if (scheme["type"] !== "http" || scheme["scheme"] !== "bearer") {
      refuse(at, "is no bearer token, the one scheme that the client sends (src/http/internal/attempt.ts)")
    }
  }
  if (needOf(document["security"] ?? null, schemes, "#/security") !== "required") {
    refuse("#/security", "calls need no key by default; say for each operation in operations.ts whether it does")
  }
}

/** The address of the one server of a list. */
export const urlOf = (json: Json | undefined, at: string): string => {
  const [first, ...others] = array(json, at)
  const only = object(first, at)
  checkMembers("server", only, at)
  return others.length === 0 ? string(only["url"], at) : refuse(at, "several servers, and the client calls one")
}

type Auth = "required" | "optional" | "none"

const needOf = (json: Json, schemes: JsonObject, at: string): Auth => {
  const alternatives = array(json, at).map((alternative, i) => {
    const here = pointer(at, i)
    const entries = Object.entries(object(alternative, here))
    for (const [name, scopes] of entries) {
      if (own(schemes, name) === undefined) {
        refuse(here, `unknown security scheme "${name}"`)
      }
      if (array(scopes, here).length > 0) {
        refuse(here, `scopes of "${name}", which a bearer token does not have`)
      }
    }
    return entries.length
  })
  if (alternatives.some((needed) => needed > 1)) {
    return refuse(at, "several keys at once, and the client sends one")
  }
  return alternatives.length === 0 ? "none" : alternatives.includes(0) ? "optional" : "required"
}

/** Whether an operation needs a key: as the document says, unless the tables know that it needs none. */
export const authOf = (document: JsonObject, operation: JsonObject, table: Operation, at: string): Auth => {
  const schemes = object(object(document["components"], "#/components")["securitySchemes"] ?? {}, "#/components")
  const declared = operation["security"] === undefined
    ? "required"
    : needOf(operation["security"], schemes, pointer(at, "security"))
  if (table.auth === undefined) {
    return declared
  }
  return declared === "required"
    ? table.auth
    : refuse(at, `the document says by now that a key is ${declared}; take \`auth\` out of the operation's entry`)
}
