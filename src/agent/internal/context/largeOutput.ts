/** Outputs of tools that are too long for the model. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type { OpenRouterClient } from "../../../http/OpenRouterClient.js"
import { stringAt } from "../../../internal/json.js"
import { besideSpan } from "../../../internal/logs.js"
import type { ToolCallOutput } from "../../../schema/ResponsesItems.js"
import type { ToolOutcome } from "../../Middleware.js"
import type { Entry } from "../conversation/entry.js"
import type { ToolRecord } from "../run.js"
import type { Limiting, LongCall } from "../tool.js"

/**
 * What the model receives of an output, and the whole text if it can read that.
 *
 * @internal
 */
export const shown = (
  { output, status }: ToolOutcome,
  limiting: Limiting | undefined,
  call: LongCall
): Pick<ToolRecord, "output" | "kept"> => {
  const text = status === "success" ? longTextOf(output, limiting) : undefined
  if (limiting === undefined || text === undefined) return { output }
  const view = withText(output, limiting.viewOf(text, call))
  return limiting.reader === undefined ? { output: view } : { output: view, kept: text }
}

/**
 * The outcome with a summary in place of an output that is too long, if that is wanted. Without one, the output is cut.
 *
 * @internal
 */
export const summarized = (
  outcome: ToolOutcome,
  limiting: Limiting | undefined,
  call: LongCall
): Effect.Effect<ToolOutcome, never, OpenRouterClient> | undefined => {
  const text = outcome.status === "success" ? longTextOf(outcome.output, limiting) : undefined
  if (limiting?.summaryOf === undefined || text === undefined) return undefined
  return Effect.matchEffect(limiting.summaryOf(text, call), {
    onFailure: (error) =>
      Effect.as(
        besideSpan(
          Effect.logWarning(`The output of the tool "${call.name}" was cut, because its summary failed`, error)
        ),
        outcome
      ),
    onSuccess: (summary) => Effect.succeed({ ...outcome, output: withText(outcome.output, summary) })
  })
}

const longTextOf = (output: ToolCallOutput, limiting: Limiting | undefined): string | undefined => {
  if (limiting === undefined) return undefined
  const text = typeof output === "string"
    ? output
    : output.flatMap((part) => isText(part) ? stringAt(part, "text") ?? [] : []).join("\n\n")
  return text.length > limiting.above ? text : undefined
}

const isText = (part: object): boolean => stringAt(part, "type") === "input_text"

/** Images and files stay. */
const withText = (output: ToolCallOutput, text: string): ToolCallOutput =>
  typeof output === "string" ? text : [{ type: "input_text", text }, ...output.filter((part) => !isText(part))]

/**
 * The name of the tool with which a model reads what was kept aside.
 *
 * @internal
 */
export const readerName = "read_output"

/**
 * Tells the model how to read an output that was kept aside.
 *
 * @internal
 */
export const readingAdvice = (call: string, offset: number): string =>
  `Read the rest with ${readerName}: ${JSON.stringify({ call, offset, find: null })}.`

const advised = new RegExp(`^\\(This output .* Read the rest with ${readerName}: \\{"call":("(?:[^"\\\\]|\\\\.)*"),`)

/**
 * The call whose output was kept aside, if that is what an output says.
 *
 * @internal
 */
export const keptCallIn = (output: ToolCallOutput): string | undefined => {
  const [, call] = advised.exec(typeof output === "string" ? output : "") ?? []
  return call === undefined ? undefined : JSON.parse(call)
}

/**
 * The texts that were kept aside in the conversation, by the ids of their calls.
 *
 * @internal
 */
export class KeptTexts extends Context.Tag("effect-openrouter/agent/KeptTexts")<
  KeptTexts,
  (callId: string) => string | undefined
>() {}

/**
 * The text that an earlier run kept aside.
 *
 * @internal
 */
export const keptIn = (entries: ReadonlyArray<Entry>, callId: string): string | undefined => {
  const kept = entries.findLast((entry) => entry._tag === "tool" && entry.record.callId === callId)
  return kept?._tag === "tool" ? kept.record.kept : undefined
}
