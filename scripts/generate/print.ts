/** Prints source text from a small layout language: a group stays on one line if it fits; otherwise its lines break. */
import { quoted, wrap } from "./doc.js"
import type { Field, Ir, Struct } from "./model.js"

interface Comment {
  readonly kind: "comment"
  readonly text: string
  readonly tag: string
}

type Doc =
  | string
  | { readonly kind: "concat" | "group" | "indent"; readonly parts: ReadonlyArray<Doc> }
  | { readonly kind: "line"; readonly flat: string; readonly broken: string }
  | { readonly kind: "either"; readonly flat: string; readonly broken: string }
  | Comment

const concat = (...parts: ReadonlyArray<Doc>): Doc => ({ kind: "concat", parts })
const group = (...parts: ReadonlyArray<Doc>): Doc => ({ kind: "group", parts })
const indent = (...parts: ReadonlyArray<Doc>): Doc => ({ kind: "indent", parts })
/** `flat` when the group is on one line; otherwise `broken` and a line break. */
const line = (flat: string, broken = ""): Doc => ({ kind: "line", flat, broken })

/** Text that depends on whether the group around it breaks. */
const either = (flat: string, broken: string): Doc => ({ kind: "either", flat, broken })

const flatten = (doc: Doc): string =>
  typeof doc === "string"
    ? doc
    : doc.kind === "comment"
    ? ""
    : doc.kind === "line" || doc.kind === "either"
    ? doc.flat
    : doc.parts.map(flatten).join("")

const width = 120

/** A group with a comment never stays on one line. */
const hasComment = (doc: Doc): boolean =>
  typeof doc !== "string" &&
  (doc.kind === "comment" || (doc.kind !== "line" && doc.kind !== "either" && doc.parts.some(hasComment)))

const comment = ({ tag, text }: Comment, indentation: string): string => {
  const all = [...(text === "" ? [] : [text]), ...(tag === "" ? [] : [tag])]
  const one = `/** ${quoted(all.join(" "))} */`
  return indentation.length + one.length <= width
    ? one
    : ["/**", ...all.flatMap((part) => wrap(part, width - indentation.length - 3)).map((line) => ` * ${line}`), " */"]
      .join(`\n${indentation}`)
}

/** Renders a document at the start of a line with the indentation `depth`. */
const render = (doc: Doc, depth: number): string => {
  let out = ""
  let position = 0
  const write = (text: string): void => {
    out += text
    const newline = text.lastIndexOf("\n")
    position = newline < 0 ? position + text.length : text.length - newline - 1
  }
  const go = (doc: Doc, depth: number, isFlat: boolean): void => {
    if (typeof doc === "string") {
      return write(doc)
    }
    switch (doc.kind) {
      case "line":
        return write(isFlat ? doc.flat : `${doc.broken}\n${"  ".repeat(depth)}`)
      case "either":
        return write(isFlat ? doc.flat : doc.broken)
      case "comment":
        return write(`${comment(doc, "  ".repeat(depth))}\n${"  ".repeat(depth)}`)
      case "group": {
        const fits = isFlat || !hasComment(doc) && position + flatten(concat(...doc.parts)).length <= width
        return doc.parts.forEach((part) => go(part, depth, fits))
      }
      case "indent":
        return doc.parts.forEach((part) => go(part, depth + 1, isFlat))
      case "concat":
        return doc.parts.forEach((part) => go(part, depth, isFlat))
    }
  }
  write("  ".repeat(depth))
  go(doc, depth, false)
  return out
}

const separate = (docs: ReadonlyArray<Doc>, separator: Doc): ReadonlyArray<Doc> =>
  docs.flatMap((doc, i) => i === 0 ? [doc] : [separator, doc])

/** The name of a field. In a value, `__proto__` must be computed: the plain name sets the prototype instead. */
const valueKey = (name: string): string => name === "__proto__" ? "[\"__proto__\"]" : key(name)

export const key = (name: string): string => /^[A-Za-z_$][A-Za-z0-9_$]*$/.test(name) ? name : JSON.stringify(name)

const call = (name: string, args: ReadonlyArray<Doc>): Doc => {
  const [only] = args
  return only !== undefined && args.length === 1
    ? concat(`${name}(`, only, ")")
    : args.length === 0
    ? `${name}()`
    : group(`${name}(`, indent(line(""), ...separate(args, line(", ", ","))), line(""), ")")
}

const record = (entries: ReadonlyArray<Doc>): Doc =>
  group("{", indent(line(" "), ...separate(entries, line(", ", ","))), line(" "), "}")

/** How literals and optional fields of a definition are emitted. */
export interface Rules {
  /** The server may send the type: optional fields may be null, and literals other than tags stay open. */
  readonly lenient: boolean
  /** The literals of a tag field, through references. */
  readonly literals: (type: Ir) => ReadonlyArray<string | number | boolean>
}

