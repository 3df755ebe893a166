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
 * one row. If the connection breaks, the store looks whether the row is there. An append is not part of a transaction around
 * the run: what was paid for stays when that transaction is rolled back.
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
export const layer = (options: Options = {}): Layer.Layer<Conversation, SqlError, SqlClient.SqlClient> =>
  layerAfter(migrate(options), options)

/**
 * Stores conversations in a database that has the table already, from {@link migrate}.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerWithoutMigrations = (
  options: Options = {}
): Layer.Layer<Conversation, SqlError, SqlClient.SqlClient> => layerAfter(Effect.void, options)

const layerAfter = (migration: Effect.Effect<void, SqlError, SqlClient.SqlClient>, options: Options) =>
  Layer.effect(
    Conversation,
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      yield* prepare(sql)
      yield* migration
      return makeStore(sql, tableOf(options))
    })
  )

/**
 * Makes the table, if the database has none. Use it where the program itself may not make tables: in your deployment, or as
 * a migration of your own migrator. It may run any number of times, also in several processes at the same time.
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
