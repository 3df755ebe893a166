/**
 * Conversations in a database: SQLite, Postgres or MySQL, through any client of `@effect/sql`. Any number of processes
 * and machines may share the database.
 *
 * @since 0.1.0
 */
import * as SqlClient from "@effect/sql/SqlClient"
import type { SqlError } from "@effect/sql/SqlError"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { Conversation } from "../agent/Conversation.js"
import { makeStore } from "./internal/store.js"
import { migrate as migrateTable, prepare } from "./internal/tables.js"

/**
 * Options of the store.
 *
 * @since 0.1.0
 * @category models
 */
export interface Options {
  /** The name of the table. Default `openrouter_conversations`. */
  readonly table?: string | undefined
}

const tableOf = ({ table = "openrouter_conversations" }: Options): string => table

/**
 * Stores conversations in a database. The layer makes its table, if there is none. An append is one statement that writes
 * one row; where a connection breaks, the store looks whether the row is there. A transaction around a run, if you have one,
 * does not hold its appends: what was paid for stays when the transaction is rolled back.
 *
 * A database of SQLite is set to write-ahead logging, with a busy timeout of 100 milliseconds, after which the store tries
 * again. If several processes share a file, use `@effect/sql-sqlite-node`: with `@effect/sql-libsql` the file may lose its locks,
 * and then a process overwrites what another one has appended.
 *
 * @since 0.1.0
 * @category layers
 * @example
 * ```ts
 * import { PgClient } from "@effect/sql-pg"
 * import { Effect, Layer, Redacted } from "effect"
 * import { Agent } from "effect-openrouter"
 * import { SqlConversation } from "effect-openrouter/sql"
 *
 * const Conversations = Layer.provide(
 *   SqlConversation.layer(),
 *   PgClient.layer({ url: Redacted.make("postgres://localhost/app") })
 * )
 *
 * const program = Agent.run({ model: "openai/gpt-5-nano", input: "Hello!", conversation: "user-17" }).pipe(
 *   Effect.provide(Conversations)
 * )
 * ```
 */
export const layer = (
  options: Options = {}
): Layer.Layer<Conversation, SqlError, SqlClient.SqlClient> =>
  Layer.effect(
    Conversation,
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      yield* prepare(sql)
      yield* migrate(options)
      return makeStore(sql, tableOf(options))
    })
  )

/**
 * Stores conversations in a database that has the table already, from {@link migrate}.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerWithoutMigrations = (
  options: Options = {}
): Layer.Layer<Conversation, SqlError, SqlClient.SqlClient> =>
  Layer.effect(
    Conversation,
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      yield* prepare(sql)
      return makeStore(sql, tableOf(options))
    })
  )

/**
 * Makes the table, if the database has none: for a user of the database who may, such as one of a deployment, or as a
 * migration of your own migrator. Several processes may do it at the same time, and as often as they like.
 *
 * @since 0.1.0
 * @category migrations
 * @example
 * ```ts
 * import * as Migrator from "@effect/sql/Migrator"
 * import { SqlConversation } from "effect-openrouter/sql"
 *
 * const migrations = Migrator.fromRecord({ "0007_conversations": SqlConversation.migrate() })
 * ```
 */
export const migrate = (options: Options = {}): Effect.Effect<void, SqlError, SqlClient.SqlClient> =>
  migrateTable(tableOf(options))
