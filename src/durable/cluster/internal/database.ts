/** What an engine needs of a database. */
import * as SqlClient from "@effect/sql/SqlClient"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"

/**
 * The database, or its client, cannot keep executions. `message` says which setting it needs.
 *
 * @since 0.1.0
 * @category errors
 */
export class UnsuitableDatabaseError extends Schema.TaggedError<UnsuitableDatabaseError>()("UnsuitableDatabaseError", {
  message: Schema.String
}) {}

/** More than a number of JavaScript holds. The ids of an engine do so, too. */
const big = "9007199254740993"

const problemWithIntegers = new UnsuitableDatabaseError({
  message:
    "The client of the database reads large integers as numbers of JavaScript, so an engine would lose its ids. " +
    "Give its layer the option that reads them as bigint: for SQLite `intMode: \"bigint\"`."
})

/**
 * Lets readers and writers of a SQLite file work side by side, and looks whether the client reads large integers.
 *
 * @internal
 */
export const prepareDatabase: Effect.Effect<void, UnsuitableDatabaseError, SqlClient.SqlClient> = Effect.flatMap(
  SqlClient.SqlClient,
  (sql) => {
    const prepared = sql.onDialectOrElse({
      orElse: () => sql`SELECT 1`,
      sqlite: () => Effect.zipRight(sql`PRAGMA journal_mode = WAL`, sql`PRAGMA busy_timeout = 5000`)
    })
    const read = sql<{ readonly big: unknown }>`SELECT ${sql.literal(big)} AS big`
    return prepared.pipe(
      Effect.mapError(({ message }) =>
        new UnsuitableDatabaseError({
          message: `The database does not answer: ${message}. Check its address, and that it runs`
        })
      ),
      // A client that cannot read a large integer fails, dies or reads another one
      Effect.zipRight(Effect.catchAllCause(read, () => Effect.fail(problemWithIntegers))),
      Effect.filterOrFail(([row]) => String(row?.big) === big, () => problemWithIntegers),
      Effect.asVoid
    )
  }
)
