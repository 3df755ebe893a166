/** The smallest value that a schema accepts: what the server answers in the tests of all endpoints. */
import type * as AST from "effect/SchemaAST"
import { tagOf } from "../../../src/schema/internal/openUnion.js"

export const sample = (ast: AST.AST): unknown => {
  switch (ast._tag) {
    case "StringKeyword":
      return "text"
    case "NumberKeyword":
      return 1
    case "BooleanKeyword":
      return true
    case "UnknownKeyword":
      return "anything"
    case "Literal":
      return ast.literal
    case "Union":
      return sample(first(ast.types, ast))
    case "TupleType":
      return []
    case "TypeLiteral":
      return Object.fromEntries(
        ast.propertySignatures.filter(({ isOptional }) => !isOptional).map(({ name, type }) => [name, sample(type)])
      )
    case "Declaration":
      return tagOf(ast) === undefined ? fail(ast) : sample(first(ast.typeParameters, ast))
    default:
      return fail(ast)
  }
}

/** The items of a page: the type of what is in its list. */
export const itemOf = (page: AST.AST): AST.AST => {
  const struct = page._tag === "Union"
    ? first(page.types, page)
    : page._tag === "Declaration"
    ? first(page.typeParameters, page)
    : page
  const list = struct._tag === "TypeLiteral"
    ? struct.propertySignatures.find(({ name }) => name === "data")?.type
    : undefined
  const lists = list?._tag === "Union" ? list.types : [list]
  const items = lists.flatMap((type) => type?._tag === "TupleType" ? type.rest.map((rest) => rest.type) : [])
  return first(items, page)
}

const first = <A>(items: ReadonlyArray<A>, ast: AST.AST): A => items[0] ?? fail(ast)

const fail = (ast: AST.AST): never => {
  throw new Error(`${ast._tag} is not expected in an answer: ${String(ast)}`)
}
