/** Converts the unions of the document to open unions, open enums and plain unions. */
import { canonical } from "./json.js"
import { children, type Definition, type Definitions, type Field, type Ir, mapChildren, type Struct } from "./model.js"

/** Normalises every union of every definition and marks the fields that serve as tags. */
export const normalize = (definitions: Definitions): Definitions => {
  const lookup = (name: string): Ir => definitions.get(name)?.type ?? unknown

  const isNullable = (name: string): boolean => {
    const definition = definitions.get(name)
    return definition !== undefined && (definition.nullable || allowsNull(definition.type))
  }

  const allowsNull = (type: Ir): boolean =>
    type.kind === "null" || type.kind === "nullable" ||
    (type.kind === "ref" && isNullable(type.name)) ||
    (type.kind === "union" && type.members.some(allowsNull))

  /** A nullable definition is made nullable at each use, and not in the definition itself. */
  const atUse = (type: Ir): Ir => {
    switch (type.kind) {
      case "ref":
        return isNullable(type.name) ? { kind: "nullable", of: type } : type
      case "nullable":
        return { ...type, of: type.of.kind === "ref" ? type.of : atUse(type.of) }
      case "union":
      case "open":
        return mapChildren(type, (member) => member.kind === "ref" ? member : atUse(member))
      case "array":
      case "record":
      case "struct":
      case "string":
      case "number":
      case "boolean":
      case "null":
      case "unknown":
      case "file":
      case "literals":
        return mapChildren(type, atUse)
    }
  }

  const visit = (type: Ir): Ir => {
    const inner = mapChildren(type, visit)
    if (inner.kind === "union") {
      return union(inner.members, inner.discriminator)
    }
    return inner.kind === "nullable" && (inner.of.kind === "nullable" || inner.of.kind === "unknown") ? inner.of : inner
  }

  const union = (all: ReadonlyArray<Ir>, discriminator: string | undefined): Ir => {
    const nullable = all.some(allowsNull)
    const members = dedupe(
      all.flatMap((member) => member.kind === "null" ? [] : member.kind === "nullable" ? [member.of] : [member])
    )
    const type = members.some((member) => member.kind === "unknown")
      ? { kind: "unknown" as const }
      : combine(members, discriminator)
    return nullable && type.kind !== "unknown" ? { kind: "nullable", of: type } : type
  }

  const combine = (members: ReadonlyArray<Ir>, discriminator: string | undefined): Ir => {
    const literals = members.flatMap((member) => member.kind === "literals" ? member.values : [])
    const hasString = members.some((member) => member.kind === "string")
    const namedEnum = members.find((member) => member.kind === "ref" && isStringEnum(lookup(member.name)))
    const objects = members.filter((member) => structsOf(member, lookup).length > 0)
    const others = members.filter((member) =>
      !objects.includes(member) && member.kind !== "literals" && !(member.kind === "string" && namedEnum !== undefined)
    )
    const result: ReadonlyArray<Ir> = [
      ...(literals.length > 0 && !hasString ? [{ kind: "literals" as const, values: literals }] : []),
      ...others,
      ...group(objects, discriminator)
    ]
    const [only] = result
    return only !== undefined && result.length === 1 ? only : { kind: "union", members: result }
  }

  const group = (objects: ReadonlyArray<Ir>, discriminator: string | undefined): ReadonlyArray<Ir> => {
    if (objects.length < 2) {
      return objects
    }
    const tag = discriminator ?? inferTag(objects.flatMap((member) => structsOf(member, lookup)), lookup)
    if (tag === undefined) {
      return objects
    }
    // Every open union accepts unknown tags, so a member whose tag is any string adds nothing
    const known = objects.filter((member) => structsOf(member, lookup).every((struct) => isTagged(struct, tag, lookup)))
    return [{ kind: "open", tag, members: known }]
  }

  const result = new Map<string, Definition>()
  for (const [name, definition] of definitions) {
    const type = atUse(visit(definition.type))
    result.set(
      name,
      type.kind === "nullable" ? { ...definition, nullable: true, type: type.of } : { ...definition, type }
    )
  }
  markTags(result)
  return result
}

const unknown: Ir = { kind: "unknown" }

const isStringEnum = (type: Ir): boolean => type.kind === "literals"

const dedupe = (types: ReadonlyArray<Ir>): ReadonlyArray<Ir> => [
  ...new Map(types.map((type) => [canonical(type), type])).values()
]

/** The object types of a union member, through references and nested unions. Empty when a part of it is no object. */
export const structsOf = (type: Ir, lookup: (name: string) => Ir): ReadonlyArray<Struct> => {
  switch (type.kind) {
    case "struct":
      return [type]
    case "ref":
      return structsOf(lookup(type.name), lookup)
    case "nullable":
      return structsOf(type.of, lookup)
    case "union":
    case "open": {
      const structs = type.members.map((member) => structsOf(member, lookup))
      return structs.every((found) => found.length > 0) ? structs.flat() : []
    }
    case "string":
    case "number":
    case "boolean":
    case "null":
    case "unknown":
    case "file":
    case "literals":
    case "array":
    case "record":
      return []
  }
}

export const literalsOf = (type: Ir, lookup: (name: string) => Ir): ReadonlyArray<string> => {
  switch (type.kind) {
    case "literals":
      return type.values.filter((value) => typeof value === "string")
    case "ref":
      return literalsOf(lookup(type.name), lookup)
    case "union": {
      const values = type.members.map((member) => literalsOf(member, lookup))
      return values.every((found) => found.length > 0) ? values.flat() : []
    }
    case "string":
    case "number":
    case "boolean":
    case "null":
    case "unknown":
    case "file":
    case "array":
    case "record":
    case "nullable":
    case "open":
    case "struct":
      return []
  }
}

export const fieldOf = (struct: Struct, name: string): Field | undefined =>
  struct.fields.find((field) => field.name === name)

const isTagged = (struct: Struct, tag: string, lookup: (name: string) => Ir): boolean => {
  const field = fieldOf(struct, tag)
  return field !== undefined && literalsOf(field.type, lookup).length > 0
}

const usualTags = ["type", "role", "id", "object"]

/** A member for values that the document does not list: its tag is any string. */
const isCatchAll = (struct: Struct, tag: string): boolean => fieldOf(struct, tag)?.type.kind === "string"

const inferTag = (structs: ReadonlyArray<Struct>, lookup: (name: string) => Ir): string | undefined => {
  const names = new Set(structs.flatMap((struct) => struct.fields.map((field) => field.name)))
  const candidates = [...usualTags.filter((name) => names.has(name)), ...names]
  return candidates.find((name) => {
    const tagged = structs.filter((struct) => isTagged(struct, name, lookup))
    const values = tagged.map((struct) => canonical(literalsOf(fieldOf(struct, name)?.type ?? unknown, lookup)))
    return structs.every((struct) => tagged.includes(struct) || isCatchAll(struct, name)) && new Set(values).size > 1
  })
}

/** Marks the tag fields, so that their literals stay closed wherever the struct is emitted. */
const markTags = (definitions: Definitions): void => {
  const lookup = (name: string): Ir => definitions.get(name)?.type ?? unknown
  const visit = (type: Ir): void => {
    if (type.kind === "open") {
      for (const struct of type.members.flatMap((member) => structsOf(member, lookup))) {
        const field = fieldOf(struct, type.tag)
        if (field !== undefined) {
          field.tag = true
        }
      }
    }
    children(type).forEach(visit)
  }
  for (const definition of definitions.values()) {
    visit(definition.type)
  }
}
