/** The source text of the endpoint rows: one module a resource. */
import { capitalize, resourceOf, splitName } from "./describe.js"
import { moduleDoc, section } from "./doc.js"
import type { FieldDocs } from "./fieldDocs.js"
import { importText } from "./imports.js"
import { refuse } from "./json.js"
import { type Definitions, type Field, references } from "./model.js"
import type { Operation } from "./operations.js"
import type { Parameter } from "./parameters.js"
import { key, parameterText } from "./print.js"
import { checkExamples, errorsText, exampleOf, remarksOf } from "./rowDocs.js"
import type { OperationShape, Spec } from "./spec.js"
import { operationOf, type Tables } from "./tables.js"

/** One function of a resource: an operation may have several. */
interface Row {
  readonly method: string
  readonly kind: "json" | "empty" | "binary" | "sse"
  readonly shape: OperationShape
  readonly table: Operation
  readonly doc: string
  readonly body: string | undefined
  readonly bodyKind: "none" | "json" | "multipart" | "form"
}

const rowsOf = (tables: Tables) => (shape: OperationShape): ReadonlyArray<Row> => {
  const table = operationOf(tables, shape.id)
  const [, method] = splitName(table.name)
  const common = { shape, table }
  const hasBoth = shape.jsonBody !== undefined && shape.formBody !== undefined
  if (hasBoth !== (table.multipart !== undefined)) {
    refuse(shape.id, hasBoth ? "takes JSON or a form; name the second row" : "does not take both JSON and a form")
  }
  const first: Row = {
    ...common,
    method,
    kind: shape.success.kind,
    doc: table.doc,
    body: shape.jsonBody ?? shape.formBody,
    bodyKind: shape.jsonBody !== undefined ? "json" : shape.formBody !== undefined ? shape.formKind : "none"
  }
  return [
    first,
    ...(table.multipart === undefined ? [] : [{
      ...first,
      method: splitName(table.multipart.name)[1],
      doc: table.multipart.doc,
      body: shape.formBody,
      bodyKind: "multipart" as const
    }]),
    ...(table.stream === undefined || shape.success.kind === "sse" ? [] : [{
      ...first,
      method: "stream",
      kind: "sse" as const,
      doc: table.stream.doc ??
        refuse(shape.id, "has a whole response and a stream, and its stream has no sentence; add stream.doc")
    }])
  ]
}

const reserved = new Set(["delete"])

const constName = (method: string): string => reserved.has(method) ? `${method}_` : method

const field = ({ deprecated, name, required, type }: Parameter): Field => ({
  name,
  optional: !required,
  deprecated,
  type,
  tag: false
})

interface Params {
  /** The type argument of the row. */
  readonly type: string
  /** The declaration, where the parameters need a type of their own. */
  readonly text: string | undefined
}

const paramsOf = (row: Row, definitions: Definitions, fieldDocs: FieldDocs): Params => {
  const own = fieldDocs.fields([...row.shape.pathParams, ...row.shape.query].map(field), {
    name: row.table.name,
    pointer: row.shape.id,
    module: capitalize(splitName(row.table.name)[0]),
    isSent: true
  })
  const name = `${capitalize(row.method)}Params`
  const link = `{@link ${constName(row.method)}}`
  if (row.body === undefined && own.length === 0) {
    return { type: "void", text: undefined }
  }
  checkCollisions(row, own, definitions)
  const streaming = row.table.stream === undefined
    ? []
    : [
      `  readonly stream?: ${
        row.kind === "sse" ? "true" : `false | (true & Hint<"use ${capitalize(splitName(row.table.name)[0])}.stream">)`
      } | undefined`
    ]
  const lines = [...parameterText(own), ...streaming]
  const declaration = lines.length === 0 && row.body !== undefined
    ? `export type ${name} = ${row.body}`
    : [`export interface ${name}${row.body === undefined ? "" : ` extends ${row.body}`} {`, ...lines, "}"].join("\n")
  const allOptional = row.body === undefined && own.every(({ optional }) => optional)
  return {
    type: allOptional ? `${name} | void` : name,
    text: [section([`Parameters of ${link}.`], "models"), declaration].join("\n")
  }
}

const fieldNames = (name: string, definitions: Definitions, at: string): ReadonlyArray<string> => {
  const type = definitions.get(name)?.type
  return type?.kind === "struct"
    ? type.fields.map((field) => field.name)
    : type?.kind === "ref"
    ? fieldNames(type.name, definitions, at)
    : refuse(at, `the body ${name} is no object with known fields`)
}

const checkCollisions = (row: Row, own: ReadonlyArray<Field>, definitions: Definitions): void => {
  const body = row.body === undefined ? [] : fieldNames(row.body, definitions, row.shape.id)
  const names = [...own.map(({ name }) => name), ...body]
  const twice = names.find((name, i) => names.indexOf(name) !== i)
  if (twice !== undefined) {
    refuse(row.shape.id, `"${twice}" is both a parameter and a field of the body`)
  }
  if (row.table.stream !== undefined && !body.includes("stream")) {
    refuse(row.shape.id, "streams, but its body has no field \"stream\"")
  }
}