const strict: Rules = { lenient: false, literals: (type) => type.kind === "literals" ? type.values : [] }

const isClosed = (type: Ir & { readonly kind: "literals" }, rules: Rules): boolean =>
  type.values.some((value) => typeof value === "boolean") || (type.values.length === 1 && !rules.lenient)

interface EmittedField {
  readonly type: Ir
  readonly optional: boolean
  readonly isTag: boolean
}

/** A field in the form that is emitted: tags are closed; in received types, optional and nullable are the same. */
const emitField = (field: Field, rules: Rules): EmittedField => {
  if (field.tag) {
    return { type: { kind: "literals", values: rules.literals(field.type) }, optional: field.optional, isTag: true }
  }
  const isNullable = field.type.kind === "nullable" || field.type.kind === "null"
  const canBeNull = isNullable || field.type.kind === "unknown"
  return {
    type: rules.lenient && field.optional && !canBeNull ? { kind: "nullable", of: field.type } : field.type,
    optional: field.optional || (rules.lenient && isNullable),
    isTag: false
  }
}

// --- types ---------------------------------------------------------------------------------------------------------

const typeParts = (type: Ir, rules: Rules, isTag: boolean): ReadonlyArray<Doc> => {
  switch (type.kind) {
    case "nullable":
      return [...typeParts(type.of, rules, isTag), "null"]
    case "union":
      return type.members.flatMap((member) => typeParts(member, rules, false))
    case "open":
      return [openUnionDoc(type.tag, type.members.map((member) => typeDoc(member, rules, false)))]
    case "literals": {
      const values = type.values.map((value) => JSON.stringify(value))
      return isTag || isClosed(type, rules)
        ? values
        : type.values.every((value) => typeof value === "string")
        ? [...values, "(string & {})"]
        : [...values, "(number & {})"]
    }
    case "string":
    case "number":
    case "boolean":
    case "null":
    case "unknown":
    case "file":
    case "ref":
    case "array":
    case "record":
    case "struct":
      return [typeDoc(type, rules, isTag)]
  }
}

const typeDoc = (type: Ir, rules: Rules, isTag: boolean): Doc => {
  switch (type.kind) {
    case "string":
    case "number":
    case "boolean":
    case "null":
    case "unknown":
      return type.kind
    case "file":
      return "FileContent"
    case "ref":
      return type.name
    case "array":
      return concat("ReadonlyArray<", typeDoc(type.item, rules, false), ">")
    case "record":
      return concat("{ readonly [key: string]: ", typeDoc(type.value, rules, false), " }")
    case "struct":
      return group(
        "{",
        indent(line(" "), ...separate(structTypeEntries(type.fields, type.rest, rules), line("; "))),
        line(" "),
        "}"
      )
    case "nullable":
    case "union":
    case "open":
    case "literals": {
      const parts = typeParts(type, rules, isTag)
      const [only] = parts
      return only !== undefined && parts.length === 1
        ? only
        : group(indent(line(""), ...alternatives(parts)), line(""))
    }
  }
}

const openUnionDoc = (tag: string, members: ReadonlyArray<Doc>): Doc =>
  group(`OpenUnion<`, indent(line(""), `${JSON.stringify(tag)},`, line(" "), ...alternatives(members)), line(""), ">")

const alternatives = (parts: ReadonlyArray<Doc>): ReadonlyArray<Doc> =>
  parts.flatMap((part, i) => i === 0 ? [either("", "| "), part] : [line(" "), "| ", part])

/** A union after a colon or an equals sign: on the same line, or one alternative on each line. */
const unionDoc = (parts: ReadonlyArray<Doc>): Doc => {
  const [only] = parts
  return only !== undefined && parts.length === 1
    ? concat(" ", only)
    : group(indent(line(" "), ...alternatives(parts)))
}

/** Tags come first, then required fields, then optional ones. */
const inOrder = (fields: ReadonlyArray<Field>, rules: Rules): ReadonlyArray<Field> => {
  const rank = (field: Field): number => field.tag ? 0 : emitField(field, rules).optional ? 2 : 1
  return [...fields].sort((a, b) => rank(a) - rank(b))
}

const structTypeEntries = (fields: ReadonlyArray<Field>, rest: Ir | undefined, rules: Rules): ReadonlyArray<Doc> => [
  ...inOrder(fields, rules).map((field) => describedField(field, rules)),
  ...(rest === undefined ? [] : ["readonly [key: string]: unknown"])
]

/** A field with the comment above it. */
const describedField = (field: Field, rules: Rules): Doc => {
  const { deprecated, doc = "" } = field
  const tag = deprecated ? "@deprecated" : ""
  return doc === "" && tag === ""
    ? fieldTypeDoc(field, rules)
    : concat({ kind: "comment", text: doc, tag }, fieldTypeDoc(field, rules))
}

