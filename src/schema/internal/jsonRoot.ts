import { array, object } from "./jsonContainer.js"
import {
  annotated,
  type Building,
  conditions,
  eachValue,
  type Form,
  isObject,
  type Json,
  listAt,
  type Path,
  readingTexts,
  Refusal,
  type Restoring,
  same,
  textAt
} from "./jsonForm.js"
import { anything, choice, isLeafType, leaf } from "./jsonLeaf.js"
import { withDefinitions } from "./jsonReferences.js"

/**
 * The form in which a JSON Schema is sent. Providers require an object at the root; another root becomes its property
 * `value`.
 *
 * @internal
 */
export const formOf = (json: Json, strict: boolean): Form => {
  const definitions = new Definitions(withDefinitions(json), strict)
  const root = definitions.root()
  const wrapped = root.schema["type"] === "object" ? root : underValue(root)
  const $defs = definitions.built()
  return Object.keys($defs).length === 0 ? wrapped : { ...wrapped, schema: { ...wrapped.schema, $defs } }
}

const underValue = (form: Form): Form => {
  const isWrapped = (value: unknown): value is { readonly value: unknown } =>
    isObject(value) && Object.hasOwn(value, "value") && Object.keys(value).length === 1
  return {
    schema: {
      type: "object",
      properties: { value: form.schema },
      required: ["value"],
      additionalProperties: false
    },
    accepts: (value, loosely) => isWrapped(value) && form.accepts(value.value, loosely),
    restore: (value, within) => {
      if (within.isOpen(value) && isObject(value) && Object.keys(value).length === 0) return undefined
      const isMeant = isWrapped(value) &&
        (within.isOpen(value) || form.accepts(value.value, true) || !form.accepts(value, true))
      return within.restore(form, isMeant ? value.value : value)
    },
    begins: (value, loosely) =>
      isObject(value) && Object.keys(value).length === 0 ||
      (isWrapped(value) && form.begins(value.value, loosely)) || form.begins(value, loosely),
    readTexts: (value) => {
      const read = readingTexts(isWrapped)(value)
      return isWrapped(read) ? eachValue(read, form.readTexts) : form.readTexts(value)
    }
  }
}

const self = "self"

class Definitions implements Building {
  private readonly forms = new Map<string, Form>()
  private readonly schemas: Json

  constructor(document: Json, readonly strict: boolean) {
    const { $defs, ...root } = document
    this.schemas = {
      [self]: root,
      ...(isObject($defs) ? $defs : {})
    }
  }

  root(): Form {
    return this.form(this.followed(this.schemas[self], []), [])
  }

  built(): Json {
    return Object.fromEntries([...this.forms].map(([name, form]) => [name, form.schema]))
  }

  form(json: unknown, path: Path): Form {
    if (!isObject(json)) {
      if (json === false) throw new Refusal(path, "no value is valid here")
      return anything(json, path, this)
    }
    const condition = this.strict ? conditions.find((keyword) => json[keyword] !== undefined) : undefined
    if (condition !== undefined) throw new Refusal(path, `it does not have the keyword "${condition}"`, true)
    if (json["$ref"] !== undefined) return this.reference(json, path)
    if (Array.isArray(json["allOf"])) return this.form(this.merged(json, path), path)
    const members = [...listAt(json, "anyOf"), ...listAt(json, "oneOf")]
    if (members.length > 0 && json["$id"] !== emptyStruct) return this.union(json, members, path)
    if (json["enum"] !== undefined || Object.hasOwn(json, "const")) return choice(json, path, this)
    const type = json["$id"] === emptyStruct ? "object" : json["type"]
    if (Array.isArray(type)) return this.union(json, type.map((type) => ofType(json, type)), path)
    if (isLeafType(type)) return leaf(type, json, this)
    if (type === "object" || (type === undefined && isObject(json["properties"]))) {
      return object(json["$id"] === emptyStruct ? { ...json, properties: {} } : json, path, this)
    }
    if (type === "array" || (type === undefined && (json["items"] ?? json["prefixItems"]) !== undefined)) {
      return array(json, path, this)
    }
    return anything(json, path, this)
  }

  acceptsNull(json: unknown): boolean {
    return this.nullFits(json, new Set())
  }

  private nullFits(json: unknown, seen: Set<unknown>): boolean {
    if (!isObject(json) || seen.has(json)) return json === true
    seen.add(json)
    if (json["$ref"] !== undefined) return this.nullFits(this.schemas[this.nameOf(json, [])], seen)
    if (Object.hasOwn(json, "const")) return json["const"] === null
    if (Array.isArray(json["enum"])) return json["enum"].includes(null)
    const members = [...listAt(json, "anyOf"), ...listAt(json, "oneOf")]
    if (members.length > 0) return members.some((member) => this.nullFits(member, seen))
    if (Array.isArray(json["allOf"])) {
      return json["allOf"].every((member) => this.nullFits(member, new Set(seen))) && json["type"] === undefined
    }
    const type = json["type"]
    return type === undefined
      ? json["properties"] === undefined && json["items"] === undefined && json["prefixItems"] === undefined
      : type === "null" || (Array.isArray(type) && type.includes("null"))
  }

  /** One schema with the keywords of all members of an `allOf`. A reference that stands alone in it stays one. */
  private merged(json: Json, path: Path, around: ReadonlyArray<unknown> = []): Json {
    const { allOf: _, ...own } = json
    const members = listAt(json, "allOf")
    const isAlone = members.length === 1 && Object.keys(own).every((keyword) => annotations.has(keyword))
    return members.reduce<Json>((left, member) => {
      const right = isAlone ? member : this.followed(member, path)
      if (!isObject(right)) return left
      if (around.includes(right)) throw new Refusal(path, "a schema is a part of itself in an allOf")
      return both(left, Array.isArray(right["allOf"]) ? this.merged(right, path, [...around, right]) : right, path)
    }, own)
  }

