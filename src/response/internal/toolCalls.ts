import { isObject, type JsonObject, objectAt, stringAt } from "../../internal/json.js"
import { type Draft, setFields } from "./fields.js"
import { TextBuffer } from "./textBuffer.js"

interface Call {
  readonly index: number
  readonly fields: Draft
  readonly function: Draft
  readonly arguments: TextBuffer
}

const ofTheFunction: ReadonlySet<string> = new Set(["function", "index"])
const pieces: ReadonlySet<string> = new Set(["arguments"])

/**
 * Joins the pieces of the tool calls of one message, which belong together by index. Id, type and name come once, and
 * are null, empty or absent in later pieces. A new id together with a name starts another call, because some providers
 * give all calls the same index.
 *
 * @internal
 */
export class ToolCalls {
  private readonly calls: Array<Call> = []
  /** The last call of each index. */
  private readonly known = new Map<number, Call>()

  add(piece: unknown, position: number): void {
    if (!isObject(piece)) return
    const index = typeof piece["index"] === "number" ? piece["index"] : position
    const call = this.find(index, piece) ?? this.start(index)
    setFields(call.fields, piece, ofTheFunction)
    const inner = objectAt(piece, "function")
    if (inner === undefined) return
    setFields(call.function, inner, pieces)
    const text = inner["arguments"]
    if (typeof text === "string") call.arguments.append(text)
  }

  toArray(): ReadonlyArray<JsonObject> {
    return this.calls.map((call) => ({
      index: call.index,
      ...call.fields,
      id: stringAt(call.fields, "id") ?? "",
      type: stringAt(call.fields, "type") ?? "function",
      function: {
        ...call.function,
        name: stringAt(call.function, "name") ?? "",
        arguments: call.arguments.toString()
      }
    }))
  }

  private find(index: number, piece: JsonObject): Call | undefined {
    const known = this.known.get(index)
    const id = stringAt(piece, "id")
    const knownId = stringAt(known?.fields, "id")
    const another = id !== undefined && knownId !== undefined && id !== knownId &&
      stringAt(objectAt(piece, "function"), "name") !== undefined
    return another ? undefined : known
  }

  private start(index: number): Call {
    const call: Call = { index, fields: {}, function: {}, arguments: new TextBuffer() }
    this.calls.push(call)
    this.known.set(index, call)
    return call
  }
}
