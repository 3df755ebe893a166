import { connectionFrame, data, delta, type Frames, keepAlives } from "./bodyFrames.js"
import { usage } from "./chat.js"
import type { Fail } from "./connectionParts.js"
import { chatError, userId } from "./errorBodies.js"
import type { ResolvedTurn } from "./resolvedTurn.js"
import { contentBeforeEnd, isContent, partsTagged } from "./resolvedTurn.js"

/** @internal */
export const failureForms: Readonly<Record<never, true>> = {}

/**
 * A turn as a stream of the old text completions, which have nothing but text.
 *
 * @internal
 */
export const stream = function*(turn: ResolvedTurn): Frames {
  yield* keepAlives(turn.comments)
  for (const part of turn.parts) {
    if (isContent(part)) {
      for (const text of part._tag === "Text" ? part.deltas : []) yield delta(completion(turn, text, null))
    } else if (part._tag === "Fail") {
      yield data({ error: chatError(part.status, part), user_id: userId })
      return "end"
    } else {
      const frame = connectionFrame(part)
      if (typeof frame === "string") return frame
      yield frame
    }
  }
  yield data(completion(turn, "", turn.finishReason))
  if (turn.usage !== undefined) {
    yield data({ ...completion(turn, "", turn.finishReason), usage: usage(turn.usage), ...turn.fields })
  }
  if (turn.done) yield data("[DONE]")
  return "end"
}

/** @internal */
export const result = (turn: ResolvedTurn, failure: Fail | undefined): unknown => {
  if (failure !== undefined) return { error: chatError(failure.status, failure), user_id: userId }
  const text = partsTagged(contentBeforeEnd(turn.parts), "Text").map((part) => part.deltas.join("")).join("")
  return {
    ...completion(turn, text, turn.finishReason),
    ...(turn.usage === undefined ? {} : { usage: usage(turn.usage) }),
    ...turn.fields
  }
}

const completion = (turn: ResolvedTurn, text: string, finishReason: string | null) => ({
  id: turn.id,
  provider: turn.provider,
  model: turn.model,
  object: "text_completion",
  created: turn.created,
  choices: [{
    index: 0,
    text,
    logprobs: null,
    finish_reason: finishReason,
    native_finish_reason: finishReason === null ? null : turn.nativeFinishReason
  }]
})
