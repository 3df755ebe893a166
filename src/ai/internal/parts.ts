/** A response of a chat as parts of `@effect/ai`. */
import type * as Response from "@effect/ai/Response"
import * as Effect from "effect/Effect"
import * as Predicate from "effect/Predicate"
import { arrayAt, objectAt, stringAt } from "../../internal/json.js"
import type { PartialToolCall } from "../../response/partialResponse.js"
import { readResponse } from "../../response/readResponse.js"
import type { ChatResult, ChatStreamChunk } from "../../schema/Chat.js"
import type { ChatAssistantMessage } from "../../schema/ChatContent.js"
import { callMetadata, finishMetadata, reasoningMetadata, sourceMetadata, usageOf } from "./effect/values.js"
import { dataOf } from "./files.js"
import { type Details, isDetail, textOfDetail } from "./reasoning.js"
import type { Tools } from "./tools.js"

/** The parts that whole responses and streams have alike. @internal */
export type CommonPart = Extract<Response.PartEncoded, Response.StreamPartEncoded>

/**
 * The arguments of a call are no JSON.
 *
 * @internal
 */
export class UnreadableCall {
  constructor(readonly tool: string) {}
}

/** @internal */
export const metadataPart = (
  { created, id, model }: Pick<ChatStreamChunk, "created" | "id" | "model">
): Response.ResponseMetadataPartEncoded => ({
  type: "response-metadata",
  ...(Predicate.isNotNullable(id) ? { id } : {}),
  ...(Predicate.isNotNullable(model) ? { modelId: model } : {}),
  ...(Predicate.isNotNullable(created) ? { timestamp: new Date(created * 1000).toISOString() } : {})
})

/**
 * A whole response: its reasoning, its text, and what {@link endingOf} has. `text` stands in place of that of the model.
 *
 * @internal
 */
export const partsOf = (
  result: ChatResult,
  options: Ending & { readonly text?: string | undefined }
): Effect.Effect<Array<Response.PartEncoded>, UnreadableCall> => {
  const message = result.choices[0]?.message
  const found = readResponse(result)
  const text = options.text ?? (found.text || message?.refusal || message?.audio?.transcript || "")
  return Effect.map(endingOf(result, options), (ending) => [
    metadataPart(result),
    ...reasoningParts(detailsOf(message), found.reasoning),
    ...(text === "" ? [] : [{ type: "text" as const, text }]),
    ...ending
  ])
}

/** @internal */
export interface Ending {
  readonly tools: Tools
  /** The format of audio that was asked for. */
  readonly audioFormat: string | undefined
}

/**
 * The parts that are known when a response is complete: calls, sources, files, and the finish.
 *
 * @internal
 */
export const endingOf = (
  result: ChatResult,
  { audioFormat, tools }: Ending
): Effect.Effect<Array<CommonPart>, UnreadableCall> => {
  const message = result.choices[0]?.message
  return Effect.map(callParts(result, tools), (calls) => [
    ...calls,
    ...sourceParts(message),
    ...fileParts(message, audioFormat),
    finishPart(result, calls.length > 0)
  ])
}

/**
 * All pieces of the reasoning of a message.
 *
 * @internal
 */
export const detailsOf = (message: ChatAssistantMessage | undefined): Details =>
  message?.reasoning_details?.filter(isDetail) ?? []

const reasoningParts = (details: Details, text: string): ReadonlyArray<Response.ReasoningPartEncoded> => {
  const isReadable = details.some((detail) => textOfDetail(detail) !== "")
  if (text !== "" && !isReadable) {
    return [{ type: "reasoning", text, ...(details.length === 0 ? {} : { metadata: reasoningMetadata(details) }) }]
  }
  return details.map((detail) => ({
    type: "reasoning",
    text: textOfDetail(detail),
    metadata: reasoningMetadata([detail])
  }))
}

