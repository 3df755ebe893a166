/** What a schema accepts, by kind of node. Effect 4 names the nodes otherwise and keeps annotations elsewhere. */
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as ParseResult from "effect/ParseResult"
import * as Schema from "effect/Schema"
import * as AST from "effect/SchemaAST"

/**
 * A node of a schema.
 *
 * @internal
 */
export type Node = AST.AST

/** @internal */
export interface Field {
  readonly name: PropertyKey
  readonly isOptional: boolean
  readonly node: Node
}

/**
 * A node, as far as it is checked without the schema. `other` nodes are checked with {@link acceptsBySchema}.
 *
 * @internal
 */
export type View =
  | { readonly kind: "any" | "string" | "number" | "boolean" | "undefined" | "other" }
  | { readonly kind: "literal"; readonly literal: unknown }
  /** `rest` are the types of all values, by the type of their keys. An object without either is any value but null. */
  | {
    readonly kind: "object"
    readonly fields: ReadonlyArray<Field>
    readonly rest: ReadonlyArray<{ readonly isStringKey: boolean; readonly node: Node }>
  }
  | { readonly kind: "array"; readonly item: Node }
  | { readonly kind: "union"; readonly members: ReadonlyArray<Node> }
  | { readonly kind: "refinement"; readonly from: Node; readonly accepts: (input: unknown) => boolean }
  | { readonly kind: "lazy"; readonly node: () => Node }
  | { readonly kind: "declaration"; readonly parameters: ReadonlyArray<Node> }

/** @internal */
export const viewOf = (ast: Node): View => {
  switch (ast._tag) {
    case "UnknownKeyword":
    case "AnyKeyword":
      return { kind: "any" }
    case "StringKeyword":
      return { kind: "string" }
    case "NumberKeyword":
      return { kind: "number" }
    case "BooleanKeyword":
      return { kind: "boolean" }
    case "UndefinedKeyword":
      return { kind: "undefined" }
    case "Literal":
      return { kind: "literal", literal: ast.literal }
    case "TypeLiteral":
      return {
        kind: "object",
        fields: ast.propertySignatures.map(({ isOptional, name, type }) => ({ name, isOptional, node: type })),
        rest: ast.indexSignatures.map(({ parameter, type }) => ({
          isStringKey: parameter._tag === "StringKeyword",
          node: type
        }))
      }
    case "TupleType": {
      const [rest, ...others] = ast.rest
      return ast.elements.length === 0 && rest !== undefined && others.length === 0
        ? { kind: "array", item: rest.type }
        : { kind: "other" }
    }
    case "Union":
      return { kind: "union", members: ast.types }
    case "Refinement":
      return ast.from._tag === "Transformation" ? { kind: "other" } : {
        kind: "refinement",
        from: ast.from,
        accepts: (input) => Option.isNone(ast.filter(input, {}, ast))
      }
    case "Suspend":
      return { kind: "lazy", node: ast.f }
    case "Declaration":
      return { kind: "declaration", parameters: ast.typeParameters }
    default:
      return { kind: "other" }
  }
}

/**
 * Checks a value with the decoder of the schema.
 *
 * @internal
 */
export const acceptsBySchema = (ast: Node): (input: unknown) => boolean => {
  const decode = ParseResult.decodeUnknownEither(Schema.make<unknown>(ast))
  return (input) => Either.isRight(Either.flatMap(Either.try(() => decode(input)), (result) => result))
}

/**
 * The text that a schema has under a symbol of ours.
 *
 * @internal
 */
export const annotationOf = (ast: Node, id: symbol): string | undefined =>
  Option.getOrUndefined(AST.getAnnotation<string>(ast, id))

/**
 * The name of a schema: its identifier, or else its title.
 *
 * @internal
 */
export const nameOf = (ast: Node): string | undefined =>
  Option.getOrUndefined(Option.orElse(AST.getJSONIdentifier(ast), () => AST.getTitleAnnotation(ast)))
