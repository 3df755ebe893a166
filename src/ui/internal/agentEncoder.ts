/** Turns the events of a run into the chunks of a UI message stream. */
import type { PendingCall } from "../../agent/Activities.js"
import type { Run } from "../../agent/Agent.js"
import type { AgentEvent, NestedEvent, RunEnd, ToolFailure, ToolSuccess, TurnEnd } from "../../agent/AgentStream.js"
import { apiEvent, itemsOf } from "../../agent/eventView.js"
import type * as Tool from "../../agent/Tool.js"
import { numberAt, stringAt } from "../../internal/json.js"
import { reasoningDelta, textDelta } from "../../response/responsesProtocol.js"
import type { StreamEvents } from "../../schema/ResponsesEvents.js"
import type { OutputItems } from "../../schema/ResponsesItems.js"
import { type Item, Items } from "./arrivingItems.js"
import type { Chunk } from "./chunk.js"
import { finishReason, type Protocol } from "./finishReason.js"
import { isServerTool, partsOf, type ServerTool, serverToolName, type Source } from "./itemParts.js"

interface EncoderOptions {
  readonly protocol: Protocol
  /** Whether the browser has no type for this tool. */
  readonly isDynamic: (tool: string) => boolean
  readonly metadata: (run: Run<unknown>) => unknown
  /** The ids of the calls that the message had before. */
  readonly known: ReadonlySet<string>
  /** The calls that waited before the run. */
  readonly waiting: ReadonlyArray<PendingCall>
}

/**
 * An encoder with the defaults of the options.
 *
 * @internal
 */
export const agentEncoder = (options: {
  readonly protocol?: Protocol | undefined
  readonly dynamic?: ((tool: string) => boolean) | undefined
  readonly metadata?: ((run: Run<unknown>) => unknown) | undefined
  readonly known?: ReadonlySet<string> | undefined
  readonly waiting?: ReadonlyArray<PendingCall> | undefined
}): AgentEncoder =>
  new AgentEncoder({
    protocol: options.protocol ?? 6,
    isDynamic: options.dynamic ?? (() => false),
    metadata: options.metadata ?? spentOf,
    known: options.known ?? new Set(),
    waiting: options.waiting ?? []
  })

/** What a message cost: with all runs since the user said something, such as the one that waited for an approval. */
const spentOf = ({ outcome, task, ...run }: Run<unknown>) => {
  const { cost, usage } = task ?? run
  return { outcome, usage, cost }
}

type Event = AgentEvent<Tool.Any, unknown>

/** @internal */
export class AgentEncoder {
  private out: Array<Chunk> = []
  private turn = 0
  private attempt = 1
  private isStepOpen = false
  /** The items of the current response. */
  private readonly items = new Items()
  /** The calls of the current response that the browser shows, with the names of their tools. */
  private readonly started = new Map<string, string>()
  /** The calls that the message has. */
  private readonly known: Set<string>

  constructor(private readonly options: EncoderOptions) {
    this.known = new Set(options.known)
  }

  read(events: ReadonlyArray<Event>): ReadonlyArray<Chunk> {
    this.out = []
    for (const event of events) this.take(event)
    return this.out
  }

  private take(event: Event): void {
    switch (event.type) {
      case "turn.start":
        return this.begin(event.turn, event.attempt)
      case "turn.retry":
      case "response.created":
        return this.reset()
      case "response.output_item.added":
        return this.announce(event.item, event.output_index)
      case "response.output_item.done":
        return this.complete(event.item, this.items.next(stringAt(event.item, "id"), event.output_index))
      case "turn.end":
        return this.endTurn(event)
      case "tool.preliminary_result":
        return this.push({
          type: "tool-output-available",
          toolCallId: event.toolCallId,
          output: event.result,
          preliminary: true
        })
      case "tool.result":
        return this.result(event.toolCallId, event)
      case "nested":
        return this.nested(event)
      case "run.end":
        return this.end(event)
      default:
        return this.ofApi(apiEvent(event))
    }
  }

  private push(...chunks: ReadonlyArray<Chunk>): void {
    this.out.push(...chunks)
  }

