/** The one sentence of every schema: ours if docs.ts has one, otherwise its place of use. */
import { own, refuse } from "./json.js"
import { type Definition, type Definitions, type Ir, references } from "./model.js"
import type { OperationShape, Spec } from "./spec.js"
import { operationOf, type Tables } from "./tables.js"

export const capitalize = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1)

export const splitName = (name: string): readonly [resource: string, method: string] => {
  const [resource, method] = name.split(".")
  return resource === undefined || method === undefined ? refuse(name, "expected resource.method") : [resource, method]
}

/** The module of an operation's resource. */
export const resourceOf = (tables: Tables, operationId: string): string =>
  capitalize(splitName(operationOf(tables, operationId).name)[0])

export const route = ({ base, method, path }: OperationShape): string =>
  `\`${method} ${base === undefined ? "" : base.replace("..", "/api")}${path}\``

export const describe = (spec: Spec, { schemaDocs }: Tables): (definition: Definition) => string => {
  const usedBy = new Map<string, Set<string>>()
  const roles = new Map<string, string>()
  for (const definition of spec.definitions.values()) {
    for (const name of references(definition.type)) {
      usedBy.set(name, (usedBy.get(name) ?? new Set()).add(definition.name))
    }
  }
  const members = new Map<string, string>()
  for (const union of spec.definitions.values()) {
    for (const [name, sentence] of memberships(union, spec.definitions)) {
      members.set(name, sentence)
    }
  }
  const role = (name: string | undefined, text: string): void => {
    if (name !== undefined && !roles.has(name)) {
      roles.set(name, text)
    }
  }
  for (const operation of spec.operations) {
    role(operation.jsonBody, `Body of ${route(operation)}.`)
    role(operation.formBody, `Form of ${route(operation)}.`)
    role(operation.event?.schema, `One event in the stream of ${route(operation)}.`)
    role(operation.event?.envelope, `One message in the stream of ${route(operation)}: an event and its envelope.`)
    role(operation.success.kind === "json" ? operation.success.schema : undefined, `Response of ${route(operation)}.`)
  }
  for (const name of Object.keys(schemaDocs)) {
    if (!spec.definitions.has(name)) {
      refuse("docs.ts", `schema "${name}" is not generated; remove its sentence`)
    }
  }
  return (definition) => {
    const sentence = own(schemaDocs, definition.name) ?? roles.get(definition.name)
    if (sentence !== undefined) {
      return sentence
    }
    // Types that were merged into others no longer exist
    if (definition.origin.kind === "inline" && spec.definitions.has(definition.origin.parent)) {
      return `${noun(definition.type)} \`${definition.origin.path}\` of {@link ${definition.origin.parent}}.`
    }
    const membership = members.get(definition.name)
    if (membership !== undefined) {
      return membership
    }
    const users = [...usedBy.get(definition.name) ?? []].sort()
    const [first, second, ...others] = users
    return first === undefined
      ? "Not part of any other schema."
      : second === undefined
      ? `Part of {@link ${first}}.`
      : others.length === 0
      ? `Part of {@link ${first}} and {@link ${second}}.`
      : `Part of {@link ${first}}, {@link ${second}} and ${others.length} more.`
  }
}

/** A sentence for each named member of an open union that has one value of the tag. */
const memberships = (
  { name: union, type }: Definition,
  definitions: Definitions
): ReadonlyArray<readonly [name: string, sentence: string]> =>
  type.kind !== "open" ? [] : type.members.flatMap((member) => {
    const struct = member.kind === "ref" ? definitions.get(member.name)?.type : undefined
    const tag = struct?.kind === "struct" ? struct.fields.find((field) => field.name === type.tag)?.type : undefined
    return member.kind === "ref" && tag?.kind === "literals" && tag.values.length === 1
      ? [[member.name, `Member \`${tag.values[0]}\` of {@link ${union}}.`] as const]
      : []
  })

const noun = (type: Ir): string => type.kind === "literals" ? "Values of" : "Type of"
