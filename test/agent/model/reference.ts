/**
 * The rules of the loop, written again without the loop: from the conversation so far, the decisions of the user and the
 * responses of the model, it computes the requests, the output of each call, and the end of the run.
 */
import type { PendingCall } from "../../../src/agent/internal/run.js"
import type { Token, Told } from "./wire.js"
import { type Answer, type Breakage, type Budgets, type Call, numberOf, type Turn, turnOf } from "./world.js"

/** One entry of the conversation, in order; a turn has outputs by call. */
type Said =
  | { readonly _tag: "user"; readonly text: string }
  | { readonly _tag: "turn"; readonly turn: number; readonly outputs: Map<number, Told> }

export interface Verdicts {
  readonly approved: ReadonlySet<number>
  readonly rejected: ReadonlySet<number>
  readonly answered: ReadonlySet<number>
  readonly given: ReadonlySet<number>
}

export interface Ending {
  readonly tag: string
  readonly detail?: string | undefined
  readonly pending: ReadonlyArray<readonly [call: number, reason: PendingCall["reason"]]>
}

export interface Expected {
  /** The input of each request, and whether calls are forbidden. */
  readonly requests: ReadonlyArray<{ readonly lines: ReadonlyArray<string>; readonly mayCall: boolean }>
  readonly ending: Ending
  /** The conversation at the end; an upper bound if the run failed while other calls were running. */
  readonly said: Conversation
  /** The stored part of it: without the input, because a store records input with its response. */
  readonly kept: Conversation
  readonly isExact: boolean
  readonly turns: ReadonlyArray<number>
  readonly cost: number
  readonly tokensOf: ReadonlyArray<number>
}

export class Conversation {
  constructor(readonly script: ReadonlyArray<Turn>, readonly said: ReadonlyArray<Said> = []) {}

  copy(): Conversation {
    return new Conversation(
      this.script,
      this.said.map((one) => one._tag === "turn" ? { ...one, outputs: new Map(one.outputs) } : one)
    )
  }

  with(one: Said): Conversation {
    return new Conversation(this.script, [...this.said, one])
  }

  answerOf(turn: number): Answer {
    const answer = this.script[turn - 1]
    return answer?._tag === "answer" ? answer : { ...nothing, says: answer === undefined }
  }

  callsOf(turn: number): ReadonlyArray<number> {
    return this.answerOf(turn).calls.map((_, index) => numberOf(turn, index))
  }

  callOf(call: number): Call & { readonly isCut: boolean } {
    const { calls, isCut } = this.answerOf(turnOf(call))
    const index = call - numberOf(turnOf(call), 0)
    const found = calls[index]
    if (found === undefined) throw new Error(`no call ${call}`)
    return { ...found, isCut: isCut && (index === calls.length - 1 || found.kind === "badJson") }
  }

  get pending(): ReadonlyArray<number> {
    return this.said.flatMap((one) =>
      one._tag === "turn" ? this.callsOf(one.turn).filter((call) => !one.outputs.has(call)) : []
    )
  }

  /** The calls that are still pending after later input of the user. */
  get passed(): ReadonlyArray<number> {
    const last = this.said.findLastIndex((one) => one._tag === "user")
    return new Conversation(this.script, this.said.slice(0, Math.max(0, last))).pending
  }

  tell(call: number, told: Told): void {
    for (const one of this.said) {
      if (one._tag === "turn" && one.turn === turnOf(call)) one.outputs.set(call, told)
    }
  }

  get lines(): ReadonlyArray<string> {
    return this.said.flatMap((one) => {
      if (one._tag === "user") return [`user: ${one.text}`]
      const { says, thinks } = this.answerOf(one.turn)
      const calls = this.callsOf(one.turn)
      return [
        ...(thinks ? [`thought ${one.turn}`] : []),
        ...(says ? [`said ${one.turn}`] : []),
        ...calls.map((call) => `call ${call}`),
        ...calls.flatMap((call) => one.outputs.has(call) ? [`output of ${call}: ${one.outputs.get(call)}`] : [])
      ]
    })
  }
}

const nothing: Answer = { _tag: "answer", thinks: false, says: false, calls: [], isCut: false, cost: 0, pace: 0 }

