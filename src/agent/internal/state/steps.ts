/** The steps of a run. */
import { readResponse } from "../../../response/readResponse.js"
import { refusalIn } from "../../../response/refusal.js"
import type { FunctionCall, Step, TurnRecord } from "../run.js"
import { Snapshot } from "./snapshot.js"

/**
 * The step of a turn whose calls have no results yet.
 *
 * @internal
 */
export const stepOf = (
  { agent, endedAt, response, startedAt, turn, usage }: TurnRecord,
  toolCalls: ReadonlyArray<FunctionCall>
): Step => {
  const { finishReason, text } = readResponse(response)
  const refusal = refusalIn(response.output)
  return {
    turn,
    ...(agent === undefined ? {} : { agent }),
    response,
    text,
    ...(refusal === undefined ? {} : { refusal }),
    finishReason,
    toolCalls,
    toolResults: [],
    usage,
    startedAt,
    endedAt
  }
}

/**
 * The steps of a run. A step is never changed, but replaced, so that those who hold one keep what they saw.
 *
 * @internal
 */
export class Steps {
  /** Only appended to, but for the record of a call of an earlier turn. */
  private before: Array<Step> = []
  private current: Snapshot<Step> | undefined = undefined
  last: Step | undefined = undefined

  get length(): number {
    return this.before.length + (this.last === undefined ? 0 : 1)
  }

  get first(): Step | undefined {
    return this.before[0] ?? this.last
  }

  get secondLast(): Step | undefined {
    return this.before.at(-1)
  }

  get snapshot(): Snapshot<Step> {
    return this.current ??= new Snapshot(this.before, this.before.length, this.last === undefined ? [] : [this.last])
  }

  some(holds: (step: Step) => boolean): boolean {
    return this.before.some(holds) || (this.last !== undefined && holds(this.last))
  }

  add(step: Step): void {
    if (this.last !== undefined) this.before.push(this.last)
    this.last = step
    this.current = undefined
  }

  /** Replaces the step of a turn. Returns false if there is none. */
  change(turn: number, change: (step: Step) => Step): boolean {
    this.current = undefined
    if (this.last?.turn === turn) {
      this.last = change(this.last)
      return true
    }
    const found = this.before.some((step) => step.turn === turn)
    if (found) this.before = this.before.map((step) => step.turn === turn ? change(step) : step)
    return found
  }
}
