import type { OpenResponsesResult } from "../../../schema/Responses.js"
import type { Entry } from "../../ConversationEntry.js"

/** What a response repeats of its request. */
const echoes: ReadonlySet<string> = new Set<keyof OpenResponsesResult>([
  "background",
  "frequency_penalty",
  "instructions",
  "max_output_tokens",
  "max_tool_calls",
  "metadata",
  "parallel_tool_calls",
  "presence_penalty",
  "previous_response_id",
  "prompt",
  "prompt_cache_key",
  "prompt_cache_options",
  "reasoning",
  "safety_identifier",
  "store",
  "temperature",
  "text",
  "tool_choice",
  "tools",
  "top_logprobs",
  "top_p",
  "truncation",
  "user"
])

const withoutEchoes = ({ id, model, output, ...rest }: OpenResponsesResult): OpenResponsesResult => ({
  id,
  model,
  output,
  ...Object.fromEntries(Object.entries(rest).filter(([key]) => !echoes.has(key)))
})

/**
 * The entry as it is worth storing: a response repeats its instructions and tools, which every turn would store anew.
 *
 * @internal
 */
export const compact = (entry: Entry): Entry =>
  entry._tag === "turn"
    ? { ...entry, record: { ...entry.record, response: withoutEchoes(entry.record.response) } }
    : entry
