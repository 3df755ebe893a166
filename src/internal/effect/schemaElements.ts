/** The elements of a list, as a schema has them. Effect 4 keeps the encoded side of a schema elsewhere. */
import * as Schema from "effect/Schema"
import type * as AST from "effect/SchemaAST"

/**
 * The schema of the elements of a list: of the schema itself, or of one of its fields. Undefined if a transformation of the
 * list itself makes the value, so that its elements have no schema of their own.
 *
 * @internal
 */
export const elementsOf = <A, I, R>(
  schema: Schema.Schema<A, I, R>,
  field: string | undefined
): Schema.Schema<unknown, unknown, R> | undefined => {
  const list = field === undefined ? schema.ast : fieldOf(schema.ast, field)
  const element = list && elementOf(list)
  return element && Schema.make<unknown, unknown, R>(element)
}

const elementOf = (ast: AST.AST): AST.AST | undefined => {
  switch (ast._tag) {
    case "TupleType": {
      const [rest, ...others] = ast.rest
      return ast.elements.length === 0 && others.length === 0 ? rest?.type : undefined
    }
    case "Refinement":
      return elementOf(ast.from)
    case "Suspend":
      return elementOf(ast.f())
    case "Union":
      return only(ast.types.map(elementOf))
    default:
      return undefined
  }
}

const fieldOf = (ast: AST.AST, name: string): AST.AST | undefined => {
  switch (ast._tag) {
    case "TypeLiteral":
      return ast.propertySignatures.find((field) => field.name === name)?.type
    case "Refinement":
      return fieldOf(ast.from, name)
    case "Suspend":
      return fieldOf(ast.f(), name)
    case "Transformation":
      // Of a class, or of a struct with defaults
      return ast.to._tag === "Declaration" || ast.transformation._tag === "TypeLiteralTransformation"
        ? fieldOf(ast.from, name)
        : undefined
    default:
      return undefined
  }
}

/** A list that may be null or absent is a union with one list. */
const only = (found: ReadonlyArray<AST.AST | undefined>): AST.AST | undefined => {
  const [first, ...others] = found.filter((one) => one !== undefined)
  return others.length === 0 ? first : undefined
}
