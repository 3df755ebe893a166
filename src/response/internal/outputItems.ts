import { type JsonObject, numberAt, stringAt } from "../../internal/json.js"
import { impliedItem, OutputItem } from "../outputItem.js"
import { restated } from "./restated.js"

/** The place of an item, which stays the same while its pieces arrive. */
interface Slot {
  readonly index: number
  item: OutputItem
  id: string | undefined
  isDone: boolean
}

/**
 * The items of a response while its events arrive. An item is known by its index and by its id; other servers of this
 * API send only one of them, or no item at all for the pieces of a text.
 *
 * @internal
 */
export class OutputItems {
  private readonly slots: Array<Slot> = []
  /** The last item of each index. */
  private readonly byIndex = new Map<number, Slot>()
  private readonly byId = new Map<string, Slot>()
  private unfinished = 0

  get size(): number {
    return this.slots.length
  }

  /** Whether there are items, and each of them was stated as a whole. */
  get areDone(): boolean {
    return this.slots.length > 0 && this.unfinished === 0
  }

  /** Adds the statement of an item: of its beginning, or of the whole. */
  put(item: JsonObject, at: number | undefined, isDone: boolean): void {
    const slot = this.find(at, stringAt(item, "id"), isDone)
    if (slot === undefined) {
      this.start(item, at, isDone)
      return
    }
    slot.item = new OutputItem(slot.index, restated(slot.item.toJson(), item))
    this.name(slot, stringAt(item, "id"))
    if (isDone && !slot.isDone) this.unfinished--
    slot.isDone ||= isDone
  }

  /** Adds an event about an item. */
  add(event: JsonObject): void {
    const at = numberAt(event, "output_index")
    const id = stringAt(event, "item_id")
    const named = id === undefined ? undefined : this.byId.get(id)
    const placed = at === undefined ? undefined : this.byIndex.get(at)
    const known = named ?? placed ?? (id === undefined && at === undefined ? this.slots.at(-1) : undefined)
    if (known !== undefined) {
      known.item.add(event)
      return
    }
    const item = impliedItem(event)
    if (item !== undefined) this.start(item, at, false).item.add(event)
  }

  toJson(): ReadonlyArray<JsonObject> {
    return this.slots.toSorted((a, b) => a.index - b.index).map((slot) => slot.item.toJson())
  }

  /** An item that begins at the index of one with another id is another item. */
  private find(at: number | undefined, id: string | undefined, isDone: boolean): Slot | undefined {
    const named = id === undefined ? undefined : this.byId.get(id)
    if (named !== undefined) return named
    const placed = at === undefined ? undefined : this.byIndex.get(at)
    const isAnother = placed?.id !== undefined && id !== undefined && (placed.isDone || !isDone)
    return isAnother ? undefined : placed
  }

  private start(item: JsonObject, at: number | undefined, isDone: boolean): Slot {
    const index = at ?? this.slots.length
    const slot: Slot = { index, item: new OutputItem(index, item), id: undefined, isDone }
    this.slots.push(slot)
    this.byIndex.set(index, slot)
    this.name(slot, stringAt(item, "id"))
    if (!isDone) this.unfinished++
    return slot
  }

  private name(slot: Slot, id: string | undefined): void {
    if (id === undefined) return
    slot.id = id
    this.byId.set(id, slot)
  }
}
