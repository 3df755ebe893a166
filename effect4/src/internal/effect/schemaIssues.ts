/** What is wrong with a value, by its schema. Effect 3 has other issues, and `Either` where Effect 4 has `Result`. */
import * as Arr from "effect/Array"
import * as Effect from "effect/Effect"
import * as Predicate from "effect/Predicate"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as AST from "effect/SchemaAST"
import * as SchemaIssue from "effect/SchemaIssue"
import * as SchemaParser from "effect/SchemaParser"
import { excerpt } from "../json.js"
import { LongNumber, parseExactJson } from "../longNumbers.js"

/** @internal */
export interface Issue {
  readonly path: string
  readonly message: string
}

/** A value that is nested thousands of levels deep cannot be printed: the stack is too small. */
const tooDeep: Issue = { path: "", message: "it is nested too deeply to say what is wrong with it" }

/** More problems of one value help nobody; a value from the wire may have any number. */
const maxIssues = 20

const options: AST.ParseOptions = { errors: "all", reportInput: true }

/** A value as Effect 3 prints it. */
const printed = (input: unknown): string => {
  switch (typeof input) {
    case "object":
    case "string":
      return JSON.stringify(input)
    default:
      return String(input)
  }
}

/** Says of a leaf what Effect 3 says, so that both editions explain a value in the same words. */
const leafMessage: SchemaIssue.LeafHook = (issue) => {
  if (issue._tag === "MissingKey") return "is missing"
  const expected = issue._tag === "InvalidType"
    ? SchemaIssue.defaultLeafHook(new SchemaIssue.InvalidType(issue.ast))
    : issue._tag === "InvalidValue"
    ? SchemaIssue.defaultLeafHook(new SchemaIssue.InvalidValue(issue.annotations))
    : undefined
  return expected === undefined || !SchemaIssue.hasInput(issue)
    ? SchemaIssue.defaultLeafHook(issue)
    : `${expected}, actual ${printed(issue.input)}`
}

const format = SchemaIssue.makeFormatterStandardSchemaV1({ leafHook: leafMessage })

const issuesOf = (issue: SchemaIssue.Issue): ReadonlyArray<Issue> =>
  Result.getOrElse(
    Result.try(() => {
      const found = new FirstIssues()
      const first = found.of(issue)
      const issues = first === undefined ? [] : format(first).issues.map(toIssue)
      // A message of the schema's own may stand for many problems
      return found.left === 0 || issues.length < maxIssues
        ? issues
        : [...issues, { path: "", message: `and ${found.left} more problems` }]
    }),
    () => [tooDeep]
  )

/** Only the first problems are turned into text, because that repeats the values. */
class FirstIssues {
  private kept = 0
  /** How many problems there are beside the first ones. */
  left = 0

  of(issue: SchemaIssue.Issue): SchemaIssue.Issue | undefined {
    switch (issue._tag) {
      case "Composite": {
        const kept = this.all(issue.issues)
        return Arr.isReadonlyArrayNonEmpty(kept)
          ? new SchemaIssue.Composite(issue.ast, kept, issue.input, options)
          : undefined
      }
      case "AnyOf": {
        if (issue.issues.length === 0) return this.of(wrongTypes(issue))
        const kept = this.all(issue.issues)
        return kept.length > 0 ? new SchemaIssue.AnyOf(issue.ast, kept, issue.input, options) : undefined
      }
      case "Pointer":
        return mapIssue(this.of(issue.issue), (inner) => new SchemaIssue.Pointer(issue.path, inner))
      case "Filter":
        return mapIssue(
          this.of(issue.issue),
          (inner) => new SchemaIssue.Filter(issue.filter, inner, issue.input, options)
        )
      case "Encoding":
        return mapIssue(
          this.of(issue.issue),
          (inner) => new SchemaIssue.Encoding(issue.ast, inner, issue.input, options)
        )
      default:
        return this.leaf(issue)
    }
  }

  private all(issues: ReadonlyArray<SchemaIssue.Issue>): ReadonlyArray<SchemaIssue.Issue> {
    return issues.map((one) => this.of(one)).filter((one) => one !== undefined)
  }

  private leaf<I>(issue: I): I | undefined {
    if (this.kept === maxIssues) {
      this.left++
      return undefined
    }
    this.kept++
    return issue
  }
}

/** A value that no member may be, as one issue for each tag that tells members apart, and for each other member. */
const wrongTypes = (issue: SchemaIssue.AnyOf): SchemaIssue.Issue => {
  const { input } = issue
  const tags = new Map<PropertyKey, Array<AST.AST>>()
  const others: Array<AST.AST> = []
  for (const member of issue.ast.types) {
    const tag = Predicate.isReadonlyObject(input) ? tagOf(member) : undefined
    if (tag !== undefined) tags.set(tag.name, [...tags.get(tag.name) ?? [], tag.type])
    else if (member._tag !== "Undefined") others.push(member)
  }
  return allOf(issue, [
    ...[...tags].map(([name, types]) => wrongTag(Object(input), name, types)),
    ...others.map((member) => new SchemaIssue.InvalidType(member, input, options))
  ])
}

const allOf = (issue: SchemaIssue.AnyOf, issues: ReadonlyArray<SchemaIssue.Issue>): SchemaIssue.Issue => {
  const [first, ...others] = issues
  return first === undefined || others.length === 0
    ? first ?? new SchemaIssue.InvalidType(issue.ast, issue.input, options)
    : new SchemaIssue.Composite(issue.ast, [first, ...others], issue.input, options)
}

