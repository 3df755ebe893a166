/** What messages from a browser say to a run. Nothing in them is trusted: each field is checked where it is read. */
import { arrayAt, isObject, jsonText, objectAt, stringAt } from "../../internal/json.js"
import type { EasyInputContent, InputItem } from "../../schema/ResponsesItemsRequest.js"
import type { ReceivedMessage, ReceivedPart } from "./message.js"

/**
 * What the last message asks for: input to add, and decisions about calls. All of it can be given to `Agent.stream`.
 *
 * @since 0.1.0
 * @category models
 */
export interface Ask {
  readonly input?: ReadonlyArray<InputItem>
  readonly approve: ReadonlyArray<string>
  readonly reject: ReadonlyArray<{ readonly callId: string; readonly reason: string }>
  readonly answer: { readonly [callId: string]: unknown }
}

/** @internal */
export const readMessage = (u: unknown): ReceivedMessage | undefined => {
  const role = stringAt(u, "role")
  const id = stringAt(u, "id")
  if (role === undefined) return undefined
  return { ...(id === undefined ? {} : { id }), role, parts: arrayAt(u, "parts").filter(isPart) }
}

const isPart = (u: unknown): u is ReceivedPart => stringAt(u, "type") !== undefined && isObject(u)

/** @internal */
export const askOf = (message: ReceivedMessage | undefined): Ask => {
  const input = message?.role === "user" ? userItems(message) : []
  const approve: Array<string> = []
  const reject: Array<{ readonly callId: string; readonly reason: string }> = []
  const answer: Array<readonly [string, unknown]> = []
  for (const part of message?.role === "assistant" ? message.parts : []) {
    const callId = stringAt(part, "toolCallId")
    if (callId === undefined) continue
    const approval = objectAt(part, "approval")
    if (part["state"] === "approval-responded" && approval?.["approved"] === true) approve.push(callId)
    if (part["state"] === "approval-responded" && approval?.["approved"] === false) {
      reject.push({ callId, reason: stringAt(approval, "reason") ?? "The user said no." })
    }
    const isAnswer = part["state"] === "output-available" && part["preliminary"] !== true &&
      part["providerExecuted"] !== true && part["output"] !== undefined
    if (isAnswer) answer.push([callId, part["output"]])
  }
  return { ...(input.length === 0 ? {} : { input }), approve, reject, answer: Object.fromEntries(answer) }
}

/**
 * The decisions of `ask` about the calls that wait, and the reasons for which they wait. Everything else is dropped: a
 * decision that was made before, or one that somebody forged.
 *
 * @internal
 */
export const forWaiting = (
  { answer, approve, reject, ...ask }: Ask,
  waiting: ReadonlyArray<{ readonly callId: string; readonly reason: string }>
): Ask => {
  const reasons = new Map(waiting.map(({ callId, reason }) => [callId, reason]))
  const isApproval = (callId: string): boolean => reasons.get(callId) === "approval"
  const isAnswer = (callId: string): boolean => reasons.get(callId) === "answer" || reasons.get(callId) === "manual"
  return {
    ...ask,
    approve: approve.filter(isApproval),
    reject: reject.filter(({ callId }) => isApproval(callId)),
    answer: Object.fromEntries(Object.entries(answer).filter(([callId]) => isAnswer(callId)))
  }
}

/**
 * Whether nothing is left to do.
 *
 * @internal
 */
export const isEmpty = ({ answer, approve, input, reject }: Ask): boolean =>
  input === undefined && approve.length === 0 && reject.length === 0 && Object.keys(answer).length === 0

const userItems = ({ parts }: ReceivedMessage): ReadonlyArray<InputItem> => {
  const content = parts.flatMap(inputPart)
  return content.length === 0 ? [] : [{ type: "message", role: "user", content }]
}

const inputPart = (part: ReceivedPart): ReadonlyArray<EasyInputContent> => {
  const text = stringAt(part, "text")
  if (part.type === "text") return text === undefined ? [] : [{ type: "input_text", text } as const]
  const url = stringAt(part, "url")
  if (part.type !== "file" || url === undefined) return []
  if (stringAt(part, "mediaType")?.startsWith("image/") === true) {
    return [{ type: "input_image", image_url: url, detail: "auto" } as const]
  }
  const filename = stringAt(part, "filename") ?? "file"
  return [
    url.startsWith("data:")
      ? { type: "input_file", filename, file_data: url } as const
      : { type: "input_file", filename, file_url: url } as const
  ]
}

/** @internal */
export const historyOf = (messages: ReadonlyArray<ReceivedMessage>): ReadonlyArray<InputItem> =>
  messages.flatMap((message): ReadonlyArray<InputItem> => {
    const text = textOf(message.parts)
    switch (message.role) {
      case "user":
        return userItems(message)
      case "system":
        return text === "" ? [] : [{ type: "message", role: "system", content: text }]
      case "assistant":
        return stepsOf(message.parts).flatMap(stepItems)
      default:
        return []
    }
  })

const textOf = (parts: ReadonlyArray<ReceivedPart>): string =>
  parts.map((part) => part.type === "text" ? stringAt(part, "text") ?? "" : "").join("")

const stepsOf = (parts: ReadonlyArray<ReceivedPart>): ReadonlyArray<ReadonlyArray<ReceivedPart>> => {
  const steps: Array<Array<ReceivedPart>> = [[]]
  for (const part of parts) {
    if (part.type === "step-start") steps.push([])
    else steps.at(-1)?.push(part)
  }
  return steps
}

/** The texts of a step, its calls, and their outputs. A call without an output is left out, because the API refuses it. */
const stepItems = (parts: ReadonlyArray<ReceivedPart>): ReadonlyArray<InputItem> => {
  const text = textOf(parts)
  const calls = parts.flatMap((part) => {
    const name = toolName(part)
    const callId = stringAt(part, "toolCallId")
    const output = outputOf(part)
    return name === undefined || callId === undefined || output === undefined || part["providerExecuted"] === true
      ? []
      : [{ callId, name, output, arguments: jsonText(part["input"] ?? {}) }]
  })
  return [
    ...(text === "" ? [] : [{ type: "message", role: "assistant", content: text } as const]),
    ...calls.map((
      { arguments: text, callId, name }
    ) => ({ type: "function_call", call_id: callId, name, arguments: text } as const)),
    ...calls.map(({ callId, output }) => ({ type: "function_call_output", call_id: callId, output } as const))
  ]
}

const toolName = (part: ReceivedPart): string | undefined =>
  part.type === "dynamic-tool"
    ? stringAt(part, "toolName")
    : part.type.startsWith("tool-")
    ? part.type.slice("tool-".length)
    : undefined

const outputOf = (part: ReceivedPart): string | undefined => {
  switch (part["state"]) {
    case "output-available":
      return part["preliminary"] === true
        ? undefined
        : typeof part["output"] === "string"
        ? part["output"]
        : jsonText(part["output"])
    case "output-error":
      return stringAt(part, "errorText") ?? "The call failed."
    case "output-denied":
      return stringAt(objectAt(part, "approval"), "reason") ?? "The user rejected this call; it was not carried out."
    default:
      return undefined
  }
}
