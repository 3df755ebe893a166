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
  /** The input of each request, and its choice of tools. */
  readonly requests: ReadonlyArray<{ readonly lines: ReadonlyArray<string>; readonly choice: string | undefined }>
  readonly ending: Ending
  /** The conversation at the end; an upper bound if the run failed while other calls were running. */
  readonly said: Conversation
  /** The stored part of it: without the input, because a store records input with its response. */
  readonly kept: Conversation
  readonly isExact: boolean
  readonly turns: ReadonlyArray<number>
  readonly cost: number
  /** What was charged to a key of the user. */
  readonly upstreamCost: number
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

/** What runs did together; the cost is all that the user pays. */
export interface Totals {
  readonly cost: number
  readonly tokens: number
  readonly turns: number
}

/** What earlier runs of a stored conversation did: for the task, and all of them. */
export interface Earlier {
  readonly task: Totals
  readonly conversation: Totals
}

/** What the runs before count for a limit. */
export const countedBefore = ({ conversation, task }: Earlier, of: Budgets["of"]): Totals =>
  of === "run" ? { cost: 0, tokens: 0, turns: 0 } : of === "task" ? task : conversation

/** The last turn of a stored conversation, if nothing was stored behind it but the ends of runs. */
export interface LastTurn {
  readonly isCut: boolean
  readonly isEmpty: boolean
  readonly isRefusal: boolean
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
  upstreamCost = 0
  tokens = 0
  unsettled = 0
  private askedAgain = false
  private hasResults = false
  /** Whether the model called a tool for the task. */
  private hasCalled = false
  /** Whether a call of `slow` was carried out in this run. */
  private wasSlow = false

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
      upstreamCost: this.upstreamCost,
      tokens: this.tokens,
      unsettled: this.unsettled
    }
  }

  private ending(): Ending | Failed {
    const { budgets: { isStrict, stop: condition }, decided, input, verdicts } = this.situation
    if (this.hasEnded()) return this.endedBefore()
    if (input !== undefined) this.said = this.said.with({ _tag: "user", text: input })
    if (this.said.said.length === 0) return new Failed("InvalidRequestError")
    for (const call of verdicts.given) this.said.tell(call, "given")
    for (const call of this.said.passed) if (!decided.has(call)) this.said.tell(call, "left behind")
    const task = this.said.said.slice(this.said.said.findLastIndex((one) => one._tag === "user") + 1)
    this.hasResults = task.some((one) => one._tag === "turn" && one.outputs.size > 0)
    this.hasCalled = task.some((one) => one._tag === "turn" && this.said.callsOf(one.turn).length > 0)
    this.askedAgain = this.hasBlankTurn(task)
    let calls = this.said.pending
    const usedUp = this.situation.earlier.conversation.turns > 0 ? this.limit() : undefined
    if (usedUp !== undefined) return this.final(usedUp, calls)
    let mayCall = true
    while (true) {
      const paused = this.settle(calls)
      if (paused !== undefined) return paused
      const spent = this.spent()
      if (calls.length > 0 && spent !== undefined) return this.final(spent, [])
      if (calls.length > 0 && condition === "after slow" && this.wasSlow) return this.final("hasToolCall(slow)", [], "")
      const answer = this.ask(mayCall)
      if (answer instanceof Failed) return answer
      calls = this.said.callsOf(this.turns.at(-1) ?? 0)
      const stop = this.stop()
      if (calls.length > 0 && stop !== undefined) return this.final(stop, calls)
      mayCall = calls.length > 0
      if (this.isCutAgain()) return this.settle(calls) ?? incomplete
      if (mayCall) continue
      const ending = natural(answer)
      if (!isEmpty(answer)) return ending.tag === "incomplete" && stop !== undefined ? this.stopped(stop) : ending
      if (!this.hasResults || isStrict) return new Failed("EmptyResponseError")
      if (stop !== undefined || this.askedAgain) return ending
      this.askedAgain = true
    }
  }

  /** Whether a blank response stands by itself. Responses without anything between them look like one. */
  private hasBlankTurn(task: Conversation["said"]): boolean {
    const joined: Array<Array<Answer>> = [[]]
    for (const one of task) {
      if (one._tag !== "turn") continue
      joined.at(-1)?.push(this.said.answerOf(one.turn))
      if (one.outputs.size > 0) joined.push([])
    }
    return joined.some((answers) => answers.some(({ says }) => says === "blank") && !answers.some(hasContent))
  }

  /** Whether there is nothing left to do: the last turn ended the task, and the user adds nothing. */
  private hasEnded(): boolean {
    const { before, input, last } = this.situation
    if (last === undefined || input !== undefined || before.pending.length > 0) return false
    return last.outcome === undefined ? !last.isEmpty : ["completed", "refused"].includes(last.outcome)
  }

  private endedBefore(): Ending {
    const { isCut = false, isRefusal = false } = this.situation.last ?? {}
    const stop = this.limit()
    return isCut && !isRefusal && stop !== undefined ? this.stopped(stop) : endOf(isRefusal, isCut)
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
      if (this.said.callOf(call).kind === "slow" && fate.isExecuted === true) this.wasSlow = true
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

  private final(stop: string, calls: ReadonlyArray<number>, byDefault: "" | false = false): Ending | Failed {
    const { final = byDefault } = this.situation.budgets
    if (final === false) return this.stopped(stop)
    const paused = this.settle(calls)
    if (paused !== undefined) return paused
    if (final !== "") {
      // Behind what is not stored yet, it waits for the first response as well
      const isStored = this.kept.lines.join("\n") === this.said.lines.join("\n")
      this.said = this.said.with({ _tag: "user", text: final })
      if (isStored) this.kept = this.kept.with({ _tag: "user", text: final })
    }
    const answer = this.ask(false)
    return answer instanceof Failed ? answer : isRefusal(answer) ? natural(answer) : this.stopped(stop)
  }

  private ask(mayCall: boolean): Answer | Failed {
    const { budgets, requests } = this.situation
    for (let left = budgets.retries;; left--) {
      this.requests.push({ lines: this.said.sent, choice: this.choice(mayCall) })
      const number = requests + this.requests.length
      const turn = this.said.script[number - 1]
      if (turn === undefined || turn._tag === "answer") {
        this.pay(turn, number)
        return this.answered(number)
      }
      if (turn.how === "failed") this.charge(turn.cost, tokensOf(number))
      if (unsettled.has(turn.how)) this.unsettled++
      if (turn.how !== "refused" && left > 0 && this.spent() === undefined) continue
      // The items of a response that lost only its last event are paid, so they are used
      return this.said.isUsable(number) ? this.answered(number) : new Failed(tags[turn.how])
    }
  }

  private answered(number: number): Answer {
    const answer = this.said.answerOf(number)
    this.turns.push(number)
    this.hasCalled ||= answer.calls.length > 0
    this.said = this.said.with({ _tag: "turn", turn: number, outputs: new Map() })
    return answer
  }

  /** A forced call is requested once for a task. */
  private choice(mayCall: boolean): string | undefined {
    if (!mayCall) return "none"
    return this.situation.budgets.forces ? this.hasCalled ? "auto" : "required" : undefined
  }

  private pay(answer: Answer | undefined, number: number): void {
    // A response without any content is not charged
    if (answer?.bill === "missing") this.unsettled += answer.thinks || hasContent(answer) ? 1 : 0
    else if (answer?.bill === "own key") {
      this.upstreamCost += answer.cost
      this.tokens += tokensOf(number)
    } else this.charge(answer?.cost ?? 0, tokensOf(number))
  }

  private charge(cost: number, tokens: number): void {
    this.tokens += tokens
    this.cost += cost
  }

  /** The name of a budget that is used up. */
  private spent(): string | undefined {
    const { earlier, budgets: { maxCost = Infinity, maxTokens = Infinity, of } } = this.situation
    const before = countedBefore(earlier, of)
    if (before.cost + this.cost + this.upstreamCost >= maxCost) return this.named("maxCost", maxCost)
    return before.tokens + this.tokens >= maxTokens ? this.named("maxTokensUsed", maxTokens) : undefined
  }

  /** The name of a limit says what it counts, unless that is the task. */
  private named(limit: string, most: number): string {
    const { of } = this.situation.budgets
    return of === "task" ? `${limit}(${most})` : `${limit}(${most}, ${of})`
  }

  /** The name of the limit that is reached. */
  private limit(): string | undefined {
    const { budgets: { maxSteps = 50, of, stop }, earlier } = this.situation
    const spent = this.spent()
    if (spent !== undefined) return spent
    if (stop === "steps" && countedBefore(earlier, of).turns + this.turns.length >= 2) {
      return this.named("stepCountIs", 2)
    }
    return earlier.task.turns + this.turns.length >= maxSteps ? `maxSteps(${maxSteps})` : undefined
  }

  /** The name of the condition that ends the run, if one does. */
  private stop(): string | undefined {
    const { stop } = this.situation.budgets
    const spent = this.spent()
    if (spent !== undefined) return spent
    const answers = this.turns.map((turn) => this.said.answerOf(turn))
    if (stop === "before slow" && answers.some(({ calls }) => calls.some(({ kind }) => kind === "slow"))) {
      return "beforeToolCall(slow)"
    }
    if (stop === "after slow" && this.wasSlow) return "hasToolCall(slow)"
    if (stop === "length" && answers.at(-1)?.isCut === true) return "finishReasonIs(length)"
    return this.limit()
  }

  private stopped(condition: string): Ending {
    return { tag: "stopped", detail: condition, pending: this.said.pending.map((call) => [call, "stopped"]) }
  }
}

const incomplete: Ending = { tag: "incomplete", detail: "max_output_tokens", pending: [] }

/** How a run ends with a response without calls. */
const natural = (answer: Answer): Ending => endOf(isRefusal(answer), answer.isCut)

const endOf = (isRefusal: boolean, isCut: boolean): Ending =>
  isRefusal ? { tag: "refused", pending: [] } : isCut ? incomplete : { tag: "completed", pending: [] }

const isRefusal = ({ calls, says }: Answer): boolean => says === "refusal" && calls.length === 0

const hasContent = ({ calls, says }: Answer): boolean => calls.length > 0 || says !== "nothing" && says !== "blank"

/** Whether a response has nothing but thoughts. */
const isEmpty = (answer: Answer): boolean => !hasContent(answer) && !answer.isCut

export const expected = (situation: Situation): Expected => new Rules(situation).run()
