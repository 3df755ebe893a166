/** Turns the chunks of a chat completion into those of a UI message stream. */
import { arrayAt, isObject, numberAt, objectAt, parseJson, stringAt } from "../../internal/json.js"
import { reasoningDelta, textDelta } from "../../response/chatProtocol.js"
import { readUsage } from "../../response/usage.js"
import type { ChatStreamChunk } from "../../schema/Chat.js"
import type { Chunk, FinishReason } from "./chunk.js"
import { mediaTypeOf, sourceOf } from "./itemParts.js"

/** A call that arrives. It is shown as soon as its id and its name are known. */
interface Call {
  id: string
  name: string
  text: string
  isShown: boolean
}

/** @internal */
export class ChatEncoder {
  private out: Array<Chunk> = []
  private readonly open = new Map<"text" | "reasoning", string>()
  private readonly calls = new Map<number, Call>()
  private parts = 0
  private sources = 0
  private reason: FinishReason | undefined
  private usage: unknown
  private isBegun = false

  constructor(private readonly isDynamic: (tool: string) => boolean) {}

  read(chunks: ReadonlyArray<ChatStreamChunk>): ReadonlyArray<Chunk> {
    this.out = []
    for (const chunk of chunks) this.take(chunk)
    return this.out
  }

  end(): ReadonlyArray<Chunk> {
    this.out = []
    this.close("reasoning")
    this.close("text")
    for (const call of this.calls.values()) {
      const input = parseJson(call.text === "" ? "{}" : call.text)
      this.push(
        input === undefined
          ? { type: "tool-input-error", input: call.text, errorText: "The call broke off.", ...this.named(call) }
          : { type: "tool-input-available", input: input.value, ...this.named(call) }
      )
    }
    const usage = readUsage({ usage: this.usage })
    this.push({ type: "finish-step" }, {
      type: "finish",
      finishReason: this.reason ?? "other",
      messageMetadata: { usage, cost: usage.cost }
    })
    return this.out
  }

  private push(...chunks: ReadonlyArray<Chunk>): void {
    if (!this.isBegun) this.out.push({ type: "start-step" })
    this.isBegun = true
    this.out.push(...chunks)
  }

  private take(chunk: ChatStreamChunk): void {
    if (isObject(chunk.usage)) this.usage = chunk.usage
    const choice = chunk.choices.find(({ index }) => (index ?? 0) === 0)
    const delta = objectAt(choice, "delta")
    this.text("reasoning", reasoningDelta(chunk))
    this.text("text", textDelta(chunk) || (stringAt(delta, "refusal") ?? ""))
    for (const annotation of arrayAt(delta, "annotations")) this.source(annotation)
    for (const image of arrayAt(delta, "images")) this.image(stringAt(objectAt(image, "image_url"), "url"))
    for (const call of arrayAt(delta, "tool_calls")) this.call(call)
    const reason = choice?.finish_reason
    if (typeof reason === "string") this.reason = reasons.get(reason) ?? "other"
  }

  private text(kind: "text" | "reasoning", delta: string): void {
    if (delta === "") return
    if (kind === "text") this.close("reasoning")
    const known = this.open.get(kind)
    const id = known ?? `${this.parts++}`
    if (known === undefined) this.push({ type: `${kind}-start`, id })
    this.open.set(kind, id)
    this.push({ type: `${kind}-delta`, id, delta })
  }

  private close(kind: "text" | "reasoning"): void {
    const id = this.open.get(kind)
    if (id === undefined) return
    this.open.delete(kind)
    this.push({ type: `${kind}-end`, id })
  }

  private source(annotation: unknown): void {
    const citation = objectAt(annotation, "url_citation")
    const source = sourceOf({ ...citation, type: stringAt(annotation, "type") })
    if (source === undefined) return
    const { title, url } = source
    this.push({ type: "source-url", sourceId: `${this.sources++}`, url, ...(title === undefined ? {} : { title }) })
  }

  private image(url: string | undefined): void {
    if (url !== undefined) this.push({ type: "file", url, mediaType: mediaTypeOf(url) ?? "image/png" })
  }

  private call(fragment: unknown): void {
    const index = numberAt(fragment, "index") ?? 0
    const call = this.calls.get(index) ?? { id: "", name: "", text: "", isShown: false }
    this.calls.set(index, call)
    const { function: fields } = { function: objectAt(fragment, "function") }
    call.id ||= stringAt(fragment, "id") ?? ""
    call.name ||= stringAt(fields, "name") ?? ""
    const delta = stringAt(fields, "arguments") ?? ""
    call.text += delta
    if (call.id === "" || call.name === "") return
    const isNew = !call.isShown
    call.isShown = true
    if (isNew) this.push({ type: "tool-input-start", ...this.named(call) })
    const inputTextDelta = isNew ? call.text : delta
    if (inputTextDelta !== "") this.push({ type: "tool-input-delta", toolCallId: call.id, inputTextDelta })
  }

  private named({ id, name }: Call) {
    return { toolCallId: id, toolName: name, ...(this.isDynamic(name) ? { dynamic: true } : {}) }
  }
}

const reasons: ReadonlyMap<string, FinishReason> = new Map([
  ["stop", "stop"],
  ["length", "length"],
  ["content_filter", "content-filter"],
  ["tool_calls", "tool-calls"],
  ["error", "error"]
])
