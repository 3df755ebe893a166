/**
 * Why a response ended, in the words of the chat API, for every API. `undefined` while it has not ended.
 *
 * @internal
 */
export const finishReasonOf = (reason: string | undefined, hasCalls: boolean): string | undefined => {
  switch (reason) {
    case "completed":
      return hasCalls ? "tool_calls" : "stop"
    case "end_turn":
    case "stop_sequence":
      return "stop"
    case "tool_use":
      return "tool_calls"
    case "max_output_tokens":
    case "max_tokens":
      return "length"
    case "refusal":
      return "content_filter"
    case "failed":
      return "error"
    case "queued":
    case "in_progress":
      return undefined
    default:
      return reason
  }
}
