/**
 * What parts and messages of `effect/ai` carry for OpenRouter: the same names as in `@effect/ai-openrouter`.
 */

interface CacheControl {
  readonly type: "ephemeral"
  readonly ttl?: "5m" | "1h"
}

/**
 * A piece of reasoning, as it goes over the wire.
 *
 * @since 0.1.0
 * @category metadata
 */
export type OpenRouterReasoningInfo = {
  readonly type: string
  readonly [field: string]: string | number | boolean | null
}

/**
 * The pieces of reasoning of a message, as they go over the wire.
 *
 * @since 0.1.0
 * @category metadata
 */
export type ReasoningDetails = ReadonlyArray<OpenRouterReasoningInfo>

interface JsonObject {
  readonly [field: string]: Json
}

type Json = string | number | boolean | null | ReadonlyArray<Json> | JsonObject

/** The parsed content of a file. @internal */
export type FileAnnotation = JsonObject

/** Tokens and cost. @internal */
export type TokenUsage = JsonObject

declare module "effect/ai/Prompt" {
  export interface SystemMessageOptions extends ProviderOptions {
    readonly openrouter?: {
      readonly cacheControl?: CacheControl | null
    } | null
  }

  export interface UserMessageOptions extends ProviderOptions {
    readonly openrouter?: {
      readonly cacheControl?: CacheControl | null
    } | null
  }

  export interface AssistantMessageOptions extends ProviderOptions {
    readonly openrouter?: {
      readonly cacheControl?: CacheControl | null
      readonly reasoningDetails?: ReasoningDetails | null
    } | null
  }

  export interface ToolMessageOptions extends ProviderOptions {
    readonly openrouter?: {
      readonly cacheControl?: CacheControl | null
    } | null
  }

  export interface TextPartOptions extends ProviderOptions {
    readonly openrouter?: {
      readonly cacheControl?: CacheControl | null
    } | null
  }

  export interface ReasoningPartOptions extends ProviderOptions {
    readonly openrouter?: {
      readonly cacheControl?: CacheControl | null
      readonly reasoningDetails?: ReasoningDetails | null
    } | null
  }

  export interface FilePartOptions extends ProviderOptions {
    readonly openrouter?: {
      readonly fileName?: string | null
      readonly cacheControl?: CacheControl | null
    } | null
  }

  export interface ToolCallPartOptions extends ProviderOptions {
    readonly openrouter?: {
      readonly reasoningDetails?: ReasoningDetails | null
    } | null
  }

  export interface ToolResultPartOptions extends ProviderOptions {
    readonly openrouter?: {
      readonly cacheControl?: CacheControl | null
    } | null
  }
}

declare module "effect/ai/Response" {
  export interface ReasoningPartMetadata extends ProviderMetadata {
    readonly openrouter?: {
      readonly reasoningDetails?: ReasoningDetails | null
    } | null
  }

  export interface ReasoningStartPartMetadata extends ProviderMetadata {
    readonly openrouter?: {
      readonly reasoningDetails?: ReasoningDetails | null
    } | null
  }

  export interface ReasoningDeltaPartMetadata extends ProviderMetadata {
    readonly openrouter?: {
      readonly reasoningDetails?: ReasoningDetails | null
    } | null
  }

  export interface ToolCallPartMetadata extends ProviderMetadata {
    readonly openrouter?: {
      readonly reasoningDetails?: ReasoningDetails | null
    } | null
  }

  export interface UrlSourcePartMetadata extends ProviderMetadata {
    readonly openrouter?: {
      readonly content?: string | null
      readonly startIndex?: number | null
      readonly endIndex?: number | null
    } | null
  }

  export interface FinishPartMetadata extends ProviderMetadata {
    readonly openrouter?: {
      readonly systemFingerprint?: string | null
      readonly usage?: TokenUsage | null
      readonly annotations?: ReadonlyArray<FileAnnotation> | null
      readonly provider?: string | null
    } | null
  }
}
