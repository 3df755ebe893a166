/** What went wrong in a call, for people. */
import { objectAt, stringAt } from "../../internal/json.js"
import type { ToolRecord } from "./run.js"

/**
 * What went wrong, in plain words: a text, or the message of a failure that has one. Else what the model receives.
 *
 * @internal
 */
export const failureMessage = ({ output, result }: Pick<ToolRecord, "output" | "result">): string =>
  stringAt(result, "error") ?? stringAt(objectAt(result, "error"), "message") ??
    (typeof output === "string" ? output : JSON.stringify(output))
