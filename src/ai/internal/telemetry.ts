/** What `@effect/ai` says of a model in its own spans. */
import type * as Response from "@effect/ai/Response"
import { addGenAIAnnotations } from "@effect/ai/Telemetry"
import type { Span } from "effect/Tracer"
import type { ChatRequest } from "../../schema/ChatRequest.js"
import { provider, tokensOf } from "./effect/values.js"

/** @internal */
export const annotateRequest = (span: Span, request: ChatRequest): void => {
  const { max_completion_tokens, max_tokens, model, stop, temperature, top_p } = request
  addGenAIAnnotations(span, {
    ...provider,
    operation: { name: "chat" },
    request: {
      model,
      temperature: temperature ?? undefined,
      topP: top_p ?? undefined,
      maxTokens: max_completion_tokens ?? max_tokens ?? undefined,
      stopSequences: typeof stop === "string" ? [stop] : stop ?? []
    }
  })
}

/** @internal */
export const annotateResponse = (
  span: Span,
  parts: ReadonlyArray<Response.PartEncoded | Response.StreamPartEncoded>
): void => {
  for (const part of parts) {
    if (part.type === "response-metadata") {
      addGenAIAnnotations(span, { response: { id: part.id, model: part.modelId } })
    } else if (part.type === "finish") {
      addGenAIAnnotations(span, { response: { finishReasons: [part.reason] }, usage: tokensOf(part.usage) })
    }
  }
}
