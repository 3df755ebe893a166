/** The items of a response while they arrive. */
import { ItemIndex } from "../../agent/eventView.js"

/**
 * A text that arrives. `length` is what the browser has of it.
 *
 * @internal
 */
export interface Text {
  readonly kind: "text" | "reasoning"
  readonly id: string
  length: number
  isOpen: boolean
}

/**
 * An item that arrives. `place` counts the items of the response.
 *
 * @internal
 */
export interface Item {
  readonly place: number
  id: string | undefined
  readonly index: number | undefined
  readonly texts: Map<string, Text>
  sources: number
  /** The call, if the item is one and the browser has begun to show it. */
  call: { readonly id: string; length: number } | undefined
  /** Arguments that arrived before their call. */
  held: string
  /** Whether the API has stated it whole. */
  isWhole: boolean
  /** Whether nothing of it is left to show. */
  isDone: boolean
}

/**
 * The items of one response. An item is found by its id and by its index, of which an event may have only one.
 *
 * @internal
 */
export class Items {
  private readonly index = new ItemIndex<Item>()
  private items: Array<Item> = []

  get all(): ReadonlyArray<Item> {
    return this.items
  }

  clear(): void {
    this.index.clear()
    this.items = []
  }

  /** The item, which is new if no event named it before. */
  at(id: string | undefined, index: number | undefined): Item {
    const there = this.index.at(undefined, index)
    // Several items may have the same id; then the index decides
    const isThere = there !== undefined && (id === undefined || there.id === undefined || there.id === id)
    const known = isThere ? there : this.index.at(id, index)
    if (known === undefined) return this.enter(id, index)
    known.id ??= id
    return this.index.put(id, index, known)
  }

  /** As `at`, where another item with the same id may begin. */
  next(id: string | undefined, index: number): Item {
    const item = this.at(id, index)
    return item.isWhole && item.index !== undefined && item.index !== index ? this.enter(id, index) : item
  }

  private enter(id: string | undefined, index: number | undefined): Item {
    const item: Item = {
      place: this.items.length,
      id,
      index,
      texts: new Map(),
      sources: 0,
      call: undefined,
      held: "",
      isWhole: false,
      isDone: false
    }
    this.items.push(item)
    return this.index.put(id, index, item)
  }
}
