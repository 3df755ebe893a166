/** A limit that clients share over real databases, on their clocks. */
import * as SqlClient from "@effect/sql/SqlClient"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Schedule from "effect/Schedule"
import { afterAll, beforeAll } from "vitest"
import { timeOf } from "../../src/sql/internal/tables.js"
import * as SqlLimiter from "../../src/sql/SqlLimiter.js"
import { memory, over, respond } from "../http/support/memory.js"
import * as Rows from "../http/support/rows.js"
import { type Database, databases } from "../support/databases.js"
import { clientOf } from "../support/effect/databases.js"

const table = "openrouter_limits"

/** Lets the database write down the time of each token. */
const recorded = Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient
  yield* SqlLimiter.migrate()
  yield* sql`CREATE TABLE taken (at BIGINT NOT NULL)`
  const insert = sql`INSERT INTO taken (at) SELECT ${timeOf(sql)} WHERE NEW.full_at <> OLD.full_at`
  yield* sql.onDialectOrElse({
    pg: () =>
      Effect.zipRight(
        sql`CREATE FUNCTION take() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN ${insert}; RETURN NULL; END $$`,
        sql`CREATE TRIGGER takes AFTER UPDATE ON ${sql(table)} FOR EACH ROW EXECUTE FUNCTION take()`
      ),
    mysql: () => sql`CREATE TRIGGER takes AFTER UPDATE ON ${sql(table)} FOR EACH ROW ${insert}`,
    orElse: () => sql`CREATE TRIGGER takes AFTER UPDATE ON ${sql(table)} BEGIN ${insert}; END`
  })
})

/** The times of all tokens since the last call. */
const taken = Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient
  const rows = yield* sql<{ at: unknown }>`SELECT at FROM taken ORDER BY at`
  yield* sql`DELETE FROM taken`
  return rows.map(({ at }) => Number(at))
})