const tags: { readonly [how in Breakage]: string } = {
  refused: "PaymentRequiredResponseError",
  limited: "TooManyRequestsResponseError",
  overloaded: "ServiceUnavailableResponseError",
  unreachable: "ConnectionError",
  truncated: "StreamTruncatedError",
  stalled: "StreamStalledError",
  reset: "ConnectionError",
  failed: "BadGatewayResponseError",
  error: "InternalServerResponseError"
}

/** The result of a call: it has an output, it waits, or it fails the run. */
type Fate = { readonly told: Told } | { readonly waits: PendingCall["reason"] } | { readonly fails: string }

const fateOf = (
  { gated, isCut, kind }: ReturnType<Conversation["callOf"]>,
  call: number,
  { answered, approved, rejected }: Verdicts,
  wasStarted: boolean,
  isStrict: boolean
): Fate => {
  if (kind === "unknown") return isStrict ? { fails: "UnknownToolError" } : { told: "unknown tool" }
  if (rejected.has(call)) return { told: "rejected" }
  if (isCut) return { told: "cut off" }
  if (kind === "badJson") return { told: "not JSON" }
  if (kind === "badArguments") return { told: "does not fit" }
  if (kind === "manual") return answered.has(call) ? { told: "done" } : { waits: "manual" }
  if (gated && !approved.has(call)) return { waits: "approval" }
  switch (kind) {
    case "declines":
      return { told: "declined" }
    case "dies":
      return { told: "died" }
    case "hangs":
      return { told: "timed out" }
    case "ask":
      return answered.has(call) ? { told: "done" } : { waits: "answer" }
    case "fatal":
      return wasStarted ? { told: "done" } : { fails: "Fatal" }
    default:
      return { told: "done" }
  }
}

export interface Situation {
  readonly before: Conversation
  readonly input: string | undefined
  readonly verdicts: Verdicts
  /** The calls that are decided about in this run. */
  readonly decided: ReadonlySet<number>
  readonly budgets: Budgets
  /** How many requests there were already. */
  readonly requests: number
  readonly wasStarted: (call: number) => boolean
  readonly isStored: boolean
}

class Failed {
  constructor(readonly tag: string) {}
}

/** A run without interruptions. */
class Rules {
  readonly requests: Array<Expected["requests"][number]> = []
  readonly turns: Array<number> = []
  readonly charged: Array<number> = []
  said: Conversation
  kept: Conversation
  isExact = true
  cost = 0
  private askedAgain = false
  private hasResults = false

  constructor(readonly situation: Situation) {
    this.kept = situation.before.copy()
    this.said = situation.before.copy()
  }

  run(): Expected {
    const ending = this.ending()
    const hasKeptAll = !(ending instanceof Failed) || this.turns.length > 0 || !this.situation.isStored
    return {
      requests: this.requests,
      ending: ending instanceof Failed ? { tag: ending.tag, pending: [] } : ending,
      said: this.said,
      kept: hasKeptAll ? this.said : this.kept,
      isExact: this.isExact,
      turns: this.turns,
      cost: this.cost,
      tokensOf: this.charged
    }
  }

  private ending(): Ending | Failed {
    const { decided, input, verdicts } = this.situation
    if (input !== undefined) this.said = this.said.with({ _tag: "user", text: input })
    if (this.said.said.length === 0) return new Failed("InvalidRequestError")
    for (const call of verdicts.given) this.said.tell(call, "given")
    for (const call of this.said.passed) if (!decided.has(call)) this.said.tell(call, "left behind")
    let calls = this.said.pending
    let mayCall = true
    while (true) {
      const paused = this.settle(calls)
      if (paused !== undefined) return paused
      const answer = this.ask(mayCall)
      if (answer instanceof Failed) return answer
      calls = this.said.callsOf(this.turns.at(-1) ?? 0)
      const stop = this.stop()
      if (calls.length > 0 && stop !== undefined) return this.final(stop, calls)
      mayCall = calls.length > 0
      if (mayCall) continue
      if (answer.says || answer.isCut) return answer.isCut && stop !== undefined ? this.stopped(stop) : natural(answer)
      if (!this.hasResults || this.situation.budgets.isStrict) return new Failed("EmptyResponseError")
      if (stop !== undefined || this.askedAgain) return natural(answer)
      this.askedAgain = true
    }
  }

