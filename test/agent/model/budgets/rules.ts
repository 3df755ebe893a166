/**
 * The rules of limits that runs share, written again without the library. They follow what happens in a case, and say of
 * each request whether it may be sent now, and of each run that waits or has ended whether that is right.
 */
import { assert } from "@effect/vitest"
import { type Price, tokensOfResponse } from "./party.js"

/** What a price adds to a limit: in USD, in tokens. */
const addedBy = ({ bill, cost }: Price) =>
  bill === "missing" ? { usd: 0, tokens: 0 } : { usd: cost, tokens: tokensOfResponse }

/** A limit of cost or tokens, and what is known of the requests below it. */
export class Limit {
  private spentUsd = 0
  private spentTokens = 0
  private dearest = 0
  private dearestOfAll = 0
  /** What the documented bound allows beyond the limit and one more request. */
  private excess = 0
  /** The depths of runs in tools whose price is known. */
  private readonly priced = new Set<number>()
  private readonly inFlight = new Map<string, number>()

  constructor(readonly name: string, readonly usd: number | undefined, readonly tokens: number | undefined) {}

  get spent(): { readonly usd: number; readonly tokens: number } {
    return { usd: this.spentUsd, tokens: this.spentTokens }
  }

  get isUsedUp(): boolean {
    return this.spentUsd >= (this.usd ?? Infinity) || this.spentTokens >= (this.tokens ?? Infinity)
  }

  /** Whether requests are in flight, and what is left beside them does not cover one more, or its price is unknown. */
  isFull(depth: number): boolean {
    if (this.usd === undefined || this.inFlight.size === 0) return false
    const reserved = [...this.inFlight.values()].reduce((sum, amount) => sum + amount, 0)
    return !this.priced.has(depth) || this.spentUsd + reserved + this.dearest > this.usd
  }

  reserve(path: string): void {
    this.inFlight.set(path, this.dearest)
  }

  release(path: string): void {
    this.inFlight.delete(path)
  }

  /** A turn below the limit has ended. */
  learn(path: string, depth: number, price: Price): void {
    const { usd } = addedBy(price)
    this.excess += Math.max(0, usd - (this.inFlight.get(path) ?? 0))
    this.dearestOfAll = Math.max(this.dearestOfAll, usd)
    this.inFlight.delete(path)
    if (price.bill === "missing") return
    this.priced.add(depth)
    this.dearest = Math.max(this.dearest, price.cost)
  }

  /** What reserves nothing may exceed the limit. */
  allow(price: Price): void {
    this.excess += addedBy(price).usd
  }

  pay(price: Price): void {
    const { tokens, usd } = addedBy(price)
    this.spentUsd += usd
    this.spentTokens += tokens
  }

  checkBound(): void {
    assert.isAtMost(this.spentUsd, (this.usd ?? Infinity) + this.dearestOfAll + this.excess, `${this.name} is exceeded`)
  }
}

/** One run: its limits, and what it does now. */
interface Running {
  readonly path: string
  /** How many runs have it in their tools. */
  readonly depth: number
  /** Its own limits, which stop it after a turn and after its tools. */
  readonly own: ReadonlyArray<Limit>
  /** The limits above it, of which its requests reserve a part. */
  readonly above: ReadonlyArray<Limit>
  /** All limits that pay for what it spends; the first one is its own account. */
  readonly payers: ReadonlyArray<Limit>
  state: "ready" | "sending" | "working" | "over"
  /** How many of its calls are under way. */
  calls: number
  turns: number
}

interface Ended {
  readonly path: string
  readonly stoppedBy: string | undefined
  readonly spent: Limit["spent"]
}

export class Rules {
  /** The runs that have ended since nothing happened any more. */
  private readonly ended: Array<Ended> = []
  private readonly runs = new Map<string, Running>()

  constructor(readonly shared: Limit) {}

