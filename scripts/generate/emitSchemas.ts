/** The source text of the schema modules. */
import { shareEqual } from "./aliases.js"
import { describe, resourceOf } from "./describe.js"
import { line, moduleDoc } from "./doc.js"
import type { FieldDocs } from "./fieldDocs.js"
import { importText } from "./imports.js"
import { own, refuse } from "./json.js"
import { type Definition, type Definitions, type Ir, references } from "./model.js"
import { assign, isRequestOnly, type Use } from "./modules.js"
import { preludeValues } from "./prelude.js"
import { aliasText, constText, interfaceText, type Rules } from "./print.js"
import type { Spec } from "./spec.js"
import type { Tables } from "./tables.js"

export interface SchemaModules {
  /** Module name to source text. */
  readonly files: ReadonlyMap<string, string>
  /** Definition name to module name. */
  readonly moduleOf: (name: string) => string
}

/** Which resources send and receive each definition. */
export const usesOf = (spec: Spec, tables: Tables): ReadonlyMap<string, Use> => {
  const uses = new Map<string, { readonly sent: Set<string>; readonly received: Set<string> }>()
  const mark = (name: string, direction: "sent" | "received", resource: string): void => {
    const use = uses.get(name) ?? { sent: new Set(), received: new Set() }
    uses.set(name, use)
    if (!use[direction].has(resource)) {
      use[direction].add(resource)
      const definition = spec.definitions.get(name) ?? refuse(name, "is not defined")
      for (const reference of [...references(definition.type), ...spec.mentions.get(name) ?? []]) {
        mark(reference, direction, resource)
      }
    }
  }
  for (const operation of spec.operations) {
    const resource = resourceOf(tables, operation.id)
    const parameters = [...operation.pathParams, ...operation.query].flatMap(({ type }) => references(type))
    for (const name of [operation.jsonBody, operation.formBody, ...parameters]) {
      if (name !== undefined) {
        mark(name, "sent", resource)
      }
    }
    const response = operation.success.kind === "json" ? [operation.success.schema] : []
    const event = operation.event === undefined ? [] : [operation.event.schema, operation.event.envelope]
    for (const name of [...response, ...event]) {
      mark(name, "received", resource)
    }
  }
  return uses
}

/** The definitions that operations use. Others, such as error bodies, are read by hand-written code or not at all. */
const reachedOf = (spec: Spec, definitions: Definitions): ReadonlyArray<Definition> => {
  const reached = new Set<Definition>()
  const reach = (name: string): void => {
    const definition = definitions.get(name) ?? refuse(name, "is not defined")
    if (!reached.has(definition)) {
      reached.add(definition)
      references(definition.type).forEach(reach)
    }
  }
  for (const { event, formBody, jsonBody, pathParams, query, success } of spec.operations) {
    const responses = [success.kind === "json" ? success.schema : undefined, event?.schema]
    const bodies = [jsonBody, formBody, ...responses].filter((name) => name !== undefined)
    ;[...bodies, ...[...pathParams, ...query].flatMap(({ type }) => references(type))].forEach(reach)
  }
  return [...reached]
}

export const emitSchemas = (spec: Spec, tables: Tables, fieldDocs: FieldDocs): SchemaModules => {
  const uses = usesOf(spec, tables)
  const modules = assign(spec.definitions, uses)
  const moduleOf = (name: string): string => modules.get(name) ?? refuse(name, "belongs to no module")
  const definitions = shareEqual(spec.definitions, ({ name }) => moduleOf(name))
  const reached = reachedOf(spec, definitions)
  const describeDefinition = describe(
    { ...spec, definitions: new Map(reached.map((definition) => [definition.name, definition])) },
    tables
  )
  const files = new Map<string, string>()
  for (const module of [...new Set(reached.map(({ name }) => moduleOf(name)))].sort()) {
    const local = inOrder(reached.filter(({ name }) => moduleOf(name) === module), definitions)
    const imports = importsOf(local, moduleOf)
    const links = linker([...local.map(({ name }) => name), ...[...imports.values()].flatMap((names) => [...names])])
    const parts = local.map((definition) => {
      const { name, pointer } = definition
      const isSent = (uses.get(name)?.sent.size ?? 0) > 0
      return declaration(
        fieldDocs.definition(definition, { name, pointer, module, isSent }),
        links(describeDefinition(definition)),
        rulesOf(definition, uses, definitions)
      )
    })
    files.set(module, moduleText(module, own(tables.moduleDocs, module), imports, parts))
  }
  const stale = Object.keys(tables.moduleDocs).find((module) => !files.has(module))
  if (stale !== undefined) {
    refuse("docs.ts", `module "${stale}" is not generated; remove its sentence`)
  }
  return { files, moduleOf }
}

