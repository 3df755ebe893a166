/**
 * The rules of the loop, written again without the loop: from the conversation so far, the decisions of the user, the
 * responses of the model and what runs inside tools did, it computes the requests, the outputs and the end of the run.
 */
import { isOf, restingIn } from "./active.js"
import { endOf, errorTags, hasContent, incomplete, isEmpty, isRefusal, natural } from "./answers.js"
import type { Conversation } from "./conversation.js"
import { fateOf } from "./fates.js"
import { Meter } from "./meter.js"
import { type Ending, type Expected, hasOnlyWords, type Situation } from "./situation.js"
import type { Told } from "./wire.js"
import { type Answer, innerTokens, replaced, turnOf } from "./world.js"

class Failed {
  constructor(
    readonly tag: string,
    readonly others: ReadonlyArray<string> = [],
    readonly pending: Ending["pending"] = []
  ) {}
}

/** A run without interruptions. */
class Rules {
  readonly requests: Array<Expected["requests"][number]> = []
  readonly turns: Array<number> = []
  said: Conversation
  kept: Conversation
  isExact = true
  private readonly meter: Meter
  private askedAgain = false
  private hasResults = false
  /** Whether the agent that speaks called a tool for the task. */
  private hasCalled = false
  /** How many handoffs there were when the first of the two agents spoke: without a store, it begins each run. */
  private readonly handoffsBefore: number
  /** The handoff of these calls that came first. */
  private handoff: number | undefined
  /** Whether a call of `slow` was carried out in this run. */
  private wasSlow = false

  constructor(readonly situation: Situation) {
    this.meter = new Meter(situation.budgets, situation.earlier)
    this.kept = situation.before.copy()
    this.said = situation.before.copy()
    this.handoffsBefore = situation.isStored ? 0 : this.said.handoffs().length
  }

  run(): Expected {
    const ending = this.ending()
    const hasKeptAll = !(ending instanceof Failed) || !this.situation.isStored
    return {
      requests: this.requests,
      ending: { ...ending },
      said: this.said,
      kept: hasKeptAll ? this.said : this.kept,
      isExact: this.isExact,
      turns: this.turns,
      cost: this.meter.cost,
      upstreamCost: this.meter.upstreamCost,
      tokens: this.meter.tokens,
      unsettled: this.meter.unsettled
    }
  }

  private ending(): Ending | Failed {
    const { budgets: { isStrict, stop: condition }, decided, heard, input, isStored, verdicts } = this.situation
    if (input !== undefined && this.situation.verdict === "block") {
      return new Failed("blocked", [], isStored ? this.stopped("").pending : [])
    }
    const ended = this.hasEnded() ? this.endedBefore() : undefined
    if (ended !== undefined) return ended
    if (input !== undefined) {
      const text = this.situation.verdict === "replace" ? replaced(input) : input
      this.said = this.said.with({ _tag: "user", text })
    }
    if (this.said.said.length === 0 && heard.first.length === 0) return new Failed("InvalidRequestError")
    for (const call of verdicts.given) this.said.tell(call, this.said.isOfServer(call) ? "allowed" : "given")
    this.answerServer()
    for (const call of this.said.passed) if (!decided.has(call)) this.said.tell(call, "left behind")
    const isNewTask = hasOnlyWords(this.situation)
    const begin = this.said.said.findLastIndex((one) => one._tag === "user") + 1
    const task = isNewTask ? [] : this.said.said.slice(begin)
    this.hasResults = task.some((one) => one._tag === "turn" && one.outputs.size > 0)
    const handoff = isStored ? turnOf(this.said.handoffs().at(-1) ?? 0) : 0
    this.hasCalled = task.some((one) =>
      one._tag === "turn" && one.turn > handoff && this.said.callsOf(one.turn).length > 0
    )
    this.askedAgain = this.hasBlankTurn(task)
    let calls = this.said.pending
    const usedUp = this.hasEnded() ? undefined : this.meter.limitBefore()
    if (usedUp !== undefined) return this.final(usedUp, calls)
    let mayCall = true
    while (true) {
      const paused = this.settle(calls)
      if (paused !== undefined) return paused
      const spent = this.meter.spent()
      if (calls.length > 0 && spent !== undefined) return this.final(spent, [])
      if (calls.length > 0 && condition === "after slow" && this.wasSlow) return this.final("hasToolCall(slow)", [], "")
      this.hear()
      const answer = this.ask(mayCall)
      if (answer instanceof Failed) return answer
      calls = this.said.callsOf(this.turns.at(-1) ?? 0)
      const stop = this.stop()
      const isToStop = stop !== undefined && calls.some((call) => !this.said.isOfServer(call))
      if (isToStop) return this.final(stop, calls)
      mayCall = calls.length > 0
      if (this.isCutAgain()) return this.settle(calls) ?? incomplete
      if (mayCall) continue
      const ending = natural(answer)
      const hears = stop === undefined && this.waiting.length > 0
      if (!isEmpty(answer) && !hears) {
        return ending.tag === "incomplete" && stop !== undefined
          ? this.stopped(stop)
          : ending
      }
      if (isEmpty(answer) && (!this.hasResults || isStrict)) return new Failed("EmptyResponseError")
      if (stop !== undefined) return ending
      if (isEmpty(answer) && !this.askedAgain) this.askedAgain = true
      else if (hears) mayCall = true
      else return ending
    }
  }

