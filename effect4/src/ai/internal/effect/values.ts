/** What Effect 3 and Effect 4 say differently of the parts of a response, and of tools. */
import type * as Prompt from "effect/ai/Prompt"
import type * as Response from "effect/ai/Response"
import * as Tool from "effect/ai/Tool"
import type * as Schema from "effect/Schema"
import { arrayAt, defined, stringAt } from "../../../internal/json.js"
import type { ChatResult, ChatUsage } from "../../../schema/Chat.js"
import type { ChatUrlCitationSource, ReasoningDetailUnion } from "../../../schema/ChatContent.js"
import type { JsonSchema } from "../../../schema/jsonSchema.js"
import type { FileAnnotation, ReasoningDetails, TokenUsage } from "./options.js"

/**
 * What spans say of the provider.
 *
 * @internal
 */
export const provider = { provider: { name: "openrouter" } } as const

/**
 * Whether a chat sends the metadata of a response back with it.
 *
 * @internal
 */
export const keepsMetadata: boolean = true

/** @internal */
export const usageOf = (usage: ChatUsage | null | undefined): typeof Response.Usage.Encoded => {
  const [total, cacheRead, cacheWrite] = [
    count(usage?.prompt_tokens),
    count(usage?.prompt_tokens_details?.cached_tokens),
    count(usage?.prompt_tokens_details?.cache_write_tokens)
  ]
  const [output, reasoning] = [
    count(usage?.completion_tokens),
    count(usage?.completion_tokens_details?.reasoning_tokens)
  ]
  return {
    inputTokens: { total, cacheRead, cacheWrite, uncached: rest(total, cacheRead) },
    outputTokens: { total: output, reasoning, text: rest(output, reasoning) }
  }
}

const count = (tokens: number | null | undefined): number | undefined =>
  Number.isInteger(tokens) ? tokens ?? undefined : undefined

const rest = (total: number | undefined, part = 0): number | undefined =>
  total === undefined ? undefined : Math.max(0, total - part)

/** @internal */
export const tokensOf = (
  { inputTokens, outputTokens }: typeof Response.Usage.Encoded
): { readonly inputTokens: number | undefined; readonly outputTokens: number | undefined } => ({
  inputTokens: inputTokens.total,
  outputTokens: outputTokens.total
})

/** What came as JSON is JSON. */
const json = (details: ReadonlyArray<ReasoningDetailUnion>): ReasoningDetails => details as ReasoningDetails

/**
 * The metadata of a piece of reasoning, whole or not: all that the API must receive again.
 *
 * @internal
 */
export const reasoningMetadata = (
  details: ReadonlyArray<ReasoningDetailUnion>
): Response.ReasoningDeltaPartMetadata => ({ openrouter: { reasoningDetails: json(details) } })

/**
 * The metadata of the first call of a response: all that the API must receive again.
 *
 * @internal
 */
export const callMetadata = (
  details: ReadonlyArray<ReasoningDetailUnion>
): Response.ToolCallPartMetadata => ({ openrouter: { reasoningDetails: json(details) } })

/** @internal */
export const sourceMetadata = (
  { content, end_index, start_index }: ChatUrlCitationSource
): Response.UrlSourcePartMetadata => ({
  openrouter: { content: content ?? null, startIndex: start_index ?? null, endIndex: end_index ?? null }
})

/** @internal */
export const finishMetadata = (
  { choices: [choice], provider, system_fingerprint, usage }: ChatResult
): Response.FinishPartMetadata => {
  const files = arrayAt(choice?.message, "annotations").filter(isFile)
  return {
    openrouter: defined({
      systemFingerprint: system_fingerprint ?? null,
      // What came as JSON is JSON
      usage: (usage ?? null) as TokenUsage | null,
      ...(files.length === 0 ? {} : { annotations: files }),
      ...(provider === undefined || provider === null ? {} : { provider })
    })
  }
}

const isFile = (u: unknown): u is FileAnnotation => stringAt(u, "type") === "file"

/** @internal */
export const descriptionOf = (tool: Tool.Any): string | undefined => Tool.getDescription(tool)

/**
 * What the parameters of a tool look like.
 *
 * @internal
 */
export const parametersOf = (
  tool: Tool.Any
): { readonly schema: Schema.Top } | { readonly json: JsonSchema } =>
  Tool.isDynamic(tool) && tool.jsonSchema !== undefined
    ? { json: tool.jsonSchema }
    : { schema: tool.parametersSchema }

/**
 * Whether providers must enforce the parameters of a tool, if it says so.
 *
 * @internal
 */
export const strictOf = (tool: Tool.Any): boolean | undefined => Tool.getStrictMode(tool)

/**
 * What a tool wants the model to see in place of its result.
 *
 * @internal
 */
export const modelOutputOf = (
  part: Prompt.ToolResultPart
): ReadonlyArray<Prompt.TextPart | Prompt.FilePart> | undefined => part.modelOutput
