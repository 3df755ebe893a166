/** The state of a run: history, steps, usage. Only methods change it. */
import { addSpent, nothing, type Payer, type Spent } from "../../../http/spending.js"
import type { FunctionCallOutputItem, InputItem } from "../../../schema/ResponsesItemsRequest.js"
import * as Usage from "../../Usage.js"
import type { TaskEnd } from "../conversation/taskEnd.js"
import * as Totals from "../conversation/totals.js"
import { withSharedEchoes } from "../echoes.js"
import type { CompactionRecord, Progress, Step, ToolRecord, TurnRecord } from "../run.js"
import type { FunctionDefinition } from "../tool.js"
import type { NextTurn } from "../turnParams.js"
import { isSettled, isStarted } from "./background.js"
import { ContextMeter } from "./contextSize.js"
import { GrowingHistory } from "./growingHistory.js"
import * as History from "./history.js"
import { Speakers } from "./speakers.js"
import { type Account, Ledger, ofError, ofRecord } from "./spending.js"
import { stepOf, Steps } from "./steps.js"
import { newTask, type Task } from "./task.js"
import { isCall, withAnswers } from "./waiting.js"

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
  /** What requests send of the items, since the history was compacted. */
  private compacted: GrowingHistory | undefined = undefined
  /** The items before the run, and its input. */
  private readonly initial = new Set<InputItem>()
  private readonly steps = new Steps()
  /** The results of calls of earlier runs. */
  private readonly resumed = new Map<string, ToolRecord>()
  private readonly settled = new Set<string>()
  private nextTurnPatches: Array<Patch> = []
  private hasCallResults = false
  private before: Task = newTask
  private isEmptyTurnRepeated = false
  private outputRepairs = 0
  private failedAttempts: Spent = nothing
  /** From the start of the first turn or call to the end of the last one. */
  private worked: { readonly from: number; readonly to: number } | undefined = undefined
  /** The position of each call in its turn. */
  private readonly positions = new Map<string, number>()
  readonly ledger: Ledger
  readonly context: ContextMeter

  /** What earlier runs of the stored conversation did. */
  earlier: Totals.Earlier | undefined = undefined

  /** The stored turn that ended the task, if this run finds nothing else to do. */
  ended: TaskEnd | undefined = undefined

  /** How many turns the run had when another agent took over. */
  private turnsBefore = 0
  readonly speakers: Speakers

  /** `payers` pay for what the run does. */
  constructor(
    payers: ReadonlySet<Payer>,
    { agent, contextLength }: { readonly agent?: string | undefined; readonly contextLength?: number | undefined } = {}
  ) {
    this.ledger = new Ledger(payers)
    this.context = new ContextMeter(contextLength)
    this.speakers = new Speakers(agent)
  }

  /** All items: those before the run, its input, and what the run added. */
  get history(): ReadonlyArray<InputItem> {
    return this.items.items
  }

  /** The items that the next request sends: all of them, unless the history was compacted. */
  get sent(): GrowingHistory {
    return this.compacted ?? this.items
  }

  /** What waits beside function calls. */
  get waiting(): GrowingHistory["waiting"] {
    return this.items.waiting
  }

  /** Why the history cannot be sent. */
  get problem(): GrowingHistory["problem"] {
    return this.sent.problem
  }

  /** Whether any call of the task has an output, or a response to its request for an approval. */
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

  /** How many turns of the model this run has. */
  get turns(): number {
    return this.steps.length
  }

  /** How many turns the task has, with those of earlier runs. */
  get taskTurns(): number {
    return this.steps.length + (this.earlier?.task.steps ?? 0)
  }

  /** Whether the agent that speaks called a tool for the task. */
  get hasCalled(): boolean {
    return this.before.hasCalled ||
      this.steps.some(({ response, turn }) => turn > this.turnsBefore && response.output.some(isCall))
  }

  get lastStep(): Step | undefined {
    return this.steps.last
  }

  /** The step before the last one. */
  get stepBefore(): Step | undefined {
    return this.steps.secondLast
  }

  /** Sets the history with which the run begins, and what is sent of it. */
  startFrom(history: ReadonlyArray<InputItem>, sent = history): void {
    this.items.startFrom(history)
    this.compacted = sent === history ? undefined : new GrowingHistory()
    this.compacted?.startFrom(sent)
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
    this.compacted?.removeRepeats()
  }

  add(items: ReadonlyArray<InputItem>): void {
    this.items.add(items)
    this.compacted?.add(items)
    this.context.add(items)
  }

  /** Removes items that wait for the next run. */
  takeBack(items: ReadonlyArray<InputItem>): void {
    if (items.length === 0) return
    const isKept = (item: InputItem) => !items.includes(item)
    this.items.startFrom(this.items.items.filter(isKept))
    this.compacted?.startFrom(this.compacted.items.filter(isKept))
  }

  addOutputs(outputs: ReadonlyArray<FunctionCallOutputItem>): void {
    if (outputs.length === 0) return
    this.items.addOutputs(outputs)
    this.compacted?.addOutputs(outputs)
    this.context.add(outputs)
  }

  addAnswers(answers: Parameters<typeof withAnswers>[1]): void {
    this.items.startFrom(withAnswers(this.items.items, answers))
    this.compacted?.startFrom(withAnswers(this.compacted.items, answers))
    this.context.add(answers.map(({ item }) => item))
  }

  addCompaction(record: CompactionRecord): void {
    this.work(record)
    this.context.addCompaction(record)
    if (record.items === undefined) return
    this.compacted = new GrowingHistory()
    this.compacted.startFrom(record.items)
  }

  /** Answers a request of a turn of this run. */
  answerRequest(answer: Parameters<typeof withAnswers>[1][number]): void {
    this.hasCallResults = true
    this.addAnswers([answer])
  }

  addTurn(record: TurnRecord): Step {
    const { turn } = record
    const { calls, items } = History.readTurn(record.response, this.items.callIds, turn)
    const response = withSharedEchoes({ ...record.response, output: items }, this.lastStep?.response)
    const usage = Usage.add(record.usage, this.failedAttempts.usage)
    const step = stepOf({ ...record, response, usage }, calls)
    this.ledger.record(turnKey(turn), ofRecord(record))
    this.work(record)
    this.failedAttempts = nothing
    this.add(items)
    this.context.addTurn(record)
    calls.forEach(({ callId }, position) => this.positions.set(callId, position))
    this.speakers.addTurn(record, calls)
    this.steps.add(step)
    return step
  }

  /** An attempt at a turn that failed. It counts in the step of the turn, if the turn succeeds later. */
  addFailedAttempt(account: Account, error: unknown): void {
    this.failedAttempts = addSpent(this.failedAttempts, this.ledger.drop(account, ofError(error)))
  }

  /** A call that was suspended and is done now keeps one record, but both executions count. */
  addTool(record: ToolRecord): void {
    this.hasCallResults ||= record.status !== "suspended"
    // What a call in the background spends is in the record of its end
    if (!isStarted(record)) this.ledger.record(record.callId, ofRecord(record))
    this.work(record)
    if (isSettled(record)) this.settled.add(record.callId)
    const positionOf = ({ callId }: ToolRecord) => this.positions.get(callId) ?? -1
    const isKnownTurn = this.steps.change(record.turn, (step) => {
      const at = step.toolResults.findLastIndex((other) => positionOf(other) <= positionOf(record))
      const isKnown = step.toolResults[at]?.callId === record.callId
      const toolResults = step.toolResults.toSpliced(isKnown ? at : at + 1, isKnown ? 1 : 0, record)
      return { ...step, toolResults, usage: Usage.add(step.usage, record.usage) }
    })
    if (!isKnownTurn) this.resumed.set(record.callId, record)
    if (this.speakers.addTool(record)) this.beginAgent()
  }

  /** Another agent does not go on with what tools changed for the one before, or with its first call. */
  private beginAgent(): void {
    this.nextTurnPatches = []
    this.turnsBefore = this.turns
    this.before = { ...this.before, hasCalled: false }
  }

  /** Whether a call in the background has ended in this run. */
  hasSettled(callId: string): boolean {
    return this.settled.has(callId)
  }

  /** The text of an output that this run kept aside. */
  keptText(callId: string): string | undefined {
    const records = this.steps.snapshot.elements.flatMap(({ toolResults }) => toolResults)
    return (this.resumed.get(callId) ?? records.find((record) => record.callId === callId))?.kept
  }

  private work({ endedAt, startedAt }: TurnRecord | ToolRecord | CompactionRecord): void {
    const { from, to } = this.worked ?? { from: startedAt, to: endedAt }
    this.worked = { from: Math.min(from, startedAt), to: Math.max(to, endedAt) }
  }

  /** Plain data whose lists are copied when they are read: most readers look at a few fields. */
  progress(partial?: { readonly text: string }): Progress {
    const { earlier, initial, items: { snapshot: all }, sent: { snapshot: history }, steps: { snapshot: steps } } = this
    let added: ReadonlyArray<InputItem> | undefined
    const { unsettled, usage } = this.ledger.total
    const last = this.lastStep
    const { from: startedAt, to: updatedAt } = this.worked ?? { from: 0, to: 0 }
    const own = { usage, cost: usage.cost, steps: this.steps.length, elapsed: updatedAt - startedAt }
    return {
      ...(this.speakers.current === undefined ? {} : { agent: this.speakers.current }),
      get steps() {
        return steps.elements
      },
      get items() {
        return added ??= all.elements.filter((item) => !initial.has(item))
      },
      get history() {
        return history.elements
      },
      ...(this.resumed.size === 0 ? {} : { resumed: [...this.resumed.values()] }),
      text: partial !== undefined && partial.text !== "" ? partial.text : (last ?? this.ended?.step)?.text ?? "",
      usage,
      cost: usage.cost,
      unsettled,
      context: this.context.size,
      startedAt,
      updatedAt,
      task: earlier === undefined ? undefined : Totals.add(earlier.task, own),
      conversation: earlier === undefined ? undefined : Totals.add(earlier.conversation, own)
    }
  }
}

/**
 * The key of a turn's account. Those of calls are their ids.
 *
 * @internal
 */
export const turnKey = (turn: number): string => `turn ${turn}`
