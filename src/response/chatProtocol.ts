/**
 * The stream of a chat completion: which events are errors, when it is complete, and how its chunks add up to the
 * completion that the same call without streaming returns.
 *
 * @since 0.1.0
 */
import { arrayAt, isObject, type JsonObject, objectAt } from "../internal/json.js"
import { ChatResult } from "../schema/Chat.js"
import type { ChatStreamChunk } from "../schema/Chat.js"
import { guard } from "../schema/guard.js"
import { ChatChoice } from "./internal/chatChoice.js"
import { completenessOf, errorOfChunk, indexOf } from "./internal/choices.js"
import { contentText } from "./internal/contentParts.js"
import { addUsage, type Draft, makeDraft, setFields, setUsage } from "./internal/fields.js"
import { reasoningIn } from "./internal/reasoning.js"
import { chatEvents } from "./internal/wholeEvents/chatEvents.js"
import type { PartialResponse } from "./partialResponse.js"
import type { Accumulator, Completeness, Protocol } from "./protocol.js"
import { hasChoicesWithOutput, hasOutput, readResponse } from "./readResponse.js"
import { tolerantEvent } from "./tolerant.js"

/**
 * The protocol of `POST /chat/completions` with `stream: true`.
 *
 * @since 0.1.0
 * @category protocols
 */
export const protocol: Protocol<ChatStreamChunk, ChatResult> = {
  name: "chat",
  fit: tolerantEvent,
  errorOf: errorOfChunk,
  eventsOf: chatEvents,
  accumulator: (count) => new ChatAccumulator(count)
}

/**
 * The text of a whole completion, of its first choice; `""` where it has none.
 *
 * @since 0.1.0
 * @category getters
 */
export const text = (result: ChatResult): string => readResponse(result).text

/**
 * The text that a chunk adds to the response, of the first choice if several were requested; `""` where it adds none.
 *
 * @since 0.1.0
 * @category getters
 */
export const textDelta = (chunk: Pick<ChatStreamChunk, "choices">): string =>
  contentText(firstDelta(chunk)?.["content"])

/**
 * The readable reasoning that a chunk adds, of the first choice; `""` where it adds none. Each piece is returned
 * once, although the API sends it twice. Encrypted reasoning has no text.
 *
 * @since 0.1.0
 * @category getters
 */
export const reasoningDelta = (chunk: Pick<ChatStreamChunk, "choices">): string => {
  const delta = firstDelta(chunk)
  return delta === undefined ? "" : reasoningIn(delta)
}

const firstDelta = (chunk: Pick<ChatStreamChunk, "choices">): JsonObject | undefined => {
  const choice = arrayAt(chunk, "choices").find((choice) => isObject(choice) && indexOf(choice) === 0)
  return objectAt(choice, "delta")
}

const isResult = guard(ChatResult)

const notOfTheResult: ReadonlySet<string> = new Set(["choices", "object", "error", "debug", "usage", "user_id"])

class ChatAccumulator implements Accumulator<ChatResult> {
  private readonly head: Draft = makeDraft()
  private readonly choices = new Map<number, ChatChoice>()
  private usageIsLast = false
  private ended = false

  constructor(private readonly count = 1) {}

  add(chunk: unknown): void {
    if (!isObject(chunk)) return
    setFields(this.head, chunk, notOfTheResult)
    setUsage(this.head, chunk["usage"])
    if (this.usageIsLast || isObject(chunk["usage"])) this.usageIsLast = !hasChoicesWithOutput(chunk)
    for (const choice of arrayAt(chunk, "choices")) {
      if (isObject(choice)) this.choice(indexOf(choice)).add(choice)
    }
  }

  addUsage(chunk: unknown): void {
    addUsage(this.head, chunk)
  }

  end(): void {
    this.ended = true
  }

  completeness(): Completeness {
    return completenessOf([...this.choices.values()], {
      count: this.count,
      ended: this.ended,
      usage: isObject(this.head["usage"]),
      usageIsLast: this.usageIsLast,
      hasOutput: () => hasOutput(this.partial())
    })
  }

  partial(): PartialResponse {
    return readResponse(this.snapshot())
  }

  result(): ChatResult | undefined {
    const result = this.completeness() === "open" ? undefined : this.snapshot()
    return isResult(result) ? result : undefined
  }

  private choice(index: number): ChatChoice {
    const known = this.choices.get(index) ?? new ChatChoice(index)
    this.choices.set(index, known)
    return known
  }

  private snapshot(): JsonObject {
    return {
      object: "chat.completion",
      system_fingerprint: null,
      ...this.head,
      choices: [...this.choices.values()].sort((a, b) => a.index - b.index).map((choice) => choice.snapshot())
    }
  }
}
