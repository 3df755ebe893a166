/** The data of a case: the responses of the model for each turn, the faults of the store, and the actions of the user. */

/** How the handler of a tool behaves, or why it has no handler. */
export type Kind =
  | "fast"
  | "slow"
  | "declines"
  | "dies"
  | "hangs"
  /** Cannot be interrupted, and takes longer than its timeout and the grace after it. */
  | "stuck"
  /** Calls another endpoint. */
  | "chats"
  | "flaky"
  | "fatal"
  | "ask"
  /** Reports progress many times, at once. */
  | "reports"
  /** Its result cannot be shown to the model: `toModelOutput` throws. */
  | "unshowable"
  /** Its approval fails the first time. */
  | "touchy"
  /** Runs an agent of its own. */
  | "agent"
  /** Calls the endpoint for embeddings. */
  | "embeds"
  /** Starts work that outlives the call, and spends later. */
  | "leaves"
  /** Hands over to the other of two agents, which have the same tools otherwise. */
  | "over"
  /** A server executes it after an approval, and not the run. */
  | "server"
  | "manual"
  | "unknown"
  | "badJson"
  | "badArguments"

/** What the middleware `tool` does to a call; `throws`, `fails after` and the guardrail that
 * `blocks` do so only the first time. */
export type Wrap = "nothing" | "delays" | "changes" | "refuses" | "throws" | "fails after" | "repeats" | "blocks"

/** The turns of a run inside a tool, by their costs. All but the last one have two calls each. */
export interface Inner {
  readonly costs: ReadonlyArray<number>
  /** Whether one more request fails after them. */
  readonly fails: boolean
  /** Whether its calls start work that outlives them, and the run. */
  readonly leaves: boolean
}

export interface Call {
  readonly kind: Kind
  readonly gated: boolean
  /** The id from the model: unique, or one that other calls have too. */
  readonly id: "own" | "same" | "other" | ""
  readonly wrap: Wrap
  readonly inner: Inner
}

/** What a guardrail says of an input or of a response. */
export type Verdict = "pass" | "replace" | "block"

/** A text that a guardrail has replaced. */
export const replaced = (text: string): string => `${text} replaced`

/** What the message of a response says; `blank` is a message with an empty text, `nothing` is none, and a guardrail has `replaced` a text. */
export type Speech = "words" | "refusal" | "words and refusal" | "blank" | "nothing" | "replaced"

/** What a response reports of its cost: it was charged to OpenRouter or to a key of the user, or nothing is known. */
export type Bill = "charged" | "own key" | "missing"