  /** What was said to the conversation, and is no part of it yet. */
  private get waiting(): ReadonlyArray<string> {
    const { heard, requests } = this.situation
    const { words } = this.said
    return heard.before(requests + this.requests.length + 1).filter((text) => !words.includes(text))
  }

  private hear(): void {
    for (const text of this.waiting) this.said = this.said.with({ _tag: "user", text })
  }

  /** A server hears what was decided about its requests, and that the user went on without a decision. */
  private answerServer(): void {
    const { approved, rejected } = this.situation.verdicts
    const { passed } = this.said
    for (const call of this.said.pending) {
      if (!this.said.isOfServer(call)) continue
      if (approved.has(call)) this.said.tell(call, "allowed")
      else if (rejected.has(call) || passed.includes(call)) this.said.tell(call, "denied")
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
    const { before, heard, input, last } = this.situation
    if (last === undefined || input !== undefined || before.pending.length + heard.first.length > 0) return false
    return last.outcome === undefined ? !last.isEmpty : ["completed", "refused"].includes(last.outcome)
  }

  /** The end of the task again. A run that came to no end may have heard something meanwhile. */
  private endedBefore(): Ending | undefined {
    const { isCut = false, isRefusal = false, outcome } = this.situation.last ?? {}
    const stop = this.meter.limit()
    if (outcome === undefined && stop === undefined && this.waiting.length > 0) return undefined
    return isCut && !isRefusal && stop !== undefined ? this.stopped(stop) : endOf(isRefusal, isCut)
  }

  /** Whether all calls of the last two turns were cut off. */
  private isCutAgain(): boolean {
    return this.turns.length > 1 && this.turns.slice(-2).every((turn) => {
      const calls = this.said.callsOf(turn).filter((call) => !this.said.isOfServer(call))
      return calls.length > 0 && calls.every((call) => this.said.callOf(call).isCut)
    })
  }

  /** Gives calls their outputs; calls that cannot have one pause the run. */
  private settle(calls: ReadonlyArray<number>): Ending | Failed | undefined {
    this.handoff = undefined
    const now = {
      ...this.situation.past,
      mayTakeOver: (call: number) => this.mayTakeOver(call),
      isActive: (call: number) => this.isActive(call)
    }
    const pending: Array<Ending["pending"][number]> = []
    const failures: Array<string> = []
    for (const call of calls) {
      const fate = fateOf(
        this.said.callOf(call),
        call,
        this.situation.verdicts,
        now,
        this.situation.budgets.isStrict
      )
      failures.push(...fate.fails ?? [])
      if (fate.waits !== undefined) pending.push([call, fate.waits])
      if (fate.told !== undefined) this.tell(call, fate.told)
      for (const cost of this.situation.beside.inside(call)) this.meter.charge(cost, innerTokens)
      this.meter.work(this.situation.times.ofCall(call))
      if (this.said.callOf(call).kind === "slow" && fate.isExecuted === true) this.wasSlow = true
    }
    const [failure, ...others] = failures
    if (failure !== undefined) {
      this.isExact = false
      return new Failed(failure, others)
    }
    if (pending.length === 0) return undefined
    const isGated = pending.some(([, reason]) => reason === "approval")
    return { tag: isGated ? "awaiting_approval" : "awaiting_tools", pending: this.serverLast(pending) }
  }

  private tell(call: number, told: Told): void {
    const { speaker } = this
    this.hasResults = true
    this.said.tell(call, told)
    this.kept.tell(call, told)
    if (this.speaker !== speaker) this.hasCalled = false
  }

  /** The agent that speaks, of two that hand over to each other. */
  private get speaker(): string {
    return this.speakerAfter(this.said.handoffs().length)
  }

  private speakerAfter(handoffs: number): string {
    return (handoffs - this.handoffsBefore) % 2 === 0 ? "a" : "b"
  }

  /** One handoff of a turn is taken, while the agent speaks that asked for it. */
  private mayTakeOver(call: number): boolean {
    const turn = turnOf(call)
    const isKnown = this.situation.isStored || this.turns.includes(turn)
    const asker = isKnown ? this.speakerAfter(this.said.handoffs(turn).length) : this.speaker
    if (asker !== this.speaker) return false
    this.handoff ??= call
    return this.handoff === call
  }

  /** A call of an earlier turn may ask for any tool, unless it is stored which ones were active. */
  private isActive(call: number): boolean {
    const { isStored, rested } = this.situation
    const turn = turnOf(call)
    const at = this.turns.indexOf(turn)
    const resting = at !== -1 ? restingIn(this.situation, at + 1) : isStored ? rested(turn) : undefined
    return !isOf(this.said.callOf(call), resting)
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
    const answer = this.ask(false, false)
    return answer instanceof Failed ? answer : isRefusal(answer) ? natural(answer) : this.stopped(stop)
  }

  /** Requests a turn. A final one hears nothing any more. */
  private ask(mayCall: boolean, mayHear = true): Answer | Failed {
    const { budgets, heard, requests } = this.situation
    for (let left = budgets.retries;; left--) {
      this.requests.push({
        lines: this.said.sent,
        choice: this.choice(mayCall),
        speaker: this.speaker,
        resting: restingIn(this.situation, this.turns.length + 1)
      })
      const number = requests + this.requests.length
      const turn = this.said.script[number - 1]
      for (const cost of this.situation.beside.during(number)) this.meter.charge(cost, innerTokens)
      if (mayHear && heard.steered(number)) {
        this.meter.unsettled++
        this.hear()
        left++
        continue
      }
      if (turn === undefined || turn._tag === "answer") {
        this.meter.pay(turn, number, turn !== undefined && hasContent(turn))
        // It is paid, and nobody hears of it
        return turn?.verdict === "block" ? new Failed("blocked") : this.answered(number)
      }
      this.meter.payBroken(turn.how, turn.cost, number)
      if (turn.how !== "refused" && left > 0 && this.meter.spent() === undefined) continue
      // The items of a response that lost only its last event are paid, so they are used
      return this.said.isUsable(number) ? this.answered(number) : new Failed(errorTags[turn.how])
    }
  }

  private answered(number: number): Answer {
    const answer = this.said.answerOf(number)
    this.turns.push(number)
    this.meter.turns = this.turns.length
    this.meter.work(this.situation.times.ofTurn(this.turns.length))
    this.hasCalled ||= answer.calls.length > 0
    this.said = this.said.with({ _tag: "turn", turn: number, outputs: new Map() })
    this.kept = this.said.copy()
    return answer
  }

  /** A forced call is requested once for a task. */
  private choice(mayCall: boolean): string | undefined {
    if (!mayCall) return "none"
    return this.situation.budgets.forces ? this.hasCalled ? "auto" : "required" : undefined
  }

  /** The name of the condition that ends the run, if one does. */
  private stop(): string | undefined {
    const { stop } = this.situation.budgets
    const spent = this.meter.spent()
    if (spent !== undefined) return spent
    const answers = this.turns.map((turn) => this.said.answerOf(turn))
    if (stop === "before slow" && answers.some(({ calls }) => calls.some(({ kind }) => kind === "slow"))) {
      return "beforeToolCall(slow)"
    }
    if (stop === "after slow" && this.wasSlow) return "hasToolCall(slow)"
    if (stop === "length" && answers.at(-1)?.isCut === true) return "finishReasonIs(length)"
    return this.meter.limit()
  }

  private stopped(condition: string): Ending {
    const pending = this.said.pending.map((call) =>
      [call, this.said.isOfServer(call) ? "approval" : "stopped"] as const
    )
    return { tag: "stopped", detail: condition, pending: this.serverLast(pending) }
  }

  /** Requests of servers are listed behind the calls. */
  private serverLast(pending: Ending["pending"]): Ending["pending"] {
    const isOfServer = ([call]: Ending["pending"][number]) => this.said.isOfServer(call)
    return [...pending.filter((one) => !isOfServer(one)), ...pending.filter(isOfServer)]
  }
}

export const expected = (situation: Situation): Expected => new Rules(situation).run()
