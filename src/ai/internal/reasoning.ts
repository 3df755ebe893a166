/** The pieces of reasoning that a model must receive again: in metadata of parts, and in a memory for chats without metadata. */
import type * as Prompt from "@effect/ai/Prompt"
import { arrayAt, defined, isObject, objectAt, stringAt } from "../../internal/json.js"
import type { ReasoningDetailUnion } from "../../schema/ChatContent.js"

/** @internal */
export type Details = ReadonlyArray<ReasoningDetailUnion>

/** @internal */
export const isDetail = (u: unknown): u is ReasoningDetailUnion => isObject(u) && typeof u["type"] === "string"

/**
 * The text of a piece of reasoning; `""` for one that is encrypted.
 *
 * @internal
 */
export const textOfDetail = (detail: ReasoningDetailUnion): string =>
  detail.type === "reasoning.text"
    ? stringAt(detail, "text") ?? ""
    : detail.type === "reasoning.summary"
    ? stringAt(detail, "summary") ?? ""
    : ""

/**
 * The pieces that an assistant message carries, in its options or in those of its parts. A tool call has all of them, if it
 * has any.
 *
 * @internal
 */
export const detailsOf = (message: Prompt.AssistantMessage): Details => {
  const own = listed(message.options)
  if (own.length > 0) return own
  const ofCalls = message.content.flatMap((part) => part.type === "tool-call" ? listed(part.options) : [])
  return ofCalls.length > 0
    ? ofCalls
    : message.content.flatMap((part) => part.type === "reasoning" ? ofReasoning(part) : [])
}

const listed = (options: unknown): Details =>
  arrayAt(objectAt(options, "openrouter"), "reasoningDetails").filter(isDetail)

/** `@effect/ai-openrouter` has a signature, or what is encrypted, in place of the pieces. */
const ofReasoning = ({ options, text }: Prompt.ReasoningPart): Details => {
  const all = listed(options)
  const info = objectAt(options, "openrouter")
  if (all.length > 0 || info === undefined) return all
  const [signature, data, format] = [
    stringAt(info, "signature"),
    stringAt(info, "redactedData"),
    stringAt(info, "format")
  ]
  return data !== undefined
    ? [defined({ type: "reasoning.encrypted", data, format })]
    : signature !== undefined
    ? [{ type: "reasoning.text", text, signature }]
    : []
}

/**
 * Remembers the pieces of the latest responses. What is asked for is the response to the same messages, with the same text and
 * calls: ids of calls alone are not unique among models.
 *
 * @internal
 */
export class ReasoningMemory {
  private readonly known = new Map<string, { readonly details: Details; readonly size: number }>()
  private size = 0

  constructor(private readonly limits = { entries: 1000, characters: 16_000_000 }) {}

  remember(key: string, details: Details): void {
    if (details.length === 0) return
    this.forget(key)
    const size = JSON.stringify(details).length
    this.known.set(key, { details, size })
    this.size += size
    for (const oldest of this.known.keys()) {
      if (this.known.size <= this.limits.entries && this.size <= this.limits.characters) break
      this.forget(oldest)
    }
  }

  recall(key: string): Details {
    const found = this.known.get(key)
    if (found === undefined) return []
    this.known.delete(key)
    this.known.set(key, found)
    return found.details
  }

  private forget(key: string): void {
    this.size -= this.known.get(key)?.size ?? 0
    this.known.delete(key)
  }
}

/**
 * What a conversation has said so far, as a key of a memory.
 *
 * @internal
 */
export class Trail {
  constructor(readonly key = "") {}

  /** The conversation after one more message. */
  after(...said: ReadonlyArray<string>): Trail {
    const text = JSON.stringify([this.key, ...said])
    return new Trail(`${hash(text, seedAt(0))}${hash(text, seedAt(1))}`)
  }
}

/** Others cannot find texts with the same key, because the seeds differ in each process. */
let seeds: Uint32Array | undefined

const seedAt = (index: number): number => (seeds ??= globalThis.crypto.getRandomValues(new Uint32Array(2)))[index] ?? 0

/** 64 bits of a text. A digest would be safe without a seed, but it is an effect, and absent on pages without TLS. */
const hash = (text: string, seed: number): string => {
  let one = 0xdeadbeef ^ seed
  let other = 0x41c6ce57 ^ seed
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    one = Math.imul(one ^ code, 2654435761)
    other = Math.imul(other ^ code, 1597334677)
    one = one << 13 | one >>> 19
    other = other << 15 | other >>> 17
  }
  one = Math.imul(one ^ other >>> 16, 2246822507)
  other = Math.imul(other ^ one >>> 13, 3266489909)
  return `${(one >>> 0).toString(36)}.${(other >>> 0).toString(36)}.`
}