for (const { name, start } of databases) {
  describe.skipIf(start === undefined)(`limits in ${name}`, { timeout: 60_000 }, () => {
    let database: Database | undefined
    let address = ""
    beforeAll(async () => {
      database = await start?.()
      address = database?.address ?? ""
      if (name === "MariaDB") {
        await Effect.runPromise(
          Effect.provide(Effect.flatMap(SqlClient.SqlClient, (sql) => sql`CREATE DATABASE app`), client)
        )
        // The database of the system has no triggers
        address = address.replace(/mysql$/, "app")
      }
      await Effect.runPromise(Effect.provide(recorded, client))
    }, 120_000)
    afterAll(() => database?.stop())

    const client = Layer.unwrapEffect(Effect.sync(() => clientOf(address)))
    const withDatabase = Effect.provide(client)
    /** A limiter as another machine has it, with connections of its own. */
    const elsewhere = (options: SqlLimiter.Options) =>
      Effect.flatMap(
        Layer.build(Layer.fresh(client)),
        (context) => Effect.provide(SqlLimiter.makeWithoutMigrations(options), context)
      )

    it.scopedLive("holds for two clients together, in any time", () =>
      withDatabase(Effect.gen(function*() {
        const options = { name: "both", limit: 6, interval: "600 millis", burst: 3 } as const
        const limiters = yield* Effect.all([elsewhere(options), elsewhere(options)])
        const takes = limiters.flatMap(({ take }) => Array.from({ length: 5 }, () => take))
        yield* Effect.all(takes, { concurrency: "unbounded" })
        const times = yield* taken
        assert.strictEqual(times.length, 10)
        times.forEach((first, from) =>
          times.slice(from).forEach((last, index) =>
            // A trigger comes a little after the statement, but not as long after it as a token takes
            assert.isAtMost(index + 1, 3 + (last - first + 90) / 100, `${times.join(" ")}`)
          )
        )
        assert.isBelow((times.at(-1) ?? 0) - (times[0] ?? 0), 3 * (10 - 3) * 100)
      })))

    it.scopedLive("takes no token for an effect that is interrupted while it waits", () =>
      withDatabase(Effect.gen(function*() {
        const { take } = yield* elsewhere({ name: "interrupted", limit: 1, interval: "300 millis" })
        yield* take
        const waiting = yield* Effect.forEach([1, 2, 3], () => Effect.fork(take))
        const last = yield* Effect.fork(take)
        yield* Effect.forEach(waiting, Fiber.interrupt)
        yield* Fiber.join(last)
        const [first = 0, second = 0, ...others] = yield* taken
        assert.deepStrictEqual(others, [])
        assert.isAtLeast(second - first, 200)
      })))

    it.scopedLive("takes a token for each attempt of a call, and none for another name", () => {
      const wire = memory(respond(503, { error: { code: 503, message: "No." } }), respond(200, Rows.reply))
      return withDatabase(Effect.gen(function*() {
        const { transform } = yield* elsewhere({ name: "calls", limit: 2, interval: "1 hour" })
        const other = yield* elsewhere({ name: "others", limit: 1, interval: "1 hour" })
        yield* Effect.provide(
          Rows.chat(Rows.hello),
          over(wire, { transformClient: transform, retry: Schedule.recurs(1) })
        )
        assert.strictEqual(wire.requests.length, 2)
        assert.strictEqual((yield* taken).length, 2)
        const error = yield* Rows.chat(Rows.hello).pipe(
          Effect.provide(over(wire, { transformClient: transform, timeout: "100 millis" })),
          Effect.flip
        )
        assert.strictEqual(error._tag, "RequestTimeoutError")
        yield* other.take
        assert.strictEqual((yield* taken).length, 1)
        assert.strictEqual(wire.requests.length, 2)
      }))
    })

    it.scopedLive("lets no request go where the database fails", () => {
      const wire = memory(respond(200, Rows.reply))
      return Effect.gen(function*() {
        const { take, transform } = yield* elsewhere({
          name: "a",
          limit: 1,
          interval: "1 hour",
          table: "no_such_table"
        })
        const error = yield* Effect.flip(take)
        assert.strictEqual(error._tag, "SqlLimiterError")
        assert.match(error.message, /^limiter "a": the database gave no token \(.*no_such_table/)
        const failed = yield* Rows.chat(Rows.hello).pipe(
          Effect.provide(over(wire, { transformClient: transform, retry: false })),
          Effect.flip
        )
        assert.strictEqual(failed._tag, "ConnectionError")
        assert.match(failed.message, /^\S+: the request was not sent \(limiter "a": the database gave no token/)
        assert.notInclude(failed.message, "network")
        assert.strictEqual(failed._tag === "ConnectionError" ? failed.phase : "", "connect")
        assert.strictEqual(wire.requests.length, 0)
      })
    })

    // After it has met a lock, a connection of libsql keeps one
    it.scopedLive.skipIf(name === "SQLite")(
      "fails all that wait where the database does not answer in time, and goes on after it",
      () =>
        withDatabase(Effect.gen(function*() {
          const options = { limit: 1, interval: "700 millis", timeout: "200 millis" } as const
          const { take } = yield* elsewhere({ ...options, name: "full" })
          const { take: takeSlowly } = yield* elsewhere({ ...options, name: "slow" })
          yield* Effect.zipRight(take, takeSlowly)
          const waiting = yield* Effect.forEach([1, 2, 3], () => Effect.fork(Effect.flip(takeSlowly)))
          // By then, they wait for a token
          assert.isTrue(Option.isNone(yield* Effect.timeoutOption(takeSlowly, "100 millis")))
          const sql = yield* SqlClient.SqlClient
          const [error, errors] = yield* sql.withTransaction(
            Effect.zipRight(
              sql`UPDATE ${sql(table)} SET full_at = full_at`,
              Effect.all([Effect.flip(take), Effect.forEach(waiting, Fiber.join)])
            )
          )
          assert.strictEqual(error.message, "limiter \"full\": the database did not answer within 200ms.")
          // One of them has asked for all
          assert.strictEqual(new Set(errors).size, 1)
          yield* takeSlowly
        }))
    )

    it.scopedLive("starts again after the clock of the database was set back", () =>
      withDatabase(Effect.gen(function*() {
        const { take } = yield* elsewhere({ name: "back", limit: 1, interval: "100 millis" })
        yield* take
        const sql = yield* SqlClient.SqlClient
        yield* sql`UPDATE ${sql(table)} SET full_at = full_at + 3600000000 WHERE id_key = ${"back"}`
        yield* taken
        yield* take
        yield* take
        const [first = 0, second = 0] = yield* taken
        assert.isAtLeast(second - first, 50)
      })))

    it.scopedLive("refuses numbers that are no limit", () =>
      Effect.gen(function*() {
        for (
          const wrong of [{ limit: 0 }, { limit: 0.5 }, { burst: 0 }, { interval: 0 }, {
            interval: "50000 days" as const
          }]
        ) {
          const made = elsewhere({ name: "wrong", limit: 1, interval: "1 hour", ...wrong })
          const error = yield* Effect.flip(made)
          assert.instanceOf(error, SqlLimiter.SqlLimiterError, JSON.stringify(wrong))
        }
      }))
  })
}