  private union(json: Json, schemas: ReadonlyArray<unknown>, path: Path): Form {
    const members = schemas.map((schema) => this.form(schema, path))
    const [only, second] = members
    const pick = (value: unknown) =>
      members.find((member) => member.accepts(value, false)) ?? members.find((member) => member.accepts(value, true))
    return {
      schema: only !== undefined && second === undefined
        ? annotated(only.schema, json, this.strict)
        : annotated({ anyOf: members.map((member) => member.schema) }, json, this.strict),
      accepts: (value, loosely) => members.some((member) => member.accepts(value, loosely)),
      restore: (value, within) => {
        if (within.isOpen(value)) return growing(members, value, within)
        const member = pick(value)
        return member === undefined ? within.anything(value) : within.restore(member, value)
      },
      begins: (value, loosely) => members.some((member) => member.begins(value, loosely)),
      readTexts: (value) => {
        if (pick(value) !== undefined) return value
        for (const member of members) {
          const read = member.readTexts(value)
          if (member.accepts(read, true)) return read
        }
        return value
      }
    }
  }

  private reference(json: Json, path: Path): Form {
    const name = this.nameOf(json, path)
    this.define(name, path)
    const bare = { $ref: `#/$defs/${name.replaceAll("~", "~0").replaceAll("/", "~1")}` }
    const description = textAt(json, "description")
    return {
      // Some providers reject other keywords beside a reference
      schema: description === undefined ? bare : { anyOf: [bare], description },
      accepts: (value, loosely) => this.forms.get(name)?.accepts(value, loosely) ?? false,
      restore: (value, within) => this.forms.get(name)?.restore(value, within),
      begins: (value, loosely) => this.forms.get(name)?.begins(value, loosely) ?? false,
      readTexts: (value) => this.forms.get(name)?.readTexts(value)
    }
  }

  private define(name: string, path: Path): void {
    if (this.forms.has(name)) return
    this.forms.set(name, pending)
    this.forms.set(name, this.form(this.followed(this.schemas[name], path), path))
  }

  /** The schema that a reference leads to, so that neither the root nor a definition is only a reference. */
  private followed(json: unknown, path: Path): unknown {
    const seen = new Set<unknown>()
    let target = json
    while (isObject(target) && target["$ref"] !== undefined) {
      if (seen.has(target)) throw new Refusal(path, "a schema is only a reference to itself")
      seen.add(target)
      target = this.schemas[this.nameOf(target, path)]
    }
    return target
  }

  private nameOf(json: Json, path: Path): string {
    const ref = String(json["$ref"])
    const name = ref === "#"
      ? self
      : /^#\/\$defs\/(.+)$/.exec(ref)?.[1]?.replaceAll("~1", "/").replaceAll("~0", "~")
    if (name !== undefined && Object.hasOwn(this.schemas, name)) return name
    throw new Refusal(path, `the schema of the reference "${ref}" does not exist`)
  }
}

const pending: Form = { schema: {}, accepts: () => false, restore: same, begins: () => false, readTexts: same }

/**
 * A value that is still written, as the first member shows it that it may become. Undefined while one member would show a
 * list and another an object: what was shown must not be taken back.
 */
const growing = (members: ReadonlyArray<Form>, value: unknown, within: Restoring): unknown => {
  const fitting = members.filter((member) => member.begins(value, false))
  const some = fitting.length > 0 ? fitting : members.filter((member) => member.begins(value, true))
  const [first, ...others] = some.map((member) => within.restore(member, value))
  return others.every((other) => other !== undefined && Array.isArray(other) === Array.isArray(first))
    ? first
    : undefined
}

/** The `$id` that `JSONSchema` of Effect gives to a struct without fields. */
const emptyStruct = "/schemas/%7B%7D"

const ofType = (json: Json, type: unknown): Json => {
  const { description: _, title: __, ...rest } = json
  return { ...rest, type }
}

const annotations: ReadonlySet<string> = new Set(["description", "title", "default", "examples", "$comment"])

const both = (left: Json, right: Json, path: Path): Json =>
  Object.entries(right).reduce<Json>((left, [keyword, value]) => {
    const known = left[keyword]
    return { ...left, [keyword]: known === undefined ? value : bothValues(keyword, known, value, path) }
  }, left)

const bothValues = (keyword: string, a: unknown, b: unknown, path: Path): unknown => {
  if (JSON.stringify(a) === JSON.stringify(b)) return a
  if (keyword === "description" || keyword === "title") return `${String(a)}; ${String(b)}`
  if (keyword === "required" && Array.isArray(a) && Array.isArray(b)) return [...new Set([...a, ...b])]
  if (keyword.startsWith("min") && typeof a === "number" && typeof b === "number") return Math.max(a, b)
  if (keyword.startsWith("max") && typeof a === "number" && typeof b === "number") return Math.min(a, b)
  if (keyword === "properties" && isObject(a) && isObject(b)) {
    const shared = Object.keys(a).find((name) =>
      Object.hasOwn(b, name) && JSON.stringify(a[name]) !== JSON.stringify(b[name])
    )
    if (shared === undefined) return { ...a, ...b }
    throw new Refusal([...path, shared], "a property has two schemas")
  }
  if (keyword === "pattern") return `${String(a)} and ${String(b)}`
  throw new Refusal(path, `the keyword "${keyword}" has two values`)
}
