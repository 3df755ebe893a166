/**
 * The members of an open union by the value of their tag, for `openUnion` and for the guards.
 */
import { annotationOf, type Node, viewOf } from "../../internal/effect/schemaView.js"

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
export const tagOf = (ast: Node): string | undefined => annotationOf(ast, OpenUnionId)

/**
 * Members by tag value. `untagged` are the members that also accept a value without the tag.
 *
 * @internal
 */
export interface Members<A> {
  readonly tagged: ReadonlyMap<string, ReadonlyArray<A>>
  readonly untagged: ReadonlyArray<A>
}

const tagValues = (ast: Node): ReadonlyArray<string | undefined> => {
  const view = viewOf(ast)
  switch (view.kind) {
    case "literal":
      return [String(view.literal)]
    case "undefined":
      return [undefined]
    case "union":
      return view.members.flatMap(tagValues)
    default:
      return []
  }
}

const tagsOfMember = (tag: string, ast: Node): ReadonlyArray<string | undefined> => {
  const view = viewOf(ast)
  switch (view.kind) {
    case "object": {
      const field = view.fields.find(({ name }) => name === tag)
      return field === undefined ? [undefined] : tagValues(field.node)
    }
    case "declaration":
      return tagOf(ast) === tag ? view.parameters.flatMap((member) => tagsOfMember(tag, member)) : []
    case "union":
      return view.members.flatMap((member) => tagsOfMember(tag, member))
    case "lazy":
      return tagsOfMember(tag, view.node())
    default:
      return []
  }
}

/**
 * Groups members by the tag values that they accept, in their order.
 *
 * @internal
 */
export const membersByTag = <A>(
  tag: string,
  members: ReadonlyArray<readonly [ast: Node, value: A]>
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
 * The members that may decode `input`: the members of its tag; the members without a tag when it has none; `undefined`
 * when no member knows its tag.
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
