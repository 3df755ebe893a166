/** The state of a run: history, steps, usage. Only methods change it. */
import { readResponse } from "../../../response/readResponse.js"
import { refusalIn } from "../../../response/refusal.js"
import type { FunctionCallOutputItem, InputItem } from "../../../schema/ResponsesItemsRequest.js"
import * as Usage from "../../Usage.js"
import { withSharedEchoes } from "../echoes.js"
import type { Progress, Step, ToolRecord, TurnRecord } from "../run.js"
import type { FunctionDefinition } from "../tool.js"
import type { NextTurn } from "../turnParams.js"
import { GrowingHistory } from "./growingHistory.js"
import * as History from "./history.js"
import * as Discarded from "./spending.js"
import { Steps } from "./steps.js"
import { newTask, type Task } from "./task.js"
import { isCall, withAnswers } from "./waiting.js"

/**
 * What the handler of a call spends on models, until the call is recorded.
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

/**
 * A run so far. All of it follows from the input and from the records of turns and tool calls.
 *
 * @internal
 */
export class State {
  private readonly items = new GrowingHistory()
  /** The items before the run, and its input. */
  private readonly initial = new Set<InputItem>()
  private readonly steps = new Steps()
  /** The results of calls of earlier runs. */
  private readonly resumed = new Map<string, ToolRecord>()
  private readonly nextTurnPatches: Array<Patch> = []
  private hasCallResults = false
  private before: Task = newTask
  private isEmptyTurnRepeated = false
  private outputRepairs = 0
  private discardedForTurn = Discarded.none
  /** The position of each call in its turn. */
  private readonly positions = new Map<string, number>()
  private readonly unsettled: Array<string> = []
  private readonly accounts = new Set<Account>()
  private settled = Usage.none

  /** All items: those before the run, its input, and what the run added. */
  get history(): ReadonlyArray<InputItem> {
    return this.items.items
  }

  /** Why the history cannot be sent. */
  get problem(): GrowingHistory["problem"] {
    return this.items.problem
  }

  /** Whether any call of the task has an output. */
  get hasResults(): boolean {
    return this.hasCallResults || this.before.hasResults
  }

  /** How often the model was to repair its structured output. */
  get repairs(): number {
    return this.outputRepairs + this.before.repairs
  }

  /** What tools change in the parameters of later turns. */
  get patches(): ReadonlyArray<Patch> {
    return this.nextTurnPatches
  }

  /** What discarded responses of the current turn used. */
  get discarded(): Discarded.Discarded {
    return this.discardedForTurn
  }

  /** How many turns of the model this run has. */
  get turns(): number {
    return this.steps.length
  }

  /** Whether the model called a tool for the task. */
  get hasCalled(): boolean {
    return this.before.hasCalled || this.steps.some((step) => step.response.output.some(isCall))
  }

  get lastStep(): Step | undefined {
    return this.steps.last
  }

  /** Sets the history with which the run begins. */
  startFrom(history: ReadonlyArray<InputItem>): void {
    this.items.startFrom(history)
    for (const item of history) this.initial.add(item)
  }

  /** Continues a task: what is once per task is not done again. */
  continueTask(task: Task): void {
    this.before = task
  }

  countRepair(): void {
    this.outputRepairs++
  }

  /** Whether an empty turn may be requested again: once in a task. */
  mayRepeatEmptyTurn(): boolean {
    if (this.isEmptyTurnRepeated || this.before.hasEmptyTurn) return false
    this.isEmptyTurnRepeated = true
    return true
  }

  addPatches(patches: ReadonlyArray<Patch>): void {
    this.nextTurnPatches.push(...patches)
  }

  removeRepeats(): void {
    this.items.removeRepeats()
  }

  add(items: ReadonlyArray<InputItem>): void {
    this.items.add(items)
  }

  addOutputs(outputs: ReadonlyArray<FunctionCallOutputItem>): void {
    if (outputs.length > 0) this.items.addOutputs(outputs)
  }

