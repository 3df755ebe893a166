import * as Effect from "effect/Effect"
import type { OpenResponsesResult } from "../../schema/Responses.js"
import type { InputItem } from "../../schema/ResponsesItemsRequest.js"
import type { ReadError } from "../../services/StructuredOutput.js"
import type { Outcome, Step } from "../Run.js"
import type { PreparedOutput } from "./prepare.js"

/**
 * How an answer without calls ends a run, by itself.
 *
 * @internal
 */
export const naturalOutcome = (step: Step): Outcome =>
  step.response.status === "incomplete"
    ? { _tag: "incomplete", reason: step.finishReason ?? "incomplete" }
    : { _tag: "completed" }

/**
 * Whether a response says nothing at all: at most it thought.
 *
 * @internal
 */
export const isEmpty = ({ response }: Step): boolean =>
  response.status !== "incomplete" && response.output.every((item) =>
    item.type === "reasoning" ||
    item.type === "message" && item.content.every((part) => part.type === "output_text" && part.text === "")
  )

/**
 * Reads the structured output of an answer; where it may be repaired, a mismatch becomes words for the model.
 *
 * @internal
 */
export const readOutput = (
  { structured }: PreparedOutput,
  response: OpenResponsesResult,
  mayRepair: boolean
): Effect.Effect<
  { readonly value: unknown } | { readonly repair: ReadonlyArray<InputItem> },
  ReadError,
  unknown
> =>
  structured.read(response).pipe(
    Effect.map((value) => ({ value })),
    Effect.catchTag("StructuredOutputMismatchError", (error) =>
      mayRepair
        ? Effect.succeed({ repair: [{ role: "user", content: complaint(error.issues) }] })
        : Effect.fail(error))
  )

const complaint = (issues: ReadonlyArray<{ readonly path: string; readonly message: string }>): string =>
  "Your answer does not fit the schema: " +
  issues.map(({ message, path }) => path === "" ? message : `${path}: ${message}`).join("; ") +
  ". Answer again with nothing but JSON that fits."
