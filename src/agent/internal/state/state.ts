import { readResponse } from "../../../response/readResponse.js"
import type { FunctionCallOutputItem, InputItem } from "../../../schema/ResponsesItemsRequest.js"
import * as Usage from "../../Usage.js"
import type { ToolRecord, TurnRecord } from "../records.js"
import type { Progress, Step } from "../run.js"
import type { FunctionDefinition } from "../tool.js"
import type { NextTurn } from "../turnParams.js"
import * as History from "./history.js"
import * as Waste from "./spending.js"

/**
 * What a call spends on models of its own, while it runs.
 *
 * @internal
 */
export interface Account {
  usage: Usage.Usage
  readonly unsettled: Array<string>
}

/**
 * What a successful call changes in the parameters of later turns.
 *
 * @internal
 */
export interface Patch {
  readonly definition: FunctionDefinition
  readonly params: NextTurn<unknown, unknown>["params"]
  readonly result: NextTurn<unknown, unknown>["result"]
}

/** A step whose calls are still being carried out. */
interface OpenStep extends Omit<Step, "toolResults" | "usage"> {
  readonly toolResults: Array<ToolRecord>
  usage: Usage.Usage
}

/**
 * A run so far: all of it follows from the input and from what the steps gave back.
 *
 * @internal
 */
export class State {
  history: ReadonlyArray<InputItem> = []
  /** Whether any call has an output that this run gave. */
  hasResults = false
  /** Whether a call failed the run, or was interrupted with it. */
  isOver = false
  /** Whether an answer without content was asked for again. */
  askedAgain = false
  /** How often the model was asked for an answer that fits. */
  repairs = 0
  readonly patches: Array<Patch> = []
  /** What was generated in vain for the turn at hand. */
  waste = Waste.none
  /** What was there before the run, or was given to it. */
  private readonly given = new Set<InputItem>()
  private readonly steps: Array<OpenStep> = []
  /** Where each call stands among those of its turn. */
  private readonly places = new Map<string, number>()
  private readonly unsettled: Array<string> = []
  private readonly accounts = new Set<Account>()
  private settled = Usage.none

  /** Turns of the model in this run. */
  get turns(): number {
    return this.steps.length
  }

  get hasCalled(): boolean {
    return this.steps.some((step) => step.toolCalls.length > 0)
  }

  get lastStep(): Step | undefined {
    return this.steps[this.steps.length - 1]
  }

  /** The conversation that the run begins with. */
  give(history: ReadonlyArray<InputItem>): void {
    this.history = history
    for (const item of history) this.given.add(item)
  }

  add(items: ReadonlyArray<InputItem>): void {
    this.history = [...this.history, ...items]
  }

  addOutputs(outputs: ReadonlyArray<FunctionCallOutputItem>): void {
    if (outputs.length === 0) return
    this.history = History.settle(this.history, outputs)
  }

  addTurn(record: TurnRecord): Step {
    const { endedAt, startedAt, turn } = record
    const { calls, items } = History.readTurn(record.response, this.history, turn)
    const response = { ...record.response, output: items }
    const { finishReason, text } = readResponse(response)
    const usage = Usage.ofResponse(response)
    const step = {
      turn,
      response,
      text,
      finishReason,
      toolCalls: calls,
      toolResults: [],
      usage: Usage.add(usage, this.waste.usage),
      startedAt,
      endedAt
    }
    this.spend(usage)
    this.waste = Waste.none
    this.add(items)
    calls.forEach(({ callId }, place) => this.places.set(callId, place))
    this.steps.push(step)
    return step
  }

  addWaste(waste: Waste.Waste): void {
    this.waste = Waste.add(this.waste, waste)
    this.spend(waste.usage)
    this.unsettled.push(...waste.unsettled)
  }

  /** A call that was suspended and is done now has one record, but spent twice. */
  addTool(record: ToolRecord): void {
    this.hasResults ||= record.status !== "suspended"
    this.spend(record.usage)
    this.unsettled.push(...record.unsettled ?? [])
    const step = this.steps.findLast((step) => step.turn === record.turn)
    if (step === undefined) return
    const placeOf = ({ callId }: ToolRecord) => this.places.get(callId) ?? -1
    const at = step.toolResults.findLastIndex((other) => placeOf(other) <= placeOf(record))
    const isKnown = step.toolResults[at]?.callId === record.callId
    step.toolResults.splice(isKnown ? at : at + 1, isKnown ? 1 : 0, record)
    step.usage = Usage.add(step.usage, record.usage)
  }

  open(): Account {
    const account = { usage: Usage.none, unsettled: [] }
    this.accounts.add(account)
    return account
  }

  /** What is recorded counts with its record. */
  close(account: Account, isRecorded: boolean): void {
    this.accounts.delete(account)
    if (!isRecorded) this.spend(account.usage)
  }

  progress(partial?: { readonly text: string }): Progress {
    const usage = [...this.accounts].reduce((sum, account) => Usage.add(sum, account.usage), this.settled)
    const last = this.lastStep
    const ended = (step: Step) => Math.max(step.endedAt, ...step.toolResults.map((result) => result.endedAt))
    return {
      steps: this.steps.map((step) => ({ ...step, toolResults: [...step.toolResults] })),
      items: this.history.filter((item) => !this.given.has(item)),
      history: this.history,
      text: partial !== undefined && partial.text !== "" ? partial.text : last?.text ?? "",
      usage,
      cost: usage.cost,
      unsettled: [...this.unsettled, ...[...this.accounts].flatMap((account) => account.unsettled)],
      startedAt: this.steps[0]?.startedAt ?? 0,
      updatedAt: last === undefined ? 0 : ended(last)
    }
  }

  private spend(usage: Usage.Usage): void {
    this.settled = Usage.add(this.settled, usage)
  }
}
