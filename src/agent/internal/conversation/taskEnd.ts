/** The end of a task in the log. */
import type { Step } from "../run.js"
import { stepOf } from "../state/steps.js"
import { isEmptyResponse } from "../state/task.js"
import type { Entry } from "./entry.js"

/**
 * The last turn of a log, which ended its task. `isRecorded` says whether a run recorded this end. If not, a run broke off
 * between its last turn and its end, and what follows each response is still to do: its output is read, and middleware may
 * continue the run.
 *
 * @internal
 */
export interface TaskEnd {
  readonly step: Step
  readonly isRecorded: boolean
}

/**
 * The end of the task, if no entry behind the last turn leaves something to do. It is not an end if the task continues:
 * after a stop condition, after an empty response, and after an incomplete one with which a run already ended.
 *
 * @internal
 */
export const taskEnd = (entries: ReadonlyArray<Entry>): TaskEnd | undefined => {
  const at = entries.findLastIndex(({ _tag }) => _tag === "turn")
  const last = entries[at]
  const later = entries.slice(at + 1)
  if (last?._tag !== "turn" || later.some(isNew)) return undefined
  const step = stepOf(last.record, [])
  const recorded = later.flatMap((entry) =>
    entry._tag === "closed" && !brokeOff.has(entry.outcome) ? entry.outcome : []
  )
    .at(-1)
  if (recorded === undefined) return isEmptyResponse(step) ? undefined : { step, isRecorded: false }
  return recorded === "completed" || recorded === "refused" ? { step, isRecorded: true } : undefined
}

/** Whether an entry changes what the next request sends. */
const isNew = ({ _tag }: Entry): boolean => _tag === "input" || _tag === "output" || _tag === "tool"

/**
 * The outcomes of runs that did not come to their end.
 *
 * @internal
 */
export const brokeOff: ReadonlySet<string> = new Set(["failed", "blocked", "interrupted", "taken_over"])
