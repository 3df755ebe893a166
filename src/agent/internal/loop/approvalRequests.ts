/** Requests for the approval of calls that a server executes. */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { Activities } from "../../Activities.js"
import type { RunError } from "../errors.js"
import type { Decision, PendingCall } from "../run.js"
import { approvalResponse, isApprovalRequest } from "../state/waiting.js"
import { invalid } from "./prepare.js"
import { record } from "./record.js"
import type { RunContext } from "./runContext.js"

/**
 * Asks the interpreter of activities for the approvals that servers request. Returns everything beside function calls that
 * still waits.
 *
 * @internal
 */
export const askForApprovals = (run: RunContext): Effect.Effect<ReadonlyArray<PendingCall>, RunError, unknown> =>
  Effect.gen(function*() {
    const { turns } = run.state
    const waiting = run.state.waiting.callsOf(turns)
    if (waiting.length === 0) return waiting
    const activities = yield* Activities
    for (const call of waiting) {
      const { callId, name, reason, turn } = call
      const key = { run: run.info.id, turn, callId, name, attempt: 1, reason }
      const decision = reason === "approval" ? yield* activities.approval(key, call, () => Effect.void) : Option.none()
      if (Option.isSome(decision)) yield* recordResponse(run, call, decision.value)
    }
    return run.state.waiting.callsOf(turns)
  })

const recordResponse = (
  run: RunContext,
  { callId }: PendingCall,
  decision: Decision
): Effect.Effect<void, RunError, unknown> =>
  Effect.suspend(() => {
    const request = run.state.waiting.all.find(({ call, item }) => isApprovalRequest(item) && call.callId === callId)
    if (request === undefined) return Effect.void
    if (decision._tag === "answer") {
      return invalid(
        "answer",
        `the call "${callId}" waits for an approval, not for an answer. Use \`approve\` or \`reject\``
      )
    }
    const response = approvalResponse(callId, decision)
    run.decisions.add(callId, decision)
    run.state.answerRequest({ to: request.item, item: response })
    return record(run, {
      entries: [
        ...run.input.take(),
        { _tag: "decision", callId, decision },
        { _tag: "input", items: [response] }
      ]
    })
  })
