/** Names the anonymous types of the document that are too large to stay inline. */
import { canonical, own, refuse } from "./json.js"
import { type Definition, type Definitions, type Ir, mapChildren } from "./model.js"
import { flatType } from "./print.js"

const inlineLimit = 61

export const pascal = (text: string): string =>
  text.split(/[^A-Za-z0-9]+/).filter((part) => part !== "").map((part) => part.charAt(0).toUpperCase() + part.slice(1))
    .join("")

/** Endings of plurals, and the endings of their singulars. The first that matches is used. */
const plurals: ReadonlyArray<readonly [plural: string, singular: string]> = [
  ["ies", "y"],
  ["ss", "ss"],
  ["us", "us"],
  ["is", "is"],
  ["xes", "x"],
  ["ches", "ch"],
  ["shes", "sh"],
  ["sses", "ss"],
  ["s", ""]
]

const singular = (name: string): string => {
  const ending = plurals.find(([plural]) => name.endsWith(plural))
  return ending === undefined ? name : name.slice(0, -ending[0].length) + ending[1]
}

const itemName = (parent: string): string => {
  const name = /(Response|Result|List)Data$/.test(parent) ? parent.replace(/(Response|Result)?Data$/, "") : parent
  return name === parent && singular(name) !== name ? singular(name) : `${name}Item`
}

/** The part of a name that distinguishes a union member. */
const memberName = (type: Ir, tag: string | undefined, index: number): string => {
  if (type.kind === "struct") {
    const field = type.fields.find(({ name }) => name === tag) ?? type.fields.find((candidate) => !candidate.optional)
    const literal = field?.type.kind === "literals" ? field.type.values[0] : undefined
    return pascal(String(literal ?? field?.name ?? index))
  }
  return pascal(type.kind)
}

export interface Names {
  /** Final names for derived ones. */
  readonly renames: Readonly<Record<string, string>>
}

/** Moves large inline types into their own definitions. Equal types share one name. */
export const nameInlineTypes = (definitions: Definitions, { renames }: Names): Definitions => {
  const result = new Map<string, Definition>()
  const byShape = new Map<string, string>()
  const used = new Set<string>()
  const hoisted = new Set<string>()
  for (const definition of definitions.values()) {
    const shape = canonical(definition.type)
    if (definition.origin.kind === "component" && !definition.nullable && !byShape.has(shape)) {
      byShape.set(shape, definition.name)
    }
  }

  /** The name that a type has, or would have. The names of its inner types begin with it. */
  const rename = (derived: string): string => {
    used.add(derived)
    return own(renames, derived) ?? derived
  }

  const hoist = (type: Ir, name: string, parent: Definition, path: string): Ir => {
    const shape = canonical(type)
    const existing = shareable(type) ? byShape.get(shape) : undefined
    if (existing !== undefined && existing !== parent.name) {
      return { kind: "ref", name: existing }
    }
    if (definitions.has(name) || result.has(name)) {
      return refuse(parent.pointer, `the type of "${path}" would be called ${name}, which exists; rename it in docs.ts`)
    }
    hoisted.add(name)
    byShape.set(shape, name)
    result.set(name, {
      name,
      pointer: parent.pointer,
      origin: { kind: "inline", parent: parent.name, path },
      type,
      nullable: false,
      deprecated: false
    })
    return { kind: "ref", name }
  }

  const visitChildren = (type: Ir, derived: string, parent: Definition, path: string): Ir => {
    switch (type.kind) {
      case "struct":
        return {
          ...type,
          fields: type.fields.map((field) => ({
            ...field,
            type: visit(field.type, rename(derived + pascal(field.name)), parent, join(path, field.name))
          })),
          rest: type.rest === undefined
            ? undefined
            : visit(type.rest, rename(`${derived}Value`), parent, join(path, "*"))
        }
      case "array":
        return { ...type, item: visit(type.item, rename(itemName(derived)), parent, `${path}[]`) }
      case "record":
        return { ...type, value: visit(type.value, rename(`${derived}Value`), parent, join(path, "*")) }
      case "union":
      case "open": {
        const tag = type.kind === "open" ? type.tag : undefined
        return {
          ...type,
          members: type.members.map((member, i) =>
            member.kind === "struct"
              ? visit(member, rename(derived + memberName(member, tag, i)), parent, path)
              : visitChildren(member, derived, parent, path)
          )
        }
      }
      case "nullable":
        return mapChildren(type, (child) => visit(child, derived, parent, path))
      case "string":
      case "number":
      case "boolean":
      case "null":
      case "unknown":
      case "file":
      case "literals":
      case "ref":
        return type
    }
  }

  const visit = (type: Ir, derived: string, parent: Definition, path: string): Ir => {
    const inner = visitChildren(type, derived, parent, path)
    const canBeNamed = inner.kind === "struct" || inner.kind === "union" || inner.kind === "open" ||
      inner.kind === "literals"
    return canBeNamed && flatType(inner).length > inlineLimit ? hoist(inner, derived, parent, path) : inner
  }

  for (const definition of definitions.values()) {
    result.set(definition.name, {
      ...definition,
      type: visitChildren(definition.type, definition.name, definition, "")
    })
  }
  for (const [derived, name] of Object.entries(renames)) {
    if (!used.has(derived) || !hoisted.has(name)) {
      refuse("docs.ts", `no type gets the name ${derived}; remove its rename`)
    }
  }
  return result
}

const shareable = (type: Ir): boolean =>
  type.kind === "struct"
    ? type.fields.length > 2
    : type.kind === "open" || type.kind === "union" || type.kind === "literals"

const join = (path: string, name: string): string => path === "" ? name : `${path}.${name}`
