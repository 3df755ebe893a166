/** Lets the texts of a response through sentence by sentence, while the response arrives. */
import * as Effect from "effect/Effect"
import { numberAt, stringAt } from "../../../internal/json.js"
import { readResponse } from "../../../response/readResponse.js"
import type { OpenResponsesResult } from "../../../schema/Responses.js"
import type { StreamEvents } from "../../../schema/ResponsesEvents.js"
import type { OutputItems, OutputMessageContent } from "../../../schema/ResponsesItems.js"
import type { PassedResponse, ResponseGate } from "../../Middleware.js"
import { Sentences } from "./sentences.js"

/**
 * Where a sentence stands: in which kind of text, and behind which text of it that has passed. `arguments` are the input of
 * a call, which is judged as a whole.
 *
 * @since 0.1.0
 * @category models
 */
export interface Passage {
  readonly kind: "text" | "refusal" | "reasoning" | "arguments"
  readonly before: string
}

/** Returns the text that takes the place of a sentence. */
type Judge<E, R> = (sentence: string, passage: Passage) => Effect.Effect<string, E, R>

/** A text of a response: what has arrived of it, and what has passed. */
class Text {
  readonly sentences = new Sentences()
  arrived = ""
  passed = ""
  isChanged = false
  /** The event that brought the last piece of it. */
  piece: StreamEvents | undefined = undefined

  constructor(readonly kind: Passage["kind"]) {}
}

/**
 * The gate of one response. Pieces of texts pass as sentences; the items and the response pass at its end, with the texts
 * that have passed. Until then, everything else that may hold a text stays behind.
 *
 * @internal
 */
export class SentenceGate<E, R> implements ResponseGate<E, R> {
  /** By the item and the place of the text in it. */
  private readonly texts = new Map<string, Text>()

  constructor(private readonly judge: Judge<E, R>) {}

  readonly events = (events: ReadonlyArray<StreamEvents>): Effect.Effect<ReadonlyArray<StreamEvents>, E, R> =>
    Effect.gen(this, function*() {
      const passed: Array<StreamEvents> = []
      for (const event of events) {
        const kind = kinds.get(event.type)
        if (kind !== undefined) passed.push(...yield* this.piece(event, kind))
        else if (event.type === "response.output_item.added") passed.push({ ...event, item: withoutTexts(event.item) })
        else if (event.type === "response.created" || event.type === "response.in_progress") {
          passed.push({ ...event, response: { ...event.response, output: [] } })
        } else if (isStatus.test(event.type)) passed.push(event)
      }
      return passed
    })

  readonly response = (response: OpenResponsesResult): Effect.Effect<PassedResponse, E, R> =>
    Effect.gen(this, function*() {
      const rest: Array<StreamEvents> = []
      const output: Array<OutputItems> = []
      for (const item of response.output) output.push(yield* this.item(item, rest))
      const passed = {
        ...response,
        output,
        ...("output_text" in response ? { output_text: readResponse({ output }).text } : {})
      }
      for (const [output_index, item] of output.entries()) {
        rest.push({ type: "response.output_item.done", output_index, item })
      }
      rest.push({
        type: response.status === "incomplete" ? "response.incomplete" : "response.completed",
        response: passed
      })
      return { response: passed, events: rest }
    })

  private piece(event: StreamEvents, kind: Passage["kind"]): Effect.Effect<ReadonlyArray<StreamEvents>, E, R> {
    return Effect.suspend(() => {
      const piece = stringAt(event, "delta") ?? ""
      const text = this.text(event, kind)
      text.arrived += piece
      text.piece = event
      return Effect.map(this.judged(text, text.sentences.add(piece)), (passed) => withDelta(event, passed))
    })
  }

  private text(event: StreamEvents, kind: Passage["kind"]): Text {
    const item = stringAt(event, "item_id") ?? numberAt(event, "output_index") ?? ""
    const place = numberAt(event, "content_index") ?? numberAt(event, "summary_index") ?? ""
    const key = `${event.type} ${item} ${place}`
    const known = this.texts.get(key)
    if (known !== undefined) return known
    const text = new Text(kind)
    this.texts.set(key, text)
    return text
  }

  private judged(text: Text, sentences: ReadonlyArray<string>): Effect.Effect<string, E, R> {
    return Effect.gen(this, function*() {
      let all = ""
      for (const sentence of sentences) {
        const { kind, passed: before } = text
        const passed = sentence.trim() === "" ? sentence : yield* this.judge(sentence, { kind, before })
        text.isChanged ||= passed !== sentence
        text.passed += passed
        all += passed
      }
      return all
    })
  }

