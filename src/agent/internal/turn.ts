import * as Chunk from "effect/Chunk"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Stream from "effect/Stream"
import { hasOutput } from "../../http/internal/answer.js"
import { stringAt } from "../../http/internal/json.js"
import * as OpenRouterClient from "../../http/OpenRouterClient.js"
import { errorClassByStatus, type OpenRouterError, StreamTruncatedError } from "../../http/OpenRouterError.js"
import { isTransient } from "../../http/Retry.js"
import type { OpenResponsesResult } from "../../schema/Responses.js"
import type { StreamEvents } from "../../schema/ResponsesEvents.js"
import type { ResponsesRequest } from "../../schema/ResponsesRequest.js"
import { stream } from "../../services/endpoints/Responses.js"
import { protocol } from "../../stream/ResponsesProtocol.js"
import type { Middleware, TurnFailure } from "../Middleware.js"
import type { Step } from "../Run.js"
import { Steps, type TurnRecord } from "../Steps.js"
import type { TurnContext } from "../TurnParams.js"
import * as Usage from "../Usage.js"
import { ask as call } from "./callbacks.js"
import * as History from "./history.js"
import { invalid } from "./prepare.js"
import { requestOf } from "./request.js"
import type { Emit, RunContext } from "./runContext.js"
import { delays } from "./schedule.js"

/**
 * One turn of the model: checked before it is asked for, told and kept when it is there.
 *
 * @internal
 */
export const turn = (run: RunContext, mayCallTools: boolean): Effect.Effect<Step, unknown, unknown> =>
  Effect.gen(function*() {
    const { state } = run
    state.history = History.withoutRepeats(state.history)
    const problem = History.problemOf(state.history)
    if (problem !== undefined) return yield* invalid("input", problem.message)
    const record = yield* ask(run, mayCallTools)
    const step = state.addTurn(record)
    run.around.spend(Usage.ofResponse(record.response))
    const input = run.input
    run.input = []
    yield* run.store([...input, { _tag: "turn", run: run.info.id, record }])
    return step
  })

/** Asks for a turn, again where it failed and the run says so. */
const ask = (
  run: RunContext,
  mayCallTools: boolean
): Effect.Effect<TurnRecord, unknown, unknown> =>
  Effect.gen(function*() {
    const { emit, prepared, state } = run
    const steps = yield* Steps
    const turn = state.turns + 1
    const delayAfter = delays(prepared.options.retryTurn)
    for (let attempt = 1;; attempt++) {
      yield* emit([{ type: "turn.start", turn, attempt }])
      const context: TurnContext = { turn, attempt, run: state.progress() }
      const tried = yield* Effect.either(
        steps.turn({ turn, attempt }, attemptAt(run, context, mayCallTools))
      )
      if (Either.isRight(tried)) {
        const { response } = tried.right
        yield* emit([{ type: "turn.end", turn, response, usage: Usage.ofResponse(response) }])
        return tried.right
      }
      const error = tried.left
      noteWaste(run, error)
      if (!isTurnFailure(error) || !isTransient(error)) return yield* Effect.fail(error)
      const delay = yield* delayAfter(error)
      if (delay === undefined) return yield* Effect.fail(error)
      yield* emit([{ type: "turn.retry", turn, attempt, error: { _tag: error._tag, message: error.message } }])
      yield* steps.sleep(delay)
    }
  })

const attemptAt = (
  { emit, prepared, state }: RunContext,
  turn: TurnContext,
  mayCallTools: boolean
): Effect.Effect<TurnRecord, unknown, unknown> =>
  Effect.gen(function*() {
    const request = yield* requestOf(prepared, state, turn, mayCallTools)
    const startedAt = yield* Clock.currentTimeMillis
    const response = yield* throughMiddleware(prepared.middleware, request, turn, send(emit))
    return { turn: turn.turn, response, startedAt, endedAt: yield* Clock.currentTimeMillis }
  })

type Send<E, R> = (request: ResponsesRequest) => Effect.Effect<OpenResponsesResult, E, R>

const throughMiddleware = (
  middleware: ReadonlyArray<Middleware>,
  request: ResponsesRequest,
  turn: TurnContext,
  send: Send<TurnFailure, OpenRouterClient.OpenRouterClient>
): Effect.Effect<OpenResponsesResult, unknown, unknown> => {
  const around = middleware.reduceRight<Send<unknown, unknown>>(
    (next, { model }) =>
      model === undefined ? next : (request) =>
        // An error of another middleware passes through this one as that of a model call would
        call(
          "The middleware `model`",
          () => model(request, next as Send<TurnFailure, OpenRouterClient.OpenRouterClient>, turn)
        ),
    send
  )
  return around(request)
}

/** Tells OpenRouter that an agent's loop asks. */
const headers = { "x-openrouter-callmodel": "true" }

const send = (emit: Emit): Send<TurnFailure, OpenRouterClient.OpenRouterClient> => (request) =>
  Effect.suspend(() => {
    const answer = protocol.accumulator()
    const events = stream({ ...request, stream: true }).pipe(OpenRouterClient.withOptions({ headers }))
    return Effect.zipRight(
      Stream.runForEachChunk(events, (chunk) => {
        const batch = Chunk.toReadonlyArray(chunk)
        for (const event of batch) {
          if (!isPiece(event)) answer.add(event)
        }
        return emit(batch)
      }),
      Effect.suspend(() => {
        const result = answer.result()
        return result === undefined ? Effect.fail(cutOff(answer.partial().generationId)) : Effect.succeed(result)
      })
    )
  })

/** Pieces come again in the whole item, and items in the whole response. */
const isPiece = (event: StreamEvents): boolean => event.type.endsWith(".delta")

const cutOff = (generationId: string | undefined) =>
  new StreamTruncatedError({
    message:
      "agent: the answer of a turn ended before its response was whole. Set `retryTurn` to ask again for such a turn.",
    generationId
  })

const tags: ReadonlySet<string | undefined> = new Set([
  ...Object.values(errorClassByStatus).map((errorClass) => errorClass._tag),
  "OpenRouterDefaultError",
  "ConnectionError",
  "ResponseValidationError",
  "StreamTruncatedError",
  "StreamStalledError",
  "StreamEventTooLargeError"
])

const isTurnFailure = (error: unknown): error is Stream.Stream.Error<ReturnType<typeof stream>> & OpenRouterError =>
  tags.has(stringAt(error, "_tag"))

/** An attempt that broke off was generated for, whether or not it told for how much. */
const noteWaste = ({ around, state }: RunContext, error: unknown): void => {
  const partial = isTurnFailure(error) && "partial" in error ? error.partial : undefined
  if (partial === undefined) return
  const { cost, generationId } = partial
  const isKnown = cost !== undefined || !hasOutput(partial)
  const usage = Usage.ofResponse(partial.result)
  state.addWaste(usage, isKnown ? undefined : generationId)
  around.spend(usage)
}
