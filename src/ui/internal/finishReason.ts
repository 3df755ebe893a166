/** How the outcome of a run is said in a UI message stream. */
import type { Outcome } from "../../agent/Agent.js"
import type { FinishReason } from "./chunk.js"

/**
 * The line of the protocol: that of `ai` 6, or that of `ai` 7. A client throws away a message that has a chunk of a later line.
 *
 * @since 0.1.0
 * @category models
 */
export type Protocol = 6 | 7

/** @internal */
export const finishReason = (outcome: Outcome, protocol: Protocol): FinishReason => {
  switch (outcome._tag) {
    case "completed":
    case "refused":
      return "stop"
    case "incomplete":
      return outcome.reason === "content_filter" ? "content-filter" : "length"
    case "awaiting_approval":
    case "awaiting_tools":
      return "tool-calls"
    case "blocked":
      return "content-filter"
    case "stopped":
      return "other"
    case "interrupted":
      return protocol === 7 ? "interrupted" : "other"
  }
}
