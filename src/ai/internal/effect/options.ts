/**
 * What parts and messages of `@effect/ai` carry for OpenRouter: the same names and types as in `@effect/ai-openrouter`, so that
 * a program may have both packages.
 */
import type { ChatReasoningDetails } from "../../../schema/ChatContent.js"

interface CacheControl {
  readonly type: "ephemeral"
}

/**
 * How a provider signed or encrypted a piece of reasoning.
 *
 * @since 0.1.0
 * @category metadata
 */
export type OpenRouterReasoningInfo = {
  readonly type: "reasoning"
  readonly signature: string | undefined
} | {
  readonly type: "encrypted_reasoning"
  readonly format:
    | "unknown"
    | "openai-responses-v1"
    | "azure-openai-responses-v1"
    | "xai-responses-v1"
    | "anthropic-claude-v1"
    | "google-gemini-v1"
    | undefined
  readonly redactedData: string
}

/**
 * The pieces of reasoning of a message, as they go over the wire.
 *
 * @since 0.1.0
 * @category metadata
 */
export type ReasoningDetails = ChatReasoningDetails

declare module "@effect/ai/Prompt" {
  export interface SystemMessageOptions extends ProviderOptions {
    readonly openrouter?: {
      readonly cacheControl?: CacheControl | undefined
    } | undefined
  }

  export interface UserMessageOptions extends ProviderOptions {
    readonly openrouter?: {
      readonly cacheControl?: CacheControl | undefined
    } | undefined
  }

  export interface AssistantMessageOptions extends ProviderOptions {
    readonly openrouter?: {
      readonly cacheControl?: CacheControl | undefined
    } | undefined
  }

  export interface ToolMessageOptions extends ProviderOptions {
    readonly openrouter?: {
      readonly cacheControl?: CacheControl | undefined
    } | undefined
  }

  export interface TextPartOptions extends ProviderOptions {
    readonly openrouter?: {
      readonly cacheControl?: CacheControl | undefined
    } | undefined
  }

  export interface ReasoningPartOptions extends ProviderOptions {
    readonly openrouter?: {
      readonly cacheControl?: CacheControl | undefined
    } | undefined
  }

  export interface FilePartOptions extends ProviderOptions {
    readonly openrouter?: {
      readonly fileName?: string | undefined
      readonly cacheControl?: CacheControl | undefined
    } | undefined
  }

  export interface ToolResultPartOptions extends ProviderOptions {
    readonly openrouter?: {
      readonly cacheControl?: CacheControl | undefined
    } | undefined
  }
}

declare module "@effect/ai/Response" {
  export interface ReasoningPartMetadata extends ProviderMetadata {
    readonly openrouter?: OpenRouterReasoningInfo | undefined
  }

  export interface ReasoningStartPartMetadata extends ProviderMetadata {
    readonly openrouter?: OpenRouterReasoningInfo | undefined
  }

  export interface ReasoningDeltaPartMetadata extends ProviderMetadata {
    readonly openrouter?: OpenRouterReasoningInfo | undefined
  }

  export interface UrlSourcePartMetadata extends ProviderMetadata {
    readonly openrouter?: {
      readonly content?: string | undefined
    } | undefined
  }

  export interface FinishPartMetadata extends ProviderMetadata {
    readonly openrouter?: {
      readonly provider?: string | undefined
      readonly usage?: {
        readonly cost?: number | undefined
        readonly costDetails?: {
          readonly upstream_inference_cost?: number | undefined
        } | undefined
        readonly promptTokensDetails?: {
          readonly audio_tokens?: number | undefined
          readonly cached_tokens?: number | undefined
        }
        readonly completionTokensDetails?: {
          readonly reasoning_tokens?: number | undefined
          readonly audio_tokens?: number | undefined
          readonly accepted_prediction_tokens?: number | undefined
          readonly rejected_prediction_tokens?: number | undefined
        } | undefined
      } | undefined
    } | undefined
  }
}
