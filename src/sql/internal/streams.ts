/** The log of streams over a client of SQL. */
import * as SqlClient from "@effect/sql/SqlClient"
import type { SqlError } from "@effect/sql/SqlError"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { randomText } from "../../internal/crypto.js"
import { fromBatches } from "../../internal/effect/batches.js"
import { jsonText, parseJson } from "../../internal/json.js"
import { type Log, StreamLogError, type Writer } from "../../ui/StreamLog.js"
import { driverError, outsideTransaction } from "./effect.js"
import { reasonOf, whileBusy } from "./failures.js"
import { keyOf } from "./keys.js"
import { again, timeOf, types } from "./tables.js"

/** A stream whose writer gave no sign for so long belongs to a process that is dead, in milliseconds. */
const deadAfter = 30_000

/** A reader that looked within this time still reads, in milliseconds. */
const readsFor = 5000

/** How long a reader waits before it looks again. */
const pause = "200 millis"

/** Streams of conversations that are not continued are deleted after a day, in milliseconds. */
const oldAfter = 86_400_000

/**
 * A row for each stream, where `written` and `seen` are the last signs of its writer and of a reader; and rows for its chunks,
 * a batch in each.
 *
 * @internal
 */
export const migrateStreams = (table: string): Effect.Effect<void, SqlError, SqlClient.SqlClient> =>
  Effect.flatMap(SqlClient.SqlClient, (client) => {
    const sql = client.withoutTransforms()
    const { key, text, token } = types(sql)
    const streams = sql`CREATE TABLE IF NOT EXISTS ${sql(table)} (id_key ${key} NOT NULL, token ${token} NOT NULL,
      entries BIGINT NOT NULL, continues SMALLINT NOT NULL, ended SMALLINT NOT NULL, written BIGINT NOT NULL,
      seen BIGINT NOT NULL, PRIMARY KEY (id_key))`
    const chunks = sql`CREATE TABLE IF NOT EXISTS ${sql(`${table}_chunks`)} (token ${key} NOT NULL,
      position BIGINT NOT NULL, chunks ${text} NOT NULL, at BIGINT NOT NULL, PRIMARY KEY (token, position))`
    return Effect.asVoid(Effect.zipRight(Effect.retry(streams, again), Effect.retry(chunks, again)))
  })

/** A row of the table of streams. Drivers give numbers as numbers, texts or bigints. */
interface Row {
  readonly token: string
  readonly entries: unknown
  readonly continues: unknown
  readonly ended: unknown
  readonly age: unknown
}

/** @internal */
export const makeStreamLog = (client: SqlClient.SqlClient, tableName: string): Log => {
  const sql = client.withoutTransforms()
  const streams = sql(tableName)
  const chunksOf = sql(`${tableName}_chunks`)
  const now = timeOf(sql)

  const failed = (error: SqlError): StreamLogError =>
    new StreamLogError({
      message: `streams: the database failed (${
        reasonOf(error)
      }). Check the connection, and that the layer may make its tables.`,
      cause: driverError(error)
    })

  /** A statement may be repeated: none adds to what is there, and a row of chunks has its place. */
  const run = <A>(effect: Effect.Effect<A, SqlError>): Effect.Effect<A, StreamLogError> =>
    outsideTransaction(sql, Effect.mapError(Effect.retry(effect, whileBusy), failed))

  const key = (conversation: string): Effect.Effect<string, StreamLogError> =>
    Effect.mapError(keyOf(conversation), ({ message }) => new StreamLogError({ message }))

  const rowOf = (id: string): Effect.Effect<Row | undefined, StreamLogError> =>
    Effect.map(
      run(
        sql<Row>`SELECT token, entries, continues, ended, ${now} - written AS age FROM ${streams} WHERE id_key = ${id}`
      ),
      ([row]) => row
    )

  const goesOn = (row: Row | undefined): row is Row =>
    row !== undefined && Number(row.ended) === 0 && Number(row.age) < deadAfter

  const writer = (id: string, token: string): Writer => {
    let position = 0
    return {
      append: (chunks) =>
        Effect.suspend(() => {
          position++
          return Effect.asVoid(run(
            sql`INSERT INTO ${chunksOf} (token, position, chunks, at) VALUES (${token}, ${position}, ${
              jsonText(chunks)
            }, ${now})`
          ))
        }),
      isRead: Effect.zipRight(
        run(sql`UPDATE ${streams} SET written = ${now} WHERE id_key = ${id} AND token = ${token}`),
        Effect.map(
          run(
            sql<{ age: unknown }>`SELECT ${now} - seen AS age FROM ${streams} WHERE id_key = ${id} AND token = ${token}`
          ),
          ([row]) => row !== undefined && Number(row.age) < readsFor
        )
      ),
      end: Effect.asVoid(run(sql`UPDATE ${streams} SET ended = 1 WHERE id_key = ${id} AND token = ${token}`))
    }
  }

  return {
    open: (conversation, { continues, entries }) =>
      Effect.gen(function*() {
        const id = yield* key(conversation)
        const token = yield* randomText(18)
        const old = sql`SELECT token FROM ${streams} WHERE id_key = ${id}`
        yield* run(sql`DELETE FROM ${chunksOf} WHERE token IN (${old}) OR at < ${now} - ${oldAfter}`)
        yield* run(sql`DELETE FROM ${streams} WHERE id_key = ${id} OR written < ${now} - ${oldAfter}`)
        yield* run(sql`INSERT INTO ${streams} (id_key, token, entries, continues, ended, written, seen)
          VALUES (${id}, ${token}, ${entries}, ${continues ? 1 : 0}, 0, ${now}, 0)`)
        return writer(id, token)
      }),
    follow: (conversation) =>
      Effect.gen(function*() {
        const id = yield* key(conversation)
        const found = yield* rowOf(id)
        if (!goesOn(found)) return Option.none()
        const { continues, entries, token } = found
        let position = 0
        const next: Effect.Effect<ReadonlyArray<string>, StreamLogError> = Effect.gen(function*() {
          yield* run(sql`UPDATE ${streams} SET seen = ${now} WHERE id_key = ${id} AND token = ${token}`)
          // Its end is read before its last chunks, so that none is missed
          const row = yield* rowOf(id)
          const rows = yield* run(sql<{ position: unknown; chunks: string }>`SELECT position, chunks FROM ${chunksOf}
            WHERE token = ${token} AND position > ${position} ORDER BY position`)
          position = Number(rows.at(-1)?.position ?? position)
          const chunks = rows.flatMap(({ chunks }) => texts(chunks))
          if (chunks.length > 0) return chunks
          return goesOn(row) && row.token === token ? yield* Effect.delay(next, pause) : []
        })
        return Option.some({
          begun: { entries: Number(entries), continues: Number(continues) === 1 },
          chunks: fromBatches(next)
        })
      })
  }
}

const texts = (chunks: string): ReadonlyArray<string> => {
  const value = parseJson(chunks)?.value
  return Array.isArray(value) ? value.filter((text) => typeof text === "string") : []
}
