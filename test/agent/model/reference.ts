/**
 * The rules of the loop, written again without the loop: from the conversation so far, the decisions of the user, the
 * responses of the model and what runs inside tools did, it computes the requests, the outputs and the end of the run.
 */
import type { PendingCall } from "../../../src/agent/internal/run.js"
import type { Conversation } from "./conversation.js"
import { fateOf, type Past, type Verdicts } from "./fates.js"
import type { Told } from "./wire.js"
import { type Answer, type Breakage, type Budgets, innerTokens, tokensOf } from "./world.js"

export interface Ending {
  readonly tag: string
  readonly detail?: string | undefined
  readonly pending: ReadonlyArray<readonly [call: number, reason: PendingCall["reason"]]>
  /** The other failures of the calls; any of them may come first. */
  readonly others?: ReadonlyArray<string>
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
  readonly tokens: number
  /** How many generations have an unknown cost. */
  readonly unsettled: number
}

const tags: { readonly [how in Breakage]: string } = {
  refused: "PaymentRequiredResponseError",
  limited: "TooManyRequestsResponseError",
  overloaded: "ServiceUnavailableResponseError",
  unreachable: "ConnectionError",
  truncated: "StreamTruncatedError",
  stalled: "StreamStalledError",
  reset: "ConnectionError",
  failed: "BadGatewayResponseError",
  error: "InternalServerResponseError",
  unended: "StreamTruncatedError",
  "unended by a reset": "ConnectionError"
}

/** Responses whose generation began, and whose cost did not arrive. */
const unsettled: ReadonlySet<Breakage> = new Set([
  "truncated",
  "stalled",
  "reset",
  "error",
  "unended",
  "unended by a reset"
])

/** What earlier runs of a stored conversation did: for the task, and whether there were any turns at all. */
export interface Earlier {
  readonly cost: number
  readonly turns: number
  readonly isAny: boolean
}

/** The last turn of a stored conversation, if nothing was stored behind it but the ends of runs. */
export interface LastTurn {
  readonly isCut: boolean
  readonly isEmpty: boolean
  /** How the last run ended that came to its end behind it. */
  readonly outcome: string | undefined
}

export interface Situation {
  readonly before: Conversation
  readonly earlier: Earlier
  readonly last: LastTurn | undefined
  readonly input: string | undefined
  readonly verdicts: Verdicts
  /** The calls that are decided about in this run. */
  readonly decided: ReadonlySet<number>
  readonly budgets: Budgets
  /** How many requests there were already. */
  readonly requests: number
  readonly past: Past
  /** The costs of the turns of the runs inside a call, in this run. */
  readonly innerCosts: (call: number) => ReadonlyArray<number>
  readonly isStored: boolean
}

class Failed {
  constructor(readonly tag: string, readonly others: ReadonlyArray<string> = []) {}
}

