import { isNullable } from "effect/Predicate"
import { defined } from "../../../http/internal/json.js"
import { guard } from "../../../schema/guard.js"
import type { MessagesResult, MessagesUsage } from "../../../schema/Messages.js"
import { ORAnthropicContentBlock } from "../../../schema/MessagesContent.js"
import type { MessagesMessageParam } from "../../../schema/MessagesContentRequest.js"
import type { OpenResponsesResult, Usage } from "../../../schema/Responses.js"

const isBlock = guard(ORAnthropicContentBlock)

/** A reply of the Messages API with the given content and the facts of a response. @internal */
export const claudeReply = (
  response: OpenResponsesResult,
  messages: ReadonlyArray<MessagesMessageParam>
): MessagesResult => {
  const content = messages.flatMap(({ content }): ReadonlyArray<unknown> =>
    typeof content === "string" ? [{ type: "text", text: content }] : content
  )
  return {
    id: response.id,
    type: "message",
    role: "assistant",
    model: response.model,
    content: content.filter(isBlock),
    stop_reason: stopReason(response),
    stop_sequence: null,
    usage: isNullable(response.usage) ? {} : usageOf(response.usage)
  }
}

const stopReason = ({ incomplete_details: incomplete, output }: OpenResponsesResult): MessagesResult["stop_reason"] => {
  switch (incomplete?.reason) {
    case "max_output_tokens":
      return "max_tokens"
    case "content_filter":
      return "refusal"
    default:
  }
  if (output.some((item) => item.type === "function_call")) return "tool_use"
  const refused = output.some((item) => item.type === "message" && item.content.some((part) => part.type === "refusal"))
  return refused ? "refusal" : "end_turn"
}

/** Anthropic counts input tokens without those that its cache read or wrote. */
const usageOf = (usage: Usage): MessagesUsage => {
  const { cost, cost_details: details, input_tokens_details: input, is_byok } = usage
  const read = input?.cached_tokens ?? undefined
  const written = input?.cache_write_tokens ?? undefined
  return defined({
    input_tokens: Math.max(0, usage.input_tokens - (read ?? 0) - (written ?? 0)),
    output_tokens: usage.output_tokens,
    cache_read_input_tokens: read,
    cache_creation_input_tokens: written,
    cost,
    is_byok,
    cost_details: isNullable(details) ? undefined : defined({
      upstream_inference_cost: details.upstream_inference_cost,
      upstream_inference_prompt_cost: details.upstream_inference_input_cost,
      upstream_inference_completions_cost: details.upstream_inference_output_cost
    })
  })
}
