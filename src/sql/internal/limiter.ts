/** Tokens that several processes share: a row for each name, and one statement for each token, on the clock of the database. */
import * as SqlClient from "@effect/sql/SqlClient"
import type { SqlError } from "@effect/sql/SqlError"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { makeSemaphore } from "../../internal/effect/locks.js"
import { excerpt, numberAt } from "../../internal/json.js"
import { abandonAfter } from "../../internal/timeLimits.js"
import { driverError, outsideTransaction } from "./effect.js"
import { reasonOf, whileBusy } from "./failures.js"
import { keyOf } from "./keys.js"
import { again, timeOf, types } from "./tables.js"

/**
 * No token could be taken: the database failed or did not answer, or the options of the limiter are not valid.
 *
 * @since 0.1.0
 * @category errors
 */
export class SqlLimiterError extends Schema.TaggedError<SqlLimiterError>()("SqlLimiterError", {
  message: Schema.String,
  cause: Schema.optional(Schema.Defect)
}) {}

/** @internal */
export interface Bucket {
  readonly name: string
  readonly limit: number
  readonly interval: Duration.DurationInput
  readonly burst: number
  readonly timeout: Duration.DurationInput
}

/**
 * A row for each name. `full_at` is when its bucket is full again, in microseconds since 1970: each token that is taken moves it.
 *
 * @internal
 */
export const migrateLimits = (table: string): Effect.Effect<void, SqlError, SqlClient.SqlClient> =>
  Effect.flatMap(SqlClient.SqlClient, (client) => {
    const sql = client.withoutTransforms()
    const create = sql`CREATE TABLE IF NOT EXISTS ${sql(table)} (id_key ${types(sql).key} NOT NULL,
      full_at BIGINT NOT NULL, PRIMARY KEY (id_key))`
    return Effect.asVoid(Effect.retry(create, again))
  })

/** The longest time in which a bucket may fill, in microseconds: 30 years. The sums in the statements stay exact. */
const longest = 1e15

/** How long a token takes, and the whole bucket, in microseconds. */
const timesOf = (
  { burst, interval, limit, name }: Bucket
): Effect.Effect<{ readonly each: number; readonly all: number }, SqlLimiterError> => {
  const each = Math.ceil(Duration.toMillis(interval) * 1000 / limit)
  const all = each * burst
  return Number.isInteger(limit) && limit > 0 && Number.isInteger(burst) && burst > 0 && each > 0 && all <= longest
    ? Effect.succeed({ each, all })
    : Effect.fail(
      new SqlLimiterError({
        message: `${titleOf(name)}: \`limit\` is ${limit}, \`burst\` ${burst} and \`interval\` ${
          Duration.toMillis(interval)
        } milliseconds. The first two must be whole numbers from 1, and the interval between nothing and 30 years.`
      })
    )
}

const titleOf = (name: string): string => `limiter ${JSON.stringify(excerpt(name, 100))}`

/**
 * An effect that takes a token, and waits until there is one.
 *
 * @internal
 */
export const makeTake = (
  client: SqlClient.SqlClient,
  tableName: string,
  bucket: Bucket
): Effect.Effect<Effect.Effect<void, SqlLimiterError>, SqlLimiterError> =>
  Effect.gen(function*() {
    const { all, each } = yield* timesOf(bucket)
    const title = titleOf(bucket.name)
    const key = yield* Effect.mapError(keyOf(bucket.name), ({ message }) => new SqlLimiterError({ message }))
    const takeNow = makeTakeNow(client.withoutTransforms(), tableName, key, each, all)
    const attempt = outsideTransaction(
      client,
      abandonAfter(
        Effect.mapError(Effect.retry(takeNow, whileBusy), (error) =>
          new SqlLimiterError({
            message: `${title}: the database gave no token (${
              reasonOf(error)
            }). Check the connection, and that the migrations ran.`,
            cause: driverError(error)
          })),
        bucket.timeout,
        () =>
          new SqlLimiterError({
            message: `${title}: the database did not answer within ${Duration.format(Duration.decode(bucket.timeout))}.`
          })
      )
    )
    return inTurn(attempt)
  })

/**
 * Of the effects that wait in this process, one asks the database, and the others come after it, in their order. Where it
 * fails, they fail with it, because each of them would wait for the same database.
 */
const inTurn = (attempt: Effect.Effect<number, SqlLimiterError>): Effect.Effect<void, SqlLimiterError> => {
  const lock = makeSemaphore(1)
  let waiting = 0
  let failures = 0
  let last: SqlLimiterError | undefined
  const untilTaken: Effect.Effect<void, SqlLimiterError> = Effect.flatMap(
    attempt,
    (millis) => millis === 0 ? Effect.void : Effect.zipRight(Effect.sleep(Duration.millis(millis)), untilTaken)
  )
  const ask = Effect.tapError(untilTaken, (error) =>
    Effect.sync(() => {
      failures++
      last = error
    }))
  const wait = Effect.acquireUseRelease(
    Effect.sync(() => {
      waiting++
      return failures
    }),
    (before) =>
      lock.withPermits(1)(Effect.suspend(() => last === undefined || failures === before ? ask : Effect.fail(last))),
    () => Effect.sync(() => waiting--)
  )
  return Effect.suspend(() =>
    waiting > 0 ? wait : Effect.flatMap(attempt, (millis) => millis === 0 ? Effect.void : wait)
  )
}

/** Takes a token, if there is one. Returns in how many milliseconds there is one; 0 if it was taken. */
const makeTakeNow = (
  sql: SqlClient.SqlClient,
  tableName: string,
  key: string,
  each: number,
  all: number
): Effect.Effect<number, SqlError> => {
  const table = sql(tableName)
  const number = (value: number) => sql.literal(`${value}`)
  const now = sql`${timeOf(sql)} * 1000`
  /** With one token in it, a bucket is full again after the time of all tokens but one. */
  const withOne = sql`${now} + ${number(all - each)}`
  const empty = sql`${now} + ${number(all)}`
  // A bucket that seems twice as empty as it can be is from before the clock of the database was set back
  const isThere = sql`(full_at <= ${withOne} OR full_at > ${now} + ${number(2 * all)})`
  const update = sql`UPDATE ${table} SET full_at = CASE WHEN full_at > ${empty} THEN ${empty}
    WHEN full_at > ${now} THEN full_at + ${number(each)} ELSE ${now} + ${number(each)} END
    WHERE id_key = ${key} AND ${isThere}`
  const take: Effect.Effect<boolean, SqlError> = sql.onDialectOrElse({
    mysql: () => Effect.map(update.raw, (result) => (numberAt(result, "affectedRows") ?? 0) > 0),
    orElse: () => Effect.map(sql`${update} RETURNING id_key`, (rows) => rows.length > 0)
  })
  const add = sql`INSERT INTO ${table} (id_key, full_at) VALUES (${key}, 0)`
  const begin: Effect.Effect<unknown, SqlError> = sql.onDialectOrElse({
    mysql: () => sql`${add} ON DUPLICATE KEY UPDATE full_at = full_at`,
    orElse: () => sql`${add} ON CONFLICT DO NOTHING`
  })
  const takeNow: Effect.Effect<number, SqlError> = Effect.gen(function*() {
    if (yield* take) return 0
    const [row] = yield* sql<{ early: unknown }>`SELECT full_at - (${withOne}) AS early FROM ${table}
      WHERE id_key = ${key}`
    if (row !== undefined) return Math.max(1, Math.ceil(Number(row.early) / 1000))
    yield* begin
    return yield* takeNow
  })
  return takeNow
}
