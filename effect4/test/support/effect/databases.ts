/** The drivers of databases. Those for SQLite and MySQL have no release for Effect 4 yet. */
import { PgClient } from "@effect/sql-pg"
import type * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import type * as SqlClient from "effect/sql/SqlClient"

/** The databases that have a driver. */
export const drivers: ReadonlyArray<string> = ["Postgres"]

/** The client of a database, by its address. The mode of integers is that of SQLite's driver. */
export const clientOf = (address: string, _intMode?: "number" | "bigint"): Layer.Layer<SqlClient.SqlClient, unknown> =>
  PgClient.layer({ url: Redacted.make(address), maxConnections: 4 })