  private begin(turn: number, attempt: number): void {
    const isNew = turn !== this.turn
    this.turn = turn
    this.attempt = attempt
    this.forget()
    if (!isNew) return
    if (this.isStepOpen) this.push({ type: "finish-step" })
    this.isStepOpen = true
    this.push({ type: "start-step" })
  }

  private forget(): void {
    this.items.clear()
    this.started.clear()
  }

  /** What the current response has shown is void. */
  private reset(): void {
    const isShown = this.started.size > 0 ||
      this.items.all.some(({ isDone, sources, texts }) => isDone || sources > 0 || texts.size > 0)
    if (isShown) {
      if (this.options.protocol === 7) this.push({ type: "reset-step" })
      else {
        for (const item of this.items.all) this.close(item)
        for (const [toolCallId, toolName] of this.started) {
          this.push({
            type: "tool-input-error",
            input: {},
            errorText: "The call broke off.",
            ...this.named(toolCallId, toolName)
          })
        }
        this.push({ type: "data-openrouter-retry", data: { turn: this.turn }, transient: true })
      }
    }
    this.forget()
  }

  private ofApi(event: StreamEvents | undefined): void {
    if (event === undefined) return
    const text = textDelta(event) || (event.type === "response.refusal.delta" ? stringAt(event, "delta") ?? "" : "")
    if (text !== "") return this.text("text", this.at(event), placeOf(event), text)
    const reasoning = reasoningDelta(event)
    if (reasoning !== "") return this.text("reasoning", this.at(event), placeOf(event), reasoning)
    if (event.type === "response.function_call_arguments.delta") return this.arguments(this.at(event), event.delta)
  }

  private at(event: StreamEvents): Item {
    return this.items.at(stringAt(event, "item_id"), numberAt(event, "output_index"))
  }

  private announce(announced: OutputItems, index: number): void {
    const item = this.items.next(stringAt(announced, "id"), index)
    if (announced.type === "function_call") return this.startCall(item, announced.call_id, announced.name)
    if (isServerTool(announced)) this.startServerTool(item, announced)
  }

  /** The loop gives another id to a call whose id the history has. So this call is shown when its turn has ended. */
  private startCall(item: Item, callId: string, name: string): void {
    if (item.call !== undefined || this.known.has(callId) || this.started.has(callId)) return
    item.call = { id: callId, length: 0 }
    this.started.set(callId, name)
    this.push({ type: "tool-input-start", ...this.named(callId, name) })
    const { held } = item
    item.held = ""
    if (held !== "") this.arguments(item, held)
  }

  private arguments(item: Item, delta: string): void {
    if (item.call === undefined) {
      item.held += delta
      return
    }
    item.call.length += delta.length
    this.push({ type: "tool-input-delta", toolCallId: item.call.id, inputTextDelta: delta })
  }

  private text(kind: "text" | "reasoning", item: Item, place: string, delta: string): void {
    const known = item.texts.get(place)
    const text = known ?? { kind, id: `${this.turn}.${this.attempt}.${item.place}.${place}`, length: 0, isOpen: true }
    if (known === undefined) {
      item.texts.set(place, text)
      this.push({ type: `${kind}-start`, id: text.id })
    }
    if (!text.isOpen) return
    text.length += delta.length
    this.push({ type: `${kind}-delta`, id: text.id, delta })
  }

  private source(item: Item, { title, url }: Source): void {
    item.sources++
    const sourceId = `${this.turn}.${item.place}.${item.sources}`
    this.push({ type: "source-url", sourceId, url, ...(title === undefined ? {} : { title }) })
  }

  /** Shows what the deltas of an item did not have. */
  private complete(whole: OutputItems, item: Item): void {
    item.isWhole = true
    if (item.isDone) return
    let sources = 0
    for (const part of partsOf(whole)) {
      switch (part.kind) {
        case "text":
        case "reasoning": {
          const rest = part.text.slice(item.texts.get(part.key)?.length ?? 0)
          if (rest !== "") this.text(part.kind, item, part.key, rest)
          break
        }
        case "source":
          sources++
          if (sources > item.sources) this.source(item, part)
          break
        case "file":
          this.push({ type: "file", url: part.url, mediaType: part.mediaType })
          item.isDone = true
          break
        case "server":
          this.startServerTool(item, whole)
          this.endServerTool(item, part.tool)
      }
    }
    if (whole.type === "function_call" && item.call !== undefined) {
      const rest = whole.arguments.slice(item.call.length)
      if (rest !== "") this.arguments(item, rest)
    }
    this.close(item)
  }

