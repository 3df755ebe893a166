/** The messages that a browser shows of a stored conversation. */
import type { ToolRecord } from "../../agent/Activities.js"
import type { FunctionCall } from "../../agent/Agent.js"
import type { Entry, Log } from "../../agent/Conversation.js"
import * as Conversation from "../../agent/Conversation.js"
import { callIds, failureMessage, readTurn } from "../../agent/eventView.js"
import { arrayAt, stringAt } from "../../internal/json.js"
import type { OutputItems } from "../../schema/ResponsesItems.js"
import type { InputItem } from "../../schema/ResponsesItemsRequest.js"
import { mediaTypeOf, partsOf } from "./itemParts.js"
import type { UiMessage, UiPart } from "./message.js"

/** A call of a message, as it changes. */
interface Call {
  readonly message: UiMessage
  readonly index: number
  readonly named: { readonly type: `tool-${string}` } | { readonly type: "dynamic-tool"; readonly toolName: string }
  readonly toolCallId: string
  readonly input: unknown
  approval: { readonly id: string; readonly approved: boolean; readonly reason?: string } | undefined
}

/**
 * The id of a message: its place in the conversation.
 *
 * @internal
 */
export const messageId = (index: number): string => `m${index}`

/**
 * Messages from the entries of a log, in order. The message of the assistant goes on until the user says something.
 *
 * @internal
 */
export class MessageReader {
  readonly messages: Array<UiMessage> = []
  private readonly calls = new Map<string, Call>()
  private readonly callIds = new Set<string>()
  /** The entries since the user said something. */
  private recent: Array<Entry> = []

  constructor(private readonly isDynamic: (tool: string) => boolean) {}

  read(log: Log): ReadonlyArray<UiMessage> {
    for (const entry of log.entries) {
      this.take(entry)
      this.recent.push(entry)
    }
    this.endMessage()
    for (const { arguments: input, callId, name, reason, path } of Conversation.pending(log)) {
      if (reason !== "approval") continue
      // A call of a run inside of a call stands in the message as one of its own
      if (path !== undefined && !this.calls.has(callId)) this.call({ callId, name, input }, true)
      this.show(callId, (call) => ({ state: "approval-requested", input: call.input, approval: { id: callId } }))
    }
    return this.messages
  }

  private take(entry: Entry): void {
    switch (entry._tag) {
      case "input":
        if (entry.by === "run" && entry.messages === undefined) return
        for (const id of callIds(entry.items)) this.callIds.add(id)
        return entry.items.forEach((item) => this.said(item))
      case "turn": {
        const { turn } = entry.record
        const { calls, items } = readTurn(entry.record.response, this.callIds, turn)
        for (const id of callIds(items)) this.callIds.add(id)
        return this.turn(turn, items, calls)
      }
      case "tool":
        return this.result(entry.record)
      case "output":
        return this.show(entry.item.call_id, ({ approval, input }) =>
          approval?.approved === false
            ? { state: "output-denied", input, approval: { ...approval, approved: false } }
            : { state: "output-available", input, output: entry.item.output, ...approvedBy(approval) })
      case "decision":
        return this.decide(entry.callId, entry.decision)
    }
  }

  private said(item: InputItem): void {
    if (stringAt(item, "role") !== "user") return
    this.endMessage()
    const content = "content" in item ? item.content : undefined
    const parts = typeof content === "string"
      ? [{ type: "text", text: content } as const]
      : arrayAt(item, "content").flatMap((part) => inputPart(part))
    this.messages.push({ id: messageId(this.messages.length), role: "user", parts: [...parts] })
  }

  private endMessage(): void {
    const last = this.messages.at(-1)
    const usage = Conversation.usage({ version: 0, entries: this.recent })
    this.recent = []
    if (last?.role === "assistant") this.messages.splice(-1, 1, { ...last, metadata: { usage, cost: usage.cost } })
  }

  private assistant(): UiMessage {
    const last = this.messages.at(-1)
    if (last?.role === "assistant") return last
    const message: UiMessage = { id: messageId(this.messages.length), role: "assistant", parts: [] }
    this.messages.push(message)
    return message
  }

