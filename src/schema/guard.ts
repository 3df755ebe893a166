/**
 * Fast checks of unknown values against a schema: a predicate that is compiled once from the schema, and a list of
 * issues that is computed only for an invalid value.
 *
 * @since 0.1.0
 */
import type * as Schema from "effect/Schema"
import { issuesIn } from "../internal/effect/schemaIssues.js"
import { acceptsBySchema, type Node, type View, viewOf } from "../internal/effect/schemaView.js"
import { membersByTag, tagOf } from "./internal/openUnion.js"

type Check = (input: unknown) => boolean

const checks = new WeakMap<Node, Check>()

const always: Check = () => true
const isString: Check = (input) => typeof input === "string"
const isNumber: Check = (input) => typeof input === "number"
const isBoolean: Check = (input) => typeof input === "boolean"
const isUndefined: Check = (input) => input === undefined
const isNull: Check = (input) => input === null

const isRecord = (input: unknown): input is Record<PropertyKey, unknown> =>
  typeof input === "object" && input !== null && !Array.isArray(input)

const compile = (ast: Node): Check => {
  const known = checks.get(ast)
  if (known !== undefined) {
    return known
  }
  const check = build(ast)
  checks.set(ast, check)
  return check
}

const lazily = (ast: () => Node): Check => {
  let check: Check | undefined
  return (input) => (check ??= compile(ast()))(input)
}

const build = (ast: Node): Check => {
  const view = viewOf(ast)
  switch (view.kind) {
    case "any":
      return always
    case "string":
      return isString
    case "number":
      return isNumber
    case "boolean":
      return isBoolean
    case "undefined":
      return isUndefined
    case "literal": {
      const { literal } = view
      return literal === null ? isNull : (input) => input === literal
    }
    case "object":
      return object(ast, view)
    case "array":
      return array(compile(view.item))
    case "union":
      return union(view.members.map(compile))
    case "refinement": {
      const from = compile(view.from)
      return (input) => from(input) && view.accepts(input)
    }
    case "lazy":
      return lazily(view.node)
    case "declaration": {
      const tag = tagOf(ast)
      return tag === undefined ? acceptsBySchema(ast) : openUnion(tag, view.parameters)
    }
    case "other":
      return acceptsBySchema(ast)
  }
}

const array = (item: Check): Check => {
  if (item === always) {
    return Array.isArray
  }
  return (input) => {
    if (!Array.isArray(input)) {
      return false
    }
    for (let i = 0; i < input.length; i++) {
      if (!item(input[i])) {
        return false
      }
    }
    return true
  }
}

interface Field {
  readonly name: PropertyKey
  readonly optional: boolean
  readonly check: Check
}

const object = (ast: Node, view: View & { readonly kind: "object" }): Check => {
  if (view.fields.length === 0 && view.rest.length === 0) {
    return (input) => input !== null && input !== undefined
  }
  if (view.rest.some(({ isStringKey }) => !isStringKey)) {
    return acceptsBySchema(ast)
  }
  const fields = view.fields.map(({ isOptional, name, node }): Field => ({
    name,
    optional: isOptional,
    check: compile(node)
  }))
  const rest = both(view.rest.map(({ node }) => compile(node)).filter((check) => check !== always))
  const slow = anyRecord(fields, rest)
  if (fields.some(({ name }) => typeof name !== "string")) {
    return slow
  }
  const byName: Record<PropertyKey, Check | undefined> = Object.create(null)
  for (const { check, name } of fields) {
    byName[name] = rest === undefined ? check : both([check, rest])
  }
  // Found with the first value, because a field may have the type of the object itself
  const findRequired = () => fields.flatMap(({ check, name, optional }) => optional || check(undefined) ? [] : [name])
  let required: ReadonlyArray<PropertyKey> | undefined
  // Parsed JSON has few of the fields of its schema, so iterating its own keys is faster than iterating the schema's
  return (input) => {
    if (!isRecord(input)) {
      return false
    }
    const prototype: unknown = Object.getPrototypeOf(input)
    if (prototype !== Object.prototype && prototype !== null) {
      return slow(input)
    }
    for (const key in input) {
      const check = byName[key] ?? rest
      if (check !== undefined && !check(input[key])) {
        return false
      }
    }
    required ??= findRequired()
    for (let i = 0; i < required.length; i++) {
      const name = required[i]
      if (name !== undefined && input[name] === undefined) {
        return false
      }
    }
    return true
  }
}

/** The check of a struct for any object: also with a prototype or with symbols as keys. */
const anyRecord = (fields: ReadonlyArray<Field>, rest: Check | undefined): Check => (input) =>
  isRecord(input) &&
  fields.every(({ check, name, optional }) =>
    check(input[name]) || (optional && input[name] === undefined && !Object.hasOwn(input, name))
  ) &&
  (rest === undefined || Object.keys(input).every((key) => rest(input[key])))

const both = (checks: ReadonlyArray<Check>): Check | undefined => {
  const [first, ...others] = checks
  return others.length === 0 ? first : (input) => checks.every((check) => check(input))
}

const union = (members: ReadonlyArray<Check>): Check => {
  const [first, ...others] = members.filter((check) => check !== isNull && check !== isUndefined)
  const orNull = members.includes(isNull)
  const orUndefined = members.includes(isUndefined)
  const isMissing: Check = (input) => (orNull && input === null) || (orUndefined && input === undefined)
  if (first === undefined) {
    return isMissing
  }
  if (others.length === 0) {
    return (input) => input === null || input === undefined ? isMissing(input) || first(input) : first(input)
  }
  return (input) => {
    for (let i = 0; i < members.length; i++) {
      if (members[i]?.(input) === true) {
        return true
      }
    }
    return false
  }
}

const openUnion = (tag: string, members: ReadonlyArray<Node>): Check => {
  const { tagged, untagged } = membersByTag(tag, members.map((ast) => [ast, lazily(() => ast)]))
  const byTag = new Map([...tagged].map(([value, checks]) => [value, either(checks)]))
  const otherwise = either(untagged)
  return (input) => {
    if (!isRecord(input)) {
      return false
    }
    const value = input[tag]
    if (typeof value === "string") {
      const check = byTag.get(value)
      return check === undefined || check(input)
    }
    return value === undefined && otherwise(input)
  }
}

const either = (checks: ReadonlyArray<Check>): Check => {
  const [first, ...others] = checks
  return first !== undefined && others.length === 0 ? first : (input) => checks.some((check) => check(input))
}

/**
 * A predicate for the values that a schema accepts. It is compiled on first use and cached for the schema. It accepts
 * the same values as `Schema.decodeUnknownEither`, and keeps the original value with all its fields, known or not.
 *
 * @since 0.1.0
 * @category guards
 */
export const guard = <A>(schema: Schema.Schema<A>): (input: unknown) => input is A => {
  let check: Check | undefined
  return (input): input is A => (check ??= compile(schema.ast))(input)
}

/**
 * One problem of a value: its path (`choices.0.message`, empty for the value itself) and a message.
 *
 * @since 0.1.0
 * @category models
 */
export interface Issue {
  readonly path: string
  readonly message: string
}

/**
 * All problems of a value for a schema. The list is empty when the value is valid.
 *
 * @since 0.1.0
 * @category guards
 */
export const issues = <A>(schema: Schema.Schema<A>, input: unknown): ReadonlyArray<Issue> => issuesIn(schema, input)
