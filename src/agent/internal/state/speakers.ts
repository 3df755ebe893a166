/** Which agent of a run speaks, and which one asked for a call. */
import { stringAt } from "../../../internal/json.js"
import type { Entry } from "../conversation/entry.js"
import type { FunctionCall, ToolRecord, TurnRecord } from "../run.js"

/** Who asked for a call: an agent by its name, and the names of the tools that it had, if not all of its own. */
type Caller = Pick<TurnRecord, "agent" | "tools">

/**
 * The agents of a run, by their names. Without handoffs, one agent speaks all the time.
 *
 * @internal
 */
export class Speakers {
  /** The call with which the present agent took over. */
  handoff: string | undefined = undefined
  /** The agents that asked for calls. A call that is missing here was asked for by the present agent. */
  private readonly callers = new Map<string, Caller>()
  /** The call that may hand over, of each turn. */
  private readonly handoffs = new Map<number, string>()

  /** `current` is the name of the agent that speaks, if it has one. */
  constructor(public current: string | undefined) {}

  /** Goes on as a conversation ended. An agent that the run does not know any more has left. */
  restore(entries: ReadonlyArray<Entry>, isKnown: (agent: string) => boolean): void {
    for (const entry of entries) {
      if (entry._tag === "turn") {
        for (const item of entry.record.response.output) {
          const callId = item.type === "function_call" ? stringAt(item, "call_id") : undefined
          if (callId !== undefined) this.callers.set(callId, entry.record)
        }
      } else if (entry._tag === "tool" && entry.record.handoff !== undefined && isKnown(entry.record.handoff)) {
        this.addTool(entry.record)
      }
    }
  }

  addTurn({ tools }: TurnRecord, calls: ReadonlyArray<FunctionCall>): void {
    const caller = { agent: this.current, tools }
    for (const { callId } of calls) this.callers.set(callId, caller)
  }

  /** Whether another agent took over with this call. */
  addTool({ callId, handoff }: ToolRecord): boolean {
    if (handoff === undefined) return false
    this.current = handoff
    this.handoff = callId
    return true
  }

  callerOf(callId: string): Caller {
    return this.callers.get(callId) ?? { agent: this.current }
  }

  /** One handoff of a turn may execute: the first that asks. */
  mayTakeOver(turn: number, callId: string): boolean {
    const first = this.handoffs.get(turn) ?? callId
    this.handoffs.set(turn, first)
    return first === callId
  }
}
