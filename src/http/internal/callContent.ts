/** What the span of an inference call holds if its text is asked for. */
import type * as Tracer from "effect/Tracer"
import { arrayAt, isObject, jsonText, stringAt } from "../../internal/json.js"
import type { PartialResponse } from "../../response/partialResponse.js"
import type { Row } from "../row.js"
import { hasContent, SpanContent } from "../spanContent.js"
import type { TelemetryMessage, TelemetryOptions } from "../telemetryOptions.js"
import { messageOf, messagesOf, partsOf } from "./contentParts.js"
import { finishReasonOf } from "./finishReason.js"
import type { Scrub } from "./scrub.js"

/**
 * Writes the messages of a call on its span: those of the request when it is sent, that of the response at its end.
 *
 * @internal
 */
export class CallContent {
  private content: SpanContent | undefined

  constructor(
    private readonly span: Tracer.Span,
    private readonly params: unknown,
    private readonly options: TelemetryOptions
  ) {}

  /** The first attempt is sent. Only then its secrets are known. */
  sent(scrub: Scrub): void {
    if (this.content !== undefined) return
    const content = new SpanContent(this.span, this.options, scrub)
    this.content = content
    content.add((clean) => {
      const messages = inputOf(this.params)
      const input = messages.length === 0 ? undefined : jsonText(clean(messages))
      const system = clean(systemOf(this.params)).flatMap(({ parts }) => parts)
      return {
        "gen_ai.input.messages": input,
        "gen_ai.system_instructions": system.length === 0 ? undefined : jsonText(system),
        ...(content.hasValues ? values("input", input) : {})
      }
    })
  }

  ended(response: PartialResponse, now: bigint): void {
    const { content } = this
    if (content === undefined) return
    content.add((clean) => {
      const messages = outputOf(response)
      const output = messages.length === 0 ? undefined : jsonText(clean(messages))
      return { "gen_ai.output.messages": output, ...(content.hasValues ? values("output", output) : {}) }
    })
    content.event("gen_ai.client.inference.operation.details", now)
  }
}

const values = (side: "input" | "output", json: string | undefined) =>
  json === undefined ? {} : { [`${side}.value`]: json, [`${side}.mime_type`]: "application/json" }

/**
 * Begins to tell of a call. `undefined` if its text is not asked for, which costs nothing then.
 *
 * @internal
 */
export const callContent = (
  { operation }: Row,
  params: unknown,
  span: Tracer.Span,
  options: TelemetryOptions | undefined
): CallContent | undefined => {
  if (options === undefined || operation === undefined) return undefined
  if (options.openInference === true) {
    span.attribute("openinference.span.kind", operation === "embeddings" ? "EMBEDDING" : "LLM")
  }
  return hasContent(options) && span.sampled ? new CallContent(span, params, options) : undefined
}

const inputOf = (params: unknown): ReadonlyArray<TelemetryMessage> => {
  if (!isObject(params)) return []
  const { input, messages, prompt } = params
  return messagesOf(messages ?? input ?? prompt)
}

/** Instructions beside the messages. */
const systemOf = (params: unknown): ReadonlyArray<TelemetryMessage> => {
  if (!isObject(params)) return []
  const parts = partsOf(params["instructions"] ?? params["system"])
  return parts.length === 0 ? [] : [{ role: "system", parts }]
}

const outputOf = (response: PartialResponse): ReadonlyArray<TelemetryMessage> => {
  const { result } = response
  const hasCalls = response.toolCalls.length > 0
  const ending = (reason: string | undefined) => {
    const finish = finishReasonOf(reason, hasCalls)
    // The messages of the conventions have another word for it than the responses of chat
    return finish === undefined ? {} : { finish_reason: finish === "tool_calls" ? "tool_call" : finish }
  }
  const choices = arrayAt(result, "choices").filter(isObject)
  if (choices.length > 0) {
    return choices.map((choice) => ({
      role: "assistant",
      parts: choice["message"] === undefined ? partsOf(choice["text"]) : messageOf(choice["message"]).parts,
      ...ending(stringAt(choice, "finish_reason"))
    }))
  }
  const parts = partsOfResult(result)
  const found = parts.length > 0 ? parts : partsOf(response.text)
  return found.length === 0 ? [] : [{ role: "assistant", parts: found, ...ending(response.finishReason) }]
}

const partsOfResult = (result: unknown): TelemetryMessage["parts"] => {
  if (!isObject(result)) return []
  if (Array.isArray(result["output"])) return messagesOf(result["output"]).flatMap(({ parts }) => parts)
  const images = arrayAt(result, "data").filter((image) =>
    stringAt(image, "b64_json") !== undefined || stringAt(image, "url") !== undefined
  )
  return images.length > 0
    ? partsOf(images.map((image) => ({
      type: "output_image",
      data: stringAt(image, "b64_json"),
      url: stringAt(image, "url")
    })))
    : partsOf(result["content"])
}
