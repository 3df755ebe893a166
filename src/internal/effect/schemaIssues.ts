/** What is wrong with a value, by its schema. Effect 4 has other issues, and `Result` where Effect 3 has `Either`. */
import * as Arr from "effect/Array"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as ParseResult from "effect/ParseResult"
import * as Schema from "effect/Schema"
import type { ParseOptions } from "effect/SchemaAST"
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

const issuesOf = (issue: ParseResult.ParseIssue): ReadonlyArray<Issue> =>
  Either.getOrElse(
    Either.try(() => {
      const found = new FirstIssues()
      const first = found.of(issue)
      const issues = first === undefined ? [] : ParseResult.ArrayFormatter.formatIssueSync(first).map(toIssue)
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

  of(issue: ParseResult.ParseIssue): ParseResult.ParseIssue | undefined {
    switch (issue._tag) {
      case "Composite": {
        const kept = [issue.issues].flat().map((one) => this.of(one)).filter((one) => one !== undefined)
        return Arr.isNonEmptyArray(kept)
          ? new ParseResult.Composite(issue.ast, issue.actual, kept, issue.output)
          : undefined
      }
      case "Pointer":
        return mapIssue(this.of(issue.issue), (inner) => new ParseResult.Pointer(issue.path, issue.actual, inner))
      case "Refinement":
        return mapIssue(
          this.of(issue.issue),
          (inner) => new ParseResult.Refinement(issue.ast, issue.actual, issue.kind, inner)
        )
      case "Transformation":
        return mapIssue(
          this.of(issue.issue),
          (inner) => new ParseResult.Transformation(issue.ast, issue.actual, issue.kind, inner)
        )
      default:
        if (this.kept === maxIssues) {
          this.left++
          return undefined
        }
        this.kept++
        return issue
    }
  }
}

const mapIssue = (
  inner: ParseResult.ParseIssue | undefined,
  f: (inner: ParseResult.ParseIssue) => ParseResult.ParseIssue
): ParseResult.ParseIssue | undefined => inner === undefined ? undefined : f(inner)

const toIssue = ({ message, path }: ParseResult.ArrayFormatterIssue): Issue => ({
  path: excerpt(path.map(String).join("."), maxLength),
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
export const issuesIn = <A>(schema: Schema.Schema<A>, input: unknown): ReadonlyArray<Issue> => {
  const result = decodeSync(ParseResult.decodeUnknownEither(schema), input)
  return Either.isRight(result) ? [] : result.left
}

/** Decodes a value of JSON. The value may make the decoder throw. */
const decodeSync = <A>(
  decode: (input: unknown, options: ParseOptions) => Either.Either<A, ParseResult.ParseIssue>,
  input: unknown
): Either.Either<A, ReadonlyArray<Issue>> =>
  Either.flatMap(
    Either.try({ try: () => decode(input, { errors: "all" }), catch: () => [unreadable] }),
    Either.mapLeft(issuesOf)
  )

/**
 * Decodes a value of JSON with a schema of the user's, which may have effects. A defect of the user's code stays a
 * defect.
 *
 * @internal
 */
export const jsonDecoder = <A, I, R>(
  schema: Schema.Schema<A, I, R>
): (input: unknown) => Effect.Effect<A, ReadonlyArray<Issue>, R> => {
  const decode = ParseResult.decodeUnknown(schema)
  return (input) => decodeJson(decode, input)
}

/**
 * Encodes a value with a schema of the user's.
 *
 * @internal
 */
export const encoder = <A, I, R>(
  schema: Schema.Schema<A, I, R>
): (value: unknown) => Effect.Effect<I, ReadonlyArray<Issue>, R> => {
  const encode = ParseResult.encodeUnknown(schema)
  return (value) => Effect.mapError(encode(value, { errors: "all" }), issuesOf)
}

/**
 * A schema of any kind as a schema with decoding and encoding. Effect 4 has a cast for it.
 *
 * @internal
 */
export const asSchema: typeof Schema.asSchema = Schema.asSchema

const decodeJson = <A, R>(
  decode: (input: unknown, options: ParseOptions) => Effect.Effect<A, ParseResult.ParseIssue, R>,
  input: unknown
): Effect.Effect<A, ReadonlyArray<Issue>, R> =>
  Effect.suspend(() => decode(input, { errors: "all" })).pipe(
    Effect.mapError(issuesOf),
    Effect.catchAllDefect((defect) => mayThrow(input) ? Effect.fail([unreadable]) : Effect.die(defect))
  )

/** Whether a value cannot be printed, or has a field that replaces `toString`. */
const mayThrow = (input: unknown): boolean =>
  Either.match(Either.try(() => JSON.stringify(input) ?? ""), {
    onLeft: () => true,
    onRight: (text) => text.includes("\"toString\":")
  })
