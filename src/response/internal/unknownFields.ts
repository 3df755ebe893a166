import { isObject, type JsonObject } from "../../internal/json.js"
import { type Draft, makeDraft, setField } from "./fields.js"
import { TextBuffer } from "./textBuffer.js"

interface Text {
  readonly first: string
  /** How often the first piece came before another one did. */
  times: number
  readonly rest: TextBuffer
  isJoined: boolean
}

/**
 * The fields of deltas that this version does not know, without a loss: texts and lists may come in pieces. A text that
 * is the same in each delta is a label and is kept once; texts that differ are joined, and so are lists. Of other
 * values the last that says something is kept.
 *
 * @internal
 */
export class UnknownFields {
  private readonly values: Draft = makeDraft()
  private readonly texts = new Map<string, Text>()

  add(fields: JsonObject, known: ReadonlySet<string>): void {
    for (const key in fields) {
      if (!known.has(key)) this.set(key, fields[key])
    }
  }

  toJson(): JsonObject {
    const json = makeDraft(this.values)
    for (const [key, { first, isJoined, rest, times }] of this.texts) {
      json[key] = isJoined ? first.repeat(times) + rest.toString() : first
    }
    return { ...json }
  }

  set(key: string, value: unknown): void {
    const before = this.values[key]
    if (typeof value === "string") this.addText(key, value)
    else if (Array.isArray(value)) {
      if (!Array.isArray(before)) this.values[key] = [...value]
      else for (const one of value) before.push(one)
    } else if (isObject(value) || !this.texts.has(key)) setField(this.values, key, value)
  }

  private addText(key: string, piece: string): void {
    const text = this.texts.get(key)
    if (text === undefined) this.texts.set(key, { first: piece, times: 1, rest: new TextBuffer(), isJoined: false })
    else if (text.isJoined || piece !== text.first) {
      text.isJoined = true
      text.rest.append(piece)
    } else text.times++
  }
}
