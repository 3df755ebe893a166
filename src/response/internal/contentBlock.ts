import { arrayAt, type JsonObject, jsonText, parseJson, stringAt } from "../../internal/json.js"
import type { PartialToolCall } from "../partialResponse.js"
import { ArgumentsText } from "./argumentsText.js"
import { type Draft, makeDraft, setField } from "./fields.js"
import { TextBuffer } from "./textBuffer.js"
import { UnknownFields } from "./unknownFields.js"

/** The type of block that a type of delta adds to, and the field of both. */
interface Piece {
  readonly block: string
  readonly field: string
  /** The fields of a delta that are not fields of the block. */
  readonly apart: ReadonlySet<string>
}

const piece = (block: string, field: string): Piece => ({ block, field, apart: new Set(["type", field]) })

const pieces: ReadonlyMap<string, Piece> = new Map([
  ["text_delta", piece("text", "text")],
  ["thinking_delta", piece("thinking", "thinking")],
  ["compaction_delta", piece("compaction", "content")]
])

/**
 * The block that a delta is about, if no event has opened it; undefined for a delta that adds no content.
 *
 * @internal
 */
export const impliedBlock = (delta: JsonObject): JsonObject | undefined => {
  const type = stringAt(delta, "type") ?? ""
  const piece = pieces.get(type)
  if (piece !== undefined) {
    return stringAt(delta, piece.field) === undefined
      ? undefined
      : { type: piece.block, [piece.field]: "" }
  }
  return type === "input_json_delta" ? { type: "tool_use", id: "", name: "", input: {} } : undefined
}

/**
 * One block of a message while its deltas arrive.
 *
 * @internal
 */
export class ContentBlock {
  private readonly fields: Draft
  private readonly text = new TextBuffer()
  private readonly input = new ArgumentsText()
  private field: string | undefined = undefined
  private citations: Array<unknown> | undefined = undefined
  private unknown: UnknownFields | undefined = undefined

  constructor(block: JsonObject) {
    this.fields = makeDraft(block)
  }

  add(delta: JsonObject): void {
    const type = stringAt(delta, "type") ?? ""
    const piece = pieces.get(type)
    if (piece !== undefined) {
      if (this.field === undefined) this.text.append(stringAt(this.fields, piece.field) ?? "")
      this.field = piece.field
      this.text.append(stringAt(delta, piece.field) ?? "")
    }
    switch (type) {
      case "input_json_delta":
        this.input.add(delta["partial_json"])
        return
      case "citations_delta":
        this.citations ??= [...arrayAt(this.fields, "citations")]
        this.citations.push(delta["citation"])
        return
      case "signature_delta":
        setField(this.fields, "signature", delta["signature"])
        return
      default:
        this.addUnknown(delta, piece?.apart ?? typeAlone)
    }
  }

  /** Adds what newer versions of the API send. A field that the block begins with has another meaning. */
  private addUnknown(delta: JsonObject, apart: ReadonlySet<string>): void {
    for (const key in delta) {
      if (apart.has(key) || (key in this.fields && this.fields[key] !== null)) continue
      this.unknown ??= new UnknownFields()
      this.unknown.set(key, delta[key])
    }
  }

  /** Input that is not JSON, such as that of a call that was cut off, stays text. */
  toJson(): JsonObject {
    const json = makeDraft({ ...this.fields, ...this.unknown?.toJson() })
    if (this.field !== undefined) json[this.field] = this.text.toString()
    if (this.citations !== undefined) json["citations"] = [...this.citations]
    const input = this.input.toString()
    if (input !== "") json["input"] = (parseJson(input) ?? { value: input }).value
    return { ...json }
  }

  get isCall(): boolean {
    return this.fields["type"] === "tool_use"
  }

  get toolCall(): ReadonlyArray<PartialToolCall> {
    if (!this.isCall) return []
    const input = this.input.toString()
    return [{
      id: stringAt(this.fields, "id") ?? "",
      name: stringAt(this.fields, "name") ?? "",
      arguments: input === "" ? jsonText(this.fields["input"] ?? {}) : input
    }]
  }
}

const typeAlone: ReadonlySet<string> = new Set(["type"])
