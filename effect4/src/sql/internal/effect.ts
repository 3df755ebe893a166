/** What Effect 3 and Effect 4 say differently of SQL, beyond a name. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type { SqlClient } from "effect/sql/SqlClient"
import type { SqlError } from "effect/sql/SqlError"

/**
 * The error of the driver.
 *
 * @internal
 */
export const driverError = (error: SqlError): unknown => error.reason.cause

/**
 * The same effect outside of the transaction that is around it.
 *
 * @internal
 */
export const outsideTransaction = <A, E>(sql: SqlClient, effect: Effect.Effect<A, E>): Effect.Effect<A, E> =>
  Effect.updateContext(effect, (context: Context.Context<never>) => Context.omit(sql.transactionService)(context))
