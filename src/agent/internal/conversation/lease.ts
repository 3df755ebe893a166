/** The run that holds a conversation, derived from its entries. */
import type { Entry } from "./entry.js"

/**
 * The last run that held a conversation. `isOpen` until it is closed; `interrupt` is the request to interrupt it.
 *
 * @internal
 */
export interface Hold {
  readonly run: string
  readonly until: number
  readonly isOpen: boolean
  readonly interrupt: Interrupt | undefined
}

/** @internal */
export interface Interrupt {
  readonly reason?: string | undefined
}

const interrupted = ({ interrupt, ...hold }: Hold, { reason }: Interrupt): Hold => ({
  ...hold,
  interrupt: interrupt ?? (reason === undefined ? {} : { reason })
})

const after = (hold: Hold | undefined, entry: Entry): Hold | undefined => {
  if (entry._tag === "opened") return { run: entry.run, until: entry.until, isOpen: true, interrupt: undefined }
  if (hold === undefined || !hold.isOpen) return hold
  if (entry._tag === "interrupt") return interrupted(hold, entry)
  if (entry._tag === "renewed" && entry.run === hold.run) return { ...hold, until: entry.until }
  if (entry._tag === "closed" && entry.run === hold.run) return { ...hold, isOpen: false }
  return hold
}

/**
 * The last run that held the conversation, from its entries; `before` is the result for earlier entries.
 *
 * @internal
 */
export const holdOf = (entries: ReadonlyArray<Entry>, before?: Hold): Hold | undefined => entries.reduce(after, before)

/**
 * The run that holds the conversation at a time.
 *
 * @internal
 */
export const heldAt = (hold: Hold | undefined, at: number): Hold | undefined =>
  hold !== undefined && hold.isOpen && hold.until > at ? hold : undefined
