import type { OutputItems } from "../../../schema/ResponsesItems.js"
import type * as Tool from "../../Tool.js"
import type { AgentEvent, ToolReport, ToolStreamEvent } from "../events.js"
import type { FunctionCall } from "../run.js"
import { Places } from "./items.js"

/** @internal */
export const readCalls = (events: ReadonlyArray<AgentEvent<Tool.Any, unknown>>): ReadonlyArray<FunctionCall> => {
  const calls: Array<FunctionCall> = []
  for (const event of events) {
    if (event.type === "turn.end") calls.push(...event.toolCalls.filter((call) => !call.truncated))
  }
  return calls
}

/** A call whose arguments arrive. What arrives before its id and name is held back. */
interface Call {
  id: string | undefined
  name: string
  told: string
  held: string
}

/**
 * What is heard of tools.
 *
 * @internal
 */
export class ToolView<T extends Tool.Any, A> {
  private turn = 0
  private readonly calls = new Places<Call>()
  private heard: Array<ToolStreamEvent<T>> = []

  read(events: ReadonlyArray<AgentEvent<T, A>>): ReadonlyArray<ToolStreamEvent<T>> {
    this.heard = []
    for (const event of events) {
      if (isReport(event)) this.heard.push(event)
      else this.take(event)
    }
    return this.heard
  }

  private take(event: AgentEvent<Tool.Any, unknown>): void {
    switch (event.type) {
      case "turn.start":
        this.turn = event.turn
        return
      case "turn.retry":
      case "response.created":
        this.calls.clear()
        return
      case "turn.end":
        event.response.output.forEach((item, index) => this.complete(item, index))
        this.calls.clear()
        return
      case "response.output_item.added":
        this.named(event.item, event.output_index)
        return
      case "response.output_item.done":
        this.complete(event.item, event.output_index)
        return
      case "response.function_call_arguments.delta":
        this.tell(this.at(event), event.delta)
        return
      case "response.function_call_arguments.done":
        this.tellAll(this.at(event), event.arguments)
    }
  }

  private at(event: { readonly item_id?: string | null | undefined; readonly output_index?: number }): Call {
    const id = event.item_id ?? undefined
    return this.calls.at(id, event.output_index) ??
      this.calls.put(id, event.output_index, { id: undefined, name: "", told: "", held: "" })
  }

  /** The call that an item is, from now on with its name. */
  private named(item: OutputItems, index: number): Call | undefined {
    if (item.type !== "function_call") return undefined
    const found = this.at({ item_id: item.id, output_index: index })
    const call = found.id === undefined || found.id === item.call_id ? found : { ...found, told: "", held: "" }
    call.id = item.call_id
    call.name = item.name
    this.calls.put(item.id ?? undefined, index, call)
    this.tell(call, "")
    return call
  }

  private complete(item: OutputItems, index: number): void {
    const call = this.named(item, index)
    if (call !== undefined && item.type === "function_call") this.tellAll(call, item.arguments)
  }

  /** What no piece has told of arguments that are whole now. */
  private tellAll(call: Call, whole: string): void {
    const known = call.told + call.held
    if (whole.length > known.length && whole.startsWith(known)) this.tell(call, whole.slice(known.length))
  }

  private tell(call: Call, piece: string): void {
    call.held += piece
    if (call.id === undefined || call.held === "") return
    const content = call.held
    call.told += content
    call.held = ""
    this.heard.push({ type: "delta", turn: this.turn, toolCallId: call.id, name: call.name, content })
  }
}

const isReport = <T extends Tool.Any, A>(event: AgentEvent<T, A>): event is ToolReport<T> =>
  event.type === "tool.result" || event.type === "tool.preliminary_result"
