/** What the log of a conversation says, read without the library. */
import type * as Conversations from "../../../src/agent/Conversation.js"
import { arrayAt, stringAt } from "../../../src/internal/json.js"
import type { Verdicts } from "./fates.js"
import type { Earlier, LastTurn, Span, Totals } from "./situation.js"

type How = "approve" | "reject" | "answer"

/** A decision about a call replaces an earlier one. */
export const decide = (verdicts: { readonly [set in keyof Verdicts]: Set<number> }, call: number, how: How): void => {
  if (how === "answer") verdicts.answered.add(call)
  else {
    verdicts[how === "reject" ? "approved" : "rejected"].delete(call)
    verdicts[how === "reject" ? "rejected" : "approved"].add(call)
  }
}

/** The decisions that are stored. A decision of a run that could not store it counts no more. */
export const verdictsIn = ({ entries }: Conversations.Log, calls: ReadonlyMap<string, number>) => {
  const verdicts = {
    approved: new Set<number>(),
    rejected: new Set<number>(),
    answered: new Set<number>(),
    given: new Set<number>()
  }
  for (const entry of entries) {
    const call = entry._tag === "decision" ? calls.get(entry.callId) : undefined
    if (entry._tag === "decision" && call !== undefined) decide(verdicts, call, entry.decision._tag)
  }
  return verdicts
}

/** What earlier runs did: for the task, which begins with the last message of the user, and all of them. */
export const earlierIn = ({ entries }: Conversations.Log, isNewTask: boolean): Earlier => {
  const first = entries.findLastIndex((entry) =>
    entry._tag === "input" && entry.by === undefined && entry.items.some((item) => stringAt(item, "role") === "user")
  )
  return { task: totalsOf(isNewTask ? [] : entries.slice(first + 1)), conversation: totalsOf(entries) }
}

const totalsOf = (entries: ReadonlyArray<Conversations.Entry>): Totals => {
  const usages = entries.flatMap((entry) =>
    entry._tag === "spent" ? [entry.usage] : entry._tag === "turn" || entry._tag === "tool" ? [entry.record.usage] : []
  )
  return {
    cost: usages.reduce((sum, { cost, upstreamCost }) => sum + cost + upstreamCost, 0),
    tokens: usages.reduce((sum, { totalTokens }) => sum + totalTokens, 0),
    turns: entries.filter((entry) => entry._tag === "turn").length,
    elapsed: spansIn(entries).reduce((sum, { from, to }) => sum + to - from, 0)
  }
}

/** From when to when each run worked. Nobody works between the runs. */
const spansIn = (entries: ReadonlyArray<Conversations.Entry>): ReadonlyArray<Span> => {
  const spans = new Map<string, Span>()
  for (const entry of entries) {
    if (entry._tag !== "turn" && entry._tag !== "tool") continue
    const { endedAt, startedAt } = entry.record
    const { from, to } = spans.get(entry.run) ?? { from: startedAt, to: endedAt }
    spans.set(entry.run, { from: Math.min(from, startedAt), to: Math.max(to, endedAt) })
  }
  return [...spans.values()]
}

/** The last turn, if nothing but the ends of runs was stored behind it. */
export const lastTurnIn = ({ entries }: Conversations.Log): LastTurn | undefined => {
  const at = entries.findLastIndex(({ _tag }) => _tag === "turn")
  const turn = entries[at]
  const later = entries.slice(at + 1)
  if (turn?._tag !== "turn" || later.some(({ _tag }) => ["input", "output", "tool"].includes(_tag))) return undefined
  const ends = later.flatMap((entry) => entry._tag === "closed" ? [entry.outcome] : [])
  const { output, status } = turn.record.response
  const parts = output.flatMap((item) => arrayAt(item, "content"))
  const says = (what: "text" | "refusal") => parts.some((part) => (stringAt(part, what) ?? "") !== "")
  const hasOthers = output.some(({ type }) => type !== "reasoning" && type !== "message")
  return {
    isCut: status === "incomplete",
    isEmpty: status !== "incomplete" && !hasOthers && !says("text") && !says("refusal"),
    isRefusal: !hasOthers && !says("text") && says("refusal"),
    outcome: ends.findLast((outcome) => !["failed", "blocked", "interrupted", "taken_over"].includes(outcome))
  }
}
