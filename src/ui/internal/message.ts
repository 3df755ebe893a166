/**
 * Messages as `useChat` of the AI SDK has them.
 *
 * @since 0.1.0
 */

import type { Usage } from "../../agent/Usage.js"

/**
 * Whether the user approved a call, and the reason that he gave.
 *
 * @since 0.1.0
 * @category models
 */
export interface UiApproval {
  readonly id: string
  readonly approved?: boolean
  readonly reason?: string
}

/** A call, without its state. */
type Call =
  & { readonly toolCallId: string; readonly providerExecuted?: boolean }
  & (
    | { readonly type: `tool-${string}` }
    | { readonly type: "dynamic-tool"; readonly toolName: string }
  )

/** How far a call is. */
type CallState =
  | { readonly state: "input-available"; readonly input: unknown }
  | { readonly state: "approval-requested"; readonly input: unknown; readonly approval: { readonly id: string } }
  | {
    readonly state: "approval-responded"
    readonly input: unknown
    readonly approval: { readonly id: string; readonly approved: boolean; readonly reason?: string }
  }
  | {
    readonly state: "output-available"
    readonly input: unknown
    readonly output: unknown
    readonly approval?: { readonly id: string; readonly approved: true }
  }
  | {
    readonly state: "output-error"
    readonly input: unknown
    readonly errorText: string
    readonly approval?: { readonly id: string; readonly approved: true }
  }
  | {
    readonly state: "output-denied"
    readonly input: unknown
    readonly approval: { readonly id: string; readonly approved: false; readonly reason?: string }
  }

/**
 * A part of a message that the server made from a stored conversation.
 *
 * @since 0.1.0
 * @category models
 */
export type UiPart =
  | { readonly type: "step-start" }
  | { readonly type: "text"; readonly text: string; readonly state?: "done" }
  | { readonly type: "reasoning"; readonly text: string; readonly state?: "done" }
  | { readonly type: "source-url"; readonly sourceId: string; readonly url: string; readonly title?: string }
  | { readonly type: "file"; readonly mediaType: string; readonly url: string; readonly filename?: string }
  | (Call & CallState)

/**
 * A message that the server made from a stored conversation.
 *
 * @since 0.1.0
 * @category models
 */
export interface UiMessage {
  readonly id: string
  readonly role: "system" | "user" | "assistant"
  /** What a message of the assistant took: tokens, and their cost in USD. */
  readonly metadata?: { readonly usage: Usage; readonly cost: number }
  readonly parts: Array<UiPart>
}

/**
 * A part of a message that a browser sent. Nothing is known of it but its type: each field is checked where it is read.
 *
 * @since 0.1.0
 * @category models
 */
export interface ReceivedPart {
  readonly type: string
  readonly [field: string]: unknown
}

/**
 * A message that a browser sent.
 *
 * @since 0.1.0
 * @category models
 */
export interface ReceivedMessage {
  readonly id?: string | undefined
  readonly role: string
  readonly parts: ReadonlyArray<ReceivedPart>
}