  /** A run begins, perhaps in a tool of another one. */
  begin(path: string, outer: string | undefined, own: ReadonlyArray<Limit>, holds: boolean): void {
    const parent = outer === undefined ? undefined : this.runOf(outer)
    const account = new Limit(`${path} itself`, undefined, undefined)
    const held = holds ? [this.shared] : []
    this.runs.set(path, {
      path,
      depth: parent === undefined ? 0 : parent.depth + 1,
      own,
      above: unique([...parent?.above ?? [], ...parent?.own ?? [], ...held]),
      payers: unique([account, ...own, ...parent?.payers ?? [], ...held]),
      state: "ready",
      calls: 0,
      turns: 0
    })
  }

  /** A run sends a request. A final one may exceed each limit. */
  send(path: string, isFinal: boolean): void {
    const run = this.runOf(path)
    assert.strictEqual(run.state, "ready", `${path} sends a request, but it is`)
    run.state = "sending"
    if (isFinal) return
    for (const limit of [...run.own, ...run.above]) {
      assert.isFalse(limit.isUsedUp, `${path} sends a request, although ${limit.name} is used up`)
    }
    for (const limit of run.above) {
      assert.isFalse(limit.isFull(run.depth), `${path} sends a request, which ${limit.name} may not cover`)
      limit.reserve(path)
    }
  }

  /** A response has arrived, with a number of calls. */
  receive(path: string, price: Price, isFinal: boolean, calls: number): void {
    const run = this.runOf(path)
    for (const limit of run.payers) {
      limit.pay(price)
      if (isFinal || !run.above.includes(limit)) limit.allow(price)
    }
    if (!isFinal) { for (const limit of run.above) limit.learn(path, run.depth, price) }
    run.turns++
    run.calls = calls
    run.state = "working"
  }

  /** A request has failed or was interrupted, and had no price. */
  abandon(path: string): void {
    const run = this.runOf(path)
    for (const limit of run.above) limit.release(path)
    run.state = "working"
  }

  /** A call of another endpoint has ended. */
  spend(caller: string, price: Price): void {
    for (const limit of this.runOf(caller).payers) {
      limit.pay(price)
      limit.allow(price)
    }
  }

  /** The handler of a call has ended. */
  endCall(caller: string): void {
    const run = this.runOf(caller)
    if (run.state === "working" && --run.calls === 0) run.state = "ready"
  }

  /** A run has ended. */
  end(path: string, stoppedBy: string | undefined, spent: Limit["spent"]): void {
    this.runOf(path).state = "over"
    this.ended.push({ path, stoppedBy, spent })
  }

  /** A run was interrupted. */
  interrupt(path: string): void {
    this.runOf(path).state = "over"
  }

  /** Nothing happens any more before the clock moves on: a run waits only for the end of another request. */
  rest(): void {
    for (const ended of this.ended.splice(0)) this.checkEnd(ended)
    for (const { above, depth, path, state } of this.runs.values()) {
      if (state !== "ready") continue
      assert.isTrue(above.some((limit) => limit.isFull(depth)), `${path} waits in vain`)
    }
  }

  turnsOf(path: string): number {
    return this.runOf(path).turns
  }

  checkBounds(): void {
    this.shared.checkBound()
    for (const { own } of this.runs.values()) for (const limit of own) limit.checkBound()
  }

  /** What stopped a run is used up, and what it says that it spent is true. */
  private checkEnd({ path, spent, stoppedBy }: Ended): void {
    const { above, own, payers } = this.runOf(path)
    const names = [...own, ...above].flatMap(({ isUsedUp, name }) => isUsedUp ? [name] : [])
    if (stoppedBy !== undefined) assert.include(names, stoppedBy, `what stopped ${path}`)
    assert.deepStrictEqual(spent, payers[0]?.spent, `what ${path} spent`)
  }

  private runOf(path: string): Running {
    return this.runs.get(path) ?? assert.fail(`no run ${path}`)
  }
}

const unique = <A>(all: ReadonlyArray<A>): ReadonlyArray<A> => [...new Set(all)]
