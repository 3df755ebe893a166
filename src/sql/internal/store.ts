/** The store of conversations over a client of SQL. */
import type * as SqlClient from "@effect/sql/SqlClient"
import type { SqlError } from "@effect/sql/SqlError"
import * as Effect from "effect/Effect"
import type { ConversationError, Store } from "../../agent/Conversation.js"
import { conflict, encode, logOf, missing, removedText } from "../../agent/conversationStore.js"
import { randomText } from "../../internal/crypto.js"
import { toEffect } from "../../internal/effect/results.js"
import { outsideTransaction } from "./effect.js"
import { failedTo, isBusy, whileBusy } from "./failures.js"
import { idOf, keyOf, rangeOf, storedId } from "./keys.js"
import { timeOf } from "./tables.js"

/** A row that is about to be written. */
interface Row {
  readonly id: string
  readonly key: string
  readonly version: number
  readonly entries: string
  readonly removed: 0 | 1
  readonly token: string
}

/** @internal */
export const makeStore = (client: SqlClient.SqlClient, tableName: string): Store => {
  const sql = client.withoutTransforms()
  const table = sql(tableName)

  /** A run may stand within a transaction, and what it has paid for must stay when that is rolled back. */
  const run = <A, E>(effect: Effect.Effect<A, E>): Effect.Effect<A, E> => outsideTransaction(sql, effect)

  const now = timeOf(sql)

  const newest = (key: string): Effect.Effect<number, SqlError> =>
    Effect.map(
      sql<{ version: unknown }>`SELECT COALESCE(MAX(version), 0) AS version FROM ${table} WHERE id_key = ${key}`,
      ([row]) => Number(row?.version)
    )

  const tokenAt = ({ key, version }: Row): Effect.Effect<string | undefined, SqlError> =>
    Effect.map(
      sql<{ token: string }>`SELECT token FROM ${table} WHERE id_key = ${key} AND version = ${version}`,
      ([row]) => row?.token
    )

  const [text, integer] = sql.onDialectOrElse({
    mysql: () => [sql.literal("CHAR"), sql.literal("SIGNED")] as const,
    orElse: () => [sql.literal("TEXT"), sql.literal("BIGINT")] as const
  })

  /**
   * Writes a row behind the newest one, and says whether it did. The condition keeps versions without gaps, and the
   * primary key decides between two that saw the same newest row. Of parameters in a list of columns, Postgres needs the
   * types.
   */
  const insert = (row: Row): Effect.Effect<boolean, SqlError> => {
    const { entries, id, key, removed, token, version } = row
    const values = sql`SELECT CAST(${key} AS ${text}), CAST(${version} AS ${integer}),
      CAST(${storedId(id)} AS ${text}), CAST(${entries} AS ${text}), CAST(${removed} AS ${integer}),
      CAST(${token} AS ${text}), ${now}`
    const isNext = sql`(SELECT COALESCE(MAX(version), 0) FROM ${table} WHERE id_key = ${key}) = ${version - 1}`
    const into = sql`INSERT INTO ${table} (id_key, version, id, entries, removed, token, at)`
    return sql.onDialectOrElse({
      mysql: () =>
        Effect.map(
          Effect.zipRight(
            sql`${into} ${values} FROM DUAL WHERE ${isNext} ON DUPLICATE KEY UPDATE version = VALUES(version)`,
            tokenAt(row)
          ),
          (found) => found === token
        ),
      orElse: () =>
        Effect.map(
          sql`${into} ${values} WHERE ${isNext} ON CONFLICT DO NOTHING RETURNING version`,
          (rows) => rows.length > 0
        )
    })
  }

  /** Where a connection broke, the row tells whether it was written. */
  const insertSurely = (row: Row): Effect.Effect<boolean, SqlError> =>
    Effect.catchAll(Effect.retry(insert(row), whileBusy), (error) =>
      isBusy(error)
        ? Effect.fail(error)
        : Effect.flatMap(
          Effect.mapError(Effect.retry(tokenAt(row), whileBusy), () => error),
          (found) => found === undefined ? Effect.fail(error) : Effect.succeed(found === row.token)
        ))

  const rowOf = (
    id: string,
    version: number,
    entries: string,
    removed: Row["removed"]
  ): Effect.Effect<Row, ConversationError> =>
    Effect.map(
      Effect.all([keyOf(id), randomText(18)]),
      ([key, token]) => ({ id, key, version, entries, removed, token })
    )

  return {
    now: run(
      sql<{ now: unknown }>`SELECT ${now} AS now`.pipe(
        Effect.mapBoth({ onFailure: failedTo("load"), onSuccess: ([row]) => Number(row?.now) })
      )
    ),
    load: (id) =>
      run(Effect.gen(function*() {
        const key = yield* keyOf(id)
        const rows = yield* sql<{ version: unknown; entries: string }>`SELECT version, entries FROM ${table}
          WHERE id_key = ${key} ORDER BY version`.pipe(Effect.retry(whileBusy), Effect.mapError(failedTo("load", id)))
        const versions = rows.map(({ version }) => Number(version))
        const before = (versions[0] ?? 1) - 1
        const gap = versions.findIndex((version, index) => version !== before + index + 1)
        if (gap >= 0) return yield* missing(id, before + gap + 1)
        const log = yield* logOf(id, rows.map(({ entries }) => entries), before)
        // What is missing at the begin was removed, and the first row says so
        return before === 0 || (log.removed ?? 0) > before ? log : yield* missing(id, 1)
      })),
    append: (id, version, entries) =>
      run(Effect.gen(function*() {
        const document = yield* toEffect(encode(id, entries))
        const row = yield* rowOf(id, version + 1, document.text, 0)
        const isWritten = yield* Effect.mapError(insertSurely(row), failedTo("append", id))
        return isWritten ? version + 1 : yield* conflict(id, version)
      })),
    isNewest: (id, version) =>
      run(Effect.flatMap(keyOf(id), (key) =>
        newest(key).pipe(
          Effect.retry(whileBusy),
          Effect.mapBoth({ onFailure: failedTo("load", id), onSuccess: (found) => found <= version })
        ))),
    list: ({ after, limit, prefix }) => {
      const { end, start } = rangeOf(prefix)
      const isBehind = after === undefined ? sql`id_key >= ${start}` : sql`id_key > ${after}`
      const isBefore = end === undefined ? sql`1 = 1` : sql`id_key < ${end}`
      return run(Effect.gen(function*() {
        const rows = yield* sql<{ id: string; version: unknown; at: unknown }>`SELECT MAX(id) AS id,
          MAX(version) AS version, MAX(at) AS at FROM ${table} WHERE ${isBehind} AND ${isBefore}
          GROUP BY id_key HAVING MIN(removed) = 0 ORDER BY id_key LIMIT ${limit + 1}`.pipe(
          Effect.retry(whileBusy),
          Effect.mapError(failedTo("list"))
        )
        const page = rows.slice(0, limit).map((row) => ({
          id: idOf(row.id),
          version: Number(row.version),
          updatedAt: Number(row.at)
        }))
        const last = rows.length > limit ? page.at(-1) : undefined
        return {
          conversations: page.filter(({ id }) => id.startsWith(prefix)),
          next: last === undefined ? undefined : yield* keyOf(last.id)
        }
      }))
    },
    remove: (id, version) =>
      run(Effect.gen(function*() {
        const row = yield* rowOf(id, version + 1, removedText, 1)
        const failed = failedTo("remove", id)
        if (version === 0) {
          const found = yield* Effect.mapError(Effect.retry(newest(row.key), whileBusy), failed)
          return found === 0 ? 0 : yield* conflict(id, version)
        }
        if (!(yield* Effect.mapError(insertSurely(row), failed))) return yield* conflict(id, version)
        // If this does not happen, the conversation is removed, but still listed and stored: it can be removed again
        yield* sql`DELETE FROM ${table} WHERE id_key = ${row.key} AND version <= ${version}`.pipe(
          Effect.retry(whileBusy),
          Effect.mapError(failed)
        )
        return version + 1
      }))
  }
}