/** The first call has all pieces of the reasoning. A call that a limit of tokens cut off is left out. */
const callParts = (
  result: ChatResult,
  tools: Tools
): Effect.Effect<ReadonlyArray<Response.ToolCallPartEncoded>, UnreadableCall> =>
  Effect.gen(function*() {
    const parts: Array<Response.ToolCallPartEncoded> = []
    for (const [index, call] of readResponse(result).toolCalls.entries()) {
      const params = yield* tools.read(call.name, call.arguments)
      if (params === undefined && isCutOff(result)) continue
      if (params === undefined) return yield* Effect.fail(new UnreadableCall(call.name))
      const details = parts.length === 0 ? detailsOf(result.choices[0]?.message) : []
      parts.push({
        type: "tool-call",
        id: idOf(call, index),
        name: call.name,
        params: params.value,
        ...(details.length === 0 ? {} : { metadata: callMetadata(details) })
      })
    }
    return parts
  })

/** Some providers say it in their own words only. */
const isCutOff = ({ choices: [choice] }: ChatResult): boolean =>
  /length|max.*tokens|token_limit|context_window/i.test(
    `${choice?.finish_reason ?? ""} ${choice?.native_finish_reason ?? ""}`
  )

/** Some providers send no id. */
const idOf = ({ id }: PartialToolCall, index: number): string => id === "" ? `call_${index}` : id

const sourceParts = (
  message: ChatAssistantMessage | undefined
): ReadonlyArray<Response.UrlSourcePartEncoded> =>
  (message?.annotations ?? []).flatMap((annotation) => {
    if (annotation.type !== "url_citation") return []
    const { url_citation: cited } = annotation
    const { title, url } = cited
    return [{ type: "source", sourceType: "url", id: url, url, title: title ?? "", metadata: sourceMetadata(cited) }]
  })

const fileParts = (
  message: ChatAssistantMessage | undefined,
  audioFormat = "wav"
): ReadonlyArray<Response.FilePartEncoded | Response.UrlSourcePartEncoded> => {
  const images = [...arrayAt(message, "content"), ...arrayAt(message, "images")].flatMap((image) =>
    imagePart(stringAt(objectAt(image, "image_url"), "url") ?? "")
  )
  const sound = dataOf(`data:audio/${audioFormat};base64,${message?.audio?.data ?? ""}`)
  return sound === undefined || sound.base64 === ""
    ? images
    : [...images, { type: "file", mediaType: sound.mediaType, data: sound.base64 }]
}

/** An image with an address is a source, because a file has bytes. */
const imagePart = (url: string): ReadonlyArray<Response.FilePartEncoded | Response.UrlSourcePartEncoded> => {
  const data = dataOf(url)
  return data !== undefined
    ? [{ type: "file", mediaType: data.mediaType, data: data.base64 }]
    : url === "" || url.startsWith("data:")
    ? []
    : [{ type: "source", sourceType: "url", id: url, url, title: "" }]
}

const finishPart = (result: ChatResult, hasCalls: boolean): Response.FinishPartEncoded => ({
  type: "finish",
  reason: reasonOf(result, hasCalls),
  usage: usageOf(result.usage),
  metadata: finishMetadata(result)
})

/** Some providers end with "stop" in spite of calls, or after a refusal, and with "tool_calls" at a limit of tokens. */
const reasonOf = (result: ChatResult, hasCalls: boolean): Response.FinishReason => {
  const [choice] = result.choices
  const reason = choice?.finish_reason
  if (!reason) return "unknown"
  const known = reasons[reason] ?? "other"
  if (known === "tool-calls" && !hasCalls && isCutOff(result)) return "length"
  return known !== "stop" ? known : hasCalls ? "tool-calls" : choice?.message.refusal ? "content-filter" : known
}

const reasons: Readonly<Record<string, Response.FinishReason>> = {
  stop: "stop",
  length: "length",
  content_filter: "content-filter",
  tool_calls: "tool-calls",
  function_call: "tool-calls",
  error: "error",
  pause_turn: "pause"
}
