import { connectionFrame, data, delta, type Frames, keepAlives } from "./bodyFrames.js"
import { usage } from "./chat.js"
import type { Fail } from "./connectionParts.js"
import { chatError, userId } from "./errorBodies.js"
import type { ResolvedTurn } from "./resolvedTurn.js"
import { contentBeforeEnd, isContent, partsTagged } from "./resolvedTurn.js"

/** @internal */
export const failureForms: ReadonlyArray<never> = []

/**
 * A turn as a stream of the old text completions, which have nothing but text.
 *
 * @internal
 */
export const stream = function*(answer: ResolvedTurn): Frames {
  yield* keepAlives(answer.comments)
  for (const part of answer.parts) {
    if (isContent(part)) {
      for (const text of part._tag === "Text" ? part.deltas : []) yield delta(completion(answer, text, null))
    } else if (part._tag === "Fail") {
      yield data({ error: chatError(part.status, part), user_id: userId })
      return "end"
    } else {
      const frame = connectionFrame(part)
      if (typeof frame === "string") return frame
      yield frame
    }
  }
  yield data(completion(answer, "", answer.finishReason))
  if (answer.usage !== undefined) {
    yield data({ ...completion(answer, "", answer.finishReason), usage: usage(answer.usage), ...answer.fields })
  }
  if (answer.done) yield data("[DONE]")
  return "end"
}

/** @internal */
export const result = (answer: ResolvedTurn, failure: Fail | undefined): unknown => {
  if (failure !== undefined) return { error: chatError(failure.status, failure), user_id: userId }
  const text = partsTagged(contentBeforeEnd(answer.parts), "Text").map((part) => part.deltas.join("")).join("")
  return {
    ...completion(answer, text, answer.finishReason),
    ...(answer.usage === undefined ? {} : { usage: usage(answer.usage) }),
    ...answer.fields
  }
}

const completion = (answer: ResolvedTurn, text: string, finishReason: string | null) => ({
  id: answer.id,
  provider: answer.provider,
  model: answer.model,
  object: "text_completion",
  created: answer.created,
  choices: [{
    index: 0,
    text,
    logprobs: null,
    finish_reason: finishReason,
    native_finish_reason: finishReason === null ? null : answer.nativeFinishReason
  }]
})
