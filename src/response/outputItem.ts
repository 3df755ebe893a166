import { arrayAt, isObject, type JsonObject, numberAt, objectAt, stringAt } from "../internal/json.js"
import { makeDraft } from "./internal/fields.js"
import { isBeginningOf, restated } from "./internal/restated.js"
import { TextBuffer } from "./internal/textBuffer.js"

type List = "content" | "summary"

type Input = "arguments" | "input" | "code"

/** The part of an item that an event type changes, and whether the event adds a piece or states the whole. */
type Rule =
  | { readonly about: "text"; readonly list: List; readonly type: string; readonly whole: boolean }
  | { readonly about: "input"; readonly field: Input; readonly whole: boolean }
  | { readonly about: "part"; readonly list: List }
  | { readonly about: "annotation" }
  | { readonly about: "status"; readonly status: string }

const text = (list: List, type: string, whole: boolean): Rule => ({ about: "text", list, type, whole })

const status = (status: string): Rule => ({ about: "status", status })

const rules: ReadonlyMap<string, Rule> = new Map(Object.entries<Rule>({
  "response.output_text.delta": text("content", "output_text", false),
  "response.output_text.done": text("content", "output_text", true),
  "response.refusal.delta": text("content", "refusal", false),
  "response.refusal.done": text("content", "refusal", true),
  "response.reasoning_text.delta": text("content", "reasoning_text", false),
  "response.reasoning_text.done": text("content", "reasoning_text", true),
  "response.reasoning.delta": text("content", "reasoning_text", false),
  "response.reasoning_summary_text.delta": text("summary", "summary_text", false),
  "response.reasoning_summary_text.done": text("summary", "summary_text", true),
  "response.content_part.added": { about: "part", list: "content" },
  "response.content_part.done": { about: "part", list: "content" },
  "response.reasoning_summary_part.added": { about: "part", list: "summary" },
  "response.reasoning_summary_part.done": { about: "part", list: "summary" },
  "response.output_text.annotation.added": { about: "annotation" },
  "response.function_call_arguments.delta": { about: "input", field: "arguments", whole: false },
  "response.function_call_arguments.done": { about: "input", field: "arguments", whole: true },
  "response.custom_tool_call_input.delta": { about: "input", field: "input", whole: false },
  "response.custom_tool_call_input.done": { about: "input", field: "input", whole: true },
  "response.code_interpreter_call_code.delta": { about: "input", field: "code", whole: false },
  "response.code_interpreter_call_code.done": { about: "input", field: "code", whole: true },
  "response.code_interpreter_call.in_progress": status("in_progress"),
  "response.code_interpreter_call.interpreting": status("interpreting"),
  "response.code_interpreter_call.completed": status("completed"),
  "response.web_search_call.in_progress": status("in_progress"),
  "response.web_search_call.searching": status("searching"),
  "response.web_search_call.completed": status("completed"),
  "response.image_generation_call.in_progress": status("in_progress"),
  "response.image_generation_call.generating": status("generating"),
  "response.image_generation_call.completed": status("completed")
}))

/**
 * The item that an event is about, if no event has announced it; undefined for an event that adds nothing.
 *
 * @internal
 */
export const impliedItem = (event: JsonObject): JsonObject | undefined => {
  const rule = rules.get(stringAt(event, "type") ?? "")
  const id = stringAt(event, "item_id")
  const named = id === undefined ? {} : { id }
  if (rule?.about === "text") {
    if (
      stringAt(event, "delta") === undefined &&
      stringAt(event, rule.type === "refusal" ? "refusal" : "text") === undefined
    ) {
      return undefined
    }
    return rule.type === "output_text" || rule.type === "refusal"
      ? { type: "message", ...named, role: "assistant", content: [] }
      : { type: "reasoning", ...named, summary: [] }
  }
  if (rule?.about !== "input") return undefined
  switch (rule.field) {
    case "arguments":
      return {
        type: "function_call",
        ...named,
        call_id: stringAt(event, "call_id") ?? "",
        name: stringAt(event, "name") ?? ""
      }
    case "input":
      return {
        type: "custom_tool_call",
        ...named,
        call_id: stringAt(event, "call_id") ?? "",
        name: stringAt(event, "name") ?? ""
      }
    case "code":
      return { type: "code_interpreter_call", ...named }
  }
}

