/**
 * The language of scripts: a script is a list of turns, a turn is a list of parts, and all of it is plain immutable
 * data. The same script drives `TestModel` and `ScriptedServer`, over chat completions,
 * responses and messages alike, streamed or not.
 *
 * @since 0.1.0
 */
import * as Duration from "effect/Duration"
import type * as Effect from "effect/Effect"
import { dual } from "effect/Function"
import * as Predicate from "effect/Predicate"
import type { ConnectionPart, ErrorDetails } from "./internal/connectionParts.js"
import type { ContentPart } from "./internal/contentParts.js"
import { text } from "./internal/contentParts.js"
import type { NoReply } from "./internal/noReply.js"
import type { RecordedRequest } from "./internal/recording.js"
import { type Chunks, type TransportOptions, TypeId } from "./internal/transport.js"

export * from "./internal/connectionParts.js"
export * from "./internal/contentParts.js"
export * from "./internal/noReply.js"
export type { Api, RecordedRequest } from "./internal/recording.js"
export * from "./internal/transport.js"

/**
 * Turns in the order of the requests that receive them.
 *
 * @since 0.1.0
 * @category models
 */
export type Script = ReadonlyArray<TurnInput | Forever>

/**
 * A part of a response: content, or an action of the connection.
 *
 * @since 0.1.0
 * @category models
 */
export type Part = ContentPart | ConnectionPart

/**
 * The forms of a turn: a text, a part, a list of them, a turn, or a function of the request, which may be effectful.
 *
 * @since 0.1.0
 * @category models
 */
export type TurnInput =
  | string
  | Part
  | ReadonlyArray<string | Part>
  | Turn
  | ((request: RecordedRequest) => TurnInput | Effect.Effect<TurnInput>)

/**
 * The outcome of one request: a response of the model, an error by status, a custom response, or none.
 *
 * @since 0.1.0
 * @category models
 */
export type Turn = ModelResponse | Failure | Reply | NoReply

/**
 * A response of the model.
 *
 * @since 0.1.0
 * @category models
 */
export interface ModelResponse extends TurnOptions {
  readonly [TypeId]: TypeId
  readonly _tag: "ModelResponse"
  readonly parts: ReadonlyArray<Part>
}

/**
 * An error by HTTP status.
 *
 * @since 0.1.0
 * @category models
 */
export interface Failure extends ErrorOptions {
  readonly [TypeId]: TypeId
  readonly _tag: "Failure"
  readonly status: number
}

/**
 * A response with the status, headers and body of the script.
 *
 * @since 0.1.0
 * @category models
 */
export interface Reply extends ReplyOptions {
  readonly [TypeId]: TypeId
  readonly _tag: "Reply"
  readonly body: unknown
}

/**
 * A turn that every later request gets.
 *
 * @since 0.1.0
 * @category models
 */
export interface Forever {
  readonly _tag: "Forever"
  readonly turn: TurnInput
}

/**
 * Options of a response, in addition to its parts.
 *
 * @since 0.1.0
 * @category models
 */
export interface TurnOptions extends TransportOptions {
  /** USD; 0 by default. */
  readonly cost?: number | undefined
  /** Null: no usage is reported. */
  readonly usage?: Usage | null | undefined
  /** As chat completions name it. `tool_calls` or `stop` by default; the other APIs use their equivalent. */
  readonly finishReason?: string | null | undefined
  readonly nativeFinishReason?: string | null | undefined
  /** The model that responds; the requested one by default. */
  readonly model?: string | undefined
  readonly provider?: string | undefined
  /** The generation id. */
  readonly id?: string | undefined
  /** More fields of the result; in a stream they are on its last event. */
  readonly fields?: { readonly [name: string]: unknown } | undefined
  /** The wait before each delta. */
  readonly pace?: Duration.DurationInput | undefined
  /** Keep-alives before the first event; 1 by default. */
  readonly comments?: number | undefined
  readonly lineEnd?: "\n" | "\r\n" | "\r" | undefined
  /** Whether `[DONE]` ends the stream, which it does by default. */
  readonly done?: boolean | undefined
  /** Chat only: the choices of the usage chunk repeat the finish reason (the default), have null for it, or are empty. */
  readonly usageChunk?: "repeat" | "null" | "none" | undefined
}

/**
 * Token counts. Default: 10 input tokens, and one output token per delta.
 *
 * @since 0.1.0
 * @category models
 */
export interface Usage {
  readonly inputTokens?: number | undefined
  readonly outputTokens?: number | undefined
  readonly reasoningTokens?: number | undefined
  readonly cachedTokens?: number | undefined
  readonly cacheWriteTokens?: number | undefined
  /** Whether the caller's own provider key was charged. */
  readonly byok?: boolean | undefined
  /** More fields, as they are on the wire. */
  readonly fields?: { readonly [name: string]: unknown } | undefined
}

/**
 * Options of an error by status.
 *
 * @since 0.1.0
 * @category models
 */
