/** What a schema accepts, by kind of node. Effect 3 names the nodes otherwise and keeps annotations elsewhere. */
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as AST from "effect/SchemaAST"
import * as SchemaParser from "effect/SchemaParser"

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
  if (ast.encoding !== undefined || ast.checks !== undefined) return { kind: "other" }
  switch (ast._tag) {
    case "Unknown":
    case "Any":
      return { kind: "any" }
    case "String":
      return { kind: "string" }
    case "Number":
      return { kind: "number" }
    case "Boolean":
      return { kind: "boolean" }
    case "Undefined":
      return { kind: "undefined" }
    case "Null":
      return { kind: "literal", literal: null }
    case "Literal":
      return { kind: "literal", literal: ast.literal }
    case "Objects":
      return {
        kind: "object",
        fields: ast.propertySignatures.map(({ name, type }) => ({
          name,
          isOptional: AST.isOptional(type),
          node: type
        })),
        rest: ast.indexSignatures.map(({ parameter, type }) => ({
          isStringKey: parameter._tag === "String" && parameter.checks === undefined,
          node: type
        }))
      }
    case "Arrays": {
      const [rest, ...others] = ast.rest
      return ast.elements.length === 0 && rest !== undefined && others.length === 0
        ? { kind: "array", item: rest }
        : { kind: "other" }
    }
    case "Union":
      return { kind: "union", members: ast.types }
    case "Suspend":
      return { kind: "lazy", node: ast.thunk }
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
  const decode = SchemaParser.decodeUnknownResult(Schema.make<Schema.Codec<unknown>>(ast))
  return (input) => Result.isSuccess(Result.flatMap(Result.try(() => decode(input)), (result) => result))
}

/**
 * The text that a schema has under a symbol of ours.
 *
 * @internal
 */
export const annotationOf = (ast: Node, id: symbol): string | undefined => {
  const found: unknown = Reflect.get(AST.resolve(ast) ?? {}, id)
  return typeof found === "string" ? found : undefined
}

/**
 * The name of a schema: its identifier, or else its title.
 *
 * @internal
 */
export const nameOf = (ast: Node): string | undefined => AST.resolveIdentifier(ast) ?? AST.resolveTitle(ast)
