/** One turn: the request with its retries, through the middleware `model`, and the record of its response. */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as OpenRouterClient from "../../../http/OpenRouterClient.js"
import {
  isOpenRouterError,
  type OpenRouterError,
  type PartialResponse,
  StreamTruncatedError
} from "../../../http/OpenRouterError.js"
import { isTransient, retryAfter } from "../../../http/Retry.js"
import { Payers } from "../../../http/spending.js"
import { delays } from "../../../internal/effect/schedules.js"
import { protocol } from "../../../response/responsesProtocol.js"
import { guard } from "../../../schema/guard.js"
import { OpenResponsesResult } from "../../../schema/Responses.js"
import { StreamEvents } from "../../../schema/ResponsesEvents.js"
import type { ResponsesRequest } from "../../../schema/ResponsesRequest.js"
import { stream } from "../../../services/endpoints/Responses.js"
import { openStream } from "../../../stream/openStream.js"
import { Activities } from "../../Activities.js"
import type { Middleware, TurnFailure } from "../../Middleware.js"
import * as Usage from "../../Usage.js"
import { both } from "../both.js"
import { TypeId } from "../context/compacting.js"
import { isContextError } from "../context/contextError.js"
import type { Entry } from "../conversation/entry.js"
import type { RunError } from "../errors.js"
import type { Step, TurnRecord } from "../run.js"
import { reserving, UsedUp } from "../state/parentRun.js"
import { type Account, toRecord } from "../state/spending.js"
import { turnKey } from "../state/state.js"
import { findWaiting } from "../state/waiting.js"
import type { TurnContext } from "../turnParams.js"
import { runCallback } from "../userCode.js"
import { type ActiveTools, activeTools } from "./activeTools.js"
import { compactAfter, compactIfDue } from "./compaction.js"
import { openGates } from "./gates.js"
import { HeldEvents } from "./heldEvents.js"
import { loggedTurn } from "./logs.js"
import { delivered, Steered, takeMessages, unlessSteered } from "./messages.js"
import { orWhole } from "./orWhole.js"
import { invalid, type Prepared } from "./prepare.js"
import { record } from "./record.js"
import { type Emit, emitEvent, type RunContext } from "./runContext.js"
import { currentParams, requestOf } from "./turnRequest.js"

/**
 * Requests one turn of the model. The history is checked before the request; the response is emitted and stored. Returns
 * `UsedUp` instead if a budget above the run is used up, perhaps while the request waited for a reservation, and `Steered`
 * if an urgent message interrupted the request of a run that is to be interrupted as well.
 *
 * @internal
 */
export const runTurn = (
  run: RunContext,
  mayCallTools: boolean
): Effect.Effect<Step | UsedUp | Steered, RunError, unknown> =>
  Effect.flatMap(compactIfDue(run), (usedUp) =>
    usedUp === undefined
      ? turnWith<UsedUp | Steered>(
        run,
        mayCallTools,
        (request, account) => reserving(run.parent, unlessSteered(run, request), () => account.spent)
      )
      : Effect.succeed(usedUp))

/**
 * Requests the turn after a stop, without tools. It may exceed each budget.
 *
 * @internal
 */
export const runFinalTurn = (run: RunContext): Effect.Effect<Step, RunError, unknown> =>
  Effect.zipRight(compactIfDue(run), turnWith<never>(run, false, (request) => request))

/** Sends the request of a turn, or does not send it. */
type Sending<Unsent> = (
  request: Effect.Effect<TurnRecord, RunError, unknown>,
  account: Account
) => Effect.Effect<TurnRecord | Unsent, RunError, unknown>

const turnWith = <Unsent extends UsedUp | Steered>(
  run: RunContext,
  mayCallTools: boolean,
  sending: Sending<Unsent>
): Effect.Effect<Step | Unsent, RunError, unknown> =>
  Effect.gen(function*() {
    const { state } = run
    state.removeRepeats()
    const { problem } = state
    if (problem !== undefined) return yield* invalid("input", problem.message)
    return yield* Effect.uninterruptibleMask((restore) =>
      Effect.flatMap(
        orWhole<TurnRecord, Unsent, RunError, unknown>(
          restore,
          (whole) => requestTurn(run, mayCallTools, sending, whole)
        ),
        (turned): Effect.Effect<Step | Unsent, RunError, unknown> =>
          turned instanceof UsedUp || turned instanceof Steered ? Effect.succeed(turned) : recordTurn(run, turned)
      )
    )
  })

const recordTurn = (run: RunContext, turned: TurnRecord): Effect.Effect<Step, RunError, unknown> =>
  Effect.suspend(() => {
    const step = run.state.addTurn(turned)
    const { response, toolCalls, turn } = step
    const stored = { ...turned, response }
    const { usage } = turned
    const input = run.input.take()
    const entries: ReadonlyArray<Entry> = [...input, { _tag: "turn", run: run.info.id, record: stored }]
    const end = { type: "turn.end", turn, response, toolCalls, usage } as const
    const events = Effect.succeed([...delivered(input, turn), end])
    return Effect.as(record(run, { entries, events }), step)
  })