const failureName = (row: Row): string => `${capitalize(row.method)}Failure`

/** The errors of an endpoint under a name of their own, so that hovers show the name instead of the statuses. */
const failureText = (row: Row): string => {
  const { auth } = row.shape
  const failure = row.kind === "sse"
    ? "EventStream.StreamFailure"
    : row.kind === "binary"
    ? "Endpoint.BinaryFailure"
    : "Endpoint.Failure"
  const statuses = row.shape.errors.length === 0 ? "never" : row.shape.errors.join(" | ")
  const args = auth === "required" ? statuses : `${statuses}, "${auth}"`
  return [
    section(
      [`Errors of {@link ${constName(row.method)}}: ${errorsText(row.shape.errors)}, and those of every call.`],
      "models"
    ),
    `export type ${failureName(row)} = ${failure}<${args}>`
  ].join("\n")
}

const rowText = (row: Row, params: Params, tables: Tables): string => {
  const { shape, table } = row
  const [resource] = splitName(table.name)
  const { auth } = shape
  const schema = row.kind === "sse"
    ? shape.event?.schema
    : shape.success.kind === "json"
    ? shape.success.schema
    : undefined
  const isUpload = row.bodyKind === "multipart"
  const constructors = {
    json: isUpload
      ? ["Endpoint.JsonEndpoint", "Endpoint.upload"]
      : shape.paging !== "none"
      ? ["Endpoint.PagedEndpoint", "Endpoint.paged"]
      : readsOnly(row)
      ? ["Endpoint.ReadEndpoint", "Endpoint.read"]
      : ["Endpoint.JsonEndpoint", "Endpoint.json"],
    empty: ["Endpoint.EmptyEndpoint", "Endpoint.empty"],
    binary: ["Endpoint.BinaryEndpoint", "Endpoint.binary"],
    sse: ["EventStream.StreamEndpoint", "EventStream.endpoint"]
  } as const
  const [type, constructor] = constructors[row.kind]
  const args = [
    params.type,
    ...(schema === undefined ? [] : [schema]),
    ...(row.kind === "sse" ? [resultOf(row)] : []),
    failureName(row)
  ]
  const joined = shape.query.filter((parameter) => parameter.joined).map(({ name }) => JSON.stringify(name))
  const properties = [
    `operationId: ${JSON.stringify(shape.id)}`,
    `name: "${resource}.${row.method}"`,
    `method: "${shape.method}"`,
    `path: ${JSON.stringify(shape.path)}`,
    ...(shape.base === undefined ? [] : [`base: ${JSON.stringify(shape.base)}`]),
    `query: [${shape.query.map(({ name }) => JSON.stringify(name)).join(", ")}]`,
    ...(joined.length === 0 ? [] : [`joined: [${joined.join(", ")}]`]),
    ...(isUpload ? [] : [`body: "${row.bodyKind}"`]),
    ...(schema === undefined ? [] : [`schema: ${schema}`]),
    ...(schema !== undefined && table.stream !== undefined
      ? [`protocol: ${protocolModule(table.stream.protocol)}.protocol`]
      : []),
    `errors: [${shape.errors.join(", ")}]`,
    `auth: "${auth}"`,
    ...(shape.paging === "none" ? [] : [`paging: "${shape.paging}"`]),
    ...(table.operation === undefined ? [] : [`operation: "${table.operation}"`]),
    ...(table.paid === undefined ? [] : [`paid: ${table.paid}`]),
    ...(table.repeatable === undefined ? [] : [`repeatable: ${table.repeatable}`])
  ]
  const name = constName(row.method)
  const head = `export const ${name}: ${type}<${args.join(", ")}> = ${constructor}({`
  const lines = [
    withExample(
      section([row.doc], "endpoints", remarksOf(tables, shape, table), shape.deprecated),
      exampleOf(tables, `${resource}.${row.method}`)
    ),
    head.length <= 120 ? head : `export const ${name}: ${type}<\n  ${args.join(",\n  ")}\n> = ${constructor}({`,
    properties.map((property) => `  ${property}`).join(",\n"),
    "})"
  ].join("\n")
  return name === row.method
    ? lines
    : `${lines.replace("export const", "const")}\n\nexport { ${name} as ${row.method} }`
}

/** Whether a call changes nothing and costs nothing. */
const readsOnly = ({ shape, table }: Row): boolean =>
  table.reads ?? (shape.method === "GET" && table.operation === undefined && table.paid !== true)

/** The comment with an example before its tags. */
const withExample = (comment: string, lines: ReadonlyArray<string>): string =>
  comment.replace(/^( \* @(?:deprecated|since))/m, (tag) => [...lines, tag].join("\n"))

