/** The elements of a list, as a schema has them. Effect 3 keeps the encoded side of a schema elsewhere. */
import * as Schema from "effect/Schema"
import * as AST from "effect/SchemaAST"

/**
 * The schema of the elements of a list: of the schema itself, or of one of its fields. Undefined if a transformation of the
 * list itself makes the value, so that its elements have no schema of their own.
 *
 * @internal
 */
export const elementsOf = <A, I, R>(
  schema: Schema.Codec<A, I, R, unknown>,
  field: string | undefined
): Schema.Codec<unknown, unknown, R, unknown> | undefined => {
  const list = field === undefined ? schema.ast : fieldOf(schema.ast, field)
  const element = list && elementOf(list)
  return element && Schema.make<Schema.Codec<unknown, unknown, R, unknown>>(element)
}

const elementOf = (ast: AST.AST): AST.AST | undefined =>
  ast.encoding === undefined ? elementIn(ast) : elementWithDefault(ast, ast.encoding)

/** A default stands for an absent list, and leaves the elements of any other as they are. */
const elementWithDefault = (ast: AST.AST, encoding: AST.Encoding): AST.AST | undefined => {
  const to = encoding.at(-1)?.to
  const encoded = to !== undefined && encoding.every((link) => AST.isOptional(link.to)) ? elementOf(to) : undefined
  const own = elementIn(ast)
  if (encoded === undefined || own === undefined) return undefined
  if (AST.toType(encoded) === AST.toType(own)) return encoded
  return AST.toEncoded(own) === AST.toEncoded(encoded) ? own : undefined
}

const elementIn = (ast: AST.AST): AST.AST | undefined => {
  switch (ast._tag) {
    case "Arrays": {
      const [rest, ...others] = ast.rest
      return ast.elements.length === 0 && others.length === 0 ? rest : undefined
    }
    case "Suspend":
      return elementOf(ast.thunk())
    case "Union":
      return only(ast.types.map(elementOf))
    default:
      return undefined
  }
}

const fieldOf = (ast: AST.AST, name: string): AST.AST | undefined => {
  // A class is made of its fields
  const from = ast._tag === "Declaration" ? ast.encoding?.at(-1)?.to : undefined
  if (from !== undefined) return fieldOf(from, name)
  if (ast.encoding !== undefined) return undefined
  switch (ast._tag) {
    case "Objects":
      return ast.propertySignatures.find((field) => field.name === name)?.type
    case "Suspend":
      return fieldOf(ast.thunk(), name)
    default:
      return undefined
  }
}

/** A list that may be null or absent is a union with one list. */
const only = (found: ReadonlyArray<AST.AST | undefined>): AST.AST | undefined => {
  const [first, ...others] = found.filter((one) => one !== undefined)
  return others.length === 0 ? first : undefined
}
