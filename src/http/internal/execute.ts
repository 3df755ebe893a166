import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { constTrue } from "effect/Function"
import type * as Scope from "effect/Scope"
import { waits } from "../../internal/effect/schedules.js"
import { defined } from "../../internal/json.js"
import { timeLimit } from "../../internal/timeLimits.js"
import { OpenRouterClient } from "../OpenRouterClient.js"
import type { OpenRouterError } from "../OpenRouterError.js"
import { RequestTimeoutError } from "../OpenRouterError.js"
import type { RequestOptions } from "../requestOptions.js"
import { CurrentRequestOptions, merge } from "../requestOptions.js"
import { exponential } from "../Retry.js"
import { isPaid, type Row } from "../row.js"
import { attempt } from "./attempt.js"
import { withConnection } from "./connection.js"
import type { Retries } from "./limits.js"
import type { KernelError, OpenedResponse } from "./openedResponse.js"
import { type Encode, prepare } from "./request.js"
import { retryRule } from "./retryRule.js"
import { type Call, recordAttemptFailure } from "./telemetry.js"
import type { Upload } from "./upload.js"

/**
 * Sends a request and reads its response, with the retries and the timeout of the client and the call around both. For
 * a stream, `read` waits for the first event. The connection closes when the response was read to its end or
 * interrupted, or, where a `scope` is given, when that closes.
 *
 * @internal
 */
export const execute = <A, R>(
  call: Call,
  read: (opened: OpenedResponse) => Effect.Effect<A, KernelError, R>,
  { encode, scope }: { readonly scope?: Scope.Scope; readonly encode?: Encode | undefined } = {}
): Effect.Effect<A, KernelError, R | OpenRouterClient> =>
  Effect.contextWithEffect((context: Context.Context<OpenRouterClient>) => {
    const { params, row } = call
    const client = Context.get(context, OpenRouterClient)
    const options = merge(client.options, Context.get(context, CurrentRequestOptions))
    return Effect.flatMap(prepare(row, params, { encode, extraBody: options.extraBody }), (prepared) => {
      const attempts = new Attempts(call.log)
      const { places, retries } = client.limits ?? {}
      retries?.earn()
      const once = withConnection(scope, (connection) => {
        const sent = Effect.flatMap(
          attempt(client, call, prepared, options, attempts.start(), connection),
          (opened) => read(attempts.opened(opened))
        )
        return places === undefined ? sent : Effect.zipRight(places.take(connection), sent)
      })
      const { upload } = prepared
      return withBill(
        call,
        attempts,
        upload === undefined
          ? withTimeout(withRetry(once, call, options, attempts, retries), row, options, attempts)
          : Effect.ensuring(
            withTimeout(
              withRetry(withUploadFailure(upload, once), call, options, attempts, retries, upload.isRepeatable),
              row,
              options,
              attempts
            ),
            upload.close
          )
      )
    })
  })

/** Counts what was under way when the call was interrupted, or its time was over. */
const withBill = <A, R>(
  { bill }: Call,
  attempts: Attempts,
  result: Effect.Effect<A, KernelError, R>
): Effect.Effect<A, KernelError, R> =>
  bill.isPaid
    ? Effect.onError(result, () =>
      Effect.sync(() => {
        if (attempts.isUnderWay) bill.givenUp(attempts.beginning)
      }))
    : result

/** The attempts of one call: how many there were, and the response of the last one. */
class Attempts {
  /** Whether a response is being read. */
  isUnderWay = false
  private count = 0
  private last: OpenedResponse | undefined = undefined

  constructor(private readonly log: Call["log"]) {}

  /** Begins an attempt and returns its number. */
  start(): number {
    this.last = undefined
    this.count += 1
    this.log?.begin(this.count)
    return this.count
  }

  opened(response: OpenedResponse): OpenedResponse {
    this.isUnderWay = true
    this.log?.open(response)
    return this.last = response
  }

  failed(): void {
    this.isUnderWay = false
  }

  /** What the last attempt has received. */
  get beginning(): Partial<OpenedResponse["beginning"]> {
    return this.last?.beginning ?? {}
  }
}

/** A connection that breaks because the request body cannot be read fails with the reason of that. */
const withUploadFailure = <A, R>(
  upload: Upload,
  once: Effect.Effect<A, KernelError, R>
): Effect.Effect<A, KernelError, R> =>
  Effect.catchTag(once, "ConnectionError", (error) => Effect.zipRight(upload.check, Effect.fail(error)))

const defaultRetry = exponential()

const withRetry = <A, R>(
  once: Effect.Effect<A, KernelError, R>,
  call: Call,
  options: RequestOptions,
  attempts: Attempts,
  retries: Retries | undefined,
  isRepeatable: () => boolean = constTrue
): Effect.Effect<A, KernelError, R> => {
  const observed = Effect.tapError(call.log?.observe(once) ?? once, (error) => {
    attempts.failed()
    if ("partial" in error) call.bill.failed(error)
    return recordAttemptFailure(call, error)
  })
  const schedule = options.retry ?? defaultRetry
  if (schedule === false) return observed
  const rule = retryRule(call.row, options)
  const mayRetry = (error: KernelError): error is OpenRouterError =>
    error._tag !== "ConfigError" && isRepeatable() && rule(error)
  // The first failure starts the schedule: a call that succeeds does not pay for it
  return Effect.catchIf(observed, mayRetry, (first) => {
    const wait = waits(schedule)
    const retryAfter = (error: OpenRouterError): Effect.Effect<A, KernelError, R> => {
      if (retries?.spend() === false) return Effect.fail(error)
      return Effect.flatMap(wait(error), (mayContinue) => {
        if (mayContinue) return Effect.catchIf(observed, mayRetry, retryAfter)
        retries?.giveBack()
        return Effect.fail(error)
      })
    }
    return retryAfter(first)
  })
}

const defaultTimeout = Duration.minutes(10)

const withTimeout = <A, E, R>(
  effect: Effect.Effect<A, E, R>,
  row: Row,
  options: RequestOptions,
  attempts: Attempts
): Effect.Effect<A, E | RequestTimeoutError, R> => {
  const timeout = Duration.decode(options.timeout ?? defaultTimeout)
  if (!Duration.isFinite(timeout)) return effect
  return timeLimit(effect, timeout, () =>
    new RequestTimeoutError(defined({
      timeout,
      message: `${row.name}: no response within ${
        Duration.format(timeout)
      }. Raise \`timeout\`, or stream the response.${isPaid(row) ? " The request may have been charged." : ""}`,
      ...attempts.beginning
    })))
}
