import { parseJson } from "../../http/internal/json.js"
import type { FunctionCall } from "../Run.js"
import type { PendingCall } from "../Steps.js"

/** @internal */
export const pendingCall = (turn: number, call: FunctionCall, reason: PendingCall["reason"]): PendingCall => ({
  callId: call.callId,
  name: call.name,
  arguments: parseJson(call.arguments)?.value ?? {},
  turn,
  reason
})
