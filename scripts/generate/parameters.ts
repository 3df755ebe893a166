/** The parameters of operations: those that the client writes into a path or a query, and headers that it knows. */
import { array, canonical, type Json, type JsonObject, object, own, pointer, refuse, string, without } from "./json.js"
import { checkMembers } from "./keywords.js"
import type { Ir } from "./model.js"

export interface Parameter {
  readonly name: string
  readonly required: boolean
  readonly deprecated: boolean
  /** A list whose items are joined by commas. */
  readonly joined: boolean
  readonly type: Ir
}

export interface Parameters {
  readonly pathParams: ReadonlyArray<Parameter>
  readonly query: ReadonlyArray<Parameter>
}

/** Headers that the client sends by an option, with the value that it sends. */
const headers: Readonly<Record<string, { readonly option: string; readonly value: string }>> = {
  "X-OpenRouter-Metadata": { option: "routerMetadata", value: "enabled" }
}

export interface ParameterReader {
  readonly parse: (schema: Json | undefined, at: string) => Ir
  readonly lookup: (name: string) => Ir | undefined
  /** Query parameters that the library leaves out. */
  readonly omit: ReadonlyArray<string>
}

export const readParameters = (
  operation: JsonObject,
  path: string,
  at: string,
  { lookup, omit, parse }: ParameterReader
): Parameters => {
  const pathParams: Array<Parameter> = []
  const query: Array<Parameter> = []
  const seen = new Set<string>()
  array(operation["parameters"] ?? [], at).forEach((json, i) => {
    const here = pointer(at, "parameters", i)
    const parameter = object(json, here)
    checkMembers("parameter", parameter, here)
    const name = string(parameter["name"], here)
    const place = string(parameter["in"], here)
    if (seen.has(`${place} ${name}`)) {
      refuse(here, `a second parameter "${name}" in ${place}`)
    }
    seen.add(`${place} ${name}`)
    if (place === "header") {
      return checkHeader(name, parameter, { lookup, parse }, here)
    }
    const schema = object(parameter["schema"], here)
    const read = (): Parameter => ({
      name,
      required: parameter["required"] === true,
      joined: false,
      deprecated: parameter["deprecated"] === true || schema["deprecated"] === true,
      type: parameterType(
        parse(without(without(schema, "deprecated"), "x-openrouter-type"), pointer(here, "schema")),
        schema,
        here
      )
    })
    if (place === "path") {
      pathParams.push(pathParameter(read(), parameter, lookup, here))
    } else if (place !== "query") {
      refuse(here, `parameter "${name}" in ${place}; the client writes paths, queries and known headers`)
    } else if (!omit.includes(name)) {
      query.push(queryParameter(read(), parameter, lookup, here))
    }
  })
  const inPath = [...path.matchAll(/\{([^}]+)\}/g)].map(([, name]) => name)
  if (inPath.length !== pathParams.length || !pathParams.every(({ name }) => inPath.includes(name))) {
    refuse(at, "the path and its parameters differ")
  }
  const gone = omit.find((name) => !seen.has(`query ${name}`))
  if (gone !== undefined) {
    refuse(at, `the query parameter "${gone}" is not in the document any more; take it out of \`omit\``)
  }
  return { pathParams, query }
}

const checkHeader = (
  name: string,
  parameter: JsonObject,
  { lookup, parse }: Pick<ParameterReader, "lookup" | "parse">,
  at: string
): void => {
  const known = own(headers, name) ??
    refuse(at, `header parameter "${name}"; send it by an option of the client, and name it in parameters.ts`)
  if (parameter["required"] === true) {
    refuse(at, `the header "${name}" is required, and the client sends it only with the option \`${known.option}\``)
  }
  const type = parse(parameter["schema"], pointer(at, "schema"))
  const values = type.kind === "ref" ? lookup(type.name) : type
  if (values?.kind !== "literals" || !values.values.includes(known.value) || parameter["style"] !== undefined) {
    refuse(at, `the header "${name}" does not take "${known.value}", which the option \`${known.option}\` sends`)
  }
}

const pathParameter = (
  parameter: Parameter,
  { style }: JsonObject,
  lookup: ParameterReader["lookup"],
  at: string
): Parameter => {
  if (!parameter.required) {
    refuse(at, `the path parameter "${parameter.name}" is not required`)
  }
  if ((style ?? "simple") !== "simple" || !isScalar(parameter.type, lookup)) {
    refuse(at, `the path parameter "${parameter.name}" is not one text in simple style, as the client writes it`)
  }
  return parameter
}

/** The client writes text, and a list as its name once for each item, or as its items with commas between them. */
const queryParameter = (
  parameter: Parameter,
  { explode, style }: JsonObject,
  lookup: ParameterReader["lookup"],
  at: string
): Parameter => {
  if ((style ?? "form") !== "form") {
    refuse(at, `the query parameter "${parameter.name}" has the style "${String(style)}"; the client writes "form"`)
  }
  if (isScalar(parameter.type, lookup)) {
    return parameter
  }
  if (!isList(parameter.type, lookup)) {
    refuse(at, `the query parameter "${parameter.name}" is neither text, number or boolean nor a list of these`)
  }
  return { ...parameter, joined: explode === false }
}

/** Whether every value of a type is one text, number or boolean. */
export const isScalar = (type: Ir, lookup: ParameterReader["lookup"]): boolean => {
  switch (type.kind) {
    case "string":
    case "number":
    case "boolean":
    case "literals":
      return true
    case "union":
      return type.members.every((member) => isScalar(member, lookup))
    case "ref": {
      const target = lookup(type.name)
      return target !== undefined && isScalar(target, lookup)
    }
    case "null":
    case "unknown":
    case "file":
    case "array":
    case "record":
    case "nullable":
    case "open":
    case "struct":
      return false
  }
}

export const isList = (type: Ir, lookup: ParameterReader["lookup"]): boolean =>
  type.kind === "array" && isScalar(type.item, lookup)

/** A parameter is never sent as null, and booleans that are spelled as strings are booleans. */
const parameterType = (type: Ir, schema: JsonObject, at: string): Ir => {
  if (type.kind === "nullable") {
    return parameterType(type.of, schema, at)
  }
  const extension = schema["x-openrouter-type"]
  if (extension !== undefined) {
    return extension === "boolean" && type.kind === "string"
      ? { kind: "boolean" }
      : refuse(at, `"x-openrouter-type" is ${canonical(extension)} beside ${type.kind}`)
  }
  if (type.kind === "union" && type.members.some(isSpelled) && type.members.some(({ kind }) => kind === "boolean")) {
    const others = type.members.filter((member) => member.kind !== "boolean" && !isSpelled(member))
    return others.length === 0 ? { kind: "boolean" } : { kind: "union", members: [{ kind: "boolean" }, ...others] }
  }
  if (isSpelled(type)) {
    return type.values.length === 2 ? { kind: "boolean" } : { kind: "literals", values: [type.values[0] === "true"] }
  }
  return type
}

/** `"true"` and `"false"`. */
const isSpelled = (type: Ir): type is Extract<Ir, { readonly kind: "literals" }> =>
  type.kind === "literals" && type.values.every((value) => value === "true" || value === "false")
