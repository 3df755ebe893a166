/** What the reference starts from, and what it says. */
import type { PendingCall } from "../../../src/agent/internal/run.js"
import type { Conversation } from "./conversation.js"
import type { Past, Verdicts } from "./fates.js"
import type { Heard } from "./steering.js"
import type { Budgets, Verdict } from "./world.js"

export interface Ending {
  readonly tag: string
  readonly detail?: string | undefined
  readonly pending: ReadonlyArray<readonly [call: number, reason: PendingCall["reason"]]>
  /** The other failures of the calls; any of them may come first. */
  readonly others?: ReadonlyArray<string>
}

export interface Expected {
  /** The input of each request, its choice of tools, and the agent that speaks. */
  readonly requests: ReadonlyArray<{
    readonly lines: ReadonlyArray<string>
    readonly choice: string | undefined
    readonly speaker: string | undefined
    /** The tool that is not active. */
    readonly resting: string | undefined
  }>
  readonly ending: Ending
  /** The conversation at the end; an upper bound if the run failed while other calls were running. */
  readonly said: Conversation
  /** The stored part of it: without the input, because a store records input with its response. */
  readonly kept: Conversation
  readonly isExact: boolean
  readonly turns: ReadonlyArray<number>
  readonly cost: number
  /** What was charged to a key of the user. */
  readonly upstreamCost: number
  readonly tokens: number
  /** How many generations have an unknown cost. */
  readonly unsettled: number
}

/** What runs did together; the cost is all that the user pays. */
export interface Totals {
  readonly cost: number
  readonly tokens: number
  readonly turns: number
  /** For how long they worked, in milliseconds. */
  readonly elapsed: number
}

export const nothing: Totals = { cost: 0, tokens: 0, turns: 0, elapsed: 0 }

/** What earlier runs of a stored conversation did: for the task, and all of them. */
export interface Earlier {
  readonly task: Totals
  readonly conversation: Totals
}

/** What the runs before count for a limit. */
export const countedBefore = ({ conversation, task }: Earlier, of: Budgets["of"]): Totals =>
  of === "run" ? nothing : of === "task" ? task : conversation

/** The last turn of a stored conversation, if nothing was stored behind it but the ends of runs. */
export interface LastTurn {
  readonly isCut: boolean
  readonly isEmpty: boolean
  readonly isRefusal: boolean
  /** How the last run ended that came to its end behind it. */
  readonly outcome: string | undefined
}

/** From when to when something lasted, in milliseconds. */
export interface Span {
  readonly from: number
  readonly to: number
}

/** When the turns and the calls of a run took place, by its own records, which are compared with what was observed. */
export interface Times {
  /** By the position of the turn in the run. */
  readonly ofTurn: (position: number) => Span | undefined
  readonly ofCall: (call: number) => Span | undefined
}

/** What runs outside of the turns spent, as it was observed. */
export interface Beside {
  /** The costs of the requests inside a call, in this run. */
  readonly inside: (call: number) => ReadonlyArray<number>
  /** The costs of work that outlived its call and that came to its end while that request waited for its response. */
  readonly during: (request: number) => ReadonlyArray<number>
}

/** Whether a run has nothing to do but to respond to messages, which are a task of their own. */
export const hasOnlyWords = (
  { before, heard, input, verdicts }: Pick<Situation, "before" | "heard" | "input" | "verdicts">
): boolean => heard.first.length > 0 && input === undefined && before.pending.length === 0 && verdicts.given.size === 0

export interface Situation {
  readonly before: Conversation
  readonly earlier: Earlier
  readonly last: LastTurn | undefined
  readonly input: string | undefined
  /** What a guardrail says of it. */
  readonly verdict: Verdict
  readonly rests: ReadonlyArray<string | undefined>
  /** The tool that was not active in an earlier turn. */
  readonly rested: (turn: number) => string | undefined
  readonly verdicts: Verdicts
  /** The calls that are decided about in this run. */
  readonly decided: ReadonlySet<number>
  readonly budgets: Budgets
  /** How many requests there were already. */
  readonly requests: number
  readonly past: Past
  readonly beside: Beside
  readonly times: Times
  readonly heard: Heard
  readonly isStored: boolean
}
