/**
 * Guardrails judge what goes into a run, what its model responds, and what its tools do. Each is a middleware: it passes
 * what it judges, replaces it, rejects it, or blocks the run, whose outcome then has the name of the guardrail and its reason.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import type { OpenRouterClient } from "../http/OpenRouterClient.js"
import { text } from "../response/responsesProtocol.js"
import type { OpenResponsesResult } from "../schema/Responses.js"
import type { ToolCallOutput } from "../schema/ResponsesItems.js"
import type { InputItem } from "../schema/ResponsesItemsRequest.js"
import type { ResponsesRequest } from "../schema/ResponsesRequest.js"
import { both } from "./internal/both.js"
import type { Blocked } from "./internal/guardrails/blocked.js"
import { newItems, withText } from "./internal/guardrails/guarded.js"
import { type Passage, SentenceGate } from "./internal/guardrails/sentenceGate.js"
import * as Verdict from "./internal/guardrails/verdict.js"
import type { Block, Options, Pass, Reject, Replace } from "./internal/guardrails/verdict.js"
import type { TurnContext } from "./internal/turnParams.js"
import { type CheckedCall, refuse, type ResponseGate, type ToolOutcome, type TurnFailure } from "./Middleware.js"

export { Blocked } from "./internal/guardrails/blocked.js"
export type { Passage } from "./internal/guardrails/sentenceGate.js"
export type { Block, Options, Pass, Reject, Replace } from "./internal/guardrails/verdict.js"

/**
 * Lets what was judged through.
 *
 * @since 0.1.0
 * @category verdicts
 */
export const pass: Pass = Verdict.pass

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
export const block: (reason: string) => Block = Verdict.block

/**
 * A middleware that judges. It requires what its check requires.
 *
 * @since 0.1.0
 * @category models
 */
export interface Guardrail<out R> {
  readonly holdsResponse?: boolean | undefined
  readonly gate?: (() => ResponseGate<Blocked, R>) | undefined
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
    Effect.flatMap(Verdict.judged(options, () => options.check(items)), (verdict) => {
      switch (verdict._tag) {
        case "pass":
          return Effect.succeed(items)
        case "replace":
          return Effect.succeed(verdict.value)
        case "block":
          return Verdict.blocked(options, verdict)
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
  model: (request, next, turn) => {
    const items = newItems(turn.newInput)
    if (items.length === 0) return next(request)
    const checked = Effect.flatMap(
      Verdict.judged(options, () => options.check(items)),
      (verdict) => verdict._tag === "block" ? Verdict.blocked(options, verdict) : Effect.void
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
          Effect.flatMap(Verdict.judged(options, () => options.check(text(response), response)), (verdict) => {
            switch (verdict._tag) {
              case "pass":
                return Effect.succeed(response)
              case "replace":
                return Effect.succeed(withText(response, verdict.value))
              case "reject":
                return left > 0 ? respond(told(request, verdict.reason), left - 1) : Verdict.blocked(options, verdict)
              case "block":
                return Verdict.blocked(options, verdict)
            }
          })
      )
    return respond(request, options.retries ?? 1)
  }
})

/**
 * Judges each response of the model while it arrives, sentence by sentence: readers receive a sentence when it has passed. A
 * line is a sentence, too. The input of a call is judged as a whole, and no tool executes before the end of the response. A
 * run that is blocked interrupts the request; readers have received the sentences before.
 *
 * @since 0.1.0
 * @category constructors
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { Agent, Guardrail } from "effect-openrouter"
 *
 * const noNumbers = Guardrail.outputBySentence({
 *   name: "no card numbers",
 *   check: (sentence) => Effect.succeed(
 *     /\d{16}/.test(sentence) ? Guardrail.replace(sentence.replace(/\d{16}/g, "****")) : Guardrail.pass
 *   )
 * })
 *
 * const program = Agent.stream({ model: "openai/gpt-5-nano", input: "Hello!", middleware: noNumbers })
 * ```
 */
export const outputBySentence = <E, R>(
  options: Options & {
    readonly check: (sentence: string, passage: Passage) => Effect.Effect<Pass | Replace<string> | Block, E, R>
  }
): Guardrail<R> => ({
  gate: () =>
    new SentenceGate((sentence, passage) =>
      Effect.flatMap(Verdict.judged(options, () => options.check(sentence, passage)), (verdict) => {
        switch (verdict._tag) {
          case "pass":
            return Effect.succeed(sentence)
          case "replace":
            return Effect.succeed(verdict.value)
          case "block":
            return Verdict.blocked(options, verdict)
        }
      })
    )
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
    Effect.flatMap(Verdict.judged(options, () => options.check(call)), (verdict) => {
      switch (verdict._tag) {
        case "pass":
          return next(call.params)
        case "replace":
          return next(verdict.value)
        case "reject":
          return Effect.succeed(refuse(verdict.reason))
        case "block":
          return Verdict.blocked(options, verdict)
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
          Verdict.judged(options, () => options.check(outcome, call)),
          (verdict) => {
            switch (verdict._tag) {
              case "pass":
                return Effect.succeed(outcome)
              case "replace":
                return Effect.succeed({ ...outcome, output: verdict.value })
              case "reject":
                return Effect.succeed({ ...refuse(verdict.reason), result: outcome.result })
              case "block":
                return Verdict.blocked(options, verdict)
            }
          }
        )
    )
})

/** The rejected response is not in the request: what was rejected is not sent again. */
const told = (request: ResponsesRequest, reason: string): ResponsesRequest => {
  const { input = [] } = request
  const items: ReadonlyArray<InputItem> = typeof input === "string" ? [{ role: "user", content: input }] : input ?? []
  return {
    ...request,
    input: [...items, { role: "user", content: `Your response was not accepted: ${reason} Respond again.` }]
  }
}
