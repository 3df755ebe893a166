/** The table of conversations in each dialect of SQL. One append is one row, and no row is ever changed. */
import * as SqlClient from "@effect/sql/SqlClient"
import type { SqlError } from "@effect/sql/SqlError"
import * as Effect from "effect/Effect"
import { backoff } from "../../internal/effect/schedules.js"

/**
 * - `id_key` is compared byte by byte, whatever the language of the database.
 * - `token` says which of several equal appends wrote the row.
 * - `removed` is 1 for a row that stands for a removal.
 * - `at` is the time of the database in milliseconds since 1970.
 */
const create = (sql: SqlClient.SqlClient, table: string) => {
  const name = sql(table)
  return sql.onDialectOrElse({
    pg: () =>
      sql`CREATE TABLE IF NOT EXISTS ${name} (id_key TEXT COLLATE "C" NOT NULL, version BIGINT NOT NULL,
        id TEXT NOT NULL, entries TEXT NOT NULL, removed SMALLINT NOT NULL, token TEXT NOT NULL, at BIGINT NOT NULL,
        PRIMARY KEY (id_key, version))`,
    mysql: () =>
      sql`CREATE TABLE IF NOT EXISTS ${name} (id_key VARBINARY(1000) NOT NULL, version BIGINT NOT NULL,
        id LONGTEXT CHARACTER SET utf8mb4 NOT NULL, entries LONGTEXT CHARACTER SET utf8mb4 NOT NULL,
        removed SMALLINT NOT NULL, token VARCHAR(32) NOT NULL, at BIGINT NOT NULL, PRIMARY KEY (id_key, version))`,
    orElse: () =>
      sql`CREATE TABLE IF NOT EXISTS ${name} (id_key TEXT NOT NULL, version INTEGER NOT NULL, id TEXT NOT NULL,
        entries TEXT NOT NULL, removed INTEGER NOT NULL, token TEXT NOT NULL, at INTEGER NOT NULL,
        PRIMARY KEY (id_key, version))`
  })
}

/** Of two processes that start together, one may fail, even with IF NOT EXISTS: it finds the table half made. */
const again = backoff({ initialDelay: "20 millis", maxDelay: "1 second", maxRetries: 8, jitter: true })

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
