/**
 * A limit on how many requests begin in a time, which several machines share over a database: SQLite, Postgres or MySQL,
 * through any client of `@effect/sql`.
 *
 * @since 0.1.0
 */
import * as HttpClient from "@effect/platform/HttpClient"
import * as SqlClient from "@effect/sql/SqlClient"
import type { SqlError } from "@effect/sql/SqlError"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { transportFailure } from "../internal/effect/httpFailures.js"
import { refusal } from "../internal/unsent.js"
import { makeTake, migrateLimits, type SqlLimiterError } from "./internal/limiter.js"
import { prepare } from "./internal/tables.js"

export { SqlLimiterError } from "./internal/limiter.js"

/**
 * Where the limiters of an application have their table.
 *
 * @since 0.1.0
 * @category models
 */
export interface TableOptions {
  /** The name of the table. Default `openrouter_limits`. */
  readonly table?: string | undefined
}

/**
 * Options of a limiter. All machines give the same `limit`, `interval` and `burst` to the same `name`.
 *
 * @since 0.1.0
 * @category models
 */
export interface Options extends TableOptions {
  /** What is limited, for example a key or a tenant. Limiters with the same name share their tokens. */
  readonly name: string
  /** How many tokens come in each `interval`, at even distances. */
  readonly limit: number
  readonly interval: Duration.DurationInput
  /** How many tokens wait at most, for requests that come at once. Default: `limit`. */
  readonly burst?: number | undefined
  /** How long the database may take for its answer. Default 5 seconds. */
  readonly timeout?: Duration.DurationInput | undefined
}

/**
 * A limiter.
 *
 * @since 0.1.0
 * @category models
 */
export interface Limiter {
  /**
   * Takes a token, and waits until there is one. An interruption while it waits takes none. Where the database fails, so does
   * the effect.
   */
  readonly take: Effect.Effect<void, SqlLimiterError>
  /** For `transformClient`: each attempt takes a token before it is sent. Without a token, it fails and is not sent. */
  readonly transform: (client: HttpClient.HttpClient) => HttpClient.HttpClient
}

const tableOf = ({ table = "openrouter_limits" }: TableOptions): string => table

/**
 * Makes a limiter, and its table, if there is none. The tokens of a name are a row, and to take one is one statement. The time
 * is that of the database, so the clocks of the machines do not matter. In no time of the length of `interval` begin
 * more than `limit` and `burst` requests together. If several processes share a file of SQLite, use `@effect/sql-sqlite-node`.
 *
 * @since 0.1.0
 * @category constructors
 * @example
 * ```ts
 * import { PgClient } from "@effect/sql-pg"
 * import { Effect, Layer, Redacted } from "effect"
 * import { OpenRouterClient } from "effect-openrouter"
 * import { SqlLimiter } from "effect-openrouter/sql"
 *
 * const OpenRouter = Layer.unwrapEffect(
 *   Effect.map(
 *     SqlLimiter.make({ name: "openrouter", limit: 20, interval: "1 minute", burst: 5 }),
 *     ({ transform }) => OpenRouterClient.layer({ transformClient: transform })
 *   )
 * ).pipe(Layer.provide(PgClient.layer({ url: Redacted.make("postgres://localhost/app") })))
 * ```
 */
export const make = (options: Options): Effect.Effect<Limiter, SqlLimiterError | SqlError, SqlClient.SqlClient> =>
  Effect.zipRight(migrate(options), makeWithoutMigrations(options))

/**
 * Makes a limiter over a database that has the table already, from {@link migrate}.
 *
 * @since 0.1.0
 * @category constructors
 */
export const makeWithoutMigrations = (
  options: Options
): Effect.Effect<Limiter, SqlLimiterError | SqlError, SqlClient.SqlClient> =>
  Effect.gen(function*() {
    const sql = yield* SqlClient.SqlClient
    yield* prepare(sql)
    const { burst = options.limit, timeout = "5 seconds" } = options
    const take = yield* makeTake(sql, tableOf(options), { ...options, burst, timeout })
    return {
      take,
      transform: (client) =>
        HttpClient.transform(client, (send, request) =>
          Effect.zipRight(
            Effect.mapError(take, ({ message }) => transportFailure(request, refusal(message))),
            send
          ))
    }
  })

/**
 * Makes the table, if the database has none. It may run any number of times, also in several processes at the same time.
 *
 * @since 0.1.0
 * @category migrations
 */
export const migrate = (options: TableOptions = {}): Effect.Effect<void, SqlError, SqlClient.SqlClient> =>
  migrateLimits(tableOf(options))
