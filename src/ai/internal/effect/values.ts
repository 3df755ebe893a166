/** What Effect 3 and Effect 4 say differently of the parts of a response, and of tools. */
import type * as Prompt from "@effect/ai/Prompt"
import type * as Response from "@effect/ai/Response"
import * as Tool from "@effect/ai/Tool"
import type * as Schema from "effect/Schema"
import { defined, stringAt } from "../../../internal/json.js"
import type { ChatResult, ChatUsage } from "../../../schema/Chat.js"
import type { ChatUrlCitationSource, ReasoningDetailUnion } from "../../../schema/ChatContent.js"
import type { JsonSchema } from "../../../schema/jsonSchema.js"
import { present } from "../present.js"
import type { OpenRouterReasoningInfo } from "./options.js"

/**
 * What spans say of the provider.
 *
 * @internal
 */
export const provider = { system: "openrouter" } as const

/**
 * Whether a chat sends the metadata of a response back with it. `@effect/ai` drops them when it makes a prompt of parts.
 *
 * @internal
 */
export const keepsMetadata: boolean = false

/** @internal */
export const usageOf = (usage: ChatUsage | null | undefined): typeof Response.Usage.Encoded => ({
  inputTokens: usage?.prompt_tokens ?? undefined,
  outputTokens: usage?.completion_tokens ?? undefined,
  totalTokens: usage?.total_tokens ?? undefined,
  reasoningTokens: usage?.completion_tokens_details?.reasoning_tokens ?? undefined,
  cachedInputTokens: usage?.prompt_tokens_details?.cached_tokens ?? undefined
})

/** @internal */
export const tokensOf = (
  { inputTokens, outputTokens }: typeof Response.Usage.Encoded
): { readonly inputTokens: number | undefined; readonly outputTokens: number | undefined } => ({
  inputTokens,
  outputTokens
})

/**
 * The metadata of a piece of reasoning, whole or not. `reasoningDetails` is all that the API must receive again.
 *
 * @internal
 */
export const reasoningMetadata = (
  details: ReadonlyArray<ReasoningDetailUnion>
): { readonly openrouter: OpenRouterReasoningInfo } => {
  const encrypted = details.find((detail) => detail.type === "reasoning.encrypted")
  const signed = details.find((detail) => stringAt(detail, "signature") !== undefined)
  const info: OpenRouterReasoningInfo = encrypted === undefined
    ? { type: "reasoning", signature: stringAt(signed, "signature") }
    : {
      type: "encrypted_reasoning",
      // A format that OpenRouter added later
      format: stringAt(encrypted, "format") as Extract<OpenRouterReasoningInfo, { readonly format: unknown }>["format"],
      redactedData: stringAt(encrypted, "data") ?? ""
    }
  const all = { ...info, reasoningDetails: details }
  return { openrouter: all }
}

/** @internal */
export const sourceMetadata = ({ content }: ChatUrlCitationSource): Response.UrlSourcePartMetadata => ({
  openrouter: defined({ content: content ?? undefined })
})

/** @internal */
export const finishMetadata = ({ provider, usage }: ChatResult): Response.FinishPartMetadata => ({
  openrouter: defined({
    provider: provider ?? undefined,
    usage: usage === undefined || usage === null ? undefined : defined({
      cost: usage.cost ?? undefined,
      costDetails: present(usage.cost_details ?? {}),
      promptTokensDetails: present(usage.prompt_tokens_details ?? {}),
      completionTokensDetails: present(usage.completion_tokens_details ?? {})
    })
  })
})

/**
 * The metadata of the first call of a response: all that the API must receive again.
 *
 * @internal
 */
export const callMetadata = (
  details: ReadonlyArray<ReasoningDetailUnion>
): Response.ToolCallPartMetadata => ({ openrouter: { reasoningDetails: details } })

/** @internal */
export const descriptionOf = (tool: Tool.Any): string | undefined =>
  tool.description ?? Tool.getDescriptionFromSchemaAst(tool.parametersSchema.ast)

/**
 * What the parameters of a tool look like.
 *
 * @internal
 */
export const parametersOf = (
  tool: Tool.Any
): { readonly schema: Schema.Schema.All } | { readonly json: JsonSchema } => ({ schema: tool.parametersSchema })

/**
 * Whether providers must enforce the parameters of a tool, if it says so.
 *
 * @internal
 */
export const strictOf: (tool: Tool.Any) => boolean | undefined = () => undefined

/**
 * What a tool wants the model to see in place of its result.
 *
 * @internal
 */
export const modelOutputOf: (
  part: Prompt.ToolResultPart
) => ReadonlyArray<Prompt.TextPart | Prompt.FilePart> | undefined = () => undefined
