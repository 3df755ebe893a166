/** What can happen in a case: what the model answers, turn by turn, and what the user does, run by run. All of it is data. */
import * as Script from "../../../src/testing/Script.js"

/** How the handler of a tool behaves, or why there is none to behave. */
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
  /** The id that the model gives it: one of its own, or one that others have as well. */
  readonly id: "own" | "same" | "other" | ""
}

export interface Answer {
  readonly _tag: "answer"
  readonly thinks: boolean
  readonly says: boolean
  readonly calls: ReadonlyArray<Call>
  /** Whether the answer is cut off at its end, in the middle of its last call if it has any. */
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
  /** What arrives before it breaks off. */
  readonly calls: ReadonlyArray<Call>
  readonly cost: number
}

export type Turn = Answer | Failure

/** `both` is what carries a call on whatever it waits for: an approval, an answer, or one after the other. */
export type Decision = "approve" | "reject" | "answer" | "both" | "output" | "leave"

/** When something happens from outside: after that many things that can be observed, or milliseconds. */
export type Moment = { readonly events: number } | { readonly millis: number }

export type Disturbance =
  | { readonly _tag: "none" }
  /** The fiber of the run is interrupted. */
  | { readonly _tag: "interrupt"; readonly at: Moment }
  /** Somebody asks the run to stop, through the store. */
  | { readonly _tag: "ask"; readonly at: Moment }
  /** The run is started twice at once. */
  | { readonly _tag: "twice" }
  /** Whoever reads the events of the run stops after that many. */
  | { readonly _tag: "leave"; readonly after: number }

export interface Budgets {
  readonly maxSteps: number | undefined
  readonly maxCost: number | undefined
  readonly stop: "steps" | "tool" | "length" | undefined
  readonly final: string | false
  readonly retries: number
  /** Whether an empty answer, or a tool that there is none of, fails the run. */
  readonly isStrict: boolean
}

export interface Move extends Budgets {
  readonly says: boolean
  /** What the user decides of the calls that wait, in their order, over and over. */
  readonly decides: ReadonlyArray<Decision>
  readonly concurrency: number
  readonly isStreamed: boolean
  readonly disturbance: Disturbance
}

export interface Case {
  /** Whether a store keeps the conversation, or the user goes on from the history of the run before. */
  readonly isStored: boolean
  /** How long the store takes before and after each of its steps: milliseconds. */
  readonly latency: number
  readonly turns: ReadonlyArray<Turn>
  readonly moves: ReadonlyArray<Move>
}

/** A move that changes nothing and allows all that waits: what brings a conversation to its end. */
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

/** Calls are told apart by a number in their arguments, whatever ids they have. Turns count from 1. */
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

/** Tokens that went in: another number for each turn. */
export const tokensOf = (turn: number): number => 100 + turn

/** What the model sends for the request of that number. */
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
  const after = (part: Script.Part) => Script.turn([Script.text(["bro"]), ...before, part], options)
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