export interface ErrorOptions extends ErrorDetails, TransportOptions {
  /** Sent as `Retry-After`, in seconds. */
  readonly retryAfter?: Duration.DurationInput | undefined
  /** Sent as `X-RateLimit-*` and in the metadata; `resetAfter` counts from the time of the response. */
  readonly rateLimit?: {
    readonly limit: number
    readonly remaining?: number | undefined
    readonly resetAfter: Duration.DurationInput
  } | undefined
}

/**
 * Options of a custom response.
 *
 * @since 0.1.0
 * @category models
 */
export interface ReplyOptions extends TransportOptions {
  /** 200 by default. */
  readonly status?: number | undefined
  /** What the connection does after the body in place of an end: it stalls or breaks. */
  readonly then?: "stall" | "reset" | undefined
}

/**
 * Whether a value is a turn that one of the constructors made.
 *
 * @since 0.1.0
 * @category guards
 */
export const isTurn = (u: unknown): u is Turn => Predicate.hasProperty(u, TypeId)

/**
 * A response of the model, with options: cost, usage, finish reason, pace, chunks.
 *
 * @since 0.1.0
 * @category turns
 * @example
 * ```ts
 * import { Script } from "effect-openrouter/testing"
 *
 * Script.turn("Hello!", { cost: 0.001, usage: { inputTokens: 12, outputTokens: 3 } })
 * Script.turn(["One moment", Script.wait("2 seconds"), ", here it is."], { pace: "20 millis" })
 * Script.turn(["Once upon a", Script.truncate])
 * ```
 */
export const turn = (
  parts: string | Part | ReadonlyArray<string | Part>,
  options: TurnOptions = {}
): ModelResponse => ({
  ...options,
  [TypeId]: TypeId,
  _tag: "ModelResponse",
  parts: partsOf(parts)
})

const partsOf = (parts: string | Part | ReadonlyArray<string | Part>): ReadonlyArray<Part> =>
  (isList(parts) ? parts : [parts]).map((part) => typeof part === "string" ? text(part) : part)

// Array.isArray does not narrow a ReadonlyArray out of a union.
const isList = (u: string | Part | ReadonlyArray<string | Part>): u is ReadonlyArray<string | Part> => Array.isArray(u)

/**
 * An error by HTTP status, in the envelope of the API of the request. For a body that is not OpenRouter's, such as a
 * proxy's HTML page, use `reply` with a status.
 *
 * @since 0.1.0
 * @category turns
 * @example
 * ```ts
 * import { Script } from "effect-openrouter/testing"
 *
 * Script.error(429, { retryAfter: "2 seconds" })
 * Script.error(502, { provider: "OpenAI", raw: "{\"error\":\"upstream\"}", errorType: "provider_unavailable" })
 * ```
 */
export const error = (status: number, options: ErrorOptions = {}): Failure => ({
  ...options,
  [TypeId]: TypeId,
  _tag: "Failure",
  status
})

/**
 * A custom response. Text and bytes are sent verbatim, other values as JSON.
 *
 * @since 0.1.0
 * @category turns
 * @example
 * ```ts
 * import { Script } from "effect-openrouter/testing"
 *
 * Script.reply("<html>Bad gateway</html>", { status: 502 })
 * Script.reply("data: {}\n\n", { headers: { "content-type": "text/event-stream" }, chunks: 3 })
 * ```
 */
export const reply = (body: unknown, options: ReplyOptions = {}): Reply => ({
  ...options,
  [TypeId]: TypeId,
  _tag: "Reply",
  body
})

/**
 * A redirect, which the client does not follow.
 *
 * @since 0.1.0
 * @category turns
 */
export const redirect = (location: string, options: ReplyOptions = {}): Reply =>
  reply(new Uint8Array(0), { status: 307, ...options, headers: { location, ...options.headers } })

/**
 * The turn of this and every later request.
 *
 * @since 0.1.0
 * @category turns
 * @example
 * ```ts
 * import { Script, TestModel } from "effect-openrouter/testing"
 *
 * TestModel.layer([Script.error(503), Script.forever((request) => `You asked ${request.model}`)])
 * ```
 */
export const forever = (turn: TurnInput): Forever => ({ _tag: "Forever", turn })

/**
 * The same turn with a delay before its status line.
 *
 * @since 0.1.0
 * @category combinators
 * @example
 * ```ts
 * import { Script } from "effect-openrouter/testing"
 *
 * Script.delayed(Script.error(503), "1 second")
 * ```
 */
export const delayed: {
  (delay: Duration.DurationInput): <T extends Turn>(turn: T) => T
  <T extends Turn>(turn: T, delay: Duration.DurationInput): T
} = dual(2, <T extends Turn>(turn: T, delay: Duration.DurationInput): T => ({ ...turn, delay: Duration.decode(delay) }))

/**
 * The same turn, with its body cut into network chunks.
 *
 * @since 0.1.0
 * @category combinators
 */
export const chunked: {
  (chunks: Chunks): <T extends Turn>(turn: T) => T
  <T extends Turn>(turn: T, chunks: Chunks): T
} = dual(2, <T extends Turn>(turn: T, chunks: Chunks): T => ({ ...turn, chunks }))
