/**
 * Guardrails judge what goes into a run, what its model responds, and what its tools do. Each is a middleware: it passes
 * what it judges, replaces it, rejects it, or blocks the run, whose outcome then has the name of the guardrail and its reason.
 *
 * @since 0.1.0
 */
import * as Cause from "effect/Cause"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type { OpenRouterClient } from "../http/OpenRouterClient.js"
import { leaveAfter } from "../internal/timeLimits.js"
import { text } from "../response/responsesProtocol.js"
import type { OpenResponsesResult } from "../schema/Responses.js"
import type { ToolCallOutput } from "../schema/ResponsesItems.js"
import type { InputItem } from "../schema/ResponsesItemsRequest.js"
import type { ResponsesRequest } from "../schema/ResponsesRequest.js"
import { Blocked } from "./internal/blocked.js"
import { both } from "./internal/both.js"
import { newItems, withText } from "./internal/guarded.js"
import type { TurnContext } from "./internal/turnParams.js"
import { type CheckedCall, refuse, type ToolOutcome, type TurnFailure } from "./Middleware.js"

export { Blocked } from "./internal/blocked.js"

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
 * Lets what was judged through.
 *
 * @since 0.1.0
 * @category verdicts
 */
export const pass: Pass = { _tag: "pass" }

/**
 * Puts another value in the place of what was judged.
 *
 * @since 0.1.0
 * @category verdicts
 */
export const replace = <A>(value: A): Replace<A> => ({ _tag: "replace", value })

/**
 * Tells the model why what it did is not accepted.
 *
 * @since 0.1.0
 * @category verdicts
 */
export const reject = (reason: string): Reject => ({ _tag: "reject", reason })

/**
 * Ends the run, with a reason for its caller.
 *
 * @since 0.1.0
 * @category verdicts
 */
export const block = (reason: string): Block => ({ _tag: "block", reason })

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

/**
 * A middleware that judges. It requires what its check requires.
 *
 * @since 0.1.0
 * @category models
 */
export interface Guardrail<out R> {
  readonly holdsResponse?: boolean | undefined
  readonly prompt?:
    | ((items: ReadonlyArray<InputItem>) => Effect.Effect<ReadonlyArray<InputItem>, Blocked, R>)
    | undefined
  readonly model?:
    | ((
      request: ResponsesRequest,
      next: (request: ResponsesRequest) => Effect.Effect<OpenResponsesResult, TurnFailure, OpenRouterClient>,
      turn: TurnContext
    ) => Effect.Effect<OpenResponsesResult, TurnFailure | Blocked, R | OpenRouterClient>)
    | undefined
  readonly tool?:
    | ((call: CheckedCall, next: (params: unknown) => Effect.Effect<ToolOutcome>) => Effect.Effect<
      ToolOutcome,
      Blocked,
      R
    >)
    | undefined
}

/**
 * Judges the new input of a run, before anything is sent. What it blocks does not become part of the conversation.
 *
 * @since 0.1.0
 * @category constructors
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { Agent, Guardrail } from "effect-openrouter"
 *
 * const noKeys = Guardrail.input({
 *   name: "no keys",
 *   check: (items) => Effect.succeed(
 *     JSON.stringify(items).includes("sk-or-") ? Guardrail.block("The input has a key.") : Guardrail.pass
 *   )
 * })
 *
 * const program = Agent.run({ model: "openai/gpt-5-nano", input: "Hello!", middleware: noKeys }).pipe(
 *   Effect.map((run) => run.outcome._tag === "blocked" ? run.outcome.reason : run.text)
 * )
 * ```
 */
export const input = <E, R>(
  options: Options & {
    readonly check: (
      items: ReadonlyArray<InputItem>
    ) => Effect.Effect<Pass | Replace<ReadonlyArray<InputItem>> | Block, E, R>
  }
): Guardrail<R> => ({
  prompt: (items) =>
    Effect.flatMap(judged(options, () => options.check(items)), (verdict) => {
      switch (verdict._tag) {
        case "pass":
          return Effect.succeed(items)
        case "replace":
          return Effect.succeed(verdict.value)
        case "block":
          return blocked(options, verdict)
      }
    })
})

/**
 * Judges the new input of a run while the first request is on its way, which costs no time. Until the verdict, nobody
 * receives the response and no tool executes. A run that is blocked interrupts the request; what it has cost by then counts.
 *
 * @since 0.1.0
 * @category constructors
 */
export const inputBeside = <E, R>(
  options: Options & {
    readonly check: (items: ReadonlyArray<InputItem>) => Effect.Effect<Pass | Block, E, R>
  }
): Guardrail<R> => ({
  holdsResponse: true,
  model: (request, next, { turn }) => {
    const items = turn === 1 ? newItems(request.input) : []
    if (items.length === 0) return next(request)
    const checked = Effect.flatMap(
      judged(options, () => options.check(items)),
      (verdict) => verdict._tag === "block" ? blocked(options, verdict) : Effect.void
    )
    return Effect.map(both(next(request), checked), ([response]) => response)
  }
})