/** The first field that must be a literal. */
const tagOf = (member: AST.AST): AST.PropertySignature | undefined =>
  member._tag === "Objects"
    ? member.propertySignatures.find(({ type }) => type._tag === "Literal" && !AST.isOptional(type))
    : undefined

const wrongTag = (input: object, name: PropertyKey, types: ReadonlyArray<AST.AST>): SchemaIssue.Issue => {
  const expected = new AST.Union(types)
  return new SchemaIssue.Pointer(
    [name],
    Object.hasOwn(input, name)
      ? new SchemaIssue.InvalidType(expected, Reflect.get(input, name), options)
      : new SchemaIssue.MissingKey(undefined)
  )
}

const mapIssue = (
  inner: SchemaIssue.Issue | undefined,
  f: (inner: SchemaIssue.Issue) => SchemaIssue.Issue
): SchemaIssue.Issue | undefined => inner === undefined ? undefined : f(inner)

type StandardIssue = ReturnType<typeof format>["issues"][number]

const toIssue = ({ message, path = [] }: StandardIssue): Issue => ({
  path: excerpt(path.map((key) => String(typeof key === "object" ? key.key : key)).join("."), maxLength),
  message: shortened(message)
})

const maxLength = 300

/** Shortens what a message says of the value, but keeps what was expected: see `expectation`. */
const shortened = (message: string): string => {
  if (message.length <= maxLength) return message
  const [, before = "", value = "", after = ""] = /^(Unable to (?:de|en)code )([^]*)( into [^]*)$/.exec(message) ?? []
  if (before !== "") return `${before}${excerpt(value, maxLength)}${excerpt(after, maxLength)}`
  const at = message.indexOf(", actual ")
  return at < 0
    ? excerpt(message, maxLength)
    : `${excerpt(message.slice(0, at), maxLength)}${excerpt(message.slice(at), maxLength)}`
}

/**
 * The message of an issue without the value, which may be private and of any length.
 *
 * @internal
 */
export const expectation = (message: string): string =>
  message.replace(/,? actual [^]*$/, "").replace(/^Unable to (de|en)code [^]* into /, "Unable to $1code it into ")

/**
 * The issue, with the reason why a number was refused that came as the text of its digits.
 *
 * @internal
 */
export const withReasonOfDigits = ({ message, path }: Issue): Issue => ({
  path,
  message: message.replace(
    / actual "(-?\d[\d.eE+-]*)"$/,
    (same, digits: string) =>
      parseExactJson(digits)?.value instanceof LongNumber
        ? ` actual ${digits}, which has more digits than a number can hold, so it was not rounded; use fewer digits, or ` +
          "a string where the schema has one"
        : same
  )
})

/** Effect converts the value of a tag to a string, which throws for some values that JSON can hold. */
const unreadable: Issue = {
  path: "",
  message: "it is nested too deeply, or has a field `toString` where a text belongs"
}

/**
 * Everything that is wrong with a value of JSON; empty when the value is valid.
 *
 * @internal
 */
export const issuesIn = <A>(schema: Schema.Codec<A>, input: unknown): ReadonlyArray<Issue> => {
  const result = decodeSync(SchemaParser.decodeUnknownResult(schema), input)
  return Result.isSuccess(result) ? [] : result.failure
}

/** Decodes a value of JSON. The value may make the decoder throw. */
const decodeSync = <A>(
  decode: (input: unknown, options: AST.ParseOptions) => Result.Result<A, SchemaIssue.Issue>,
  input: unknown
): Result.Result<A, ReadonlyArray<Issue>> =>
  Result.flatMap(
    Result.try({ try: () => decode(input, options), catch: () => [unreadable] }),
    Result.mapError(issuesOf)
  )

/**
 * Decodes a value of JSON with a schema of the user's, which may have effects. A defect of the user's code stays a
 * defect.
 *
 * @internal
 */
export const jsonDecoder = <A, I, R>(
  schema: Schema.Codec<A, I, R, unknown>
): (input: unknown) => Effect.Effect<A, ReadonlyArray<Issue>, R> => {
  const decode = SchemaParser.decodeUnknownEffect(schema)
  return (input) => decodeJson(decode, input)
}

/**
 * Encodes a value with a schema of the user's.
 *
 * @internal
 */
export const encoder = <A, I, R>(
  schema: Schema.Codec<A, I, unknown, R>
): (value: unknown) => Effect.Effect<I, ReadonlyArray<Issue>, R> => {
  const encode = SchemaParser.encodeUnknownEffect(schema)
  return (value) => Effect.mapError(encode(value, options), issuesOf)
}

/**
 * A schema of any kind as a schema with decoding and encoding. Effect 4 has a cast for it.
 *
 * @internal
 */
export const asSchema = <S extends Schema.Top>(
  schema: S
): Schema.Codec<S["Type"], S["Encoded"], S["DecodingServices"], S["EncodingServices"]> => Schema.revealCodec(schema)

const decodeJson = <A, R>(
  decode: (input: unknown, options: AST.ParseOptions) => Effect.Effect<A, SchemaIssue.Issue, R>,
  input: unknown
): Effect.Effect<A, ReadonlyArray<Issue>, R> =>
  Effect.suspend(() => decode(input, options)).pipe(
    Effect.mapError(issuesOf),
    Effect.catchDefect((defect) => mayThrow(input) ? Effect.fail([unreadable]) : Effect.die(defect))
  )

/** Whether a value cannot be printed, or has a field that replaces `toString`. */
const mayThrow = (input: unknown): boolean =>
  Result.match(Result.try(() => JSON.stringify(input) ?? ""), {
    onFailure: () => true,
    onSuccess: (text) => text.includes("\"toString\":")
  })
