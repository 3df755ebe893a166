/**
 * What is sent of a history. The history keeps what a model wrote; the next provider may refuse it, and as it is stored,
 * it would refuse every later request, too. So each request sends the history in a form that every provider takes: names,
 * ids and arguments as they may be, no blank text, and reasoning only where its provider verifies it.
 */
import { stringAt } from "../../../internal/json.js"
import type { InputItem } from "../../../schema/ResponsesItemsRequest.js"
import { endsBlock } from "../state/history.js"
import { CallIds, withWritten } from "./calls.js"
import { formOf, madeId, withFields } from "./items.js"
import { authorsOf, isTaken } from "./reasoning.js"

type History = ReadonlyArray<InputItem>

/**
 * The history as every provider takes it. A longer history begins with the same items, so that caches of prompts hold.
 *
 * @internal
 */
export const sendable = (history: History, request: Parameters<typeof authorsOf>[0]): History => {
  const form = new Form(authorsOf(request))
  for (const item of history) form.add(item)
  form.closeTurn()
  return form.items
}

const soFar = new WeakMap<History, { readonly authors: string; readonly form: Form; read: number }>()

/**
 * The same for a list that only grows: each request reads the new items alone.
 *
 * @internal
 */
export const sendableSoFar = (grown: History, request: Parameters<typeof authorsOf>[0]): History => {
  const last = grown.at(-1)
  // What an open turn becomes depends on what follows
  if (last === undefined || !endsBlock(last)) return sendable(grown, request)
  const authors = authorsOf(request)
  let known = soFar.get(grown)
  if (known?.authors !== authors.join()) {
    known = { authors: authors.join(), form: new Form(authors), read: 0 }
    soFar.set(grown, known)
  }
  for (; known.read < grown.length; known.read++) {
    const item = grown[known.read]
    if (item !== undefined) known.form.add(item)
  }
  return known.form.items.slice()
}

/** A history in its form, turn by turn. */
class Form {
  private readonly ids: CallIds
  private readonly writer = new Writer()
  /** The items of the turn that is still open. */
  private turn: Array<InputItem> = []

  constructor(private readonly authors: ReadonlyArray<string>) {
    this.ids = new CallIds(authors.length === 1 && authors[0] === "moonshotai")
  }

  get items(): Array<InputItem> {
    return this.writer.items
  }

  add(item: InputItem): void {
    if (!endsBlock(item)) return void this.turn.push(item)
    this.closeTurn()
    this.write(item, idOf(item, this.ids))
  }

  closeTurn(): void {
    const ids = callIds(this.turn, this.ids)
    this.turn.forEach((item, index) => this.write(item, ids.get(index)))
    this.turn = []
    this.writer.closeTurn()
  }

  private write(item: InputItem, id: string | undefined): void {
    const { item: form, written } = formOf(item)
    if (form === undefined) return
    if (form.type === "reasoning") {
      if (isTaken(form, this.authors)) this.writer.addReasoning(withId(form, "id", id))
    } else {
      this.writer.add(withId(form, "call_id", id), id, written)
    }
  }
}

/** Most items have their id already, and each request reads all of them. */
const withId = (item: InputItem, field: "id" | "call_id", id: string | undefined): InputItem =>
  id === undefined || Reflect.get(item, field) === id ? item : withFields(item, { [field]: id })

/** The id of a call or of an output. */
const idOf = (item: InputItem, ids: CallIds): string | undefined => {
  switch (item.type) {
    case "function_call":
    case "custom_tool_call":
      return ids.ofCall(item.call_id)
    case "function_call_output":
    case "custom_tool_call_output":
      return ids.ofOutput(item.call_id)
    default:
      return undefined
  }
}

/** The ids in a turn, by the index of their items. Reasoning of Google has the id of the call that it signs. */
const callIds = (turn: History, ids: CallIds): ReadonlyMap<number, string> => {
  const sent = new Map<number, string>()
  const signing = new Map<string, Array<number>>()
  turn.forEach((item, index) => {
    const id = idOf(item, ids)
    if (id !== undefined) sent.set(index, id)
    if (item.type === "reasoning") {
      const signed = stringAt(item, "id")
      if (signed !== undefined) signing.set(signed, [...signing.get(signed) ?? [], index])
    } else if (id !== undefined && (item.type === "function_call" || item.type === "custom_tool_call")) {
      for (const reasoning of signing.get(item.call_id) ?? []) sent.set(reasoning, id)
      signing.delete(item.call_id)
    }
  })
  return sent
}

/** Collects the items, and keeps reasoning before what was said or called after it. */
class Writer {
  readonly items: Array<InputItem> = []
  /** Reasoning that nothing follows yet. */
  private reasoning: Array<InputItem> = []
  /** Where reasoning goes that nothing follows: before the first call of its turn, else before its last message. */
  private callAt: number | undefined
  private messageAt: number | undefined
  private readonly itemIds = new Set<string>()
  /** The arguments that calls do not show, by the ids of the calls. */
  private readonly written = new Map<string, string>()

  addReasoning(item: InputItem): void {
    this.reasoning.push(item)
  }

  add(item: InputItem, callId: string | undefined, written: string | undefined): void {
    if (!endsBlock(item)) {
      this.items.push(...this.reasoning)
      this.reasoning = []
      if (item.type === "function_call") this.callAt ??= this.items.length
      else this.messageAt = this.items.length
    }
    if (callId !== undefined && written !== undefined) this.written.set(callId, written)
    this.items.push(this.withOwnId(this.withArguments(item, callId)))
  }

  /** A provider looks for what follows the reasoning of a turn. If nothing does, it refuses the reasoning. */
  closeTurn(): void {
    const at = this.callAt ?? this.messageAt
    if (at !== undefined) this.items.splice(at, 0, ...this.reasoning)
    this.reasoning = []
    this.callAt = undefined
    this.messageAt = undefined
  }

  private withArguments(item: InputItem, callId: string | undefined): InputItem {
    const written = callId === undefined ? undefined : this.written.get(callId)
    return written === undefined || item.type !== "function_call_output"
      ? item
      : withFields(item, { output: withWritten(item.output, written) })
  }

  /** Some providers count their items in each response anew, and others refuse an id that stands for two items. */
  private withOwnId(item: InputItem): InputItem {
    const id = stringAt(item, "id")
    if (id === undefined || !this.itemIds.has(id)) {
      if (id !== undefined) this.itemIds.add(id)
      return item
    }
    if (item.type !== "message") return item.type === "function_call" ? withFields(item, { id: undefined }) : item
    const base = madeId(item.content)
    for (let count = 1;; count++) {
      const made = count === 1 ? base : `${base}_${count}`
      if (this.itemIds.has(made)) continue
      this.itemIds.add(made)
      return withFields(item, { id: made })
    }
  }
}
