import { arrayAt, isObject, type JsonObject, numberAt, objectAt, stringAt } from "../internal/json.js"
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

const rules: Readonly<Record<string, Rule>> = {
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
}

/**
 * One item of a response's output while its pieces arrive: texts by the index of their part, and the arguments of a
 * call.
 *
 * @internal
 */
export class OutputItem {
  private readonly lists: Partial<Record<List, Array<Part>>> = {}
  private input: { readonly field: Input; readonly text: TextBuffer } | undefined = undefined
  private status: string | undefined = undefined

  constructor(readonly index: number, private readonly item: JsonObject) {}

  /** Adds an event about this item; returns false if the event changes nothing in the item. */
  add(event: JsonObject): boolean {
    const type = stringAt(event, "type") ?? ""
    const rule = Object.hasOwn(rules, type) ? rules[type] : undefined
    if (rule === undefined) return false
    this.apply(rule, event)
    return true
  }

  private apply(rule: Rule, event: JsonObject): void {
    switch (rule.about) {
      case "text": {
        const part = this.part(rule.list, event, rule.type)
        if (!rule.whole) part.text.append(stringAt(event, "delta") ?? "")
        else if (typeof event[part.field] === "string") part.text.replace(String(event[part.field]))
        return
      }
      case "input": {
        this.input ??= { field: rule.field, text: new TextBuffer() }
        if (!rule.whole) this.input.text.append(stringAt(event, "delta") ?? "")
        else if (typeof event[rule.field] === "string") this.input.text.replace(String(event[rule.field]))
        return
      }
      case "part": {
        const part = objectAt(event, "part")
        if (part !== undefined) this.list(rule.list)[position(rule.list, event)] = new Part(part)
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
    const { content, summary } = this.lists
    return {
      ...this.item,
      // An index that was never used leaves a hole in the array, which flatMap skips
      ...(content === undefined ? {} : { content: content.flatMap((part) => part.toJson()) }),
      ...(summary === undefined ? {} : { summary: summary.flatMap((part) => part.toJson()) }),
      ...(this.input === undefined ? {} : { [this.input.field]: this.input.text.toString() }),
      ...(this.status === undefined ? {} : { status: this.status })
    }
  }

  private list(name: List): Array<Part> {
    return this.lists[name] ??= arrayAt(this.item, name).filter(isObject).map((part) => new Part(part))
  }

  private part(list: List, event: JsonObject, type: string): Part {
    const parts = this.list(list)
    return parts[position(list, event)] ??= new Part({ type })
  }
}

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
