/** The drivers of databases. Those for SQLite and MySQL have no release for Effect 4 yet. */
import { LibsqlClient } from "@effect/sql-libsql"
import { MysqlClient } from "@effect/sql-mysql2"
import { PgClient } from "@effect/sql-pg"
import type * as SqlClient from "@effect/sql/SqlClient"
import type * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"

/** The databases that have a driver. */
export const drivers: ReadonlyArray<string> = ["SQLite", "Postgres", "MariaDB"]

/** The client of a database, by its address. `intMode` says how SQLite's driver reads integers. */
export const clientOf = (
  address: string,
  intMode: "number" | "bigint" = "number"
): Layer.Layer<SqlClient.SqlClient, unknown> => {
  if (address.startsWith("file:")) return LibsqlClient.layer({ url: address, intMode })
  return address.startsWith("postgres:")
    ? PgClient.layer({ url: Redacted.make(address), maxConnections: 4 })
    : MysqlClient.layer({ url: Redacted.make(address), maxConnections: 4 })
}
