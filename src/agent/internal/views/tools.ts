/** Tool calls of a run, and their events. */
import type { StreamEvents } from "../../../schema/ResponsesEvents.js"
import type { OutputItems } from "../../../schema/ResponsesItems.js"
import type * as Tool from "../../Tool.js"
import type { AgentEvent, ToolCallResult, ToolFailure, ToolReport, ToolStreamEvent, ToolSuccess } from "../events.js"
import type { PendingCall } from "../run.js"
import { apiEvent } from "./apiEvents.js"
import { ItemIndex } from "./items.js"

/**
 * The calls of a run, each once: when the call has ended, or at the end of the run if it waits.
 *
 * @internal
 */
export class CallView {
  private readonly progress = new Map<string, Array<unknown>>()

  read(events: ReadonlyArray<AgentEvent<Tool.Any, unknown>>): ReadonlyArray<ToolCallResult> {
    const calls: Array<ToolCallResult> = []
    for (const event of events) {
      if (event.type === "tool.preliminary_result") this.progressOf(event.toolCallId).push(event.result)
      else if (event.type === "tool.result") calls.push(this.ended(event))
      else if (event.type === "run.end") calls.push(...event.run.pending.map((call) => this.waiting(call)))
    }
    return calls
  }

  private ended(event: ToolSuccess | ToolFailure): ToolCallResult {
    const preliminaryResults = this.progressOf(event.toolCallId)
    this.progress.delete(event.toolCallId)
    if (event.status === "success") {
      const { encoded: _, type: __, ...report } = event
      return { ...report, preliminaryResults }
    }
    const { type: _, ...report } = event
    return { ...report, result: undefined, preliminaryResults }
  }

  private waiting({ callId: toolCallId, ...call }: PendingCall): ToolCallResult {
    const preliminaryResults = this.progressOf(toolCallId)
    return { ...call, toolCallId, status: "pending", result: undefined, preliminaryResults }
  }

  private progressOf(toolCallId: string): Array<unknown> {
    const progress = this.progress.get(toolCallId) ?? []
    this.progress.set(toolCallId, progress)
    return progress
  }
}

/** A call whose arguments arrive. Arguments that arrive before its id and name are held back. */
interface Call {
  id: string | undefined
  name: string
  emitted: string
  held: string
}

/**
 * The events of tools: the deltas of their arguments, their progress and their results.
 *
 * @internal
 */
export class ToolView<T extends Tool.Any, A> {
  private turn = 0
  private readonly calls = new ItemIndex<Call>()
  private out: Array<ToolStreamEvent<T>> = []

  read(events: ReadonlyArray<AgentEvent<T, A>>): ReadonlyArray<ToolStreamEvent<T>> {
    this.out = []
    for (const event of events) {
      if (isReport(event)) this.out.push(event)
      else this.take(event)
    }
    return this.out
  }

  private take(event: AgentEvent<Tool.Any, unknown>): void {
    switch (event.type) {
      case "turn.start":
        this.turn = event.turn
        return
      case "turn.retry":
      case "response.created":
        return this.calls.clear()
      case "turn.end":
        event.response.output.forEach((item, index) => this.complete(item, index))
        return this.calls.clear()
      default:
        return this.ofApi(apiEvent(event))
    }
  }

  private ofApi(event: StreamEvents | undefined): void {
    if (event === undefined) return
    if (event.type === "response.output_item.added") this.named(event.item, event.output_index)
    if (event.type === "response.output_item.done") this.complete(event.item, event.output_index)
    if (event.type === "response.function_call_arguments.delta") this.emit(this.at(event), event.delta)
    if (event.type === "response.function_call_arguments.done") this.emitRest(this.at(event), event.arguments)
  }

  private at(event: { readonly item_id?: string | null | undefined; readonly output_index?: number }): Call {
    const id = event.item_id ?? undefined
    return this.calls.at(id, event.output_index) ??
      this.calls.put(id, event.output_index, { id: undefined, name: "", emitted: "", held: "" })
  }

  /** The call that an item belongs to, with its name from now on. */
  private named(item: OutputItems, index: number): Call | undefined {
    if (item.type !== "function_call") return undefined
    const found = this.at({ item_id: item.id, output_index: index })
    const call = found.id === undefined || found.id === item.call_id ? found : { ...found, emitted: "", held: "" }
    call.id = item.call_id
    call.name = item.name
    this.calls.put(item.id ?? undefined, index, call)
    this.emit(call, "")
    return call
  }

  private complete(item: OutputItems, index: number): void {
    const call = this.named(item, index)
    if (call !== undefined && item.type === "function_call") this.emitRest(call, item.arguments)
  }

  /** Emits the part of complete arguments that no delta had. */
  private emitRest(call: Call, text: string): void {
    const known = call.emitted + call.held
    if (text.length > known.length && text.startsWith(known)) this.emit(call, text.slice(known.length))
  }

  private emit(call: Call, delta: string): void {
    call.held += delta
    if (call.id === undefined || call.held === "") return
    const content = call.held
    call.emitted += content
    call.held = ""
    this.out.push({ type: "delta", turn: this.turn, toolCallId: call.id, name: call.name, content })
  }
}

const isReport = <T extends Tool.Any, A>(event: AgentEvent<T, A>): event is ToolReport<T> =>
  event.type === "tool.result" || event.type === "tool.preliminary_result"
