/**
 * The streams of chats in a database, for several servers behind one address: SQLite, Postgres or MySQL, through any client
 * of `@effect/sql`.
 *
 * @since 0.1.0
 */
import * as SqlClient from "@effect/sql/SqlClient"
import type { SqlError } from "@effect/sql/SqlError"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { StreamLog } from "../ui/StreamLog.js"
import { makeStreamLog, migrateStreams } from "./internal/streams.js"
import { prepare } from "./internal/tables.js"

/**
 * Options of the log.
 *
 * @since 0.1.0
 * @category models
 */
export interface Options {
  /** The name of the table of streams; that of their chunks has `_chunks` behind it. Default `openrouter_streams`. */
  readonly table?: string | undefined
}

const tableOf = ({ table = "openrouter_streams" }: Options): string => table

/**
 * Keeps the streams of runs that go on in a database, so that a browser can connect again to any server. The layer makes its
 * tables, if there are none. A server whose process has died stops its streams after 30 seconds. The chunks of a run stay
 * until the next run of its conversation, or for a day.
 *
 * @since 0.1.0
 * @category layers
 * @example
 * ```ts
 * import { PgClient } from "@effect/sql-pg"
 * import { Layer, Redacted } from "effect"
 * import { SqlConversation, SqlStreamLog } from "effect-openrouter/sql"
 * import { UiChat } from "effect-openrouter/ui"
 *
 * const Chats = UiChat.layerShared.pipe(
 *   Layer.provide(SqlStreamLog.layer()),
 *   Layer.merge(SqlConversation.layer()),
 *   Layer.provide(PgClient.layer({ url: Redacted.make("postgres://localhost/app") }))
 * )
 * ```
 */
export const layer = (options: Options = {}): Layer.Layer<StreamLog, SqlError, SqlClient.SqlClient> =>
  Layer.effect(
    StreamLog,
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      yield* prepare(sql)
      yield* migrate(options)
      return makeStreamLog(sql, tableOf(options))
    })
  )

/**
 * Makes the tables, if the database has none. It may run any number of times, also in several processes at the same time.
 *
 * @since 0.1.0
 * @category migrations
 */
export const migrate = (options: Options = {}): Effect.Effect<void, SqlError, SqlClient.SqlClient> =>
  migrateStreams(tableOf(options))
