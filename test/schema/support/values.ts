import * as FastCheck from "effect/FastCheck"
import type * as AST from "effect/SchemaAST"
import { isObject } from "../../../scripts/generate/json.js"
import { membersByTag, tagOf } from "../../../src/schema/internal/openUnion.js"

type Arbitrary = FastCheck.Arbitrary<unknown>

const word = FastCheck.string({ minLength: 1, maxLength: 4 }).map((text) => `x_${text}`)

const json: Arbitrary = FastCheck.jsonValue({ maxDepth: 1 })

const memo = new WeakMap<AST.AST, Arbitrary>()

/** Values that a schema accepts, with strings, union members and fields that it has never heard of. */
export const valuesOf = (ast: AST.AST): Arbitrary => {
  const known = memo.get(ast)
  if (known !== undefined) return known
  const arbitrary = build(ast)
  memo.set(ast, arbitrary)
  return arbitrary
}

const build = (ast: AST.AST): Arbitrary => {
  switch (ast._tag) {
    case "StringKeyword":
      return word
    case "NumberKeyword":
      return FastCheck.oneof(FastCheck.integer(), FastCheck.double({ noNaN: true, noDefaultInfinity: true }))
    case "BooleanKeyword":
      return FastCheck.boolean()
    case "UnknownKeyword":
      return json
    case "UndefinedKeyword":
      return FastCheck.constant(undefined)
    case "Literal":
      return FastCheck.constant(ast.literal)
    case "Union":
      return FastCheck.oneof(...ast.types.map(valuesOf))
    case "TupleType": {
      const item = ast.rest[0]?.type
      if (item === undefined || ast.elements.length > 0) throw new Error("only arrays are expected here")
      return FastCheck.array(valuesOf(item), { maxLength: 2 })
    }
    case "TypeLiteral":
      return struct(ast)
    case "Declaration": {
      const tag = tagOf(ast)
      return tag === undefined
        ? FastCheck.constant(new Uint8Array([1, 2, 3]))
        : FastCheck.oneof(...ast.typeParameters.map(valuesOf), unrecognized(tag))
    }
    default:
      throw new Error(`${ast._tag} is not expected in a generated schema`)
  }
}

/** A union member of tomorrow. */
export const unrecognized = (tag: string): Arbitrary =>
  FastCheck.record({ [tag]: word, anything: json }, { requiredKeys: [tag] })

const struct = (ast: AST.TypeLiteral): Arbitrary => {
  const fields = Object.fromEntries(ast.propertySignatures.map(({ name, type }) => [String(name), valuesOf(type)]))
  const requiredKeys = ast.propertySignatures.filter(({ isOptional }) => !isOptional).map(({ name }) => String(name))
  const [rest] = ast.indexSignatures
  const more = FastCheck.dictionary(word, rest === undefined ? json : valuesOf(rest.type), { maxKeys: 1 })
  return FastCheck.tuple(more, FastCheck.record(fields, { requiredKeys })).map(([added, own]) => ({ ...added, ...own }))
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

/** Every node of a schema's syntax tree, each once. */
export const nodes = (ast: AST.AST, seen: Set<AST.AST> = new Set()): ReadonlySet<AST.AST> => {
  if (seen.has(ast)) return seen
  seen.add(ast)
  const visit = (child: AST.AST): void => {
    nodes(child, seen)
  }
  switch (ast._tag) {
    case "Union":
      ast.types.forEach(visit)
      break
    case "TupleType":
      ;[...ast.elements, ...ast.rest].forEach(({ type }) => visit(type))
      break
    case "TypeLiteral":
      ast.propertySignatures.forEach(({ type }) => visit(type))
      ast.indexSignatures.forEach(({ parameter, type }) => [parameter, type].forEach(visit))
      break
    case "Declaration":
      ast.typeParameters.forEach(visit)
      break
    case "Refinement":
      visit(ast.from)
      break
    case "Transformation":
      visit(ast.from)
      visit(ast.to)
      break
    case "Suspend":
      visit(ast.f())
      break
    default:
      break
  }
  return seen
}

/** The members of an open union that alone answer to a value of the tag. */
export const taggedMembers = (
  ast: AST.AST
): ReadonlyArray<{ readonly tag: string; readonly value: string; readonly member: AST.TypeLiteral }> => {
  const tag = tagOf(ast)
  if (tag === undefined || ast._tag !== "Declaration") return []
  const { tagged } = membersByTag(tag, ast.typeParameters.map((member) => [member, member]))
  return [...tagged].flatMap(([value, [member, ...others]]) =>
    member?._tag === "TypeLiteral" && others.length === 0 ? [{ tag, value, member }] : []
  )
}
