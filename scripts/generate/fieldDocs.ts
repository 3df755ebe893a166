/**
 * The sentence of each field: the one for this field of this owner, else for a family of owners, else for its name,
 * else that of its schema. What the sentences are stands in `fields`.
 */
import { own, refuse } from "./json.js"
import { type Definition, type Definitions, type Field, type Ir, mapChildren } from "./model.js"
import { flatType } from "./print.js"
import type { Tables } from "./tables.js"

/** A sentence for a name wherever it occurs. `anyType` is valid for a name whose fields differ in their types. */
export type SharedSentence = string | { readonly anyType: string }

export interface FieldTables {
  readonly shared: Readonly<Record<string, SharedSentence>>
  /** By file: `Owner.field`, or `Owner*.field` for a family, to the sentence. */
  readonly own: Readonly<Record<string, Readonly<Record<string, string>>>>
}

/** What is known about one field of the output. */
export interface FieldRecord {
  /** The owner, a dot and the name; for a field of an inline object, with the fields that lead there. */
  readonly path: string
  readonly name: string
  /** The JSON pointer of the owner, or of the operation of a parameter. */
  readonly pointer: string
  readonly type: string
  /** The module of the owner. */
  readonly module: string
  /** Whether requests can have the field. */
  readonly isSent: boolean
  readonly sentence: string | undefined
}

/** The one whose fields are described: a schema, or the parameters of an operation. */
export interface Owner {
  readonly name: string
  readonly pointer: string
  readonly module: string
  readonly isSent: boolean
}

export interface FieldDocs {
  /** The same definition, with a sentence at each field that has one. */
  readonly definition: (definition: Definition, owner: Owner) => Definition
  readonly fields: (fields: ReadonlyArray<Field>, owner: Owner) => ReadonlyArray<Field>
  /** Every field that was described, or has no sentence yet. Refuses entries of the tables that no field uses. */
  readonly finish: () => ReadonlyArray<FieldRecord>
}

/** A tag with one literal says all by its type. */
const isOneLiteral = (type: Ir, definitions: Definitions): boolean => {
  switch (type.kind) {
    case "literals":
      return type.values.length === 1
    case "nullable":
      return isOneLiteral(type.of, definitions)
    case "ref": {
      const target = definitions.get(type.name)?.type
      return target !== undefined && isOneLiteral(target, definitions)
    }
    default:
      return false
  }
}

/** What values a type has, roughly: names of one kind can share a sentence. */
const kindOf = (type: Ir, definitions: Definitions): string => {
  switch (type.kind) {
    case "nullable":
      return kindOf(type.of, definitions)
    case "ref": {
      const target = definitions.get(type.name)?.type
      return target === undefined ? "unknown" : kindOf(target, definitions)
    }
    case "literals":
      return [...new Set(type.values.map((value) => typeof value))].sort().join(" or ")
    case "struct":
    case "record":
    case "open":
      return "object"
    case "array":
      return "list"
    case "union":
      return [...new Set(type.members.flatMap((member) => kindOf(member, definitions).split(" or ")))].sort()
        .join(" or ")
    default:
      return type.kind
  }
}

interface Family {
  readonly key: string
  readonly pattern: RegExp
  readonly sentence: string
}

const familyOf = (key: string, sentence: string): Family => ({
  key,
  pattern: new RegExp(`^${key.replace(/[.[\]$()+?^|\\]/g, "\\$&").replaceAll("*", "[^.]*")}$`),
  sentence
})

/** The entries of all files; a field has one entry. */
const merged = (tables: FieldTables): ReadonlyMap<string, string> => {
  const all = new Map<string, string>()
  for (const [file, entries] of Object.entries(tables.own)) {
    for (const [key, sentence] of Object.entries(entries)) {
      if (all.has(key)) {
        refuse(`fields/${file}.ts`, `"${key}" is also in another file; remove one of them`)
      }
      all.set(key, sentence)
    }
  }
  return all
}

export const makeFieldDocs = (
  { fieldDocs: tables, schemaDocs }: Pick<Tables, "fieldDocs" | "schemaDocs">,
  definitions: Definitions
): FieldDocs => {
  const exact = merged(tables)
  const families = [...exact].filter(([key]) => key.includes("*")).map(([key, sentence]) => familyOf(key, sentence))
    // The longest pattern is the most precise one
    .sort((a, b) => b.key.length - a.key.length)
  const used = new Set<string>()
  const sharedKinds = new Map<string, Map<string, string>>()
  const records = new Map<string, FieldRecord>()

  const ownSentence = (path: string): string | undefined => {
    const sentence = exact.get(path)
    if (sentence !== undefined) {
      used.add(path)
      return sentence
    }
    const matches = families.filter(({ pattern }) => pattern.test(path))
    matches.forEach(({ key }) => used.add(key))
    return matches[0]?.sentence
  }

  const sharedSentence = (field: Field, path: string): string | undefined => {
    const shared = own(tables.shared, field.name)
    if (typeof shared !== "string") {
      used.add(field.name)
      return shared?.anyType
    }
    const kinds = sharedKinds.get(field.name) ?? new Map<string, string>()
    sharedKinds.set(field.name, kinds)
    const kind = kindOf(field.type, definitions)
    kinds.set(kind, kinds.get(kind) ?? path)
    used.add(field.name)
    return shared
  }

  const schemaSentence = (type: Ir): string | undefined =>
    type.kind === "nullable" ? schemaSentence(type.of) : type.kind === "ref" ? own(schemaDocs, type.name) : undefined

  const describe = (field: Field, path: string, owner: Owner): string | undefined => {
    const given = ownSentence(path)
    if (given === undefined && isOneLiteral(field.type, definitions)) {
      return undefined
    }
    const sentence = given ?? sharedSentence(field, path) ?? schemaSentence(field.type)
    const { isSent, module, pointer } = owner
    const record = { path, name: field.name, pointer, type: flatType(field.type), module, isSent, sentence }
    records.set(`${module} ${path}`, record)
    return sentence
  }

  const inside = (type: Ir, path: string, owner: Owner): Ir =>
    type.kind === "struct"
      ? {
        ...type,
        fields: withSentences(type.fields, path, owner),
        rest: type.rest === undefined ? undefined : inside(type.rest, path, owner)
      }
      : mapChildren(type, (child) => inside(child, path, owner))

  const withSentences = (fields: ReadonlyArray<Field>, path: string, owner: Owner): ReadonlyArray<Field> =>
    fields.map((field) => {
      const here = `${path}.${field.name}`
      return { ...field, doc: describe(field, here, owner), type: inside(field.type, here, owner) }
    })

  return {
    definition: (definition, owner) => ({ ...definition, type: inside(definition.type, owner.name, owner) }),
    fields: (fields, owner) => withSentences(fields, owner.name, owner),
    finish: () => {
      const stale = [...exact.keys(), ...Object.keys(tables.shared)].filter((key) => !used.has(key))
      const mixed = [...sharedKinds].filter(([, kinds]) => kinds.size > 1).map(([name, kinds]) =>
        `shared.ts: "${name}" has several types (${
          [...kinds].map(([kind, path]) => `${kind}: ${path}`).join("; ")
        }); give some a sentence of their own, or write { anyType: "…" }`
      )
      const problems = [
        ...stale.map((key) => `"${key}" is no field that needs a sentence; remove it or correct the name`),
        ...mixed
      ]
      return problems.length === 0 ? [...records.values()] : refuse("scripts/generate/fields", problems.join("\n"))
    }
  }
}