/** A run without interruptions. */
class Rules {
  readonly requests: Array<Expected["requests"][number]> = []
  readonly turns: Array<number> = []
  said: Conversation
  kept: Conversation
  isExact = true
  cost = 0
  tokens = 0
  unsettled = 0
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
      ending: ending instanceof Failed ? { ...ending, pending: [] } : ending,
      said: this.said,
      kept: hasKeptAll ? this.said : this.kept,
      isExact: this.isExact,
      turns: this.turns,
      cost: this.cost,
      tokens: this.tokens,
      unsettled: this.unsettled
    }
  }

  private ending(): Ending | Failed {
    const { decided, input, verdicts } = this.situation
    if (this.hasEnded()) return this.endedBefore()
    if (input !== undefined) this.said = this.said.with({ _tag: "user", text: input })
    if (this.said.said.length === 0) return new Failed("InvalidRequestError")
    for (const call of verdicts.given) this.said.tell(call, "given")
    for (const call of this.said.passed) if (!decided.has(call)) this.said.tell(call, "left behind")
    const task = this.said.said.slice(this.said.said.findLastIndex((one) => one._tag === "user") + 1)
    this.hasResults = task.some((one) => one._tag === "turn" && one.outputs.size > 0)
    let calls = this.said.pending
    const usedUp = this.situation.earlier.isAny ? this.limit() : undefined
    if (usedUp !== undefined) return this.final(usedUp, calls)
    let mayCall = true
    while (true) {
      const paused = this.settle(calls)
      if (paused !== undefined) return paused
      if (calls.length > 0 && this.isSpent()) return this.final(this.budget, [])
      const answer = this.ask(mayCall)
      if (answer instanceof Failed) return answer
      calls = this.said.callsOf(this.turns.at(-1) ?? 0)
      const stop = this.stop()
      if (calls.length > 0 && stop !== undefined) return this.final(stop, calls)
      mayCall = calls.length > 0
      if (this.isCutAgain()) return this.settle(calls) ?? natural(answer)
      if (mayCall) continue
      if (answer.says || answer.isCut) return answer.isCut && stop !== undefined ? this.stopped(stop) : natural(answer)
      if (!this.hasResults || this.situation.budgets.isStrict) return new Failed("EmptyResponseError")
      if (stop !== undefined || this.askedAgain) return natural(answer)
      this.askedAgain = true
    }
  }

  /** Whether there is nothing left to do: the last turn ended the task, and the user adds nothing. */
  private hasEnded(): boolean {
    const { before, input, last } = this.situation
    if (last === undefined || input !== undefined || before.pending.length > 0) return false
    return last.outcome === undefined ? !last.isEmpty : last.outcome === "completed"
  }

  private endedBefore(): Ending {
    const stop = this.limit()
    const isCut = this.situation.last?.isCut === true
    return isCut && stop !== undefined ? this.stopped(stop) : natural({ isCut })
  }

  /** Whether all calls of the last two turns were cut off. */
  private isCutAgain(): boolean {
    return this.turns.length > 1 && this.turns.slice(-2).every((turn) => {
      const calls = this.said.callsOf(turn)
      return calls.length > 0 && calls.every((call) => this.said.callOf(call).isCut)
    })
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
        this.situation.past,
        this.situation.budgets.isStrict
      )
      failures.push(...fate.fails ?? [])
      if (fate.waits !== undefined) pending.push([call, fate.waits])
      if (fate.told !== undefined) this.tell(call, fate.told)
      for (const cost of this.situation.innerCosts(call)) this.charge(cost, innerTokens)
    }
    const [failure, ...others] = failures
    if (failure !== undefined) {
      this.isExact = false
      return new Failed(failure, others)
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
    if (final !== "") {
      this.said = this.said.with({ _tag: "user", text: final })
      this.kept = this.kept.with({ _tag: "user", text: final })
    }
    const answer = this.ask(false)
    return answer instanceof Failed ? answer : this.stopped(stop)
  }

  private ask(mayCall: boolean): Answer | Failed {
    const { budgets, requests } = this.situation
    for (let left = budgets.retries;; left--) {
      this.requests.push({ lines: this.said.sent, mayCall })
      const number = requests + this.requests.length
      const turn = this.said.script[number - 1]
      if (turn === undefined || turn._tag === "answer") {
        this.charge(turn?.cost ?? 0, tokensOf(number))
        return this.answered(number)
      }
      if (turn.how === "failed") this.charge(turn.cost, tokensOf(number))
      if (unsettled.has(turn.how)) this.unsettled++
      if (turn.how !== "refused" && left > 0 && !this.isSpent()) continue
      // The items of a response that lost only its last event are paid, so they are used
      return this.said.isUsable(number) ? this.answered(number) : new Failed(tags[turn.how])
    }
  }

  private answered(number: number): Answer {
    const answer = this.said.answerOf(number)
    this.turns.push(number)
    this.said = this.said.with({ _tag: "turn", turn: number, outputs: new Map() })
    return answer
  }

  private charge(cost: number, tokens: number): void {
    this.tokens += tokens
    this.cost += cost
  }

  private isSpent(): boolean {
    const { maxCost } = this.situation.budgets
    return maxCost !== undefined && this.situation.earlier.cost + this.cost >= maxCost
  }

  private get budget(): string {
    return `maxCost(${this.situation.budgets.maxCost})`
  }

  /** How many turns the task has. */
  private get steps(): number {
    return this.situation.earlier.turns + this.turns.length
  }

  /** The name of the limit that the task has reached. */
  private limit(): string | undefined {
    const { maxSteps = 50, stop } = this.situation.budgets
    if (this.isSpent()) return this.budget
    if (stop === "steps" && this.steps >= 2) return "stepCountIs(2)"
    return this.steps >= maxSteps ? `maxSteps(${maxSteps})` : undefined
  }

  /** The name of the condition that ends the run, if one does. */
  private stop(): string | undefined {
    const { stop } = this.situation.budgets
    const answers = this.turns.map((turn) => this.said.answerOf(turn))
    if (this.isSpent()) return this.budget
    if (stop === "tool" && answers.some(({ calls }) => calls.some(({ kind }) => kind === "slow"))) {
      return "beforeToolCall(slow)"
    }
    if (stop === "length" && answers.at(-1)?.isCut === true) return "finishReasonIs(length)"
    return this.limit()
  }

  private stopped(condition: string): Ending {
    return { tag: "stopped", detail: condition, pending: this.said.pending.map((call) => [call, "stopped"]) }
  }
}

const natural = ({ isCut }: Pick<Answer, "isCut">): Ending =>
  isCut ? { tag: "incomplete", detail: "max_output_tokens", pending: [] } : { tag: "completed", pending: [] }

export const expected = (situation: Situation): Expected => new Rules(situation).run()