export interface Answer {
  readonly _tag: "answer"
  readonly thinks: boolean
  readonly says: Speech
  readonly calls: ReadonlyArray<Call>
  /** Whether the response is cut off at its end, in the middle of its last call if it has calls. */
  readonly isCut: boolean
  readonly cost: number
  readonly bill: Bill
  readonly pace: number
  readonly verdict: Verdict
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
  /** All its items are whole, but its last event is missing. */
  | "unended"
  | "unended by a reset"

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
  /** The process of the run dies, without any finalizer. Another one takes over at once, or waits for the lease. */
  | { readonly _tag: "kill"; readonly at: Moment; readonly isTakenOver: boolean }
  /** The run is started twice at once. */
  | { readonly _tag: "twice" }
  /** The reader of the events of the run stops after that many. */
  | { readonly _tag: "leave"; readonly after: number }

/** A message to the conversation, said before the run begins or while it works; if it ends earlier, behind its end. */
export interface Word {
  readonly at: "before" | Moment
  readonly isUrgent: boolean
  /** Whether it is said once more after the run, with the same id. */
  readonly isRepeated: boolean
}

/** Messages have texts of their own. */
export const isWord = (text: string): boolean => text.startsWith("word ")

/** The reader of the events of a run waits at the event of that number. */
export interface Pause {
  readonly at: number
  readonly millis: number
}

/** Operations of the store that fail: `times` of them, from the one with the number `at`. */
export interface Fault {
  readonly at: number
  readonly times: number
  /** Whether the store fails or never responds; and whether an append is written nevertheless. */
  readonly how: "fails" | "fails written" | "hangs" | "hangs written"
}

export interface Budgets {
  readonly maxSteps: number | undefined
  readonly maxCost: number | undefined
  readonly maxTokens: number | undefined
  /** In milliseconds. */
  readonly maxTime: number | undefined
  /** What the limits of cost, tokens, time and steps count, other than `maxSteps`. */
  readonly of: "task" | "run" | "conversation"
  readonly stop: "steps" | "before slow" | "after slow" | "length" | undefined
  readonly final: string | false | undefined
  readonly retries: number
  /** Whether an empty response or an unknown tool fails the run. */
  readonly isStrict: boolean
  /** Whether the model has to call a tool first. */
  readonly forces: boolean
}

export interface Move extends Budgets {
  readonly says: boolean
  /** The names of the tools that are not active in a turn, one after the other, repeated. */
  readonly rests: ReadonlyArray<string | undefined>
  /** What a guardrail says of the question, if there is one. */
  readonly verdict: Verdict
  /** The decisions of the user about pending calls, in their order, repeated. */
  readonly decides: ReadonlyArray<Decision>
  readonly concurrency: number
  readonly isStreamed: boolean
  /** The pauses of the reader, if the run is streamed. */
  readonly pauses: ReadonlyArray<Pause>
  readonly disturbance: Disturbance
  /** What is said to a stored conversation. */
  readonly words: ReadonlyArray<Word>
}

export interface Case {
  /** Whether a store keeps the conversation, or the user continues from the history of the previous run. */
  readonly isStored: boolean
  /** The delay of the store before and after each operation, in milliseconds. */
  readonly latency: number
  /** Whether the store tells a run that somebody appended. */
  readonly tells: boolean
  readonly faults: ReadonlyArray<Fault>
  readonly turns: ReadonlyArray<Turn>
  readonly moves: ReadonlyArray<Move>
}

/** A move that changes nothing and allows all pending calls, so that a conversation completes. */
export const onward: Move = {
  says: false,
  rests: [undefined],
  verdict: "pass",
  decides: ["both"],
  maxSteps: undefined,
  maxCost: undefined,
  maxTokens: undefined,
  maxTime: undefined,
  of: "task",
  stop: undefined,
  final: false,
  retries: 0,
  isStrict: false,
  forces: false,
  concurrency: 8,
  isStreamed: false,
  pauses: [],
  disturbance: { _tag: "none" },
  words: []
}

/** A number in the arguments identifies a call, because ids may repeat. Turns count from 1. */
export const numberOf = (turn: number, call: number): number => turn * 10 + call + 1

export const turnOf = (call: number): number => Math.floor((call - 1) / 10)

export const modelIdOf = ({ id }: Call, call: number): string => id === "own" ? `call-${call}` : id

/** The pace of a slow response, in milliseconds. */
export const slow = 150

/** The tokens of a response: a different number for each turn. */
export const tokensOf = (turn: number): number => 100 + turn

/** The tokens of each response inside a tool. */
export const innerTokens = 7

/** What a handler pays for a call of another endpoint, and what work costs that outlives its call. */
export const sideCost = 0.25

/** Whether something is done while its call lasts, or outlives it. */
export type Place = "inside" | "after"

/** How a request names the call that it belongs to, and what is read back from that name. */
export const sideName = (run: string, place: Place, call: number): string => `${run} ${place} ${call}`

export const sideOf = (
  name: string
): { readonly run: string; readonly call: number; readonly place: Place } | undefined => {
  const found = /^(.*) (inside|after) (\d+)$/.exec(name)
  if (found === null) return undefined
  return { run: found[1] ?? "", place: found[2] === "after" ? "after" : "inside", call: Number(found[3]) }
}
