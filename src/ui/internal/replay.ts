/**
 * The chunks that make a message of a stored conversation, for a browser that reads a message from its beginning:
 * one of protocol 7.
 */
import type { Chunk } from "./chunk.js"
import type { UiApproval, UiMessage, UiPart } from "./message.js"

/** @internal */
export const chunksOf = ({ parts }: UiMessage): ReadonlyArray<Chunk> =>
  parts.flatMap((part, index) => partChunks(part, `before.${index}`))

const partChunks = (part: UiPart, id: string): ReadonlyArray<Chunk> => {
  switch (part.type) {
    case "step-start":
      return [{ type: "start-step" }]
    case "text":
      return [{ type: "text-start", id }, { type: "text-delta", id, delta: part.text }, { type: "text-end", id }]
    case "reasoning":
      return [
        { type: "reasoning-start", id },
        { type: "reasoning-delta", id, delta: part.text },
        { type: "reasoning-end", id }
      ]
    case "source-url":
      return [part]
    case "file":
      return [{ type: "file", url: part.url, mediaType: part.mediaType }]
    default:
      return callChunks(part)
  }
}

type CallPart = Extract<UiPart, { readonly toolCallId: string }>

const callChunks = (part: CallPart): ReadonlyArray<Chunk> => {
  const { input, toolCallId } = part
  const executed = part.providerExecuted === true ? { providerExecuted: true } : {}
  const named = part.type === "dynamic-tool"
    ? { toolCallId, toolName: part.toolName, dynamic: true, ...executed }
    : { toolCallId, toolName: part.type.slice("tool-".length), ...executed }
  const available: Chunk = { type: "tool-input-available", input, ...named }
  const decided = "approval" in part ? [available, ...approvalChunks(part.approval, toolCallId)] : [available]
  switch (part.state) {
    case "input-available":
    case "approval-requested":
    case "approval-responded":
      return decided
    case "output-available":
      return [...decided, { type: "tool-output-available", toolCallId, output: part.output, ...executed }]
    case "output-error":
      return [...decided, { type: "tool-output-error", toolCallId, errorText: part.errorText }]
    case "output-denied":
      return [...decided, { type: "tool-output-denied", toolCallId }]
  }
}

const approvalChunks = (approval: UiApproval | undefined, toolCallId: string): ReadonlyArray<Chunk> => {
  if (approval === undefined) return []
  const { approved, id: approvalId, reason } = approval
  const request: Chunk = { type: "tool-approval-request", approvalId, toolCallId }
  return approved === undefined
    ? [request]
    : [request, { type: "tool-approval-response", approvalId, approved, ...(reason === undefined ? {} : { reason }) }]
}