  private close(item: Item): void {
    for (const text of item.texts.values()) {
      if (text.isOpen) this.push({ type: `${text.kind}-end`, id: text.id })
      text.isOpen = false
    }
  }

  private startServerTool(item: Item, announced: OutputItems): void {
    if (item.call !== undefined) return
    const id = `${stringAt(announced, "id") ?? "server"}.${this.turn}.${item.place}`
    item.call = { id, length: 0 }
    this.push({ type: "tool-input-start", toolCallId: id, toolName: serverToolName(announced), ...byServer })
  }

  private endServerTool(item: Item, { input, name, output }: ServerTool): void {
    if (item.call === undefined) return
    item.isDone = true
    const toolCallId = item.call.id
    this.push(
      { type: "tool-input-available", toolCallId, toolName: name, input, ...byServer },
      { type: "tool-output-available", toolCallId, output, providerExecuted: true }
    )
  }

  private endTurn(event: TurnEnd): void {
    itemsOf(event).forEach((item, index) => this.complete(item, this.items.at(stringAt(item, "id"), index)))
    for (const { arguments: input, argumentsText, callId, name, truncated } of event.toolCalls) {
      this.known.add(callId)
      this.started.delete(callId)
      this.push(
        truncated
          ? {
            type: "tool-input-error",
            input: argumentsText,
            errorText: "The call broke off.",
            ...this.named(callId, name)
          }
          : { type: "tool-input-available", input: input ?? argumentsText, ...this.named(callId, name) }
      )
    }
    // The loop gave these calls another id
    for (const [callId, name] of this.started) {
      this.push({
        type: "tool-input-error",
        input: {},
        errorText: "The call has another id.",
        ...this.named(callId, name)
      })
    }
    this.forget()
  }

  private named(toolCallId: string, toolName: string) {
    return { toolCallId, toolName, ...(this.options.isDynamic(toolName) ? { dynamic: true } : {}) }
  }

  private result(toolCallId: string, event: ToolSuccess | ToolFailure): void {
    if (event.status === "success") {
      this.push({ type: "tool-output-available", toolCallId, output: event.encoded ?? null })
    } else if (event.rejected === true) this.push({ type: "tool-output-denied", toolCallId })
    else this.push({ type: "tool-output-error", toolCallId, errorText: event.message })
  }

  /** Of a run inside of a call, the browser shows the calls that wait for an approval. */
  private nested({ event, path }: NestedEvent): void {
    if (event.type !== "tool.result") return
    const call = this.options.waiting.find((call) =>
      call.path?.join("\n") === path.join("\n") && call.callId.endsWith(`/${event.toolCallId}`)
    )
    if (call !== undefined) this.result(call.callId, event)
  }

  private end({ run }: RunEnd<unknown>): void {
    for (const item of this.items.all) this.close(item)
    for (const { arguments: input, callId, name, reason } of run.pending) {
      if (reason !== "approval") continue
      if (!this.known.has(callId)) {
        this.push({ type: "tool-input-available", toolCallId: callId, toolName: name, input, dynamic: true })
      }
      this.push({ type: "tool-approval-request", approvalId: callId, toolCallId: callId })
    }
    if (this.isStepOpen) this.push({ type: "finish-step" })
    this.push({
      type: "finish",
      finishReason: finishReason(run.outcome, this.options.protocol),
      messageMetadata: this.options.metadata(run)
    })
  }
}

const byServer = { dynamic: true, providerExecuted: true } as const

/** The place of a text in its item, as `partsOf` names it. */
const placeOf = (event: StreamEvents): string =>
  event.type === "response.reasoning_summary_text.delta"
    ? `s${numberAt(event, "summary_index") ?? 0}`
    : `c${numberAt(event, "content_index") ?? 0}`