  private turn(turn: number, items: ReadonlyArray<OutputItems>, calls: ReadonlyArray<FunctionCall>): void {
    const { parts } = this.assistant()
    parts.push({ type: "step-start" })
    const left = calls.values()
    items.forEach((item, place) => {
      if (item.type === "function_call") {
        const call = left.next().value
        return call === undefined ? undefined : this.modelCall(call)
      }
      let sources = 0
      for (const part of partsOf(item)) {
        if (part.kind === "text" || part.kind === "reasoning") {
          parts.push({ type: part.kind, text: part.text, state: "done" })
        }
        if (part.kind === "file") parts.push({ type: "file", mediaType: part.mediaType, url: part.url })
        if (part.kind === "source") {
          const { title, url } = part
          sources++
          parts.push({
            type: "source-url",
            sourceId: `${turn}.${place}.${sources}`,
            url,
            ...(title === undefined ? {} : { title })
          })
        }
        if (part.kind === "server") {
          const { input, name, output } = part.tool
          const toolCallId = `${stringAt(item, "id") ?? "server"}.${turn}.${place}`
          parts.push({
            type: "dynamic-tool",
            toolName: name,
            toolCallId,
            providerExecuted: true,
            state: "output-available",
            input,
            output
          })
        }
      }
    })
  }

  private modelCall({ arguments: input, argumentsText, callId, name, truncated }: FunctionCall): void {
    this.call({ callId, name, input: truncated ? argumentsText : input ?? argumentsText }, this.isDynamic(name))
    if (truncated) {
      this.show(callId, (call) => ({ state: "output-error", input: call.input, errorText: "The call broke off." }))
    }
  }

  private call(
    { callId, input, name }: { readonly callId: string; readonly name: string; readonly input: unknown },
    isDynamic: boolean
  ): void {
    const message = this.assistant()
    this.calls.set(callId, {
      message,
      index: message.parts.length,
      named: isDynamic ? { type: "dynamic-tool", toolName: name } : { type: `tool-${name}` },
      toolCallId: callId,
      input,
      approval: undefined
    })
    message.parts.push({ type: "step-start" })
    this.show(callId, (call) => ({ state: "input-available", input: call.input }))
  }

  private result(record: ToolRecord): void {
    const { callId, rejected, result, status } = record
    if (status === "suspended" || status === "started") return
    this.show(callId, ({ approval, input }) => {
      if (rejected === true) {
        return { state: "output-denied", input, approval: { id: callId, ...approval, approved: false } }
      }
      return status === "success"
        ? { state: "output-available", input, output: result ?? null, ...approvedBy(approval) }
        : { state: "output-error", input, errorText: failureMessage(record), ...approvedBy(approval) }
    })
  }

  private decide(callId: string, decision: Extract<Entry, { readonly _tag: "decision" }>["decision"]): void {
    const call = this.calls.get(callId)
    if (call === undefined || decision._tag === "answer") return
    const reason = decision._tag === "reject" ? decision.reason : undefined
    const approval = { id: callId, approved: decision._tag === "approve", ...(reason === undefined ? {} : { reason }) }
    call.approval = approval
    this.show(callId, ({ input }) => ({ state: "approval-responded", input, approval }))
  }

  private show(callId: string, stateOf: (call: Call) => StateOf<UiPart>): void {
    const call = this.calls.get(callId)
    if (call === undefined) return
    const { index, message, named, toolCallId } = call
    message.parts[index] = { ...named, toolCallId, ...stateOf(call) }
  }
}

/** The fields of the states of a call. */
type StateOf<Part> = Part extends { readonly state: string; readonly toolCallId: string }
  ? Omit<Part, "type" | "toolName" | "toolCallId" | "providerExecuted">
  : never

const approvedBy = (
  approval: Call["approval"]
): { readonly approval?: { readonly id: string; readonly approved: true } } =>
  approval === undefined ? {} : { approval: { id: approval.id, approved: true } }

const inputPart = (part: unknown): ReadonlyArray<UiPart> => {
  switch (stringAt(part, "type")) {
    case "input_text":
      return [{ type: "text", text: stringAt(part, "text") ?? "" }]
    case "input_image": {
      const url = stringAt(part, "image_url")
      return url === undefined ? [] : [{ type: "file", mediaType: mediaTypeOf(url) ?? "image/*", url }]
    }
    case "input_file": {
      const url = stringAt(part, "file_data") ?? stringAt(part, "file_url")
      const filename = stringAt(part, "filename")
      return url === undefined ? [] : [{
        type: "file",
        mediaType: mediaTypeOf(url) ?? "application/octet-stream",
        url,
        ...(filename === undefined ? {} : { filename })
      }]
    }
    default:
      return []
  }
}