/** What the events of a row add up to. The compiler compares it with the protocol. */
const resultOf = ({ shape, table: { stream } }: Row): string =>
  shape.success.kind === "json"
    ? shape.success.schema
    : stream?.result === undefined
    ? refuse(shape.id, "has no whole response; add stream.result, the type of what its events add up to")
    : `${protocolModule(stream.protocol)}.${stream.result}`

const protocolModule = (protocol: string): string => `${capitalize(protocol)}Protocol`

export const emitEndpoints = (
  spec: Spec,
  tables: Tables,
  moduleOf: (name: string) => string,
  fieldDocs: FieldDocs
): ReadonlyMap<string, string> => {
  checkExamples(
    tables,
    new Set(
      spec.operations.flatMap((shape) =>
        rowsOf(tables)(shape).map(({ method, table }) => `${splitName(table.name)[0]}.${method}`)
      )
    )
  )
  const resources = [...new Set(spec.operations.map(({ id }) => resourceOf(tables, id)))].sort()
  return new Map(resources.map((resource) => {
    const rows = spec.operations.filter(({ id }) => resourceOf(tables, id) === resource).flatMap(rowsOf(tables))
      .sort((a, b) => a.method < b.method ? -1 : 1)
    const twice = rows.find((row, i) => rows.findIndex(({ method }) => method === row.method) !== i)
    if (twice !== undefined) {
      refuse(twice.shape.id, `a second operation is called ${resource}.${twice.method}`)
    }
    return [resource, resourceText(resource, rows, spec.definitions, moduleOf, fieldDocs, tables)]
  }))
}

/** A schema cannot be imported under a name that the module declares. */
const checkNames = (resource: string, rows: ReadonlyArray<Row>, imported: ReadonlyArray<string>): void => {
  const declared = rows.flatMap((row) => [constName(row.method), failureName(row), `${capitalize(row.method)}Params`])
  const twice = imported.find((name) => declared.includes(name))
  if (twice !== undefined) {
    refuse(resource, `the module declares ${twice}, which is the name of a schema; rename the operation`)
  }
}

const hint = "../../internal/hint.js"

const resourceText = (
  resource: string,
  rows: ReadonlyArray<Row>,
  definitions: Definitions,
  moduleOf: (name: string) => string,
  fieldDocs: FieldDocs,
  tables: Tables
): string => {
  const parts = rows.flatMap((row) => {
    const params = paramsOf(row, definitions, fieldDocs)
    return [...(params.text === undefined ? [] : [params.text]), failureText(row), rowText(row, params, tables)]
  })
  const values = rows.flatMap(({ kind, shape }) =>
    kind === "sse" && shape.event !== undefined
      ? [shape.event.schema]
      : shape.success.kind === "json"
      ? [shape.success.schema]
      : []
  )
  const types = rows.flatMap(({ body, shape }) => [
    ...(body === undefined ? [] : [body]),
    ...[...shape.pathParams, ...shape.query].flatMap(({ type }) => references(type))
  ])
  checkNames(resource, rows, [...values, ...types])
  const code = parts.join("\n\n")
  const namespaces = [
    ...(/\bEndpoint\.(json|read|upload|paged|empty|binary)\(/.test(code.replaceAll("EventStream.", ""))
      ? ["../../http/Endpoint.js"]
      : []),
    ...(code.includes("EventStream.") ? ["../../stream/EventStream.js"] : []),
    ...new Set(
      [...code.matchAll(/\b(\w+Protocol)\.protocol\b/g)].map(([, name = ""]) =>
        `../../response/${name.charAt(0).toLowerCase()}${name.slice(1)}.js`
      )
    )
  ]
  const byModule = (names: ReadonlyArray<string>): ReadonlyArray<readonly [string, ReadonlyArray<string>]> => {
    const modules = [...new Set(names.map(moduleOf))]
    return modules.map((module) => [
      `../../schema/${module}.js`,
      [...new Set(names.filter((name) => moduleOf(name) === module))].sort()
    ])
  }
  const onlyTypes = types.filter((name) => !values.includes(name))
  const imports = [
    ...namespaces.map((from) =>
      [from, `import * as ${capitalize(from.slice(from.lastIndexOf("/") + 1, -".js".length))} from "${from}"`] as const
    ),
    ...(code.includes("Hint<") ? [[hint, `import type { Hint } from "${hint}"`] as const] : []),
    ...byModule(values).map(([from, names]) => [from, importText(names, from)] as const),
    ...byModule(onlyTypes).map(([from, names]) => [from, importText(names, from, true)] as const)
  ].sort(([a], [b]) => a.toLowerCase() < b.toLowerCase() ? -1 : 1)
  return [
    moduleDoc(`Endpoints of the ${key(resource)} resource, as rows that are functions.`),
    ...imports.map(([, text]) => text),
    "",
    code,
    ""
  ].join("\n")
}
