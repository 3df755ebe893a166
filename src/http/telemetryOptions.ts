/** What spans hold beside counts, names and costs: only what the caller asks for. */
import * as Config from "effect/Config"
import { type Reference, reference } from "../internal/effect/references.js"

/**
 * Where the text of requests and responses goes: nowhere, into attributes of spans, into events of spans, or both.
 *
 * @since 0.1.0
 * @category models
 */
export type TelemetryContent = "none" | "span" | "event" | "both"

/**
 * A part of a message in a span. `blob` stands for an image, a file or audio, whose bytes are never in a span; `uri` for one
 * at an address, without its query; `item` for the call of a tool that OpenRouter executes.
 *
 * @since 0.1.0
 * @category models
 */
export type TelemetryPart =
  | { readonly type: "text"; readonly content: string }
  | { readonly type: "reasoning"; readonly content: string }
  | { readonly type: "tool_call"; readonly id: string; readonly name: string; readonly arguments: unknown }
  | { readonly type: "tool_call_response"; readonly id: string; readonly response: unknown }
  | { readonly type: "blob"; readonly mime_type: string; readonly size: number }
  | { readonly type: "uri"; readonly modality: string; readonly uri: string }
  | { readonly type: "item"; readonly name: string }

/**
 * A message in a span, in the form of OpenTelemetry's GenAI conventions.
 *
 * @since 0.1.0
 * @category models
 */
export interface TelemetryMessage {
  readonly role: string
  readonly parts: ReadonlyArray<TelemetryPart>
  /** Why the response ended; messages of the model alone have it. */
  readonly finish_reason?: string | undefined
}

/**
 * What spans hold beside counts, names and costs. Without these options, they hold no text of a request or a response.
 *
 * @since 0.1.0
 * @category models
 */
export interface TelemetryOptions {
  /**
   * Where messages, instructions, and arguments and results of tools go. Default `"none"`. Everybody who can read the traces
   * can then read them.
   */
  readonly content?: TelemetryContent | undefined
  /**
   * Changes a message before it goes into a span; `undefined` leaves it out. Arguments and results of tools are messages with
   * one part, and so are instructions. If it throws, nothing of the request or response goes into the span.
   */
  readonly redact?: ((message: TelemetryMessage) => TelemetryMessage | undefined) | undefined
  /** The most characters of one text; the rest of it is cut. Default 16,000. */
  readonly limit?: number | undefined
  /**
   * Adds the attributes of OpenInference, which Phoenix and Arize read: `openinference.span.kind`, and where spans have
   * content `input.value` and `output.value`. Default false.
   */
  readonly openInference?: boolean | undefined
}

/**
 * The environment variable `OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT`, which other libraries read, too:
 * `NO_CONTENT`, `SPAN_ONLY`, `EVENT_ONLY` or `SPAN_AND_EVENT`, in any case. If it is not set, or has another value, there is
 * no content.
 *
 * @since 0.1.0
 * @category configuration
 * @example
 * ```ts
 * import { OpenRouterClient } from "effect-openrouter"
 *
 * const OpenRouter = OpenRouterClient.layerConfig({ telemetry: { content: OpenRouterClient.telemetryContent } })
 * ```
 */
export const telemetryContent: Config.Config<TelemetryContent> = Config.map(
  Config.withDefault(Config.string("OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT"), ""),
  (value) => contents.get(value.trim().toUpperCase()) ?? "none"
)

const contents: ReadonlyMap<string, TelemetryContent> = new Map([
  ["SPAN_ONLY", "span"],
  ["EVENT_ONLY", "event"],
  ["SPAN_AND_EVENT", "both"]
])

/**
 * Reads the attributes that all spans of a run have: the name of the agent that speaks, and the conversation. `undefined`
 * outside of a run.
 *
 * @internal
 */
export const RunAttributes: Reference<ReadRunAttributes | undefined> = reference<ReadRunAttributes | undefined>(
  "effect-openrouter/http/RunAttributes",
  () => undefined
)

type ReadRunAttributes = () => Readonly<Record<string, string>>
