import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as ParseResult from "effect/ParseResult"
import type { ParseOptions } from "effect/SchemaAST"

/** @internal */
export interface Issue {
  readonly path: string
  readonly message: string
}

/** Writing out a value that is nested thousands of levels deep takes more stack than there is. */
const tooDeep: Issue = { path: "", message: "it is nested too deeply to say what is wrong with it" }

/** @internal */
export const issuesOf = (issue: ParseResult.ParseIssue): ReadonlyArray<Issue> =>
  Either.getOrElse(
    Either.try(() =>
      ParseResult.ArrayFormatter.formatIssueSync(issue).map(({ message, path }) => ({
        path: path.map(String).join("."),
        message
      }))
    ),
    () => [tooDeep]
  )

/**
 * What an issue says without the value that it is about, which may be private and of any length.
 *
 * @internal
 */
export const expectation = (message: string): string =>
  message.replace(/,? actual [^]*$/, "").replace(/^Unable to (de|en)code [^]* into /, "Unable to $1code it into ")

/** Schemas make a text of what is in the place of a tag, and not all that JSON can say lets that happen. */
const unreadable: Issue = {
  path: "",
  message: "it is nested too deeply, or has a field `toString` where a text belongs"
}

/**
 * Decodes a value of JSON, which may be made so that the look at it throws.
 *
 * @internal
 */
export const decodeJsonSync = <A>(
  decode: (input: unknown, options: ParseOptions) => Either.Either<A, ParseResult.ParseIssue>,
  input: unknown
): Either.Either<A, ReadonlyArray<Issue>> =>
  Either.flatMap(
    Either.try({ try: () => decode(input, { errors: "all" }), catch: () => [unreadable] }),
    Either.mapLeft(issuesOf)
  )

/**
 * The same, by a schema that may have effects and code of a user's, whose own defects stay what they are.
 *
 * @internal
 */
export const decodeJson = <A, R>(
  decode: (input: unknown, options: ParseOptions) => Effect.Effect<A, ParseResult.ParseIssue, R>,
  input: unknown
): Effect.Effect<A, ReadonlyArray<Issue>, R> =>
  Effect.suspend(() => decode(input, { errors: "all" })).pipe(
    Effect.mapError(issuesOf),
    Effect.catchAllDefect((defect) => mayThrow(input) ? Effect.fail([unreadable]) : Effect.die(defect))
  )

/** Whether it is too deep to be written, or has a field that its text would be asked of. */
const mayThrow = (input: unknown): boolean =>
  Either.match(Either.try(() => JSON.stringify(input) ?? ""), {
    onLeft: () => true,
    onRight: (text) => text.includes("\"toString\":")
  })
