import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Script from "../Script.js"
import type { Handler } from "./handler.js"
import { apiOf, type Incoming, keyOf, pathOf, toRecorded } from "./incomingRequest.js"
import { bestHandler, match } from "./matchHandler.js"
import { type PlannedResponse, planResponse } from "./plannedResponse.js"
import { makeRecorder, type RecordedRequest, type Recorder } from "./recording.js"
import { isForever, unusedMessage } from "./unusedTurns.js"

/**
 * A request without a turn or a handler. This is a mistake of the test, not a failure of the API.
 *
 * @internal
 */
export interface NoTurn {
  readonly _tag: "NoTurn"
  readonly message: string
}

/** @internal */
export interface Responder {
  readonly recorder: Recorder
  /** What to tell about the turns that no request has got so far; undefined if there are none. */
  readonly unused: () => string | undefined
  /** Whether the connection of a request breaks before its body is received. Turns that are functions need the body. */
  readonly breaksBeforeBody: (request: Pick<Incoming, "method" | "url">) => boolean
  readonly respond: (incoming: Incoming) => Effect.Effect<PlannedResponse, NoTurn>
}

/** @internal */
export interface ResponderOptions {
  /** The name with which the message of a missing turn begins. */
  readonly name: string
  readonly turns?: Script.Script | undefined
  readonly handlers?: ReadonlyArray<Handler> | undefined
  readonly requireKey?: boolean | Redacted.Redacted | undefined
}

/**
 * Selects the response of each request: from the handler that matches, otherwise the next turn of the script.
 *
 * @internal
 */
export const makeResponder = (options: ResponderOptions): Responder => {
  const turns = options.turns ?? []
  const handlers = options.handlers ?? []
  let next = 0
  let requests = 0
  const recorder = makeRecorder(() => {
    const endless = turns.findIndex(isForever)
    return endless !== -1 && endless <= next ? Infinity : turns.length - next
  })

  const breaksBeforeBody: Responder["breaksBeforeBody"] = ({ method, url }) => {
    const path = pathOf(url)
    const turn = turns[next]
    return turn !== undefined && takesTurn(method, path) && isResetBeforeRequest(isForever(turn) ? turn.turn : turn)
  }

  const takesTurn = (method: string, path: string): boolean =>
    method === "POST" && apiOf(path) !== undefined && bestHandler(handlers, { method, path }) === undefined

  const take = (): Script.TurnInput | undefined => {
    const turn = turns[next]
    if (turn === undefined) return undefined
    if (isForever(turn)) return turn.turn
    next++
    return turn
  }

  const choose = (request: RecordedRequest, incoming: Incoming): Effect.Effect<Script.Turn, NoTurn> => {
    const handled = match(handlers, request)
    // OpenRouter ignores the key, even a wrong one, where it needs none
    const lacksKey = handled?.needsKey !== false && !keyFits(options.requireKey, keyOf(incoming))
    if (lacksKey) return Effect.succeed(Script.error(401))
    if (handled !== undefined) return handled.respond
    const turn = takesTurn(request.method, request.path) ? take() : undefined
    return turn === undefined
      ? Effect.fail({ _tag: "NoTurn", message: unanswered(options.name, turns, handlers, request) })
      : decide(turn, request)
  }

  const unused = () => {
    const left = turns.flatMap((turn, index) => index < next || isForever(turn) ? [] : [{ index, turn }])
    return left.length === 0 ? undefined : unusedMessage(options.name, turns, left, requests)
  }

  const respond = Effect.fnUntraced(function*(incoming: Incoming) {
    const bodyless = breaksBeforeBody(incoming)
    const request = recorder.add(yield* toRecorded(bodyless ? { ...incoming, body: new Uint8Array(0) } : incoming))
    requests = request.index + 1
    const turn = yield* choose(request, incoming)
    return planResponse(turn, request, yield* Clock.currentTimeMillis)
  })

  return { recorder, unused, breaksBeforeBody, respond }
}

const isResetBeforeRequest = (turn: Script.TurnInput): boolean =>
  Script.isTurn(turn) && turn._tag === "NoReply" && turn.how === "resetBeforeRequest"

const decide = (input: Script.TurnInput, request: RecordedRequest): Effect.Effect<Script.Turn> =>
  Effect.suspend(() => {
    if (typeof input !== "function") return Effect.succeed(Script.isTurn(input) ? input : Script.turn(input))
    const output = input(request)
    return Effect.flatMap(
      Effect.isEffect(output) ? output : Effect.succeed(output),
      (turn) => decide(turn, request)
    )
  })

const keyFits = (required: ResponderOptions["requireKey"], key: string | undefined): boolean => {
  if (required === undefined || required === false) return true
  return required === true ? key !== undefined && key !== "" : key === Redacted.value(required)
}

const unanswered = (
  name: string,
  turns: Script.Script,
  handlers: ReadonlyArray<Handler>,
  request: RecordedRequest
): string => {
  const model = request.model === undefined ? "" : ` (model ${request.model})`
  const what = `${name}: request ${request.index + 1}, ${request.method} ${request.path}${model}, `
  if (request.api !== undefined && request.method === "POST" && turns.length > 0) {
    return `${what}found no turn: the script has ${turns.length}, and all are used. Add a turn, or Script.forever(...).`
  }
  const known = handlers.map((handler) => `${handler.method} ${handler.path}`).join(", ")
  return `${what}found no handler${known === "" ? "" : `: there are handlers for ${known}`}.${
    request.api === undefined ? "" : " The script has no turns either."
  }`
}
