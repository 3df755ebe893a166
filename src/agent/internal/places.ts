import { type JsonObject, numberAt, stringAt } from "../../http/internal/json.js"

/**
 * Finds what belongs to an item of an answer, whose events name it by its id, by its position, or by both, and whose id
 * may change on the way.
 *
 * @internal
 */
export class Places<A> {
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