  addAnswers(answers: Parameters<typeof withAnswers>[1]): void {
    this.items.startFrom(withAnswers(this.items.items, answers))
  }

  addTurn(record: TurnRecord): Step {
    const { endedAt, startedAt, turn } = record
    const { calls, items } = History.readTurn(record.response, this.items.callIds, turn)
    const response = withSharedEchoes({ ...record.response, output: items }, this.lastStep?.response)
    const { finishReason, text } = readResponse(response)
    const refusal = refusalIn(items)
    const usage = Usage.ofResponse(response)
    const step = {
      turn,
      response,
      text,
      ...(refusal === undefined ? {} : { refusal }),
      finishReason,
      toolCalls: calls,
      toolResults: [],
      usage: Usage.add(usage, this.discardedForTurn.usage),
      startedAt,
      endedAt
    }
    this.spend(usage)
    this.discardedForTurn = Discarded.none
    this.add(items)
    calls.forEach(({ callId }, position) => this.positions.set(callId, position))
    this.steps.add(step)
    return step
  }

  addDiscarded(discarded: Discarded.Discarded): void {
    this.discardedForTurn = Discarded.add(this.discardedForTurn, discarded)
    this.spend(discarded.usage)
    this.unsettled.push(...discarded.unsettled)
  }

  /** A call that was suspended and is done now keeps one record, but both executions count. */
  addTool(record: ToolRecord): void {
    this.hasCallResults ||= record.status !== "suspended"
    this.spend(record.usage)
    this.unsettled.push(...record.unsettled ?? [])
    const positionOf = ({ callId }: ToolRecord) => this.positions.get(callId) ?? -1
    const isKnownTurn = this.steps.change(record.turn, (step) => {
      const at = step.toolResults.findLastIndex((other) => positionOf(other) <= positionOf(record))
      const isKnown = step.toolResults[at]?.callId === record.callId
      const toolResults = step.toolResults.toSpliced(isKnown ? at : at + 1, isKnown ? 1 : 0, record)
      return { ...step, toolResults, usage: Usage.add(step.usage, record.usage) }
    })
    if (!isKnownTurn) this.resumed.set(record.callId, record)
  }

  openAccount(): Account {
    const account = { usage: Usage.none, unsettled: [] }
    this.accounts.add(account)
    return account
  }

  /** The usage of a recorded call counts with its record. */
  closeAccount(account: Account, isRecorded: boolean): void {
    this.accounts.delete(account)
    if (!isRecorded) this.spend(account.usage)
  }

  /** Plain data whose lists are copied when they are read: most readers look at a few fields. */
  progress(partial?: { readonly text: string }): Progress {
    const { initial, items: { snapshot: history }, steps: { snapshot: steps } } = this
    let added: ReadonlyArray<InputItem> | undefined
    const usage = [...this.accounts].reduce((sum, account) => Usage.add(sum, account.usage), this.settled)
    const last = this.lastStep
    const ended = (step: Step) => Math.max(step.endedAt, ...step.toolResults.map((result) => result.endedAt))
    return {
      get steps() {
        return steps.elements
      },
      get items() {
        return added ??= history.elements.filter((item) => !initial.has(item))
      },
      get history() {
        return history.elements
      },
      ...(this.resumed.size === 0 ? {} : { resumed: [...this.resumed.values()] }),
      text: partial !== undefined && partial.text !== "" ? partial.text : last?.text ?? "",
      usage,
      cost: usage.cost,
      unsettled: [...this.unsettled, ...[...this.accounts].flatMap((account) => account.unsettled)],
      startedAt: this.steps.first?.startedAt ?? 0,
      updatedAt: last === undefined ? 0 : ended(last)
    }
  }

  private spend(usage: Usage.Usage): void {
    this.settled = Usage.add(this.settled, usage)
  }
}
