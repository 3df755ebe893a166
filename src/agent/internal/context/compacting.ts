/** A compaction as a run sees it. The loop knows this alone, so that only those who use compaction bundle it. */
import type * as Effect from "effect/Effect"
import type { OpenRouterClient } from "../../../http/OpenRouterClient.js"
import type { InputItem } from "../../../schema/ResponsesItemsRequest.js"
import type { CompactionRecord, ContextSize } from "../run.js"

/**
 * What is known about the next request. `tokens` is what it would have now, `target` what is short enough. `beside` is the
 * estimate for instructions and tools; `limit` is the length above which no request can be sent, if it is known.
 *
 * @internal
 */
export interface Need {
  readonly tokens: number
  readonly target: number
  readonly beside: number
  readonly limit: number | undefined
}

/** Without `items`, the history stays. @internal */
export type Compacted = Pick<CompactionRecord, "items" | "strategies" | "failures" | "before" | "after">

/** @internal */
export interface Compacting {
  /** The context length, if an option says it. */
  readonly contextLength: number | undefined
  /** The share of the context at which a history is short enough. */
  readonly target: number
  /** Whether a history of that many items is to be compacted. */
  readonly isDue: (size: ContextSize, items: number) => boolean
  /** Asks for the context length of a model; undefined if nobody has to know it. */
  readonly contextLengthOf:
    | ((
      request: { readonly model?: string | null | undefined }
    ) => Effect.Effect<number | undefined, never, OpenRouterClient>)
    | undefined
  readonly compact: (
    history: ReadonlyArray<InputItem>,
    need: Need
  ) => Effect.Effect<Compacted, never, OpenRouterClient>
}

/** @internal */
export const TypeId: unique symbol = Symbol.for("effect-openrouter/agent/Compaction")
