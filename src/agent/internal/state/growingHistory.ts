/** The history of a run as it grows: what it costs to add items does not depend on how many there are. */
import { jsonText, stringAt } from "../../../internal/json.js"
import type { FunctionCallOutputItem, InputItem } from "../../../schema/ResponsesItemsRequest.js"
import * as History from "./history.js"
import { Snapshot } from "./snapshot.js"
import { WaitingItems } from "./waiting.js"

/**
 * A history to which items are added. All of it is as `settle`, `problemOf` and `withoutRepeats` make it; they look at the
 * open end alone.
 *
 * @internal
 */
export class GrowingHistory {
  /** Items without pending calls: nothing moves among them, so it is only appended to. */
  private settled: Array<InputItem> = []
  /** The items behind them, from a turn on whose calls have no output. */
  private open: ReadonlyArray<InputItem> = []
  /** Whether each output of the open items is behind its turn. */
  private isInPlace = true
  /** Whether an output without a call is among the settled items. */
  private hasStrays = false
  private ids = new Set<string>()
  private reasoning = new Reasoning()
  private waitingItems = new WaitingItems()
  private current: Snapshot<InputItem> | undefined = undefined

  get items(): ReadonlyArray<InputItem> {
    return this.snapshot.elements
  }

  get length(): number {
    return this.settled.length + this.open.length
  }

  get snapshot(): Snapshot<InputItem> {
    return this.current ??= new Snapshot(this.settled, this.settled.length, this.open)
  }

  /** The same items, if no call is pending, as a list that only grows until the history begins anew. */
  get grown(): ReadonlyArray<InputItem> | undefined {
    return this.open.length === 0 ? this.settled : undefined
  }

  /** What waits beside function calls. */
  get waiting(): WaitingItems {
    return this.waitingItems
  }

  /** The ids of all calls. */
  get callIds(): ReadonlySet<string> {
    return this.ids
  }

  /** Why the history cannot be sent. */
  get problem(): ReturnType<typeof History.problemOf> {
    return this.open.length === 0 && !this.hasStrays ? undefined : History.problemOf(this.items)
  }

  /** Forgets all items and begins with these, each output in its place. */
  startFrom(items: ReadonlyArray<InputItem>): void {
    this.settled = []
    this.open = []
    this.isInPlace = true
    this.hasStrays = false
    this.ids = new Set()
    this.reasoning = new Reasoning()
    this.waitingItems = new WaitingItems()
    this.add(items)
    this.addOutputs([])
  }

  /** Appends items. An output among them keeps its place until the next outputs are added. */
  add(items: ReadonlyArray<InputItem>): void {
    for (const item of items) {
      if (item.type === "function_call") this.ids.add(item.call_id)
      this.reasoning.read(item)
      this.waitingItems.read(item)
    }
    this.open = [...this.open, ...items]
    this.isInPlace &&= !items.some((item) => item.type === "function_call_output")
    if (this.isInPlace) this.close()
    this.current = undefined
  }

  /** Puts each output behind the items of its turn, in the order of the calls. */
  addOutputs(outputs: ReadonlyArray<FunctionCallOutputItem>): void {
    for (const output of outputs) this.waitingItems.read(output)
    this.open = History.settle(this.open, outputs)
    this.isInPlace = true
    this.close()
    this.current = undefined
  }

  /** Removes repeated items of reasoning. */
  removeRepeats(): void {
    if (this.reasoning.isRepeated) this.startFrom(History.withoutRepeats(this.items))
  }

  private close(): void {
    const { pending, strays } = History.unpaired(this.open)
    if (pending > 0) return
    this.hasStrays ||= strays > 0
    for (const item of this.open) this.settled.push(item)
    this.open = []
  }
}

/** Finds out whether an item of reasoning is the repetition of one before it. */
class Reasoning {
  isRepeated = false
  /** By id: the first item, and the texts of all once there are several. Reasoning without an id is known by the object. */
  private readonly seen = new Map<unknown, { readonly first: InputItem; texts?: Set<string> }>()

  read(item: InputItem): void {
    if (item.type !== "reasoning" || this.isRepeated) return
    const id = stringAt(item, "id")
    const known = this.seen.get(id ?? item)
    if (known === undefined) {
      this.seen.set(id ?? item, { first: item })
      return
    }
    known.texts ??= new Set([jsonText(known.first)])
    const text = jsonText(item)
    this.isRepeated = id === undefined || known.texts.has(text)
    known.texts.add(text)
  }
}
