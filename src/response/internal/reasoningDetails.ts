import { isObject, type JsonObject } from "../../internal/json.js"
import { type Draft, makeDraft, setField, setFields } from "./fields.js"
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
  private readonly byKey = new Map<string, Detail>()
  private last: Detail | undefined = undefined

  add(piece: unknown): void {
    if (!isObject(piece)) return
    const field = pieceField(piece["type"])
    const detail = this.find(piece, field) ?? this.start(piece, field)
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
    const last = this.last
    if (field !== undefined && last !== undefined && last.type === piece["type"] && last.index === piece["index"]) {
      return last
    }
    const key = keyOf(piece, field)
    return key === undefined ? undefined : this.byKey.get(key)
  }

  private start(piece: JsonObject, field: string | undefined): Detail {
    const detail: Detail = { type: piece["type"], index: piece["index"], fields: makeDraft(), text: new TextBuffer() }
    this.details.push(detail)
    const key = keyOf(piece, field)
    if (key !== undefined) this.byKey.set(key, detail)
    return detail
  }
}

/** What the pieces of one detail have in common; undefined for a detail that comes whole and has no id. */
const keyOf = ({ id, index, type }: JsonObject, field: string | undefined): string | undefined => {
  if (isObject(index) || Array.isArray(index)) return undefined
  if (field !== undefined) return JSON.stringify([field, index])
  return typeof id === "string" && id !== "" && typeof type === "string" ? JSON.stringify([type, index, id]) : undefined
}
