/** What a run spends and for how long it works, by the rules alone, and which limits it reaches. */
import { countedBefore, type Earlier, type Span } from "./situation.js"
import { type Answer, type Breakage, type Budgets, tokensOf } from "./world.js"

/** Responses whose generation began, and whose cost did not arrive. */
const unsettled: ReadonlySet<Breakage> = new Set([
  "truncated",
  "stalled",
  "reset",
  "error",
  "unended",
  "unended by a reset"
])

export class Meter {
  cost = 0
  /** What was charged to a key of the user. */
  upstreamCost = 0
  tokens = 0
  /** How many generations have an unknown cost. */
  unsettled = 0
  turns = 0
  private worked: Span | undefined

  constructor(private readonly budgets: Budgets, private readonly earlier: Earlier) {}

  charge(cost: number, tokens: number): void {
    this.tokens += tokens
    this.cost += cost
  }

  /** Pays for a response. One without any content is not charged. */
  pay(answer: Answer | undefined, number: number, hasContent: boolean): void {
    if (answer?.bill === "missing") this.unsettled += answer.thinks || hasContent ? 1 : 0
    else if (answer?.bill === "own key") {
      this.upstreamCost += answer.cost
      this.tokens += tokensOf(number)
    } else this.charge(answer?.cost ?? 0, tokensOf(number))
  }

  /** Pays for a response that broke. */
  payBroken(how: Breakage, cost: number, number: number): void {
    if (how === "failed") this.charge(cost, tokensOf(number))
    if (unsettled.has(how)) this.unsettled++
  }

  /** A turn or a call came to its end. A run works from the begin of the first one to the end of the last one. */
  work(span: Span | undefined): void {
    if (span === undefined) return
    const { from, to } = this.worked ?? span
    this.worked = { from: Math.min(from, span.from), to: Math.max(to, span.to) }
  }

  /** The name of a budget that is used up. */
  spent(): string | undefined {
    const { maxCost = Infinity, maxTime = Infinity, maxTokens = Infinity, of } = this.budgets
    const before = countedBefore(this.earlier, of)
    if (before.cost + this.cost + this.upstreamCost >= maxCost) return this.named("maxCost", maxCost)
    if (before.tokens + this.tokens >= maxTokens) return this.named("maxTokensUsed", maxTokens)
    const elapsed = this.worked === undefined ? 0 : this.worked.to - this.worked.from
    return before.elapsed + elapsed >= maxTime ? this.named("elapsed", `${maxTime}ms`) : undefined
  }

  /** The name of the limit that is reached. */
  limit(): string | undefined {
    const { budgets: { maxSteps = 50, of, stop }, earlier } = this
    const spent = this.spent()
    if (spent !== undefined) return spent
    if (stop === "steps" && countedBefore(earlier, of).turns + this.turns >= 2) return this.named("stepCountIs", 2)
    return earlier.task.turns + this.turns >= maxSteps ? `maxSteps(${maxSteps})` : undefined
  }

  /** The name of the limit that earlier runs reached, also those that spent something and have no turn. */
  limitBefore(): string | undefined {
    const { cost, tokens, turns } = this.earlier.conversation
    return turns + cost + tokens > 0 ? this.limit() : undefined
  }

  /** The name of a limit says what it counts, unless that is the task. */
  private named(limit: string, most: number | string): string {
    const { of } = this.budgets
    return of === "task" ? `${limit}(${most})` : `${limit}(${most}, ${of})`
  }
}