const fieldTypeDoc = (field: Field, rules: Rules): Doc => {
  const { isTag, optional, type } = emitField(field, rules)
  const parts = [...typeParts(type, rules, isTag), ...(optional && type.kind !== "unknown" ? ["undefined"] : [])]
  return concat(`readonly ${key(field.name)}${optional ? "?" : ""}:`, unionDoc(parts))
}

/** A type on one line, to measure it. */
export const flatType = (type: Ir): string => flatten(typeDoc(type, strict, false))

// --- declarations --------------------------------------------------------------------------------------------------

export const interfaceText = (name: string, type: Struct, rules: Rules): string => {
  const lines = inOrder(type.fields, rules).map((field) => render(describedField(field, rules), 1))
  const rest = type.rest === undefined ? [] : ["  readonly [key: string]: unknown"]
  return [`export interface ${name} {`, ...lines, ...rest, "}"].join("\n")
}

/** The fields of an interface of parameters, which are only sent. */
export const parameterText = (fields: ReadonlyArray<Field>): ReadonlyArray<string> =>
  fields.map((field) => render(describedField(field, strict), 1))

export const aliasText = (name: string, type: Ir, rules: Rules): string =>
  render(concat(`export type ${name} =`, unionDoc(typeParts(type, rules, false))), 0)

// --- schemas -------------------------------------------------------------------------------------------------------

const schemaDoc = (type: Ir, rules: Rules, isTag: boolean): Doc => {
  switch (type.kind) {
    case "string":
      return "String"
    case "number":
      return "Number"
    case "boolean":
      return "Boolean"
    case "null":
      return "Null"
    case "unknown":
      return "Unknown"
    case "file":
      return "FileContent"
    case "ref":
      return type.name
    case "array":
      return call("Array", [schemaDoc(type.item, rules, false)])
    case "record":
      return type.value.kind === "unknown"
        ? "UnknownRecord"
        : call("Record", [schemaDoc(type.value, rules, false)])
    case "nullable":
      return call("NullOr", [schemaDoc(type.of, rules, isTag)])
    case "union":
      return call("Union", type.members.map((member) => schemaDoc(member, rules, false)))
    case "open":
      return call("openUnion", [
        JSON.stringify(type.tag),
        ...type.members.map((member) => schemaDoc(member, rules, false))
      ])
    case "literals": {
      const values = type.values.map((value) => JSON.stringify(value))
      return isTag || isClosed(type, rules)
        ? call("Literal", values)
        : type.values.every((value) => typeof value === "string")
        ? call("openEnum", values)
        : "Number"
    }
    case "struct":
      return structDoc(record(structEntries(type, rules)), type)
  }
}

const optionalDoc = (type: Ir, rules: Rules, isTag: boolean): Doc =>
  type.kind === "nullable"
    ? call("nullish", [schemaDoc(type.of, rules, isTag)])
    : call("optional", [schemaDoc(type, rules, isTag)])

const structEntries = (type: Struct, rules: Rules): ReadonlyArray<Doc> =>
  inOrder(type.fields, rules).map((field) => {
    const { isTag, optional, type } = emitField(field, rules)
    return concat(
      `${valueKey(field.name)}: `,
      optional ? optionalDoc(type, rules, isTag) : schemaDoc(type, rules, isTag)
    )
  })

const structDoc = (fields: Doc, { rest }: Struct): Doc =>
  call(rest === undefined ? "Struct" : "StructWithRest", [fields])

export const constText = (name: string, type: Ir, rules: Rules): string => {
  const head = `export const ${name}: Schema<${name}> = `
  if (type.kind === "literals" && type.values.length > 12 && type.values.every((value) => typeof value === "string")) {
    return `${head}openEnum<${name}>()`
  }
  return render(concat(head, constDoc(type, rules)), 0)
}

/** The value of a declaration, which is built on first use. A struct has one field on each line. */
const constDoc = (type: Ir, rules: Rules): Doc => {
  switch (type.kind) {
    case "struct": {
      const entries = separate(structEntries(type, rules), line(", ", ","))
      const fields = type.fields.length === 0 ? "{}" : concat("{", indent(line(""), ...entries), line(""), "}")
      return type.rest === undefined
        ? call("lazyStruct", [concat("() => (", fields, ")")])
        : call("lazy", [concat("() => ", structDoc(fields, type))])
    }
    case "record":
      return type.value.kind === "unknown"
        ? "UnknownRecord"
        : call("lazy", [concat("() => ", schemaDoc(type, rules, false))])
    case "array":
    case "nullable":
    case "union":
      return call("lazy", [concat("() => ", schemaDoc(type, rules, false))])
    case "string":
    case "number":
    case "boolean":
    case "null":
    case "unknown":
    case "file":
    case "ref":
    case "open":
    case "literals":
      return schemaDoc(type, rules, false)
  }
}
