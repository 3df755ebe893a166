import type * as Script from "../Script.js"
import type { ContentPart } from "./contentParts.js"
import type { RecordedRequest } from "./recording.js"

/**
 * A turn with defaults for all options that the script omits: the input of the renderers of the APIs.
 *
 * @internal
 */
export interface ResolvedTurn {
  readonly parts: ReadonlyArray<Script.Part>
  readonly id: string
  /** The position of the request, from 1; it makes item ids unique. */
  readonly number: number
  readonly model: string
  readonly provider: string
  /** Seconds since the epoch. */
  readonly created: number
  readonly finishReason: string | null
  readonly nativeFinishReason: string | null
  readonly usage: ResolvedUsage | undefined
  readonly comments: number
  readonly done: boolean
  readonly usageChunk: "repeat" | "null" | "none"
  readonly fields: { readonly [name: string]: unknown }
  /** The fields of the request's body. */
  readonly request: { readonly [field: string]: unknown }
}

/** @internal */
export interface ResolvedUsage {
  readonly input: number
  readonly output: number
  readonly reasoning: number
  readonly cached: number
  readonly cacheWrite: number
  readonly byok: boolean
  readonly cost: number
  readonly fields: { readonly [name: string]: unknown }
}

/** @internal */
export const resolveTurn = (turn: Script.ModelResponse, request: RecordedRequest, now: number): ResolvedTurn => {
  const number = request.index + 1
  const created = Math.floor(now / 1000)
  const parts = withCallIds(turn.parts, number)
  const finishReason = turn.finishReason === undefined ? defaultFinishReason(parts) : turn.finishReason
  return {
    parts,
    id: turn.id ?? generationId(created, number),
    number,
    model: turn.model ?? request.model ?? "openai/gpt-5-nano",
    provider: turn.provider ?? "FakeProvider",
    created,
    finishReason,
    nativeFinishReason: turn.nativeFinishReason === undefined ? finishReason : turn.nativeFinishReason,
    usage: turn.usage === null ? undefined : resolveUsage(turn.usage ?? {}, turn.cost ?? 0, parts),
    comments: turn.comments ?? 1,
    done: turn.done ?? true,
    usageChunk: turn.usageChunk ?? "repeat",
    fields: turn.fields ?? {},
    request: request.json
  }
}

/**
 * OpenRouter's format: the time in seconds and 20 letters or digits.
 *
 * @internal
 */
export const generationId = (created: number, number: number): string =>
  `gen-${created}-Scripted${String(number).padStart(12, "0")}`

const withCallIds = (parts: ReadonlyArray<Script.Part>, turn: number): ReadonlyArray<Script.Part> => {
  let calls = 0
  return parts.map((part) => part._tag === "ToolCall" ? { ...part, id: part.id ?? `call_${turn}_${++calls}` } : part)
}

const defaultFinishReason = (parts: ReadonlyArray<Script.Part>): string =>
  parts.some((part) => part._tag === "ToolCall") ? "tool_calls" : "stop"

const resolveUsage = (usage: Script.Usage, cost: number, parts: ReadonlyArray<Script.Part>): ResolvedUsage => ({
  input: usage.inputTokens ?? 10,
  output: usage.outputTokens ?? Math.max(1, parts.reduce((sum, part) => sum + deltaCount(part), 0)),
  reasoning: usage.reasoningTokens ??
    parts.reduce((sum, part) => sum + (part._tag === "Reasoning" ? part.deltas.length : 0), 0),
  cached: usage.cachedTokens ?? 0,
  cacheWrite: usage.cacheWriteTokens ?? 0,
  byok: usage.byok ?? false,
  cost,
  fields: usage.fields ?? {}
})

const deltaCount = (part: Script.Part): number => {
  switch (part._tag) {
    case "Text":
    case "Reasoning":
    case "Refusal":
      return part.deltas.length
    case "ToolCall":
      return part.fragments.length
    case "Image":
    case "Audio":
      return 1
    case "Citation":
    case "Item":
    case "Wait":
    case "Comment":
    case "Event":
    case "Raw":
    case "Fail":
    case "Truncate":
    case "Stall":
    case "Reset":
      return 0
  }
}

const contentTags: { readonly [Tag in ContentPart["_tag"]]: true } = {
  Text: true,
  Reasoning: true,
  ToolCall: true,
  Refusal: true,
  Image: true,
  Audio: true,
  Citation: true,
  Item: true
}

/** @internal */
export const isContent = (part: Script.Part): part is ContentPart => Object.hasOwn(contentTags, part._tag)

const ends = (part: Script.Part): boolean =>
  part._tag === "Fail" || part._tag === "Truncate" || part._tag === "Stall" || part._tag === "Reset"

/**
 * The content before the response fails or breaks off.
 *
 * @internal
 */
export const contentBeforeEnd = (parts: ReadonlyArray<Script.Part>): ReadonlyArray<ContentPart> => {
  const end = parts.findIndex(ends)
  return parts.slice(0, end === -1 ? parts.length : end).filter(isContent)
}

/** @internal */
export const partsTagged = <Tag extends ContentPart["_tag"]>(
  parts: ReadonlyArray<ContentPart>,
  tag: Tag
): ReadonlyArray<Extract<ContentPart, { readonly _tag: Tag }>> =>
  parts.filter((part): part is Extract<ContentPart, { readonly _tag: Tag }> => part._tag === tag)