  /** The item of the whole response, and before it the last sentences of its texts. */
  private item(item: OutputItems, rest: Array<StreamEvents>): Effect.Effect<OutputItems, E, R> {
    switch (item.type) {
      case "message":
        return Effect.gen(this, function*() {
          const content: Array<OutputMessageContent> = []
          for (const part of item.content) {
            if (part.type === "output_text") {
              const { isChanged, passed } = yield* this.whole("text", part.text, rest)
              content.push(isChanged ? { ...part, text: passed, annotations: [], logprobs: [] } : part)
            } else if (part.type === "refusal") {
              content.push({ ...part, refusal: (yield* this.whole("refusal", part.refusal, rest)).passed })
            } else content.push(part)
          }
          return { ...item, content }
        })
      case "reasoning":
        return Effect.gen(this, function*() {
          const summary = yield* this.parts(item.summary ?? [], rest)
          const content = yield* this.parts(item.content ?? [], rest)
          if (!summary.isChanged && !content.isChanged) return item
          return { ...item, ...unsealed, summary: summary.parts, content: content.parts }
        })
      case "function_call":
        return Effect.map(
          this.whole("arguments", item.arguments, rest),
          ({ passed }) => ({ ...item, arguments: passed })
        )
      case "custom_tool_call":
        return Effect.map(this.whole("arguments", item.input, rest), ({ passed }) => ({ ...item, input: passed }))
      default:
        return Effect.succeed(item)
    }
  }

  /** The parts of reasoning. */
  private parts<P extends { readonly text: string }>(
    given: ReadonlyArray<P>,
    rest: Array<StreamEvents>
  ): Effect.Effect<{ readonly parts: ReadonlyArray<P>; readonly isChanged: boolean }, E, R> {
    return Effect.gen(this, function*() {
      const parts: Array<P> = []
      let isChanged = false
      for (const part of given) {
        const text = yield* this.whole("reasoning", part.text, rest)
        isChanged ||= text.isChanged
        parts.push({ ...part, text: text.passed })
      }
      return { parts, isChanged }
    })
  }

  /** Judges what was not judged of a text of the whole response. */
  private whole(kind: Passage["kind"], stated: string, rest: Array<StreamEvents>): Effect.Effect<Text, E, R> {
    return Effect.gen(this, function*() {
      const text = this.take(kind, stated) ?? new Text(kind)
      const missing = stated.slice(text.arrived.length)
      text.arrived = stated
      const sentences = kind === "arguments" ? [stated] : [...text.sentences.add(missing), text.sentences.rest()]
      const passed = yield* this.judged(text, sentences)
      if (text.piece !== undefined) rest.push(...withDelta(text.piece, passed))
      return text
    })
  }

  /** The text of the stream that begins a text of the whole response. Each is taken once. */
  private take(kind: Passage["kind"], stated: string): Text | undefined {
    for (const [key, text] of this.texts) {
      if (text.kind !== kind || text.arrived === "" || !stated.startsWith(text.arrived)) continue
      this.texts.delete(key)
      return text
    }
    return undefined
  }
}

const kinds: ReadonlyMap<string, Passage["kind"]> = new Map([
  ["response.output_text.delta", "text"],
  ["response.refusal.delta", "refusal"],
  ["response.reasoning_text.delta", "reasoning"],
  ["response.reasoning_summary_text.delta", "reasoning"]
])

/** Says how far a tool of the server is, and has no text. */
const isStatus = /_call\.(in_progress|searching|generating|interpreting|partial_image|completed)$/

const withDelta = (event: StreamEvents, delta: string): ReadonlyArray<StreamEvents> => {
  if (delta === "") return []
  if (stringAt(event, "delta") === delta) return [event]
  switch (event.type) {
    case "response.output_text.delta":
      return [{ ...event, delta, logprobs: [] }]
    case "response.refusal.delta":
    case "response.reasoning_text.delta":
    case "response.reasoning_summary_text.delta":
      return [{ ...event, delta }]
    default:
      return []
  }
}

/** A provider refuses reasoning whose text its seal does not fit. */
const unsealed = { encrypted_content: null, signature: null }

/** The beginning of an item. */
const withoutTexts = (item: OutputItems): OutputItems => {
  switch (item.type) {
    case "message":
      return { ...item, content: [] }
    case "reasoning":
      return { ...item, summary: [], content: [], ...unsealed }
    case "function_call":
      return { ...item, arguments: "" }
    case "custom_tool_call":
      return { ...item, input: "" }
    default:
      return item
  }
}
