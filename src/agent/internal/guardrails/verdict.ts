/** The verdicts of guardrails, and how a check comes to one. */
import * as Cause from "effect/Cause"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { RunAttributes } from "../../../http/telemetryOptions.js"
import { besideSpan } from "../../../internal/logs.js"
import { leaveAfter } from "../../../internal/timeLimits.js"
import { Blocked } from "./blocked.js"

/**
 * Nothing is wrong.
 *
 * @since 0.1.0
 * @category models
 */
export interface Pass {
  readonly _tag: "pass"
}

/**
 * The run goes on with another value.
 *
 * @since 0.1.0
 * @category models
 */
export interface Replace<out A> {
  readonly _tag: "replace"
  readonly value: A
}

/**
 * The model is told the reason: it responds again, or goes on without the call.
 *
 * @since 0.1.0
 * @category models
 */
export interface Reject {
  readonly _tag: "reject"
  readonly reason: string
}

/**
 * The run ends.
 *
 * @since 0.1.0
 * @category models
 */
export interface Block {
  readonly _tag: "block"
  readonly reason: string
}

/**
 * Options of all guardrails.
 *
 * @since 0.1.0
 * @category models
 */
export interface Options {
  /** The name in the outcome `blocked`, and in spans. */
  readonly name: string
  /** The time limit of a check. Default 30 seconds; `Duration.infinity` for no limit. */
  readonly timeout?: Duration.DurationInput | undefined
  /** What a check that fails, dies or exceeds its `timeout` means. Its failure is logged. Default `"block"`. */
  readonly onFailure?: "block" | "pass" | undefined
}

/** @internal */
export const pass: Pass = { _tag: "pass" }

/** @internal */
export const block = (reason: string): Block => ({ _tag: "block", reason })

/**
 * Ends the run.
 *
 * @internal
 */
export const blocked = ({ name }: Options, { reason }: Block | Reject): Effect.Effect<never, Blocked> =>
  Effect.fail(new Blocked({ by: name, reason }))

/**
 * The verdict of a check. Whatever goes wrong in it is a verdict, too.
 *
 * @internal
 */
export const judged = <V extends { readonly _tag: string }, E, R>(
  { name, onFailure = "block", timeout = "30 seconds" }: Options,
  check: () => Effect.Effect<V, E, R>
): Effect.Effect<V | Pass | Block, never, R> => {
  const limit = Duration.decode(timeout)
  const limited = leaveAfter(Effect.suspend(check), {
    limit,
    grace,
    patience: Duration.sum(limit, grace),
    onTimeout: Effect.fail(`It took longer than ${Duration.format(limit)}.`),
    onLeft: Effect.logWarning(`The guardrail "${name}" did not end when it was interrupted, and was left behind`)
  })
  return limited.pipe(
    Effect.exit,
    Effect.flatMap((exit): Effect.Effect<V | Pass | Block> => {
      if (Exit.isSuccess(exit)) return Effect.succeed(exit.value)
      if (Cause.isInterrupted(exit.cause)) return Effect.interrupt
      return Effect.as(
        besideSpan(Effect.logWarning(`The guardrail "${name}" failed`, exit.cause)),
        onFailure === "pass" ? pass : block("The guardrail failed.")
      )
    }),
    Effect.tap(({ _tag }) => Effect.annotateCurrentSpan("openrouter.guardrail.verdict", _tag)),
    (checked) =>
      Effect.flatMap(RunAttributes, (ofRun) =>
        checked.pipe(
          Effect.withSpan(`guardrail ${name}`, { captureStackTrace: false, attributes: { ...ofRun?.() } })
        ))
  )
}

/** How long a check may take to end after its time is up. */
const grace = Duration.seconds(1)