/**
 * One item of a response's output while its pieces arrive: texts by the index of their part, and the arguments of a
 * call.
 *
 * @internal
 */
export class OutputItem {
  private readonly lists = new Map<List, Map<number, Part>>()
  private input: { readonly field: Input; readonly text: TextBuffer } | undefined = undefined
  private status: string | undefined = undefined

  constructor(readonly index: number, private readonly item: JsonObject) {}

  /** Adds an event about this item; returns false if the event changes nothing in the item. */
  add(event: JsonObject): boolean {
    const rule = rules.get(stringAt(event, "type") ?? "")
    if (rule === undefined) return false
    this.apply(rule, event)
    return true
  }

  private apply(rule: Rule, event: JsonObject): void {
    switch (rule.about) {
      case "text": {
        const part = this.part(rule.list, event, rule.type)
        if (!rule.whole) part.text.append(stringAt(event, "delta") ?? "")
        else restate(part.text, event[part.field], part.field)
        return
      }
      case "input": {
        this.input ??= { field: rule.field, text: new TextBuffer() }
        if (!rule.whole) this.input.text.append(stringAt(event, "delta") ?? "")
        else restate(this.input.text, event[rule.field], rule.field)
        return
      }
      case "part": {
        const part = objectAt(event, "part")
        const parts = this.list(rule.list)
        const place = position(rule.list, event)
        const known = parts.get(place)?.toJson()
        if (part !== undefined) parts.set(place, new Part(known === undefined ? part : restated(known, part)))
        return
      }
      case "annotation":
        this.part("content", event, "output_text").annotations.push(event["annotation"])
        return
      case "status":
        this.status = rule.status
    }
  }

  toJson(): JsonObject {
    const json = makeDraft(this.item)
    for (const [list, parts] of this.lists) {
      json[list] = [...parts].sort(([a], [b]) => a - b).map(([, part]) => part.toJson())
    }
    if (this.input !== undefined) json[this.input.field] = this.input.text.toString()
    if (this.status !== undefined) json["status"] = this.status
    return { ...json }
  }

  private list(name: List): Map<number, Part> {
    const known = this.lists.get(name)
    if (known !== undefined) return known
    const parts = new Map(arrayAt(this.item, name).filter(isObject).map((part, index) => [index, new Part(part)]))
    this.lists.set(name, parts)
    return parts
  }

  private part(list: List, event: JsonObject, type: string): Part {
    const parts = this.list(list)
    const place = position(list, event)
    const part = parts.get(place) ?? new Part({ type })
    parts.set(place, part)
    return part
  }
}

/** A whole text replaces its pieces, unless it is only their beginning. */
const restate = (text: TextBuffer, whole: unknown, field: string): void => {
  if (typeof whole === "string" && !isBeginningOf(text.toString(), whole, field)) text.replace(whole)
}

/** Any number may stand here, so parts are kept by number and not in an array. */
const position = (list: List, event: JsonObject): number =>
  numberAt(event, list === "content" ? "content_index" : "summary_index") ?? 0

class Part {
  readonly field: "text" | "refusal"
  readonly text = new TextBuffer()
  readonly annotations: Array<unknown>

  constructor(private readonly part: JsonObject) {
    this.field = part["type"] === "refusal" ? "refusal" : "text"
    this.text.append(stringAt(part, this.field) ?? "")
    this.annotations = [...arrayAt(part, "annotations")]
  }

  toJson(): JsonObject {
    return {
      ...this.part,
      [this.field]: this.text.toString(),
      ...(this.part["type"] === "output_text" ? { annotations: [...this.annotations] } : {})
    }
  }
}
