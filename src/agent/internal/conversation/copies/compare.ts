/** What two conversations have in common, and what each of them did behind that. */
import { isSameJson } from "../../../../internal/canonicalJson.js"
import type { InputItem } from "../../../../schema/ResponsesItemsRequest.js"
import type * as Usage from "../../../Usage.js"
import type { ToolRecord, TurnRecord } from "../../run.js"
import type { Entry, Log } from "../entry.js"
import { history } from "../history.js"
import { usageOf } from "../totals.js"

/**
 * What one of two conversations did behind what both have in common. `usage` is what that cost; `outcome` is that of its last
 * run, if a run has ended.
 *
 * @since 0.1.0
 * @category models
 */
export interface Branch {
  readonly items: ReadonlyArray<InputItem>
  readonly turns: ReadonlyArray<TurnRecord>
  readonly tools: ReadonlyArray<ToolRecord>
  readonly usage: Usage.Usage
  readonly outcome: string | undefined
}

/**
 * Two conversations beside each other. `common` are the items with which both begin.
 *
 * @since 0.1.0
 * @category models
 */
export interface Comparison {
  readonly common: ReadonlyArray<InputItem>
  readonly first: Branch
  readonly second: Branch
}

/** What changes what is said, or costs something. The rest says who held the conversation, and what waits. */
const substance: ReadonlySet<Entry["_tag"]> = new Set([
  "input",
  "turn",
  "tool",
  "output",
  "compacted",
  "spent",
  "nested"
])

const substanceOf = ({ entries }: Log): ReadonlyArray<Entry> => entries.filter(({ _tag }) => substance.has(_tag))

/** @internal */
export const compared = (first: Log, second: Log): Comparison => {
  const [left, right] = [substanceOf(first), substanceOf(second)]
  const differs = left.findIndex((entry, index) => !isSame(entry, right[index]))
  const end = differs === -1 ? left.length : differs
  const common = history(left.slice(0, end), true)
  return {
    common,
    first: branchOf(first, left.slice(end), history(left, true).slice(common.length)),
    second: branchOf(second, right.slice(end), history(right, true).slice(common.length))
  }
}

/** Runs inside of calls have other ids in a copy. */
const isSame = (entry: Entry, other: Entry | undefined): boolean =>
  entry._tag === "nested" ? other?._tag === "nested" && entry.callId === other.callId : isSameJson(entry, other)

const branchOf = (log: Log, entries: ReadonlyArray<Entry>, items: ReadonlyArray<InputItem>): Branch => ({
  items,
  turns: entries.flatMap((entry) => entry._tag === "turn" ? [entry.record] : []),
  tools: entries.flatMap((entry) => entry._tag === "tool" ? [entry.record] : []),
  usage: usageOf(entries),
  outcome: log.entries.flatMap((entry) => entry._tag === "closed" ? [entry.outcome] : []).at(-1)
})
