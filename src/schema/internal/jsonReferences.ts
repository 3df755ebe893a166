/** References within a JSON Schema: JSON pointers to any place, anchors and ids. */
import { isObject, type Json, type Path, Refusal } from "./jsonForm.js"

/**
 * The same schema with all references in the form `#` or `#/$defs/name`. Each schema that a reference leads to becomes a
 * definition. Throws a {@link Refusal} for a reference that leads nowhere.
 *
 * @internal
 */
export const withDefinitions = (document: Json): Json => {
  const { $defs: _, definitions: __, ...root } = document
  return new References(document).rewritten(root)
}

/** Values of these keywords are data, and an object in them may have any keys. */
const data: ReadonlySet<string> = new Set(["const", "enum", "default", "examples", "example"])

class References {
  private readonly names = new Map<unknown, string>()
  private readonly definitions = new Map<string, unknown>()
  private index: Index | undefined

  constructor(private readonly document: Json) {}

  rewritten(root: Json): Json {
    const schema = this.copy(root, this.document, [])
    // A definition may be added while the ones before it are copied
    for (const [name, target] of this.definitions) {
      this.definitions.set(name, this.copy(target, target, ["$defs", name]))
    }
    return { ...isObject(schema) ? schema : root, $defs: Object.fromEntries(this.definitions) }
  }

  /** `original` is the object in the document, which says what its references are relative to. */
  private copy(value: unknown, original: unknown, path: Path): unknown {
    if (Array.isArray(value)) return value.map((item, index) => this.copy(item, item, [...path, String(index)]))
    if (!isObject(value)) return value
    return Object.fromEntries(
      Object.entries(value).map(([keyword, inner]) => {
        if (keyword === "$ref" && typeof inner === "string") return [keyword, this.reference(inner, original, path)]
        return [keyword, data.has(keyword) && !isNames(path) ? inner : this.copy(inner, inner, [...path, keyword])]
      })
    )
  }

  private reference(ref: string, from: unknown, path: Path): string {
    this.index ??= new Index(this.document)
    const target = this.index.find(ref, from)
    if (target === undefined) throw new Refusal(shown(path), `the schema of the reference "${ref}" does not exist`)
    if (target.schema === this.document) return "#"
    return `#/$defs/${this.nameOf(target).replaceAll("~", "~0").replaceAll("/", "~1")}`
  }

  private nameOf({ name, schema }: Target): string {
    const known = isObject(schema) ? this.names.get(schema) : undefined
    if (known !== undefined) return known
    const safe = name.replace(/[^\w.~/-]/g, "_")
    let free = safe
    for (let count = 2; free === reserved || this.definitions.has(free); count++) free = `${safe}${count}`
    this.names.set(schema, free)
    this.definitions.set(free, schema)
    return free
  }
}

/** The name under which the root is defined if something refers to it. */
const reserved = "self"

const keywordsOfNames: ReadonlySet<string | undefined> = new Set([
  "properties",
  "patternProperties",
  "$defs",
  "definitions",
  "dependentSchemas"
])

/** Whether the keys of the object at a path are names instead of keywords. */
const isNames = (path: Path): boolean =>
  keywordsOfNames.has(path.at(-1)) && !(path.length > 1 && isNames(path.slice(0, -1)))

/** A path without the keywords of JSON Schema, as other errors show it. */
const shown = (path: Path): Path =>
  path.flatMap((step, index) => isNames(path.slice(0, index)) ? [step] : step === "items" ? ["[]"] : [])

interface Target {
  readonly name: string
  readonly schema: unknown
}

/** Finds the schemas of a document. Those with an `$id` are documents of their own. */
class Index {
  private readonly owners = new Map<unknown, Json>()
  private readonly byUri = new Map<string, Json>()
  private readonly anchors = new Map<Json, Map<string, Json>>()

  constructor(private readonly document: Json) {
    const stack: Array<readonly [value: unknown, owner: Json]> = [[document, document]]
    for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
      const [value, owner] = next
      if (Array.isArray(value)) { for (const item of value) stack.push([item, owner]) }
      if (!isObject(value) || this.owners.has(value)) continue
      const inner = this.add(value, owner)
      for (const [keyword, item] of Object.entries(value)) if (!data.has(keyword)) stack.push([item, inner])
    }
  }

  find(ref: string, from: unknown): Target | undefined {
    const hash = ref.indexOf("#")
    const uri = hash === -1 ? ref : ref.slice(0, hash)
    const fragment = hash === -1 ? "" : decoded(ref.slice(hash + 1))
    const owner = this.owners.get(from) ?? this.document
    const resource = uri === "" ? owner : this.byUri.get(uri) ?? this.byUri.get(resolved(uri, uriOf(owner)))
    if (resource === undefined) return undefined
    if (fragment === "") return { name: nameIn(uri), schema: resource }
    if (!fragment.startsWith("/")) {
      const schema = this.anchors.get(resource)?.get(fragment)
      return schema && { name: fragment, schema }
    }
    const steps = fragment.slice(1).split("/").map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"))
    // Many documents count from their root, whatever the ids within them say
    return walk(resource, steps) ?? walk(resource, underOtherKeyword(steps)) ?? walk(this.document, steps)
  }

  private add(schema: Json, owner: Json): Json {
    const id = schema["$id"] ?? schema["id"]
    const hasUri = typeof id === "string" && id !== "" && !id.startsWith("#")
    const own = hasUri || schema === this.document ? schema : owner
    this.owners.set(schema, own)
    if (hasUri) {
      this.byUri.set(withoutHash(id), schema)
      this.byUri.set(resolved(withoutHash(id), uriOf(owner)), schema)
    }
    const anchor = schema["$anchor"] ?? (typeof id === "string" && id.startsWith("#") ? id.slice(1) : undefined)
    if (typeof anchor === "string") {
      const anchors = this.anchors.get(own) ?? new Map<string, Json>()
      this.anchors.set(own, anchors.set(anchor, schema))
    }
    return own
  }
}

const walk = (root: unknown, steps: ReadonlyArray<string>): Target | undefined => {
  let schema = root
  for (const step of steps) {
    if (!(Array.isArray(schema) || isObject(schema)) || !Object.hasOwn(schema, step)) return undefined
    schema = Reflect.get(schema, step)
  }
  if (!isObject(schema) && typeof schema !== "boolean") return undefined
  const isDefinition = steps.length === 2 && (steps[0] === "$defs" || steps[0] === "definitions")
  const name = isDefinition ? steps[1] : steps.findLast((step) => !/^\d*$/.test(step))
  return { name: name ?? "Referenced", schema }
}

/** Older drafts of JSON Schema keep definitions under another keyword. */
const underOtherKeyword = ([first = "", ...others]: ReadonlyArray<string>): ReadonlyArray<string> => [
  first === "$defs" ? "definitions" : first === "definitions" ? "$defs" : first,
  ...others
]

const decoded = (fragment: string): string => {
  try {
    return decodeURIComponent(fragment)
  } catch {
    return fragment
  }
}

const uriOf = (schema: Json): string => typeof schema["$id"] === "string" ? schema["$id"] : ""

const withoutHash = (uri: string): string => uri.replace(/#.*$/, "")

const base = "schema:///"

const resolved = (uri: string, from: string): string => {
  try {
    return withoutHash(new URL(uri, new URL(from, base)).href)
  } catch {
    return uri
  }
}

const nameIn = (uri: string): string => /([^/]+?)(?:\.json)?$/.exec(uri)?.[1] ?? "Referenced"
