/** Items of a run as they grow. */
import { isObject, type JsonObject, numberAt, stringAt } from "../../../internal/json.js"
import { OutputItem } from "../../../response/outputItem.js"
import { guard } from "../../../schema/guard.js"
import type { StreamEvents } from "../../../schema/ResponsesEvents.js"
import { OutputItems } from "../../../schema/ResponsesItems.js"
import type { FunctionCallOutputItem } from "../../../schema/ResponsesItemsRequest.js"
import type * as Tool from "../../Tool.js"
import type { AgentEvent, ItemSnapshot } from "../events.js"
import { apiEvent } from "./apiEvents.js"
import { itemsOf } from "./deltas.js"

/** An item that arrives. It has no id, and is not emitted, until its type is known. */
interface Entry {
  readonly turn: number
  id: string | undefined
  type: string | undefined
  /** The item as the API announced it, if deltas arrived before. */
  head: JsonObject
  pieces: OutputItem
  whole: OutputItems | FunctionCallOutputItem | undefined
  state: ItemSnapshot["state"]
  emitted: ItemSnapshot | undefined
  changed: boolean
}

/**
 * The items of a run as they grow. Each event marks what it changed; snapshots are made once for a batch of events.
 *
 * @internal
 */
export class ItemView {
  private turn = 0
  private readonly ids = new Map<string, number>()
  private readonly index = new ItemIndex<Entry>()
  /** The items of the current response. */
  private current: Array<Entry> = []
  private changed: Array<Entry> = []

  read(events: ReadonlyArray<AgentEvent<Tool.Any, unknown>>): ReadonlyArray<ItemSnapshot> {
    for (const event of events) this.take(event)
    const snapshots: Array<ItemSnapshot> = []
    for (const entry of this.changed) {
      entry.changed = false
      const snapshot = snapshotOf(entry)
      if (snapshot === undefined) continue
      entry.emitted = snapshot
      snapshots.push(snapshot)
    }
    this.changed = []
    return snapshots
  }

  private take(event: AgentEvent<Tool.Any, unknown>): void {
    switch (event.type) {
      case "turn.start":
        this.turn = event.turn
        return
      // A second response within an attempt replaces the first
      case "turn.retry":
      case "response.created":
        for (const entry of this.current) this.change(entry, "void")
        return this.begin()
      case "turn.end":
        itemsOf(event).forEach((item, index) => this.complete(item, index))
        return this.begin()
      case "tool.call_output":
        return this.output(event.output, event.turn)
      case "response.output_item.added":
        return this.announce(event.item, event.output_index)
      case "response.output_item.done":
        return this.complete(event.item, event.output_index)
      default:
        return this.ofApi(apiEvent(event))
    }
  }

  private ofApi(event: StreamEvents | undefined): void {
    if (event === undefined) return
    if (isObject(event)) this.grow(event)
  }

  private begin(): void {
    this.current = []
    this.index.clear()
  }

  private announce(item: OutputItems, index: number): void {
    const known = this.index.at(stringAt(item, "id"), index)
    if (known === undefined || (known.id !== undefined && !isAgain(known, item))) {
      const entry = this.enter(new OutputItem(index, asJson(item)), stringAt(item, "id"), index)
      return this.name(entry, item, index)
    }
    if (known.id === undefined) known.head = asJson(item)
    else known.pieces = new OutputItem(index, asJson(item))
    this.name(known, item, index)
  }

  private complete(item: OutputItems, index: number): void {
    const known = this.index.at(stringAt(item, "id"), index)
    const same = known !== undefined && (known.type === undefined || known.type === item.type)
    const entry = same ? known : this.enter(new OutputItem(index, {}), stringAt(item, "id"), index)
    if (entry.whole !== undefined && isEqual(entry.whole, item)) return
    entry.whole = item
    this.name(entry, item, index, "whole")
  }

  private grow(event: JsonObject): void {
    const known = this.index.of(event)
    const pieces = known?.pieces ?? new OutputItem(numberAt(event, "output_index") ?? 0, {})
    if (known?.state === "whole" || !pieces.add(event)) return
    this.change(known ?? this.enter(pieces, stringAt(event, "item_id"), numberAt(event, "output_index")), "growing")
  }

  private output(output: FunctionCallOutputItem, turn: number): void {
    const id = this.unique(stringAt(output, "id") ?? `output_${output.call_id}`)
    this.change({ ...newEntry(turn, new OutputItem(0, {})), id, type: output.type, whole: output }, "whole")
  }

  private enter(pieces: OutputItem, id: string | undefined, index: number | undefined): Entry {
    const entry = this.index.put(id, index, newEntry(this.turn, pieces))
    this.current.push(entry)
    return entry
  }

  private name(entry: Entry, item: OutputItems, index: number, state: "growing" | "whole" = "growing"): void {
    entry.id ??= this.unique(stringAt(item, "id") ?? `item_${this.turn}_${index}`)
    entry.type = item.type
    this.index.put(stringAt(item, "id"), index, entry)
    this.change(entry, state)
  }

  private change(entry: Entry, state: ItemSnapshot["state"]): void {
    entry.state = state
    if (entry.changed) return
    entry.changed = true
    this.changed.push(entry)
  }

  private unique(id: string): string {
    const used = this.ids.get(id) ?? 0
    this.ids.set(id, used + 1)
    return used === 0 ? id : this.unique(`${id}#${used + 1}`)
  }
}

const newEntry = (turn: number, pieces: OutputItem): Entry => ({
  turn,
  id: undefined,
  type: undefined,
  head: {},
  pieces,
  whole: undefined,
  state: "growing",
  emitted: undefined,
  changed: false
})

const isItem = guard(OutputItems)

const snapshotOf = (entry: Entry): ItemSnapshot | undefined => {
  const { emitted, id, state, turn, whole } = entry
  if (state === "void") return emitted === undefined ? undefined : { ...emitted, state }
  if (id === undefined) return undefined
  const item = whole ?? { ...entry.head, ...entry.pieces.toJson() }
  return whole !== undefined ? { id, turn, state, item: whole } : isItem(item) ? { id, turn, state, item } : undefined
}

/** Whether an item is announced again. */
const isAgain = (entry: Entry, item: OutputItems): boolean =>
  entry.state === "growing" && entry.type === item.type && (stringAt(item, "id") ?? entry.id) === entry.id

const isEqual = (a: object, b: object): boolean => a === b || JSON.stringify(a) === JSON.stringify(b)

const asJson = (item: OutputItems): JsonObject => ({ ...item })

/**
 * Finds values by an item of a response. Events name an item by its id, by its index, or by both, and the id may change.
 *
 * @internal
 */
export class ItemIndex<A> {
  private readonly byId = new Map<string, A>()
  private readonly byIndex = new Map<number, A>()

  of(event: JsonObject): A | undefined {
    return this.at(stringAt(event, "item_id"), numberAt(event, "output_index"))
  }

  at(id: string | undefined, index: number | undefined): A | undefined {
    return (id === undefined ? undefined : this.byId.get(id)) ??
      (index === undefined ? undefined : this.byIndex.get(index))
  }

  put(id: string | undefined, index: number | undefined, value: A): A {
    if (id !== undefined) this.byId.set(id, value)
    if (index !== undefined) this.byIndex.set(index, value)
    return value
  }

  clear(): void {
    this.byId.clear()
    this.byIndex.clear()
  }
}
