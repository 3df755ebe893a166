/** Ids for items that need one, made from what is in them: the same content gets the same id, in every run. */
import * as Hash from "effect/Hash"

const made = /^(?:rs|msg|ig)_(made|text)_[0-9a-z]+(?:_\d+)?$/

/** Whether this library invented the id, so that it is worth nothing elsewhere. @internal */
export const isMade = (id: unknown): boolean => typeof id === "string" && made.test(id)

/** Whether the id marks reasoning that came as text alone. @internal */
export const isBare = (id: string): boolean => made.exec(id)?.[1] === "text"

/** @internal */
export class Ids {
  private readonly used = new Map<string, number>()

  make(prefix: "rs_made" | "rs_text" | "msg_made" | "ig_made", content: string): string {
    const id = `${prefix}_${(Hash.string(content) >>> 0).toString(36)}`
    const times = this.used.get(id) ?? 0
    this.used.set(id, times + 1)
    return times === 0 ? id : `${id}_${times + 1}`
  }
}
