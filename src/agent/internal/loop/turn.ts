import * as Cause from "effect/Cause"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as OpenRouterClient from "../../../http/OpenRouterClient.js"
import {
  isOpenRouterError,
  type OpenRouterError,
  type PartialResponse,
  StreamTruncatedError
} from "../../../http/OpenRouterError.js"
import { isTransient, retryAfter } from "../../../http/Retry.js"
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
import type { Entry } from "../conversation/entry.js"
import type { RunError } from "../errors.js"
import type { TurnRecord } from "../records.js"
import type { Step } from "../run.js"
import * as History from "../state/history.js"
import * as Waste from "../state/spending.js"
import type { TurnContext } from "../turnParams.js"
import { runCallback } from "../userCode.js"
import { invalid } from "./prepare.js"
import { type Emit, type RunContext, tell } from "./runContext.js"
import { requestOf } from "./turnRequest.js"

/**
 * One turn of the model: checked before it is asked for, told and kept when it is there.
 *
 * @internal
 */
export const turn = (run: RunContext, mayCallTools: boolean): Effect.Effect<Step, RunError, unknown> =>
  Effect.gen(function*() {
    const { state } = run
    state.history = History.withoutRepeats(state.history)
    const problem = History.problemOf(state.history)
    if (problem !== undefined) return yield* invalid("input", problem.message)
    return yield* Effect.uninterruptibleMask((restore) =>
      Effect.flatMap(restore(askModel(run, mayCallTools)), (record) => note(run, record))
    )
  })

const note = (run: RunContext, record: TurnRecord): Effect.Effect<Step, RunError, unknown> =>
  Effect.suspend(() => {
    const { waste } = run.state
    const step = run.state.addTurn(record)
    const { endedAt, response, startedAt, toolCalls, turn } = step
    const usage = Usage.ofResponse(response)
    run.around.spend(usage)
    const stored = { turn, response, ...Waste.toRecord(waste), startedAt, endedAt }
    const entries: ReadonlyArray<Entry> = [...run.input, { _tag: "turn", run: run.info.id, record: stored }]
    run.input = []
    return tell(run, { type: "turn.end", turn, response, toolCalls, usage }).pipe(
      Effect.zipRight(run.store(entries)),
      Effect.as(step)
    )
  })

/** How long a wait the server may ask for, as with the retries of a request. */
const patience = Duration.minutes(1)

/** Asks for a turn, again where it failed and the run says so. */
const askModel = (
  run: RunContext,
  mayCallTools: boolean
): Effect.Effect<TurnRecord, RunError, unknown> =>
  Effect.gen(function*() {
    const { prepared, state } = run
    const activities = yield* Activities
    const turn = state.turns + 1
    const delayAfter = delays(prepared.options.retryTurn)
    for (let attempt = 1;; attempt++) {
      yield* tell(run, { type: "turn.start", turn, attempt })
      const context: TurnContext = { turn, attempt, run: state.progress() }
      const tried = yield* Effect.either(
        activities.turn({ turn, attempt }, attemptAt(run, context, mayCallTools))
      )
      if (Either.isRight(tried)) {
        noteWaste(run, Waste.ofRecord(tried.right))
        return tried.right
      }
      const error = tried.left
      noteWaste(run, Waste.ofError(error))
      if (!isTurnFailure(error) || !isTransient(error)) return yield* Effect.fail(error)
      const isSpent = (yield* run.exhausted) !== undefined
      const delay = isSpent ? undefined : yield* delayAfter(error)
      const asked = retryAfter(error) ?? Duration.zero
      if (delay === undefined || Duration.greaterThan(asked, patience)) return yield* Effect.fail(error)
      yield* tell(run, { type: "turn.retry", turn, attempt, error: { _tag: error._tag, message: error.message } })
      yield* activities.sleep(Duration.max(delay, asked))
    }
  })

/**
 * Whether the request of a turn failed. The class of the error decides, not its tag: a middleware may fail with an error
 * of its own that has the same tag.
 */
