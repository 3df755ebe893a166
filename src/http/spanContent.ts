/** The text of requests, responses and tools in spans: redacted, without secrets, and cut. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import type * as Tracer from "effect/Tracer"
import type { ConfigError } from "../internal/effect/config.js"
import { excerpt, jsonText, parseJson } from "../internal/json.js"
import { dataUrl, messageOf, messagesOf, partsOf, toolAnswer, toolCall } from "./internal/contentParts.js"
import { currentKey } from "./internal/openRouterClient.js"
import { isPlain, makeScrub, type Scrub, scrubValue } from "./internal/scrub.js"
import { OpenRouterClient } from "./OpenRouterClient.js"
import { CurrentRequestOptions } from "./requestOptions.js"
import type { TelemetryMessage, TelemetryOptions, TelemetryPart } from "./telemetryOptions.js"

export { messageOf, messagesOf, partsOf, toolAnswer, toolCall }

/**
 * Puts content on one span. A text that cannot be written, such as one that `redact` throws for, is left out.
 *
 * @internal
 */
export class SpanContent {
  private readonly added: Record<string, unknown> = {}

  constructor(
    private readonly span: Tracer.Span,
    private readonly options: TelemetryOptions,
    private readonly scrub: Scrub
  ) {}

  /** Whether the attributes of OpenInference are to have values. */
  get hasValues(): boolean {
    return this.options.openInference === true && this.isOnSpan
  }

  private get isOnSpan(): boolean {
    return this.options.content !== "event"
  }

  add(attributes: (clean: typeof this.clean) => Readonly<Record<string, string | undefined>>): void {
    try {
      for (const [name, value] of Object.entries(attributes(this.clean))) {
        if (value === undefined) continue
        this.added[name] = value
        if (this.isOnSpan) this.span.attribute(name, value)
      }
    } catch {
      // The call must not fail because of what is told of it, and nothing may pass by `redact`
    }
  }

  /** Adds an event with everything that was added, if events are to have content. */
  event(name: string, now: bigint): void {
    const { content } = this.options
    if ((content === "event" || content === "both") && Object.keys(this.added).length > 0) {
      this.span.event(name, now, this.added)
    }
  }

  private readonly clean = (messages: ReadonlyArray<TelemetryMessage>): ReadonlyArray<TelemetryMessage> => {
    const { limit = defaultLimit, redact } = this.options
    return messages.flatMap((message) => {
      // Without bytes first, which may be millions. It keeps the type and the shape of each part
      const small = written(message, Infinity) as TelemetryMessage
      const open = redact === undefined ? small : redact(small)
      // The same message with shorter texts
      return open === undefined ? [] : [written(scrubValue(open, this.scrub), limit) as TelemetryMessage]
    })
  }
}

/** In characters. */
const defaultLimit = 16_000

/**
 * One part, as the only one of a message, so that it passes through `redact`. `undefined` if it was left out.
 *
 * @internal
 */
export const cleanPart = (
  clean: (messages: ReadonlyArray<TelemetryMessage>) => ReadonlyArray<TelemetryMessage>,
  role: string,
  part: TelemetryPart
): TelemetryPart | undefined => clean([{ role, parts: [part] }])[0]?.parts[0]

/**
 * A value as JSON, or a text as it is.
 *
 * @internal
 */
export const valueText = (value: unknown): string | undefined =>
  value === undefined ? undefined : typeof value === "string" ? value : jsonText(value)

/** Deeper values are left out: a model decides how deep they are. */
const maxDepth = 100

/** A value as JSON has it, without bytes and with short texts. */
const written = (value: unknown, limit: number, depth = 0): unknown => {
  if (typeof value === "string") return dataUrl(value) ?? cut(value, limit)
  if (typeof value !== "object" || value === null) return typeof value === "bigint" ? String(value) : value
  if (depth > maxDepth) return "…"
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) {
    return { type: "blob", mime_type: "application/octet-stream", size: value.byteLength }
  }
  if (Array.isArray(value)) return value.map((item) => written(item, limit, depth + 1))
  if (isPlain(value)) {
    return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, written(field, limit, depth + 1)]))
  }
  return written(parseJson(jsonText(value))?.value, limit, depth + 1)
}

const cut = (text: string, limit: number): string => {
  if (text.length <= limit) return text
  const last = text.charCodeAt(limit - 1)
  return excerpt(text, last >= 0xd800 && last < 0xdc00 ? limit - 1 : limit)
}

/**
 * Whether there is something to write: content, or the kinds of OpenInference.
 *
 * @internal
 */
export const hasContent = (options: TelemetryOptions | undefined): options is TelemetryOptions =>
  options?.content !== undefined && options.content !== "none"

/**
 * The telemetry options of the fiber: those of the call over those of the client.
 *
 * @internal
 */
export const telemetryOf = (context: Context.Context<never>): TelemetryOptions | undefined => {
  const current = Context.get(context, CurrentRequestOptions).telemetry
  const client = Option.getOrUndefined(Context.getOption(context, OpenRouterClient))?.options.telemetry
  return current === undefined ? client : client === undefined ? current : { ...client, ...current }
}

/**
 * Puts content on the current span, if the options ask for it. The key of the client is removed, and every key of OpenRouter.
 *
 * @internal
 */
export const currentContent: Effect.Effect<SpanContent | undefined> = Effect.contextWithEffect(
  (context: Context.Context<never>) => {
    const options = telemetryOf(context)
    if (!hasContent(options)) return Effect.succeed(undefined)
    const client = Option.getOrUndefined(Context.getOption(context, OpenRouterClient))
    const own = Context.get(context, CurrentRequestOptions).apiKey ?? client?.options.apiKey
    const keys: Effect.Effect<ReadonlyArray<Redacted.Redacted>, ConfigError> =
      own !== undefined && !Redacted.isRedacted(own) && !Effect.isEffect(own)
        ? Effect.succeed(own.keys)
        : own !== undefined
        ? Effect.map(currentKey(own), (key) => [key])
        : client === undefined
        ? Effect.succeed([])
        : Effect.map(client.apiKey, (key) => [key])
    return Effect.map(
      Effect.all([Effect.option(Effect.currentSpan), Effect.option(keys)]),
      ([span, keys]) =>
        Option.isNone(span) || !span.value.sampled
          ? undefined
          : new SpanContent(span.value, options, makeScrub(Option.getOrElse(keys, () => []).flatMap(secretsIn)))
    )
  }
)

const secretsIn = (key: Redacted.Redacted): ReadonlyArray<string> => {
  const value = Redacted.value(key).trim()
  return value === "" ? [] : [value]
}