const rulesOf = (definition: Definition, uses: ReadonlyMap<string, Use>, definitions: Definitions): Rules => {
  const use = uses.get(definition.name)
  const literals = (type: Ir): ReadonlyArray<string | number | boolean> => {
    switch (type.kind) {
      case "literals":
        return type.values
      case "ref":
        return literals(definitions.get(type.name)?.type ?? refuse(type.name, "is not defined"))
      case "nullable":
        return literals(type.of)
      case "union":
        return type.members.flatMap(literals)
      case "string":
      case "number":
      case "boolean":
      case "null":
      case "unknown":
      case "file":
      case "array":
      case "record":
      case "open":
      case "struct":
        return refuse(definition.pointer, "a tag has other values than literals")
    }
  }
  return { lenient: use === undefined || !isRequestOnly(use), literals }
}

/** The definitions of one module, each after those that it refers to. */
const inOrder = (own: ReadonlyArray<Definition>, definitions: Definitions): ReadonlyArray<Definition> => {
  const names = new Set(own.map(({ name }) => name))
  const result = new Set<Definition>()
  const visit = (definition: Definition, path: ReadonlyArray<string>): void => {
    if (path.includes(definition.name)) {
      refuse(definition.pointer, `recursive: ${[...path, definition.name].join(" -> ")}`)
    }
    if (!result.has(definition)) {
      for (const name of references(definition.type)) {
        const reference = definitions.get(name)
        if (reference !== undefined && names.has(name)) {
          visit(reference, [...path, definition.name])
        }
      }
      result.add(definition)
    }
  }
  for (const definition of [...own].sort((a, b) => a.name < b.name ? -1 : 1)) {
    visit(definition, [])
  }
  return [...result]
}

const declaration = (definition: Definition, sentence: string, rules: Rules): string => {
  const { name, type } = definition
  const ofType = type.kind === "struct"
    ? interfaceText(name, type, rules)
    : aliasText(name, type, rules)
  return [
    line(sentence, "models", definition.deprecated),
    ofType,
    "",
    line(`Schema of {@link ${name}}.`, "schemas", definition.deprecated),
    constText(name, type, rules)
  ].join("\n")
}

/** A link leads somewhere only if its module knows the name; other names are plain code. */
const linker = (known: ReadonlyArray<string>) => (text: string): string =>
  text.replace(/\{@link (\w+)\}/g, (link, name: string) => known.includes(name) ? link : `\`${name}\``)

/** The schemas that a module imports, by module. */
const importsOf = (
  own: ReadonlyArray<Definition>,
  moduleOf: (name: string) => string
): ReadonlyMap<string, ReadonlySet<string>> => {
  const names = new Set(own.map(({ name }) => name))
  const imported = new Map<string, Set<string>>()
  for (const name of own.flatMap(({ type }) => references(type))) {
    if (!names.has(name)) {
      const from = moduleOf(name)
      imported.set(from, (imported.get(from) ?? new Set()).add(name))
    }
  }
  return imported
}

const moduleText = (
  module: string,
  sentence: string | undefined,
  imported: ReadonlyMap<string, ReadonlySet<string>>,
  parts: ReadonlyArray<string>
): string => {
  const code = parts.join("\n\n")
  const prelude = preludeImports(code)
  const imports = [
    ...[...imported].map(([from, names]) => [`./${from}.js`, [...names].sort()] as const),
    ...(prelude.length > 0 ? [["./prelude.js", prelude] as const] : [])
  ].sort(([a], [b]) => a.toLowerCase() < b.toLowerCase() ? -1 : 1)
  return [
    moduleDoc(sentence ?? defaultModuleDoc(module)),
    ...imports.map(([from, names]) => importText(names, from)),
    "",
    code,
    ""
  ].join("\n")
}

const preludeImports = (code: string): ReadonlyArray<string> => {
  const types = ["OpenUnion", "Schema"].filter((name) => code.includes(`${name}<`)).map((name) => `type ${name}`)
  // Each of these names is a value if it is in the initializer of a constant, outside of strings and keys
  const initializers = code.split(/^export (?:interface|type) /m).flatMap((part) =>
    part.split(/^export const /m).slice(1)
  )
    .map((text) => text.slice(text.indexOf(" = ")).replace(/\/\*\*[^]*$/, "").replace(/"(?:[^"\\]|\\.)*"/g, ""))
  const values = preludeValues.filter((name) =>
    initializers.some((text) => new RegExp(`(?<!\\w)${name}(?![\\w:])`).test(text))
  )
  const sortKey = (name: string): string => name.replace("type ", "").toLowerCase()
  return [...types, ...values].sort((a, b) => sortKey(a) < sortKey(b) ? -1 : 1)
}

const defaultModuleDoc = (module: string): string =>
  module.endsWith("Request")
    ? `Schemas that only requests to the ${words(module.slice(0, -"Request".length))} endpoints contain.`
    : `Schemas of responses of the ${words(module)} endpoints, and those that requests and responses share.`

const words = (name: string): string => name.replace(/([a-z])([A-Z])/g, "$1 $2").toLowerCase()
