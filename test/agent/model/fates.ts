/** What becomes of one call, by the rules alone. */
import type { PendingCall } from "../../../src/agent/internal/run.js"
import type { Conversation } from "./conversation.js"
import type { Told } from "./wire.js"

/** The decisions of the user so far. */
export interface Verdicts {
  readonly approved: ReadonlySet<number>
  readonly rejected: ReadonlySet<number>
  readonly answered: ReadonlySet<number>
  readonly given: ReadonlySet<number>
}

type Fragile = "approval" | "before" | "after"

/** What happened before the run, and what cannot be known by rules. */
export interface Past {
  readonly wasStarted: (call: number) => boolean
  /** Whether a function around the call failed already; it fails once. */
  readonly hasFailed: (call: number, what: Fragile) => boolean
  /** Whether the run inside the call was interrupted, by a request to interrupt the run. */
  readonly wasInterrupted: (call: number) => boolean
  /** Whether the run inside the call fails: a budget may end it earlier. */
  readonly declines: (call: number) => boolean
}

/** What happened before the call, and in its turn. */
export interface Now extends Past {
  /** Whether another agent can take over with the call. */
  readonly mayTakeOver: (call: number) => boolean
  /** Whether its tool was active in its turn. */
  readonly isActive: (call: number) => boolean
}

/** The result of a call: it has an output, or it waits. It fails the run instead, or after its output is recorded. */
export interface Fate {
  readonly told?: Told
  readonly waits?: PendingCall["reason"]
  readonly fails?: ReadonlyArray<string>
  /** Whether a handler was called. */
  readonly isExecuted?: boolean
}

type Facts = ReturnType<Conversation["callOf"]>

export const fateOf = (facts: Facts, call: number, verdicts: Verdicts, past: Now, isStrict: boolean): Fate => {
  const { gated, isCut, kind } = facts
  const { answered, approved, rejected } = verdicts
  if (kind === "server") return { waits: "approval" }
  if (kind === "unknown" || !past.isActive(call)) {
    return isStrict
      ? { fails: ["UnknownToolError"] }
      : { told: "unknown tool" }
  }
  if (rejected.has(call)) return { told: "rejected" }
  if (isCut) return { told: "cut off" }
  if (kind === "badJson") return { told: "not JSON" }
  if (kind === "badArguments") return { told: "does not fit" }
  if (kind === "manual") return answered.has(call) ? { told: "done" } : { waits: "manual" }
  if (!approved.has(call)) {
    if (kind === "touchy" && failsFirst(past, call, "approval")) return { fails: ["Touched"] }
    if (gated) return { waits: "approval" }
  }
  if (kind === "over" && !past.mayTakeOver(call)) return { told: "too late" }
  return wrapped(facts, call, past, () => handled(facts, call, verdicts, past))
}

const failsFirst = ({ hasFailed }: Past, call: number, what: Fragile): boolean => !hasFailed(call, what)

/** What the middleware makes of a call. */
const wrapped = ({ wrap }: Facts, call: number, past: Past, next: () => Fate): Fate => {
  if (wrap === "refuses") return { told: "refused" }
  if (wrap === "blocks" && failsFirst(past, call, "before")) return { fails: ["blocked"] }
  if (wrap === "throws" && failsFirst(past, call, "before")) return { fails: ["CallbackError"] }
  const fate = next()
  if (!isSuccess(fate.told)) {
    return wrap === "fails after" && failsFirst(past, call, "after")
      ? { fails: ["Unwrapped"] }
      : fate
  }
  if (wrap === "fails after" && failsFirst(past, call, "after")) {
    return { told: "withheld", fails: ["Unwrapped", ...fate.fails ?? []] }
  }
  return wrap === "changes" ? { ...fate, told: "changed" } : fate
}

const handled = (facts: Facts, call: number, verdicts: Verdicts, past: Past): Fate => ({
  ...executed(facts, call, verdicts, past),
  isExecuted: true
})

const executed = ({ kind, wrap }: Facts, call: number, { answered }: Verdicts, past: Past): Fate => {
  switch (kind) {
    case "declines":
      return { told: "declined" }
    case "dies":
      return { told: "died" }
    case "over":
      return { told: "handed over" }
    case "hangs":
    case "stuck":
      return { told: "timed out" }
    case "unshowable":
      return { told: "unshowable", fails: ["CallbackError"] }
    case "agent":
      return past.wasInterrupted(call)
        ? { waits: "stopped" }
        : { told: past.declines(call) ? "declined" : "done" }
    case "ask":
      return answered.has(call) ? { told: "done" } : { waits: "answer" }
    case "fatal":
      return past.wasStarted(call) || wrap === "repeats" ? { told: "done" } : { fails: ["Fatal"] }
    default:
      return { told: "done" }
  }
}

/** Whether a handler was successful, whatever the model is told of it. */
export const isSuccess = (told: Told | undefined): boolean =>
  told === "done" || told === "handed over" || told === "changed" || told === "unshowable" || told === "withheld"
