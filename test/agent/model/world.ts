/** The data of a case: the responses of the model for each turn, and the actions of the user for each run. */
import * as Script from "../../../src/testing/Script.js"

/** How the handler of a tool behaves, or why it has no handler. */
export type Kind =
  | "fast"
  | "slow"
  | "declines"
  | "dies"
  | "hangs"
  | "flaky"
  | "fatal"
  | "ask"
  | "manual"
  | "unknown"
  | "badJson"
  | "badArguments"

export interface Call {
  readonly kind: Kind
  readonly gated: boolean
  /** The id from the model: unique, or one that other calls have too. */
  readonly id: "own" | "same" | "other" | ""
}

export interface Answer {
  readonly _tag: "answer"
  readonly thinks: boolean
  readonly says: boolean
  readonly calls: ReadonlyArray<Call>
  /** Whether the response is cut off at its end, in the middle of its last call if it has calls. */
  readonly isCut: boolean
  readonly cost: number
  readonly pace: number
}

export type Breakage =
  | "refused"
  | "limited"
  | "overloaded"
  | "unreachable"
  | "truncated"
  | "stalled"
  | "reset"
  | "failed"
  | "error"

export interface Failure {
  readonly _tag: "failure"
  readonly how: Breakage
  /** The part that arrives before it is cut off. */
  readonly calls: ReadonlyArray<Call>
  readonly cost: number
}

export type Turn = Answer | Failure

/** `both` continues any pending call: with an approval, an answer, or one after the other. */
export type Decision = "approve" | "reject" | "answer" | "both" | "output" | "leave"

/** When an outside event happens: after a number of observed events, or of milliseconds. */
export type Moment = { readonly events: number } | { readonly millis: number }

export type Disturbance =
  | { readonly _tag: "none" }
  /** The fiber of the run is interrupted. */
  | { readonly _tag: "interrupt"; readonly at: Moment }
  /** Another process requests to interrupt the run, through the store. */
  | { readonly _tag: "ask"; readonly at: Moment }
  /** The run is started twice at once. */
  | { readonly _tag: "twice" }
  /** The reader of the events of the run stops after that many. */
  | { readonly _tag: "leave"; readonly after: number }

export interface Budgets {
  readonly maxSteps: number | undefined
  readonly maxCost: number | undefined
  readonly stop: "steps" | "tool" | "length" | undefined
  readonly final: string | false
  readonly retries: number
  /** Whether an empty response or an unknown tool fails the run. */
  readonly isStrict: boolean
}

export interface Move extends Budgets {
  readonly says: boolean
  /** The decisions of the user about pending calls, in their order, repeated. */
  readonly decides: ReadonlyArray<Decision>
  readonly concurrency: number
  readonly isStreamed: boolean
  readonly disturbance: Disturbance
}

export interface Case {
  /** Whether a store keeps the conversation, or the user continues from the history of the previous run. */
  readonly isStored: boolean
  /** The delay of the store before and after each operation, in milliseconds. */
  readonly latency: number
  readonly turns: ReadonlyArray<Turn>
  readonly moves: ReadonlyArray<Move>
}

/** A move that changes nothing and allows all pending calls, so that a conversation completes. */
export const onward: Move = {
  says: false,
  decides: ["both"],
  maxSteps: undefined,
  maxCost: undefined,
  stop: undefined,
  final: false,
  retries: 0,
  isStrict: false,
  concurrency: 8,
  isStreamed: false,
  disturbance: { _tag: "none" }
}

/** A number in the arguments identifies a call, because ids may repeat. Turns count from 1. */
export const numberOf = (turn: number, call: number): number => turn * 10 + call + 1

export const turnOf = (call: number): number => Math.floor((call - 1) / 10)

export const modelIdOf = ({ id }: Call, call: number): string => id === "own" ? `call-${call}` : id

export const thought = (turn: number) => ({
  type: "reasoning",
  id: `rs-${turn}`,
  summary: [{ type: "summary_text", text: `thought ${turn}` }],
  encrypted_content: `c2VjcmV0${turn}=`,
  nobody_knows: { turn }
})

const nameOf = ({ kind }: Call): string => kind === "badJson" || kind === "badArguments" ? "fast" : kind

const argumentsOf = ({ gated, kind }: Call, call: number, isCut: boolean): string => {
  const whole = JSON.stringify({ n: call, gated: kind === "badArguments" ? "perhaps" : gated })
  return isCut || kind === "badJson" ? whole.slice(0, -4) : whole
}

const callPart = (turn: number, call: Call, index: number, isCut: boolean) => {
  const number = numberOf(turn, index)
  return Script.toolCall(nameOf(call), argumentsOf(call, number, isCut), {
    id: modelIdOf(call, number),
    fragments: 2
  })
}

/** Input tokens: a different number for each turn. */
export const tokensOf = (turn: number): number => 100 + turn

/** The response of the model to the request of that number. */
export const scripted = (turn: Turn | undefined, number: number): Script.TurnInput => {
  if (turn === undefined) {
    return Script.turn(Script.text(["say ", `${number}`]), { usage: { inputTokens: tokensOf(number) } })
  }
  const options = { cost: turn.cost, usage: { inputTokens: tokensOf(number) } }
  if (turn._tag === "failure") {
    return broken(turn.how, turn.calls.map((call, index) => callPart(number, call, index, false)), options)
  }
  const last = turn.calls.length - 1
  return Script.turn([
    ...(turn.thinks ? [Script.item(thought(number))] : []),
    ...(turn.says ? [Script.text(["say ", `${number}`])] : []),
    ...turn.calls.map((call, index) => callPart(number, call, index, turn.isCut && index === last))
  ], { ...options, pace: turn.pace, ...(turn.isCut ? { finishReason: "length" } : {}) })
}

const broken = (how: Breakage, before: ReadonlyArray<Script.Part>, options: Script.TurnOptions): Script.TurnInput => {
  // The text is cut off, so the response is not complete but for its last event
  const after = (part: Script.Part) => Script.turn([...before, Script.text(["bro"]), part], options)
  switch (how) {
    case "refused":
      return Script.error(402)
    case "limited":
      return Script.error(429)
    case "overloaded":
      return Script.error(503)
    case "unreachable":
      return Script.unreachable
    case "truncated":
      return after(Script.truncate)
    case "stalled":
      return after(Script.stall)
    case "reset":
      return after(Script.reset)
    case "failed":
      return after(Script.fail(502))
    case "error":
      return after(Script.fail(500, { as: "nested" }))
  }
}
