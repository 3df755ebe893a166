/** Parameters, bodies, responses and headers that operations share are put in place of the references to them. */
import { array, isObject, type Json, type JsonObject, object, own, pointer, refuse, string } from "./json.js"
import { checkMembers } from "./keywords.js"

const methods = ["get", "put", "post", "patch", "delete"]

/** The document with each part of an operation where it is used. Only references to schemas are left. */
export const inlineShared = (document: JsonObject): JsonObject => {
  const components = object(document["components"] ?? {}, "#/components")
  checkMembers("components", components, "#/components")

  const follow = (
    json: Json | undefined,
    section: string,
    at: string,
    path: ReadonlyArray<string> = []
  ): JsonObject => {
    const part = object(json, at)
    if (part["$ref"] === undefined) {
      return part
    }
    const ref = string(part["$ref"], at)
    const [root, parent, from, name, ...rest] = ref.split("/")
    if (root !== "#" || parent !== "components" || from !== section || name === undefined || rest.length > 0) {
      return refuse(at, `reference "${ref}", where "#/components/${section}/" was expected`)
    }
    const beside = Object.keys(part).find((key) => !["$ref", "description", "summary"].includes(key))
    if (beside !== undefined) {
      return refuse(at, `"${beside}" beside "$ref"`)
    }
    if (path.includes(name)) {
      return refuse(at, `the reference leads back to itself: ${[...path, name].join(" -> ")}`)
    }
    const target = own(object(components[section] ?? {}, `#/components/${section}`), name) ??
      refuse(at, `reference to "${name}", which does not exist in #/components/${section}`)
    return follow(target, section, at, [...path, name])
  }

  const parametersOf = (json: Json | undefined, at: string): ReadonlyArray<JsonObject> =>
    array(json ?? [], at).map((parameter, i) => follow(parameter, "parameters", pointer(at, i)))

  const operationOf = (json: Json | undefined, shared: ReadonlyArray<JsonObject>, at: string): JsonObject => {
    const operation = object(json, at)
    const named = parametersOf(operation["parameters"], pointer(at, "parameters"))
    const inherited = shared.filter((parameter) =>
      !named.some((other) => other["name"] === parameter["name"] && other["in"] === parameter["in"])
    )
    const responses = isObject(operation["responses"]) ? operation["responses"] : {}
    return {
      ...operation,
      ...(named.length + inherited.length === 0 ? {} : { parameters: [...named, ...inherited] }),
      ...(operation["requestBody"] === undefined
        ? {}
        : { requestBody: follow(operation["requestBody"], "requestBodies", pointer(at, "requestBody")) }),
      responses: Object.fromEntries(
        Object.entries(responses).map(([status, response]) =>
          status.startsWith("x-")
            ? [status, response]
            : [status, follow(response, "responses", pointer(at, "responses", status))]
        )
      )
    }
  }

  const paths = Object.entries(object(document["paths"], "#/paths")).map(([path, json]) => {
    const at = pointer("#/paths", path)
    const item = object(json, at)
    const shared = parametersOf(item["parameters"], pointer(at, "parameters"))
    return [
      path,
      Object.fromEntries(
        Object.entries(item).flatMap(([key, value]) =>
          key === "parameters"
            ? []
            : [[key, methods.includes(key) ? operationOf(value, shared, pointer(at, key)) : value]]
        )
      )
    ]
  })
  return { ...document, paths: Object.fromEntries(paths) }
}
