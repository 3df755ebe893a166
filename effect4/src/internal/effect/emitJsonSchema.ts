/** JSON Schema from Effect schemas. Effect 4 would allow NaN as a string, and null for what may be absent. */
import * as Schema from "effect/Schema"
import * as AST from "effect/SchemaAST"
import { bigintMark, type Path, Refusal } from "../refusal.js"
import { explainCheck, type Json } from "./checkKeywords.js"

/**
 * The JSON Schema of the encoded side of a schema, with its definitions. Throws a {@link Refusal} where it has none.
 *
 * @internal
 */
export const emitJsonSchema = (ast: AST.AST): Json => {
  const emitter = new Emitter()
  return { ...emitter.of(ast, []), $defs: emitter.definitions }
}

const mostNames = 50

const unknown: Json = { $id: "/schemas/unknown" }
const nothing: Json = { $id: "/schemas/never", not: {} }
const containers: ReadonlyArray<Json> = [{ type: "object" }, { type: "array" }]

class Emitter {
  readonly definitions: Record<string, Json> = {}
  private readonly names = new Map<AST.AST, string>()

  /** The schema of the encoded side. The words of what is decoded from it belong to it. */
  of(ast: AST.AST, path: Path, isField = false): Json {
    const own = annotationsOf(ast)
    if (isOverride(own)) return overridden(ast, own)
    const encoded = encodedOf(ast)
    if (encoded === undefined) return this.checked(ast, path, isField)
    if (isText(encoded.to) && encoded.to.annotations?.["contentMediaType"] === "application/json") {
      return { type: "string", contentMediaType: "application/json", contentSchema: this.decoded(encoded.from, path) }
    }
    if (isText(encoded.to) && isInstant(ast)) {
      return described({ type: "string", format: "date-time" }, textAt(own, "description") ?? instantText)
    }
    const { description, ...said } = sayingsOf(ast)
    const words = (ast.checks ?? []).map((check) => explainCheck(check, undefined).words)
    return described({ ...this.of(encoded.to, path, isField), ...said }, description, ...words)
  }

  /** The schema of what a JSON text holds: its node as if nothing encoded it. */
  private decoded(ast: AST.AST, path: Path): Json {
    return this.checked(ast, path, false)
  }

  private checked(ast: AST.AST, path: Path, isField: boolean): Json {
    const base = annotated(this.node(ast, path, isField), ast.annotations)
    return (ast.checks ?? []).reduce<Json>((json, check) => this.refined(json, check), base)
  }

  private refined<T>(json: Json, check: AST.Check<T>): Json {
    if (check._tag === "FilterGroup" && check.annotations?.["toJsonSchema"] === undefined) {
      return described(
        check.checks.reduce<Json>((json, check) => this.refined(json, check), json),
        textAt(check.annotations ?? {}, "description")
      )
    }
    const { keywords, words } = explainCheck(check, json["type"])
    return described(merged(json, keywords), words)
  }

  private node(ast: AST.AST, path: Path, isField: boolean): Json {
    switch (ast._tag) {
      case "String":
        return { type: "string" }
      case "Number":
        return { type: "number" }
      case "Boolean":
        return { type: "boolean" }
      case "Null":
        return { type: "null" }
      case "Any":
      case "Unknown":
        return unknown
      case "Void":
        return { $id: "/schemas/void" }
      case "Never":
        return nothing
      case "ObjectKeyword":
        return { $id: "/schemas/object", anyOf: containers }
      case "Literal":
        return literal(ast.literal, path)
      case "Enum":
        return {
          $comment: "/schemas/enums",
          anyOf: ast.enums.map(([title, value]) => ({ ...literal(value, path), title }))
        }
      case "TemplateLiteral":
        return {
          type: "string",
          title: nameOf(ast),
          description: "a template literal",
          pattern: Schema.toJsonSchemaDocument(Schema.make<Schema.Top>(ast)).schema["pattern"]
        }
      case "Objects":
        return this.object(ast, path)
      case "Arrays":
        return this.array(ast, path)
      case "Union":
        return this.union(isField ? defined(ast.types) : ast.types, path)
      case "Suspend":
        return this.reference(behind(ast, path), path)
      case "BigInt":
      case "Symbol":
      case "UniqueSymbol":
        throw new Refusal(path, `JSON has no ${ast._tag === "BigInt" ? "bigint" : "symbol"}`)
      case "Undefined":
      case "Declaration":
        throw new Refusal(
          path,
          `${nameOf(ast)} is no JSON`
        )
    }
  }

