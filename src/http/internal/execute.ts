import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as ExecutionStrategy from "effect/ExecutionStrategy"
import * as Exit from "effect/Exit"
import { constTrue } from "effect/Function"
import * as Schedule from "effect/Schedule"
import * as Scope from "effect/Scope"
import { defined } from "../../internal/json.js"
import { timeLimit } from "../../internal/timeLimit.js"
import { OpenRouterClient } from "../OpenRouterClient.js"
import type { OpenRouterError } from "../OpenRouterError.js"
import { RequestTimeoutError } from "../OpenRouterError.js"
import type { RequestOptions } from "../requestOptions.js"
import { CurrentRequestOptions, merge } from "../requestOptions.js"
import { exponential, isRetryable, isSafeToRepeat } from "../Retry.js"
import type { Row } from "../row.js"
import { attempt } from "./attempt.js"
import type { Upload } from "./multipart.js"
import type { Connection, KernelError, Opened } from "./opened.js"
import { beginning } from "./readBody.js"
import { type Encode, prepare } from "./request.js"
import { attemptFailed, type Call } from "./telemetry.js"

/**
 * Sends a request and reads its answer, with the retries and the timeout of the client and the call around both. For a
 * stream, `read` is what it takes to see the first event. The response is given up when it is read to its end or
 * interrupted, or when `scope` closes where there is one.
 *
 * @internal
 */
export const execute = <A, R>(
  call: Call,
  read: (opened: Opened) => Effect.Effect<A, KernelError, R>,
  { encode, scope }: { readonly scope?: Scope.Scope; readonly encode?: Encode | undefined } = {}
): Effect.Effect<A, KernelError, R | OpenRouterClient> =>
  Effect.contextWithEffect((context: Context.Context<OpenRouterClient>) => {
    const { params, row } = call
    const client = Context.get(context, OpenRouterClient)
    const options = merge(client.options, Context.get(context, CurrentRequestOptions))
    return Effect.flatMap(prepare(row, params, encode), (prepared) => {
      let attempts = 0
      let last: Opened | undefined
      const once = connected(scope, (connection) => {
        last = undefined
        return Effect.flatMap(
          attempt(client, call, prepared, options, ++attempts, connection),
          (opened) => read(last = opened)
        )
      })
      const { upload } = prepared
      return upload === undefined
        ? withTimeout(withRetry(once, call, options), row, options, () => last)
        : Effect.ensuring(
          withTimeout(withRetry(blaming(upload, once), call, options, upload.isRepeatable), row, options, () => last),
          upload.close
        )
    })
  })

/** A connection that breaks because its body cannot be read fails with the reason of that. */
const blaming = <A, R>(upload: Upload, once: Effect.Effect<A, KernelError, R>): Effect.Effect<A, KernelError, R> =>
  Effect.catchTag(once, "ConnectionError", (error) => Effect.zipRight(upload.check, Effect.fail(error)))

/** Gives each attempt a connection of its own, given up after it; or, below a scope, at once where it fails. */
const connected = <A, E, R>(
  outer: Scope.Scope | undefined,
  attempt: (connection: Connection) => Effect.Effect<A, E, R>
): Effect.Effect<A, E, R> =>
  outer === undefined
    ? Effect.flatMap(Scope.make(), (scope) => {
      const connection: Connection = { scope, ended: false }
      return Effect.onExit(
        attempt(connection),
        // Nothing else is in the scope of a request
        (exit) => connection.ended ? Effect.void : Scope.close(scope, exit)
      )
    })
    : Effect.flatMap(Scope.fork(outer, ExecutionStrategy.sequential), (scope) =>
      Effect.onExit(
        attempt({ scope, ended: false }),
        (exit) => Exit.isFailure(exit) ? Scope.close(scope, exit) : Effect.void
      ))

const defaultRetry = exponential()

const withRetry = <A, R>(
  once: Effect.Effect<A, KernelError, R>,
  call: Call,
  options: RequestOptions,
  isRepeatable: () => boolean = constTrue
): Effect.Effect<A, KernelError, R> => {
  const observed = Effect.tapError(once, (error) => attemptFailed(call, error))
  if (options.retry === false) return observed
  const { row } = call
  const idempotent = row.method !== "POST" && row.method !== "PATCH"
  const rule = row.repeatable ?? (idempotent || row.operation !== undefined) ? isRetryable : isSafeToRepeat
  const mayRetry = (error: KernelError): error is OpenRouterError =>
    error._tag !== "ConfigError" && isRepeatable() && rule(error)
  const after = (
    driver: Schedule.ScheduleDriver<unknown, OpenRouterError>,
    error: OpenRouterError
  ): Effect.Effect<A, KernelError, R> =>
    Effect.matchEffect(driver.next(error), {
      onFailure: () => Effect.fail(error),
      onSuccess: () => Effect.catchIf(observed, mayRetry, (next) => after(driver, next))
    })
  // The schedule is started by the first failure: a call that succeeds does not pay for it
  return Effect.catchIf(
    observed,
    mayRetry,
    (first) => Effect.flatMap(Schedule.driver(options.retry || defaultRetry), (driver) => after(driver, first))
  )
}

const defaultTimeout = Duration.minutes(10)

const withTimeout = <A, E, R>(
  effect: Effect.Effect<A, E, R>,
  row: Row,
  options: RequestOptions,
  opened: () => Opened | undefined
): Effect.Effect<A, E | RequestTimeoutError, R> => {
  const timeout = Duration.decode(options.timeout ?? defaultTimeout)
  if (!Duration.isFinite(timeout)) return effect
  return timeLimit(effect, timeout, () =>
    new RequestTimeoutError(defined({
      timeout,
      message: `${row.name}: no answer within ${Duration.format(timeout)}. Raise \`timeout\`, or stream the answer.`,
      ...beginning(opened())
    })))
}
