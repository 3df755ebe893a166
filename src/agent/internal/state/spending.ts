/** What a run spends: in its activities, which have records, and beside them. */
import { isOpenRouterError } from "../../../http/OpenRouterError.js"
import { addSpent, nothing, type Payer, type Spent } from "../../../http/spending.js"
import { stringAt } from "../../../internal/json.js"
import { hasOutput } from "../../../response/readResponse.js"
import * as Usage from "../../Usage.js"

/**
 * What one activity spends while it runs. The calls of its fibers pay to it.
 *
 * @internal
 */
export class Account {
  private paid: Spent = nothing
  private isSealed = false
  private isUsed = false

  /** `key` is the id of the call if `isOfCall`. */
  constructor(readonly key: string, private readonly late: Payer, readonly isOfCall: boolean) {}

  /** What was paid, or `undefined` if the activity did not run: an interpreter knew its result. */
  get spent(): Spent | undefined {
    return this.isUsed ? this.paid : undefined
  }

  /** The activity runs. */
  begin(): void {
    this.isUsed = true
  }

  readonly pay: Payer = (spent) => {
    if (this.isSealed) this.late(spent)
    else this.paid = addSpent(this.paid, spent)
  }

  /** Returns what the record of the activity says. Work that outlives the activity is no part of it. */
  seal(): Spent {
    this.isSealed = true
    return this.paid
  }
}

/**
 * Everything that a run spent. `others` pay as well: runs whose tool started this run, shared budgets. The calls of a run
 * pay to them directly.
 *
 * @internal
 */
export class Ledger {
  private recorded: Spent = nothing
  /** What no record has: failed attempts, work that outlived its call, functions of the options. */
  private beside: Spent = nothing
  /** The calls whose costs are among them, because they got no record. */
  private calls: Array<string> = []
  private readonly accounts = new Set<Account>()

  constructor(private readonly others: ReadonlySet<Payer>) {}

  private readonly payBeside: Payer = (spent) => {
    this.beside = addSpent(this.beside, spent)
  }

  /** All who pay for what the run does outside of its activities. */
  get payers(): ReadonlySet<Payer> {
    return new Set([...this.others, this.payBeside])
  }

  payersOf(account: Account): ReadonlySet<Payer> {
    return new Set([...this.others, account.pay])
  }

  get total(): Spent {
    let sum = addSpent(this.recorded, this.beside)
    for (const account of this.accounts) sum = addSpent(sum, account.spent ?? nothing)
    return sum
  }

  open(key: string, isOfCall = false): Account {
    const account = new Account(key, this.payBeside, isOfCall)
    this.accounts.add(account)
    return account
  }

  /** Counts the record of an activity, which holds what its account paid. */
  record(key: string, spent: Spent): void {
    const account = [...this.accounts].find((account) => account.key === key)
    if (account !== undefined) this.accounts.delete(account)
    this.recorded = addSpent(this.recorded, spent)
  }

  /** Counts an activity that gets no record. `known` is what is known of it if it did not run here. */
  drop(account: Account, known: Spent = nothing): Spent {
    account.seal()
    this.accounts.delete(account)
    const spent = account.spent ?? known
    if (account.isOfCall && spent !== nothing) this.calls.push(account.key)
    this.payBeside(spent)
    return spent
  }

  /**
   * Takes what no record has, so that it is stored by itself, and the calls that it covers. At the end of a run, this is all
   * that is left.
   */
  takeBeside(isEnd: boolean): { readonly spent: Spent; readonly calls: ReadonlyArray<string> } {
    if (isEnd) { for (const account of this.accounts) this.drop(account) }
    const { beside: spent, calls } = this
    this.beside = nothing
    this.calls = []
    this.recorded = addSpent(this.recorded, spent)
    return { spent, calls }
  }
}

/**
 * The fields of a record.
 *
 * @internal
 */
export const toRecord = (
  { unsettled, usage }: Spent
): { readonly usage: Usage.Usage; readonly unsettled?: ReadonlyArray<string> } =>
  unsettled.length === 0 ? { usage } : { usage, unsettled }

/** @internal */
export const ofRecord = (
  { unsettled = [], usage }: { readonly usage: Usage.Usage; readonly unsettled?: ReadonlyArray<string> | undefined }
): Spent => ({ usage, unsettled })

/**
 * What a failed attempt used, for an interpreter that remembers its error.
 *
 * @internal
 */
export const ofError = (error: unknown): Spent => {
  const partial = isOpenRouterError(error) && "partial" in error ? error.partial : undefined
  if (partial === undefined) return nothing
  const isKnown = partial.cost !== undefined || !hasOutput(partial)
  const generationId = stringAt(error, "generationId") ?? partial.generationId
  const unsettled = isKnown || generationId === undefined ? [] : [generationId]
  return { usage: Usage.ofResponse(partial.result), unsettled }
}
