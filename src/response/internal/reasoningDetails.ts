import { isObject, type JsonObject } from "../../internal/json.js"
import { type Draft, setField, setFields } from "./fields.js"
import { TextBuffer } from "./textBuffer.js"

interface Detail {
  readonly type: unknown
  readonly index: unknown
  readonly fields: Draft
  readonly text: TextBuffer
}

/** The field that arrives in pieces, for the types that have one. */
const pieceField = (type: unknown): string | undefined =>
  type === "reasoning.text" ? "text" : type === "reasoning.summary" ? "summary" : undefined

/**
 * Joins the pieces of the reasoning details of one message. Pieces of texts and summaries belong together by type and
 * index; a summary and an encrypted detail may share an index, and a signature may come in its own piece. Details of
 * other types arrive whole and stay unchanged.
 *
 * @internal
 */
export class ReasoningDetails {
  private readonly details: Array<Detail> = []
  private last: Detail | undefined = undefined

  add(piece: unknown): void {
    if (!isObject(piece)) return
    const field = pieceField(piece["type"])
    const detail = this.find(piece, field) ?? this.start(piece)
    this.last = detail
    if (field === undefined) {
      setFields(detail.fields, piece)
      return
    }
    for (const key in piece) {
      const value = piece[key]
      if (key !== field) setField(detail.fields, key, value)
      else if (typeof value === "string") {
        detail.fields[key] = ""
        detail.text.append(value)
      } else setField(detail.fields, key, value)
    }
  }

  toArray(): ReadonlyArray<JsonObject> {
    return this.details.map(({ fields, text, type }) => {
      const field = pieceField(type)
      return field === undefined || typeof fields[field] !== "string"
        ? { ...fields }
        : { ...fields, [field]: text.toString() }
    })
  }

  private find(piece: JsonObject, field: string | undefined): Detail | undefined {
    const type = piece["type"]
    const index = piece["index"]
    if (field === undefined) {
      const id = piece["id"]
      return typeof id !== "string" || id === "" ?
        undefined :
        this.details.find((detail) => detail.type === type && detail.index === index && detail.fields["id"] === id)
    }
    const last = this.last
    if (last !== undefined && last.type === type && last.index === index) return last
    return this.details.find((detail) => detail.type === type && detail.index === index)
  }

  private start(piece: JsonObject): Detail {
    const detail: Detail = { type: piece["type"], index: piece["index"], fields: {}, text: new TextBuffer() }
    this.details.push(detail)
    return detail
  }
}
