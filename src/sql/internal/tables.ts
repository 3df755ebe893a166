/** Tables in each dialect of SQL. That of conversations has one row for each append, and no row is ever changed. */
import * as SqlClient from "@effect/sql/SqlClient"
import type { SqlError } from "@effect/sql/SqlError"
import * as Effect from "effect/Effect"
import { backoff } from "../../internal/effect/schedules.js"

/** A part of a statement. */
type Fragment = ReturnType<SqlClient.SqlClient["literal"]>

/**
 * The types of columns. A `key` is compared byte by byte, whatever the language of the database. A `token` says who wrote a
 * row.
 *
 * @internal
 */
export const types = (sql: SqlClient.SqlClient): { readonly [_ in "key" | "text" | "token"]: Fragment } =>
  sql.onDialectOrElse({
    pg: () => ({ key: sql.literal("TEXT COLLATE \"C\""), text: sql.literal("TEXT"), token: sql.literal("TEXT") }),
    mysql: () => ({
      key: sql.literal("VARBINARY(1000)"),
      text: sql.literal("LONGTEXT CHARACTER SET utf8mb4"),
      token: sql.literal("VARCHAR(32)")
    }),
    orElse: () => ({ key: sql.literal("TEXT"), text: sql.literal("TEXT"), token: sql.literal("TEXT") })
  })

/**
 * The time of the database in milliseconds since 1970.
 *
 * @internal
 */
export const timeOf = (sql: SqlClient.SqlClient): Fragment =>
  sql.onDialectOrElse({
    pg: () => sql.literal("CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)"),
    mysql: () => sql.literal("CAST(UNIX_TIMESTAMP(SYSDATE(3)) * 1000 AS SIGNED)"),
    orElse: () => sql.literal("CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)")
  })

/**
 * - `token` says which of several equal appends wrote the row.
 * - `removed` is 1 for a row that stands for a removal.
 * - `at` is the time of the database in milliseconds since 1970.
 */
const create = (sql: SqlClient.SqlClient, table: string) => {
  const { key, text, token } = types(sql)
  return sql`CREATE TABLE IF NOT EXISTS ${sql(table)} (id_key ${key} NOT NULL, version BIGINT NOT NULL,
    id ${text} NOT NULL, entries ${text} NOT NULL, removed SMALLINT NOT NULL, token ${token} NOT NULL, at BIGINT NOT NULL,
    PRIMARY KEY (id_key, version))`
}

/**
 * Of two processes that start together, one may fail, even with IF NOT EXISTS: it finds the table half made.
 *
 * @internal
 */
export const again = backoff({ initialDelay: "20 millis", maxDelay: "1 second", maxRetries: 8, jitter: true })

/**
 * Makes the table, if there is none.
 *
 * @internal
 */
export const migrate = (table: string): Effect.Effect<void, SqlError, SqlClient.SqlClient> =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    // Without a transaction: one of libsql opens a second connection, and with that the file loses its locks
    Effect.asVoid(Effect.retry(create(sql.withoutTransforms(), table), again)))

/**
 * Prepares a database of SQLite for several processes: readers do not wait for writers. A writer waits for another one in
 * short steps, because the driver keeps the thread while it waits.
 *
 * @internal
 */
export const prepare = (sql: SqlClient.SqlClient): Effect.Effect<void, SqlError> =>
  sql.onDialectOrElse({
    sqlite: () =>
      Effect.retry(
        Effect.asVoid(Effect.zipRight(sql`PRAGMA busy_timeout = 100`, sql`PRAGMA journal_mode = WAL`)),
        again
      ),
    orElse: () => Effect.void
  })