const steered = { _tag: "Interrupted", message: "agent: an urgent message interrupted the request." }

/** The longest wait that a server may request, as with the retries of a single request. */
const maxRetryAfter = Duration.minutes(1)

/** Requests a turn, again after a failure if `retryTurn` allows it. */
const requestTurn = <Unsent extends UsedUp | Steered>(
  run: RunContext,
  mayCallTools: boolean,
  sending: Sending<Unsent>,
  whole: (turned: TurnRecord) => void
): Effect.Effect<TurnRecord | Unsent, RunError, unknown> =>
  Effect.gen(function*() {
    const { prepared, state } = run
    const activities = yield* Activities
    const turn = state.turns + 1
    const delayAfter = delays(prepared.options.retryTurn)
    let isCompacted = false
    let giveUp: Effect.Effect<TurnRecord, RunError, unknown> | undefined
    for (let attempt = 1;; attempt++) {
      const key = { run: run.info.id, turn, attempt }
      yield* emitEvent(run, { type: "turn.start", turn, attempt, ...speakerOf(run) })
      const context: TurnContext = {
        turn,
        attempt,
        run: state.progress(),
        newInput: run.input.items,
        current: yield* currentParams(run)
      }
      let turned: TurnRecord | undefined
      // Outside of the activity, which may be executed more than once: all its requests count
      const account = state.ledger.open(turnKey(turn))
      const result = yield* Effect.either(
        sending(
          activities.turn(
            key,
            loggedTurn(
              run,
              context,
              attemptTurn(run, context, mayCallTools, account, (record) => {
                turned = record
                whole(record)
              })
            )
          ),
          account
        )
      )
      if (Either.isRight(result)) {
        if (result.right instanceof Steered) {
          // It was whole before the interruption
          if (turned !== undefined) return turned
          state.addFailedAttempt(account, result.right)
          if (run.interrupted() !== undefined) return result.right
          yield* emitEvent(run, { type: "turn.retry", turn, attempt, error: steered })
          yield* takeMessages(run)
          continue
        }
        if (!(result.right instanceof UsedUp)) return result.right
        state.ledger.drop(account)
        return giveUp === undefined ? result.right : yield* giveUp
      }
      const error = result.left
      state.addFailedAttempt(account, error)
      if (isTooLong(error) && !isCompacted) {
        isCompacted = yield* compactAfter(run, { ...key, attempt: attempt + 1 }, error)
        if (isCompacted) {
          yield* emitEvent(run, {
            type: "turn.retry",
            turn,
            attempt,
            error: { _tag: error._tag, message: error.message }
          })
          continue
        }
      }
      if (!isTurnFailure(error) || !isTransient(error)) return yield* Effect.fail(error)
      giveUp = Effect.suspend(() => {
        // No middleware has passed on what arrived of a request that failed
        const response = judgesResponse(prepared) ? undefined : completeItems(error)
        if (response === undefined) return Effect.fail(error)
        // An activity of its own, because its times come from the clock
        return activities.turn({ ...key, attempt: attempt + 1 }, completedTurn(run, context, response))
      })
      const isExhausted = (yield* run.exhausted) !== undefined
      const delay = isExhausted ? undefined : yield* delayAfter(error)
      const requested = retryAfter(error) ?? Duration.zero
      if (delay === undefined || Duration.greaterThan(requested, maxRetryAfter)) return yield* giveUp
      yield* emitEvent(run, { type: "turn.retry", turn, attempt, error: { _tag: error._tag, message: error.message } })
      yield* activities.sleep(key, Duration.max(delay, requested))
    }
  })

/** The record of a turn whose items were complete although its request failed. */
const completedTurn = (
  run: RunContext,
  context: TurnContext,
  response: OpenResponsesResult
): Effect.Effect<TurnRecord, RunError, unknown> =>
  Effect.map(activeTools(run.prepared, context), ({ names }) => {
    const now = run.clock.unsafeCurrentTimeMillis()
    const { turn } = context
    return { turn, ...askedBy(run, names), response, usage: Usage.none, startedAt: now, endedAt: now }
  })

/**
 * Whether the request of a turn failed. The class of the error decides, not its tag: a middleware may fail with an error
 * of its own that has the same tag.
 */
const isTurnFailure = (error: RunError): error is Extract<TurnFailure, OpenRouterError> =>
  isOpenRouterError(error) && (!("status" in error) || error._tag === "OpenRouterDefaultError" ||
    stream.errors.some((status) => status === error.status))

const isTooLong = (error: RunError): error is Extract<TurnFailure, OpenRouterError> =>
  isTurnFailure(error) && isContextError(error)