/**
 * Judges each response of the model: its text, and the response with its calls and reasoning. Until the verdict, nobody
 * receives it and no tool executes. A response that is rejected is requested again with the reason, `retries` times (default
 * once), and then blocks the run. What is rejected or blocked is paid for, and does not become part of the conversation.
 *
 * @since 0.1.0
 * @category constructors
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { Agent, Guardrail } from "effect-openrouter"
 *
 * const noNumbers = Guardrail.output({
 *   name: "no card numbers",
 *   check: (text) => Effect.succeed(
 *     /\d{16}/.test(text) ? Guardrail.replace(text.replace(/\d{16}/g, "****")) : Guardrail.pass
 *   )
 * })
 *
 * const program = Agent.run({ model: "openai/gpt-5-nano", input: "Hello!", middleware: noNumbers })
 * ```
 */
export const output = <E, R>(
  options: Options & {
    readonly check: (
      text: string,
      response: OpenResponsesResult
    ) => Effect.Effect<Pass | Replace<string> | Reject | Block, E, R>
    readonly retries?: number | undefined
  }
): Guardrail<R> => ({
  holdsResponse: true,
  model: (request, next) => {
    const respond = (
      request: ResponsesRequest,
      left: number
    ): Effect.Effect<OpenResponsesResult, TurnFailure | Blocked, R | OpenRouterClient> =>
      Effect.flatMap(
        next(request),
        (response) =>
          Effect.flatMap(judged(options, () => options.check(text(response), response)), (verdict) => {
            switch (verdict._tag) {
              case "pass":
                return Effect.succeed(response)
              case "replace":
                return Effect.succeed(withText(response, verdict.value))
              case "reject":
                return left > 0 ? respond(told(request, verdict.reason), left - 1) : blocked(options, verdict)
              case "block":
                return blocked(options, verdict)
            }
          })
      )
    return respond(request, options.retries ?? 1)
  }
})

/**
 * Judges each call that may execute, by its decoded parameters. What is rejected becomes the output of the call.
 *
 * @since 0.1.0
 * @category constructors
 */
export const tool = <E, R>(
  options: Options & {
    readonly check: (call: CheckedCall) => Effect.Effect<Pass | Replace<unknown> | Reject | Block, E, R>
  }
): Guardrail<R> => ({
  tool: (call, next) =>
    Effect.flatMap(judged(options, () => options.check(call)), (verdict) => {
      switch (verdict._tag) {
        case "pass":
          return next(call.params)
        case "replace":
          return next(verdict.value)
        case "reject":
          return Effect.succeed(refuse(verdict.reason))
        case "block":
          return blocked(options, verdict)
      }
    })
})

/**
 * Judges what the model receives of each call that was executed. In place of what is rejected it receives the reason.
 *
 * @since 0.1.0
 * @category constructors
 */
export const toolOutput = <E, R>(
  options: Options & {
    readonly check: (
      outcome: ToolOutcome,
      call: CheckedCall
    ) => Effect.Effect<Pass | Replace<ToolCallOutput> | Reject | Block, E, R>
  }
): Guardrail<R> => ({
  tool: (call, next) =>
    Effect.flatMap(
      next(call.params),
      (outcome) =>
        outcome.status === "suspended" ? Effect.succeed(outcome) : Effect.flatMap(
          judged(options, () => options.check(outcome, call)),
          (verdict) => {
            switch (verdict._tag) {
              case "pass":
                return Effect.succeed(outcome)
              case "replace":
                return Effect.succeed({ ...outcome, output: verdict.value })
              case "reject":
                return Effect.succeed({ ...refuse(verdict.reason), result: outcome.result })
              case "block":
                return blocked(options, verdict)
            }
          }
        )
    )
})

const blocked = ({ name }: Options, { reason }: Block | Reject): Effect.Effect<never, Blocked> =>
  Effect.fail(new Blocked({ by: name, reason }))

/** The rejected response is not in the request: what was rejected is not sent again. */
const told = (request: ResponsesRequest, reason: string): ResponsesRequest => {
  const { input = [] } = request
  const items: ReadonlyArray<InputItem> = typeof input === "string" ? [{ role: "user", content: input }] : input ?? []
  return {
    ...request,
    input: [...items, { role: "user", content: `Your response was not accepted: ${reason} Respond again.` }]
  }
}

/** The verdict of a check. Whatever goes wrong in it is a verdict, too. */
const judged = <V extends { readonly _tag: string }, E, R>(
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
        Effect.logWarning(`The guardrail "${name}" failed`, exit.cause),
        onFailure === "pass" ? pass : block("The guardrail failed.")
      )
    }),
    Effect.tap(({ _tag }) => Effect.annotateCurrentSpan("openrouter.guardrail.verdict", _tag)),
    Effect.withSpan(`guardrail ${name}`, { captureStackTrace: false })
  )
}

/** How long a check may take to end after its time is up. */
const grace = Duration.seconds(1)