const isTurnFailure = (error: RunError): error is Extract<TurnFailure, OpenRouterError> =>
  isOpenRouterError(error) && (!("status" in error) || error._tag === "OpenRouterDefaultError" ||
    stream.errors.some((status) => status === error.status))

const noteWaste = ({ around, state }: RunContext, waste: Waste.Waste): void => {
  state.addWaste(waste)
  around.spend(waste.usage, waste.unsettled)
}

const attemptAt = (
  run: RunContext,
  turn: TurnContext,
  mayCallTools: boolean
): Effect.Effect<TurnRecord, RunError, unknown> =>
  Effect.gen(function*() {
    const { clock, emit, prepared, state } = run
    const request = yield* requestOf(prepared, state, turn, mayCallTools)
    const startedAt = clock.unsafeCurrentTimeMillis()
    const answers = new Waste.Answers()
    const response = yield* throughMiddleware(prepared.middleware, request, turn, counted(send(emit), answers)).pipe(
      Effect.onError((cause) =>
        Effect.sync(() => noteWaste(run, answers.without(Option.getOrUndefined(Cause.failureOption(cause)))))
      )
    )
    const waste = Waste.toRecord(answers.without(response.id))
    return { turn: turn.turn, response, ...waste, startedAt, endedAt: clock.unsafeCurrentTimeMillis() }
  })

const counted = <E, R>(send: Send<E, R>, answers: Waste.Answers): Send<E, R> => (request) =>
  Effect.tapBoth(send(request), {
    onFailure: (error) => Effect.sync(() => answers.failed(error)),
    onSuccess: (response) => Effect.sync(() => answers.came(response))
  })

type Send<E, R> = (request: ResponsesRequest) => Effect.Effect<OpenResponsesResult, E, R>

const throughMiddleware = (
  middleware: ReadonlyArray<Middleware>,
  request: ResponsesRequest,
  turn: TurnContext,
  send: Send<TurnFailure, OpenRouterClient.OpenRouterClient>
): Effect.Effect<OpenResponsesResult, RunError, unknown> => {
  const around = middleware.reduceRight<Send<RunError, unknown>>(
    (next, { model }) => {
      if (model === undefined) return next
      // An error of another middleware passes through this one as that of a model call would
      const seen = next as Send<TurnFailure, OpenRouterClient.OpenRouterClient>
      return (request) => runCallback("the middleware `model`", () => model(request, seen, turn))
    },
    send
  )
  return around(request)
}

/** Tells OpenRouter that an agent's loop asks. */
const headers = { "x-openrouter-callmodel": "true" }

const send = (emit: Emit | undefined): Send<TurnFailure, OpenRouterClient.OpenRouterClient> => (request) =>
  Effect.suspend(() => {
    let isStream = false
    const answered = Effect.gen(function*() {
      const { accumulated, next } = yield* openStream(stream, responses, request)
      for (let events = yield* next; events.length > 0; events = yield* next) {
        isStream = true
        if (emit !== undefined) yield* emit(events)
      }
      return accumulated.result() ?? (yield* Effect.fail(cutOff(accumulated.partial())))
    })
    const told = Effect.catchTag(Effect.scoped(answered), "ResponseValidationError", (error) => {
      const body = error.partial?.result
      return !isStream && isWhole(body) ? Effect.succeed(body) : Effect.fail(error)
    })
    // TypeScript does not see that only the statuses of the row get their class
    return OpenRouterClient.withOptions(told, { headers }) as ReturnType<
      Send<TurnFailure, OpenRouterClient.OpenRouterClient>
    >
  })

/** Not as a `Stream`, whose layers cost more than all else that is done for a turn. */
const responses = { schema: StreamEvents, protocol }

const isResponse = guard(OpenResponsesResult)

/** Some servers answer with the response itself, whatever they were asked for. */
const isWhole = (body: unknown): body is OpenResponsesResult =>
  isResponse(body) && (body.status === "completed" || body.status === "incomplete")

const cutOff = (partial: PartialResponse) =>
  new StreamTruncatedError({
    message:
      "agent: the answer of a turn ended before its response was whole. Set `retryTurn` to ask again for such a turn.",
    generationId: partial.generationId,
    partial
  })