  private object(ast: AST.Objects, path: Path): Json {
    if (ast.propertySignatures.length === 0 && ast.indexSignatures.length === 0) {
      return { $id: "/schemas/%7B%7D", anyOf: containers }
    }
    const properties: Record<string, Json> = {}
    const required: Array<string> = []
    for (const { name, type } of ast.propertySignatures) {
      if (typeof name !== "string") throw new Refusal(path, `JSON has no key such as ${String(name)}`)
      const field = this.field(type, [...path, name])
      properties[name] = field.json
      if (!field.mayBeAbsent) required.push(name)
    }
    const rest = ast.indexSignatures.map(({ parameter, type }) => this.rest(parameter, type, path))
    return Object.assign({ type: "object", required, properties, additionalProperties: false }, ...rest)
  }

  /** A field that may be undefined may be absent, and is described without it. */
  private field(ast: AST.AST, path: Path): { readonly json: Json; readonly mayBeAbsent: boolean } {
    const end = endOf(ast)
    const mayBeUndefined = end._tag === "Union" && defined(end.types).length < end.types.length
    return {
      json: annotated(this.of(ast, path, true), ast.context?.annotations),
      mayBeAbsent: AST.isOptional(end) || mayBeUndefined
    }
  }

  private rest(parameter: AST.AST, type: AST.AST, path: Path): Json {
    const { json } = this.field(type, [...path, "[key]"])
    return parameter._tag === "String" && parameter.checks === undefined
      ? { additionalProperties: json["$id"] === nothing["$id"] ? false : json }
      : { additionalProperties: undefined, patternProperties: { "": json }, propertyNames: this.of(parameter, path) }
  }

  private array(ast: AST.Arrays, path: Path): Json {
    const [rest, ...more] = ast.rest
    if (more.length > 0) throw new Refusal(path, "JSON Schema has no elements after a rest")
    const elements = ast.elements.map((element, index) =>
      annotated(this.of(element, [...path, String(index)]), element.context?.annotations)
    )
    const minItems = ast.elements.filter((element) => !AST.isOptional(endOf(element))).length
    const first = elements.length === 0 ? {} : { minItems }
    if (rest === undefined) {
      return elements.length === 0
        ? { type: "array", maxItems: 0 }
        : { type: "array", ...first, prefixItems: elements, items: false }
    }
    const items = this.of(rest, [...path, "[]"])
    const isUniform = ast.elements.every((element) => element === rest)
    return { type: "array", ...first, ...(isUniform ? {} : { prefixItems: elements }), items }
  }

  /** Literals of one type that stand together become one list. */
  private union(types: ReadonlyArray<AST.AST>, path: Path): Json {
    const members: Array<Json> = []
    for (const type of types) {
      const member = this.of(type, path)
      if (member["$id"] === nothing["$id"]) continue
      if (member["$id"] === unknown["$id"] || member["$id"] === "/schemas/void") return member
      const last = members.at(-1)
      if (last !== undefined && isChoice(last) && isChoice(member) && last["type"] === member["type"]) {
        members[members.length - 1] = { type: last["type"], enum: [...last.enum, ...member.enum] }
      } else members.push(member)
    }
    const [first, ...others] = members
    return first === undefined ? nothing : others.length === 0 ? first : { anyOf: members }
  }

  private reference(target: AST.AST, path: Path): Json {
    const known = this.names.get(target)
    const name = known ?? this.newName(target)
    if (known === undefined) {
      this.names.set(target, name)
      this.definitions[name] = this.of(target, path)
    }
    return { $ref: `#/$defs/${name}` }
  }

  private newName(target: AST.AST): string {
    if (this.names.size >= mostNames) throw new Refusal([], "a recursion that never comes back to the same schema")
    const own = (AST.resolveIdentifier(target) ?? "Recursive").replace(/[^A-Za-z0-9_-]+/g, "_")
    const taken = new Set(this.names.values())
    const free = (count: number): string => {
      const name = count === 1 ? own : `${own}${count}`
      return taken.has(name) ? free(count + 1) : name
    }
    return free(1)
  }
}

/** The members of a union that JSON can hold; all of them, where it can hold none. */
const defined = (types: ReadonlyArray<AST.AST>): ReadonlyArray<AST.AST> => {
  const others = types.filter(({ _tag }) => _tag !== "Undefined")
  return others.length === 0 ? types : others
}

