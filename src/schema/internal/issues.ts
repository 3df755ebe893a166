import * as Either from "effect/Either"
import * as ParseResult from "effect/ParseResult"

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
