import { parseJson, stringAt } from "../../http/internal/json.js"
import type { Step } from "../Run.js"
import type { PendingCall } from "../Steps.js"

const types: ReadonlySet<string> = new Set([
  "custom_tool_call",
  "shell_call",
  "local_shell_call",
  "apply_patch_call",
  "computer_call"
])

/**
 * Calls of tools that are no functions, and that nobody carried out: they wait for the caller, who answers each with an
 * item of its own type.
 *
 * @internal
 */
export const foreignCalls = ({ response: { output }, turn }: Step): ReadonlyArray<PendingCall> => {
  const done = new Set(output.flatMap((item) => item.type.endsWith("_output") ? stringAt(item, "call_id") ?? [] : []))
  return output.flatMap((item) => {
    const callId = stringAt(item, "call_id")
    return callId === undefined || !types.has(item.type) || done.has(callId)
      ? []
      : [{ callId, name: stringAt(item, "name") ?? item.type, arguments: argumentsOf(item), turn, reason: "manual" }]
  })
}

const argumentsOf = (item: object): unknown => {
  const text = stringAt(item, "input")
  return text === undefined
    ? Reflect.get(item, "operation") ?? Reflect.get(item, "action")
    : parseJson(text)?.value ?? text
}