  /** Gives calls their outputs; calls that cannot have one pause the run. */
  private settle(calls: ReadonlyArray<number>): Ending | Failed | undefined {
    const pending: Array<Ending["pending"][number]> = []
    const failures: Array<string> = []
    for (const call of calls) {
      const fate = fateOf(
        this.said.callOf(call),
        call,
        this.situation.verdicts,
        this.situation.wasStarted(call),
        this.situation.budgets.isStrict
      )
      if ("fails" in fate) failures.push(fate.fails)
      else if ("waits" in fate) pending.push([call, fate.waits])
      else this.tell(call, fate.told)
    }
    if (failures.length > 0) {
      this.isExact = false
      // The outcome that needs no handler is known first
      return new Failed(failures.includes("UnknownToolError") ? "UnknownToolError" : "Fatal")
    }
    if (pending.length === 0) return undefined
    const isGated = pending.some(([, reason]) => reason === "approval")
    return { tag: isGated ? "awaiting_approval" : "awaiting_tools", pending }
  }

  private tell(call: number, told: Told): void {
    this.hasResults = true
    this.said.tell(call, told)
    this.kept.tell(call, told)
  }

  private final(stop: string, calls: ReadonlyArray<number>): Ending | Failed {
    const { final } = this.situation.budgets
    if (final === false) return this.stopped(stop)
    const paused = this.settle(calls)
    if (paused !== undefined) return paused
    if (final !== "") this.said = this.said.with({ _tag: "user", text: final })
    const answer = this.ask(false)
    return answer instanceof Failed ? answer : this.stopped(stop)
  }

  private ask(mayCall: boolean): Answer | Failed {
    const { budgets, requests } = this.situation
    for (let left = budgets.retries;; left--) {
      this.requests.push({ lines: this.said.lines, mayCall })
      const number = requests + this.requests.length
      const turn = this.said.script[number - 1]
      if (turn === undefined || turn._tag === "answer") return this.answered(number)
      if (turn.how === "failed") this.charge(number, turn.cost)
      if (turn.how === "refused" || left === 0 || this.isSpent()) return new Failed(tags[turn.how])
    }
  }

  private answered(number: number): Answer {
    const answer = this.said.answerOf(number)
    this.charge(number, answer.cost)
    this.turns.push(number)
    this.said = this.said.with({ _tag: "turn", turn: number, outputs: new Map() })
    return answer
  }

  private charge(number: number, cost: number): void {
    this.charged.push(number)
    this.cost += cost
  }

  private isSpent(): boolean {
    const { maxCost } = this.situation.budgets
    return maxCost !== undefined && this.cost >= maxCost
  }

  /** The name of the condition that ends the run, if one does. */
  private stop(): string | undefined {
    const { maxCost, maxSteps = 50, stop } = this.situation.budgets
    const answers = this.turns.map((turn) => this.said.answerOf(turn))
    if (this.isSpent()) return `maxCost(${maxCost})`
    if (stop === "steps" && this.turns.length >= 2) return "stepCountIs(2)"
    if (stop === "tool" && answers.some(({ calls }) => calls.some(({ kind }) => kind === "slow"))) {
      return "hasToolCall(slow)"
    }
    if (stop === "length" && answers.at(-1)?.isCut === true) return "finishReasonIs(length)"
    return this.turns.length >= maxSteps ? `maxSteps(${maxSteps})` : undefined
  }

  private stopped(condition: string): Ending {
    return { tag: "stopped", detail: condition, pending: this.said.pending.map((call) => [call, "stopped"]) }
  }
}

const natural = ({ isCut }: Answer): Ending =>
  isCut ? { tag: "incomplete", detail: "max_output_tokens", pending: [] } : { tag: "completed", pending: [] }

export const expected = (situation: Situation): Expected => new Rules(situation).run()

/** Reads the conversation back. An empty turn leaves no items. */
export const conversationOf = (script: ReadonlyArray<Turn>, tokens: ReadonlyArray<Token>): Conversation => {
  const said: Array<Said> = []
  for (const token of tokens) {
    const last = said.at(-1)
    if (token._tag === "user") said.push(token)
    else if (token._tag === "output") new Conversation(script, said).tell(token.call, token.told)
    else {
      const turn = token._tag === "call" ? turnOf(token.call) : token.turn
      if (last?._tag !== "turn" || last.turn !== turn) said.push({ _tag: "turn", turn, outputs: new Map() })
    }
  }
  return new Conversation(script, said)
}
