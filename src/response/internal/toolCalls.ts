import { isObject, type JsonObject, objectAt, stringAt } from "../../internal/json.js"
import { ArgumentsText } from "./argumentsText.js"
import { type Draft, makeDraft, setFields } from "./fields.js"

interface Call {
  readonly index: number
  id: string | undefined
  name: string | undefined
  readonly fields: Draft
  readonly function: Draft
  readonly arguments: ArgumentsText
}

interface Piece {
  readonly id: string | undefined
  readonly name: string | undefined
  readonly index: number | undefined
  readonly arguments: unknown
}

const readApart: ReadonlySet<string> = new Set(["function", "index", "id"])
const inPieces: ReadonlySet<string> = new Set(["arguments", "name"])

/**
 * Joins the pieces of the tool calls of one message. A piece belongs to the call of its id, else of its name, else of
 * its index: some providers give all calls one index, some give no index, some repeat only the index. An id and a name
 * are set once, and are null, blank, other or absent in later pieces.
 *
 * @internal
 */
export class ToolCalls {
  private readonly calls: Array<Call> = []
  private readonly byId = new Map<string, Call>()
  /** The last call of each index. */
  private readonly byIndex = new Map<number, Call>()
  /** The call that is being written. */
  private current: Call | undefined = undefined

  /** Adds the pieces of one delta. The position of a piece stands for its index if there are several without one. */
  add(pieces: ReadonlyArray<unknown>): void {
    for (const [position, piece] of pieces.entries()) {
      if (isObject(piece)) this.addPiece(piece, pieces.length > 1 ? position : undefined)
    }
  }

  private addPiece(source: JsonObject, position: number | undefined): void {
    const inner = objectAt(source, "function")
    const piece: Piece = {
      id: notBlank(source, "id"),
      name: notBlank(inner, "name"),
      index: typeof source["index"] === "number" ? source["index"] : position,
      arguments: inner?.["arguments"]
    }
    const call = this.find(piece) ?? this.start(piece)
    this.current = call
    if (piece.id !== undefined && call.id === undefined) {
      call.id = piece.id
      this.byId.set(piece.id, call)
    }
    call.name ??= piece.name
    setFields(call.fields, source, readApart)
    if (inner === undefined) return
    setFields(call.function, inner, inPieces)
    call.arguments.add(piece.arguments)
  }

  toArray(): ReadonlyArray<JsonObject> {
    return this.calls.map((call) => ({
      index: call.index,
      ...call.fields,
      id: call.id ?? "",
      type: stringAt(call.fields, "type") ?? "function",
      function: { ...call.function, name: call.name ?? "", arguments: call.arguments.toString() }
    }))
  }

  /** The call that a piece belongs to; undefined for the first piece of another call. */
  private find(piece: Piece): Call | undefined {
    const atIndex = piece.index === undefined ? undefined : this.byIndex.get(piece.index)
    const known = piece.id === undefined ? undefined : this.byId.get(piece.id)
    if (known !== undefined) return isAnother(known, piece) ? undefined : known
    const near = atIndex ?? (piece.index === undefined ? this.current : undefined)
    if (piece.name !== undefined) return near !== undefined && continues(near, piece) ? near : undefined
    return this.ofNameless(piece, atIndex)
  }

  /** A piece without a name begins a call only with an index or an id of its own, and while no call is being written. */
  private ofNameless(piece: Piece, atIndex: Call | undefined): Call | undefined {
    const current = this.current
    const adds = notBlank(piece, "arguments") !== undefined
    if (atIndex === undefined) {
      if (piece.id !== undefined && piece.index !== undefined) return undefined
      const isOver = current?.arguments.isWhole === true &&
        (piece.id !== undefined || piece.index !== undefined && adds)
      return isOver ? undefined : current
    }
    const isOver = atIndex.arguments.isWhole && piece.id === undefined && adds
    return isOver && current?.arguments.isWhole === false ? current : atIndex
  }

  private start(piece: Piece): Call {
    const index = piece.index ?? this.calls.length
    const call: Call = {
      index,
      id: undefined,
      name: undefined,
      fields: makeDraft(),
      function: makeDraft(),
      arguments: new ArgumentsText()
    }
    this.calls.push(call)
    this.byIndex.set(index, call)
    return call
  }
}

/** Whether a call is another one in spite of its id: some providers use the name of the tool as the id. */
const isAnother = (known: Call, piece: Piece): boolean =>
  piece.name !== undefined && piece.index !== undefined && piece.index !== known.index && known.arguments.isWhole

/** Whether a piece with a name, and without a known id, goes on with a call. */
const continues = (call: Call, piece: Piece): boolean => {
  if (call.name !== undefined && call.name !== piece.name) return false
  if (piece.id !== undefined) return call.id === undefined
  if (!call.arguments.isWhole || typeof piece.arguments !== "string" || !/^\s*[[{]/.test(piece.arguments)) return true
  const written = call.arguments.toString().trim()
  return written === "{}" || written === piece.arguments.trim()
}

const notBlank = (u: object | undefined, key: string): string | undefined => {
  const text = stringAt(u, key)
  return text === undefined || text.trim() === "" ? undefined : text
}
