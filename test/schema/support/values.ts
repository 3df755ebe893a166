import * as FastCheck from "effect/FastCheck"
import { isObject } from "../../../scripts/generate/json.js"
import { type Field, type Node, type View, viewOf } from "../../../src/internal/effect/schemaView.js"
import { membersByTag, tagOf } from "../../../src/schema/internal/openUnion.js"

type Arbitrary = FastCheck.Arbitrary<unknown>

const word = FastCheck.string({ minLength: 1, maxLength: 4 }).map((text) => `x_${text}`)

const json: Arbitrary = FastCheck.jsonValue({ maxDepth: 1 })

const memo = new WeakMap<Node, Arbitrary>()

/** Values that a schema accepts, with strings, union members and fields that it has never heard of. */
export const valuesOf = (node: Node): Arbitrary => {
  const known = memo.get(node)
  if (known !== undefined) return known
  const arbitrary = build(node)
  memo.set(node, arbitrary)
  return arbitrary
}

const build = (node: Node): Arbitrary => {
  const view = viewOf(node)
  switch (view.kind) {
    case "string":
      return word
    case "number":
      return FastCheck.oneof(FastCheck.integer(), FastCheck.double({ noNaN: true, noDefaultInfinity: true }))
    case "boolean":
      return FastCheck.boolean()
    case "any":
      return json
    case "undefined":
      return FastCheck.constant(undefined)
    case "literal":
      return FastCheck.constant(view.literal)
    case "union":
      return FastCheck.oneof(...view.members.map(valuesOf))
    case "array":
      return FastCheck.array(valuesOf(view.item), { maxLength: 2 })
    case "object":
      return struct(view)
    case "lazy":
      return lazily(() => valuesOf(view.node()))
    case "declaration": {
      const tag = tagOf(node)
      return tag === undefined
        ? FastCheck.constant(new Uint8Array([1, 2, 3]))
        : FastCheck.oneof(...view.parameters.map(valuesOf), unrecognized(tag))
    }
    default:
      throw new Error(`${node._tag} is not expected in a generated schema`)
  }
}

/** The fields of an object; none of anything else. */
export const fieldsOf = (node: Node): ReadonlyArray<Field> => {
  const view = viewOf(node)
  return view.kind === "object" ? view.fields : []
}

/** A union member of tomorrow. */
export const unrecognized = (tag: string): Arbitrary =>
  FastCheck.record({ [tag]: word, anything: json }, { requiredKeys: [tag] })

const struct = ({ fields, rest: [rest] }: View & { readonly kind: "object" }): Arbitrary => {
  const values = Object.fromEntries(fields.map(({ name, node }) => [String(name), valuesOf(node)]))
  const requiredKeys = fields.filter(({ isOptional }) => !isOptional).map(({ name }) => String(name))
  const more = FastCheck.dictionary(word, rest === undefined ? json : valuesOf(rest.node), { maxKeys: 1 })
  return FastCheck.tuple(more, FastCheck.record(values, { requiredKeys })).map(([added, own]) => ({ ...added, ...own }))
}

const junk: Arbitrary = FastCheck.oneof(
  FastCheck.constantFrom(null, undefined, 0, "", "text", true, [], {}, { type: "x_unknown" }, { type: 1 }, [null]),
  json
)

/** One place of a value, changed or removed. */
export const mutated = (value: unknown): Arbitrary => {
  const places = Array.isArray(value) ? [...value.keys()] : isObject(value) ? Object.keys(value) : []
  const inside = places.map((place) => {
    const inner: unknown = Reflect.get(Object(value), place)
    return FastCheck.oneof({ weight: 1, arbitrary: junk }, { weight: 2, arbitrary: lazily(() => mutated(inner)) })
      .map((changed) => replace(value, place, changed))
  })
  const without = isObject(value)
    ? Object.keys(value).map((key) =>
      FastCheck.constant(Object.fromEntries(Object.entries(value).filter(([name]) => name !== key)))
    )
    : []
  return FastCheck.oneof(junk, ...inside, ...without)
}

const lazily = (make: () => Arbitrary): Arbitrary => FastCheck.constant(undefined).chain(make)

const replace = (value: unknown, place: string | number, changed: unknown): unknown =>
  Array.isArray(value)
    ? value.map((item: unknown, i) => (i === place ? changed : item))
    : { ...Object(value), [place]: changed }

/** Every node of a schema, each once. */
export const nodes = (node: Node, seen: Set<Node> = new Set()): ReadonlySet<Node> => {
  if (seen.has(node)) return seen
  seen.add(node)
  for (const child of childrenOf(viewOf(node))) nodes(child, seen)
  return seen
}

const childrenOf = (view: View): ReadonlyArray<Node> => {
  switch (view.kind) {
    case "union":
      return view.members
    case "array":
      return [view.item]
    case "object":
      return [...view.fields, ...view.rest].map(({ node }) => node)
    case "declaration":
      return view.parameters
    case "refinement":
      return [view.from]
    case "lazy":
      return [view.node()]
    default:
      return []
  }
}

/** The members of an open union that alone answer to a value of the tag. */
export const taggedMembers = (
  node: Node
): ReadonlyArray<{ readonly tag: string; readonly value: string; readonly member: Node }> => {
  const tag = tagOf(node)
  const view = viewOf(node)
  if (tag === undefined || view.kind !== "declaration") return []
  const { tagged } = membersByTag(tag, view.parameters.map((member) => [member, member]))
  return [...tagged].flatMap(([value, [member, ...others]]) =>
    member !== undefined && others.length === 0 && fieldsOf(member).length > 0 ? [{ tag, value, member }] : []
  )
}
