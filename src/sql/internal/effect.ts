/** What Effect 3 and Effect 4 say differently of SQL, beyond a name. */
import * as SqlClient from "@effect/sql/SqlClient"
import type { SqlError } from "@effect/sql/SqlError"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"

/**
 * The error of the driver.
 *
 * @internal
 */
export const driverError = (error: SqlError): unknown => error.cause

/**
 * The same effect outside of the transaction that is around it.
 *
 * @internal
 */
export const outsideTransaction = <A, E>(_: SqlClient.SqlClient, effect: Effect.Effect<A, E>): Effect.Effect<A, E> =>
  Effect.mapInputContext(
    effect,
    (context: Context.Context<never>) => Context.omit(SqlClient.TransactionConnection)(context)
  )
