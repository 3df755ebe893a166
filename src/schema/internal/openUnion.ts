/**
 * What `openUnion` and the guards both need to know: which members answer to which tag value.
 */
import * as Option from "effect/Option"
import * as AST from "effect/SchemaAST"

/**
 * Marks the declaration of an open union; its value is the name of the tag property.
 *
 * @internal
 */
export const OpenUnionId: unique symbol = Symbol.for("effect-openrouter/schema/OpenUnion")

/**
 * The tag property of an open union, or `undefined` for any other schema.
 *
 * @internal
 */
export const tagOf = (ast: AST.AST): string | undefined =>
  Option.getOrUndefined(AST.getAnnotation<string>(ast, OpenUnionId))

/**
 * Members by tag value; `untagged` are those that also accept a value without the tag.
 *
 * @internal
 */
export interface Members<A> {
  readonly tagged: ReadonlyMap<string, ReadonlyArray<A>>
  readonly untagged: ReadonlyArray<A>
}

const tagValues = (ast: AST.AST): ReadonlyArray<string | undefined> => {
  switch (ast._tag) {
    case "Literal":
      return [String(ast.literal)]
    case "UndefinedKeyword":
      return [undefined]
    case "Union":
      return ast.types.flatMap(tagValues)
    default:
      return []
  }
}

const tagsOfMember = (tag: string, ast: AST.AST): ReadonlyArray<string | undefined> => {
  switch (ast._tag) {
    case "TypeLiteral": {
      const signature = ast.propertySignatures.find((candidate) => candidate.name === tag)
      return signature === undefined ? [undefined] : tagValues(signature.type)
    }
    case "Declaration":
      return tagOf(ast) === tag ? ast.typeParameters.flatMap((member) => tagsOfMember(tag, member)) : []
    case "Union":
      return ast.types.flatMap((member) => tagsOfMember(tag, member))
    case "Suspend":
      return tagsOfMember(tag, ast.f())
    default:
      return []
  }
}

/**
 * Sorts members by the tag values they accept, keeping their order.
 *
 * @internal
 */
export const membersByTag = <A>(
  tag: string,
  members: ReadonlyArray<readonly [ast: AST.AST, value: A]>
): Members<A> => {
  const tagged = new Map<string, Array<A>>()
  const untagged: Array<A> = []
  for (const [ast, value] of members) {
    for (const key of new Set(tagsOfMember(tag, ast))) {
      if (key === undefined) {
        untagged.push(value)
      } else {
        const known = tagged.get(key)
        if (known === undefined) {
          tagged.set(key, [value])
        } else {
          known.push(value)
        }
      }
    }
  }
  return { tagged, untagged }
}

const none: ReadonlyArray<never> = []

/**
 * The members that may decode `input`: those of its tag, those without a tag when it has none, `undefined` when its tag
 * is a string that no member knows.
 *
 * @internal
 */
export const candidates = <A>(members: Members<A>, tag: string, input: object): ReadonlyArray<A> | undefined => {
  const value: unknown = Reflect.get(input, tag)
  if (typeof value === "string") {
    return members.tagged.get(value)
  }
  return value === undefined ? members.untagged : none
}
