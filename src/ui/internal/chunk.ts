/**
 * The chunks of the UI message stream of the AI SDK, as far as this library writes them.
 *
 * @since 0.1.0
 */

/**
 * How a message ended. `interrupted` exists in protocol 7 alone.
 *
 * @since 0.1.0
 * @category models
 */
export type FinishReason = "stop" | "length" | "content-filter" | "tool-calls" | "error" | "other" | "interrupted"

/** The fields of the chunks that show a call. A `dynamic` call has no type in the browser. */
interface Call {
  readonly toolCallId: string
  readonly toolName: string
  readonly dynamic?: boolean
  readonly providerExecuted?: boolean
}

/**
 * One chunk of a message.
 *
 * @since 0.1.0
 * @category models
 */
export type Chunk =
  | { readonly type: "start"; readonly messageId?: string; readonly messageMetadata?: unknown }
  | { readonly type: "start-step" }
  | { readonly type: "finish-step" }
  | { readonly type: "reset-step" }
  | { readonly type: "finish"; readonly finishReason?: FinishReason; readonly messageMetadata?: unknown }
  | { readonly type: "text-start"; readonly id: string }
  | { readonly type: "text-delta"; readonly id: string; readonly delta: string }
  | { readonly type: "text-end"; readonly id: string }
  | { readonly type: "reasoning-start"; readonly id: string }
  | { readonly type: "reasoning-delta"; readonly id: string; readonly delta: string }
  | { readonly type: "reasoning-end"; readonly id: string }
  | { readonly type: "source-url"; readonly sourceId: string; readonly url: string; readonly title?: string }
  | { readonly type: "file"; readonly url: string; readonly mediaType: string }
  | { readonly type: "tool-input-start" } & Call
  | { readonly type: "tool-input-delta"; readonly toolCallId: string; readonly inputTextDelta: string }
  | { readonly type: "tool-input-available"; readonly input: unknown } & Call
  | { readonly type: "tool-input-error"; readonly input: unknown; readonly errorText: string } & Call
  | { readonly type: "tool-approval-request"; readonly approvalId: string; readonly toolCallId: string }
  | {
    readonly type: "tool-approval-response"
    readonly approvalId: string
    readonly approved: boolean
    readonly reason?: string
  }
  | {
    readonly type: "tool-output-available"
    readonly toolCallId: string
    readonly output: unknown
    readonly preliminary?: boolean
    readonly providerExecuted?: boolean
  }
  | { readonly type: "tool-output-error"; readonly toolCallId: string; readonly errorText: string }
  | { readonly type: "tool-output-denied"; readonly toolCallId: string }
  | { readonly type: "data-openrouter-retry"; readonly data: { readonly turn: number }; readonly transient: true }
  | { readonly type: "abort"; readonly reason?: string }
  | { readonly type: "error"; readonly errorText: string }