/** The node that a node is decoded from, and the one above it; `undefined` if it is JSON as it is. */
const encodedOf = (ast: AST.AST): { readonly from: AST.AST; readonly to: AST.AST } | undefined => {
  const to = ast.encoding?.at(-1)?.to
  return to === undefined ? undefined : encodedOf(to) ?? { from: ast, to }
}

const endOf = (ast: AST.AST): AST.AST => encodedOf(ast)?.to ?? ast

const behind = (ast: AST.Suspend, path: Path): AST.AST => {
  const target = ast.thunk()
  if (target === ast) throw new Refusal(path, "a schema that is nothing but itself")
  return target._tag === "Suspend" ? behind(target, path) : target
}

const instantText = "an ISO 8601 date and time"

const instants: ReadonlyArray<unknown> = ["effect/schema/Date", "effect/schema/DateTimeUtc"]

const isInstant = (ast: AST.AST): boolean =>
  ast._tag === "Declaration" && instants.includes(Reflect.get(Object(ast.annotations?.["representation"]), "id"))

const isText = (ast: AST.AST): ast is AST.String => ast._tag === "String" && ast.checks === undefined

const nameOf = (ast: AST.AST): string =>
  AST.resolveIdentifier(ast) ?? textAt(ast.annotations ?? {}, "expected") ?? ast._tag.toLowerCase()

const literal = (value: AST.LiteralValue, path: Path): Json => {
  if (typeof value === "bigint") throw new Refusal(path, "JSON has no bigint")
  return { type: typeof value, enum: [value] }
}

const isChoice = (json: Json): json is Json & { readonly enum: ReadonlyArray<unknown> } =>
  Array.isArray(json["enum"]) && Object.keys(json).length === 2

const textAt = (json: Json, keyword: string): string | undefined => {
  const value = json[keyword]
  return typeof value === "string" ? value : undefined
}

/** The annotations of a node, or those of its last check, which are the ones that users gave to it. */
const annotationsOf = (ast: AST.AST): Json => AST.resolve(ast) ?? {}

const keywordsOf = ({ jsonSchema }: Json): Json | undefined =>
  typeof jsonSchema === "object" && jsonSchema !== null ? { ...jsonSchema } : undefined

/** Whether the annotation `jsonSchema` says everything. */
const isOverride = (annotations: Json): boolean => {
  const own = keywordsOf(annotations)
  return own !== undefined && ["type", "oneOf", "anyOf", "$ref"].some((keyword) => keyword in own)
}

const overridden = (ast: AST.AST, annotations: Json): Json => {
  const own = { ...keywordsOf(annotations), ...(ast._tag === "BigInt" ? { [bigintMark]: true } : {}) }
  return ast._tag === "Declaration" ? { ...own, ...sayingsOf(ast) } : own
}

/** What annotations say to readers. */
const sayings = ["title", "description", "default", "examples"]

const sayingsOf = (ast: AST.AST): Json & { readonly description?: string } => annotated({}, ast.annotations)

const annotated = (json: Json, annotations: Json | undefined): Json => {
  if (annotations === undefined) return json
  const said = Object.entries(annotations).filter(([key, value]) => sayings.includes(key) && value !== undefined)
  return { ...json, ...Object.fromEntries(said), ...(isOverride(annotations) ? {} : keywordsOf(annotations)) }
}

/** Adds words to the description. */
const described = (json: Json, ...words: ReadonlyArray<string | undefined>): Json => {
  const all = [textAt(json, "description"), ...words].filter((text) => text !== undefined && text !== "")
  return all.length === 0 ? json : { ...json, description: [...new Set(all)].join("; ") }
}

/** Adds keywords; where one is there already with another value, both hold. */
const merged = (json: Json, keywords: Json): Json => {
  const { allOf, type, ...others } = keywords
  const flat = Array.isArray(allOf) ? allOf.reduce<Json>(merged, others) : others
  const isTaken = Object.entries(flat).some(([key, value]) => json[key] !== undefined && json[key] !== value)
  const typed = type === undefined ? json : { ...json, type }
  return isTaken
    ? { ...typed, allOf: [...Array.isArray(json["allOf"]) ? json["allOf"] : [], flat] }
    : { ...typed, ...flat }
}