const attemptTurn = (
  run: RunContext,
  turn: TurnContext,
  mayCallTools: boolean,
  account: Account,
  whole: (turned: TurnRecord) => void
): Effect.Effect<TurnRecord, RunError, unknown> =>
  Effect.gen(function*() {
    const { clock, emit, prepared } = run
    account.begin()
    const tools = yield* activeTools(prepared, turn)
    const request = yield* requestOf(run, turn, { ...tools, mayCall: tools.mayCall && mayCallTools })
    const startedAt = clock.unsafeCurrentTimeMillis()
    const turnedWith = (response: OpenResponsesResult): TurnRecord => ({
      turn: turn.turn,
      ...askedBy(run, tools.names),
      response,
      ...toRecord(account.seal()),
      startedAt,
      endedAt: clock.unsafeCurrentTimeMillis()
    })
    const held = emit !== undefined && holdsResponse(prepared) ? new HeldEvents(emit) : undefined
    const sent = send(prepared, held === undefined ? emit : held.hold)
    const requested = Effect.flatMap(
      throughMiddleware(
        prepared.middleware,
        request,
        turn,
        held === undefined ? sent : (request) => held.within(sent(request))
      ),
      (response) => {
        const turned = turnedWith(response)
        whole(turned)
        return held === undefined ? Effect.succeed(turned) : Effect.as(held.release(response), turned)
      }
    )
    const contextLengthOf = prepared.options.compaction?.[TypeId].contextLengthOf
    if (contextLengthOf === undefined) return yield* requested
    const [turned, contextLength] = yield* both(requested, contextLengthOf(request))
    return contextLength === undefined ? turned : { ...turned, contextLength }
  }).pipe(Effect.provideService(Payers, run.state.ledger.payersOf(account)))

const speakerOf = ({ state: { speakers: { current } } }: RunContext): { readonly agent?: string } =>
  current === undefined ? {} : { agent: current }

const holdsResponse = ({ middleware }: Prepared): boolean => middleware.some((one) => one.holdsResponse === true)

const judgesResponse = (prepared: Prepared): boolean =>
  holdsResponse(prepared) || prepared.middleware.some((one) => one.gate !== undefined)

/** Who asks for the calls of a turn, and with which tools. */
const askedBy = (run: RunContext, tools: ActiveTools["names"]): Pick<TurnRecord, "agent" | "tools"> => ({
  ...speakerOf(run),
  ...(tools === undefined ? {} : { tools })
})

type Send<E, R> = (request: ResponsesRequest) => Effect.Effect<OpenResponsesResult, E, R>

const throughMiddleware = (
  middleware: ReadonlyArray<Middleware>,
  request: ResponsesRequest,
  turn: TurnContext,
  send: Send<RunError, unknown>
): Effect.Effect<OpenResponsesResult, RunError, unknown> => {
  const wrapped = middleware.reduceRight<Send<RunError, unknown>>(
    (next, { model }) => {
      if (model === undefined) return next
      // An error of another middleware passes through this one like an error of a model call
      const untypedNext = next as Send<TurnFailure, OpenRouterClient.OpenRouterClient>
      return (request) => runCallback("the middleware `model`", () => model(request, untypedNext, turn))
    },
    send
  )
  return wrapped(request)
}

/** Marks requests of an agent's loop for OpenRouter. */
const headers = { "x-openrouter-callmodel": "true" }

const send = ({ middleware }: Prepared, emit: Emit | undefined): Send<RunError, unknown> => (request) => {
  const streamed = Effect.gen(function*() {
    const gates = yield* openGates(middleware)
    const { accumulated, next } = yield* openStream(stream, api, request)
    for (let events = yield* next; events.length > 0; events = yield* next) {
      const passed = gates === undefined ? events : yield* gates.events(events)
      if (emit !== undefined) yield* emit(passed)
    }
    const response = accumulated.result() ?? (yield* Effect.fail(truncated(accumulated.partial())))
    if (gates === undefined) return response
    const { events, response: passed } = yield* gates.response(response)
    if (emit !== undefined) yield* emit(events)
    return passed
  })
  // TypeScript does not see that only the statuses of the endpoint become errors of their class
  return OpenRouterClient.withOptions(Effect.scoped(streamed), { headers }) as ReturnType<Send<RunError, unknown>>
}

/** Read without a `Stream`, whose layers cost more than everything else that a turn does. */
const api = { schema: StreamEvents, protocol }

const isResponse = guard(OpenResponsesResult)

/**
 * The response of a turn whose items are all complete, though its last event is missing. It is used where the turn is not
 * requested again, because its items are paid. Its usage stays unknown, so its generation is unsettled. A response that
 * the server calls failed is not used.
 */
const completeItems = (error: OpenRouterError): OpenResponsesResult | undefined => {
  const partial = "partial" in error ? error.partial : undefined
  const response = partial?.result
  if ("status" in error || partial?.itemsComplete !== true || !isResponse(response)) return undefined
  // Where the connection broke, the model may have had more to say. After a call it says it in the next turn
  const { output } = response
  const isUsable = findWaiting(output).length > 0 ||
    output.some(({ type }) => type === "function_call" || type === "message" && error._tag === "StreamTruncatedError")
  return isUsable ? response : undefined
}

const truncated = (partial: PartialResponse) =>
  new StreamTruncatedError({
    message:
      "agent: the stream of a turn ended before its response was complete. Set `retryTurn` to request such a turn again.",
    generationId: partial.generationId,
    partial
  })
