/** What is known of calls that execute in the background, from their records. */
import type { InputItem } from "../../../schema/ResponsesItemsRequest.js"
import type { ToolRecord } from "../run.js"

/**
 * The result of a call that executed in the background, for the model. It is data, as an output is.
 *
 * @internal
 */
export const messageOfResult = ({ callId, name, output, status }: ToolRecord): ReadonlyArray<InputItem> => {
  const about = `The call ${callId} of ${name} ${status === "success" ? "has ended" : "has failed"}. Its output:`
  return [{
    role: "user",
    content: typeof output === "string" ? `${about}\n${output}` : [{ type: "input_text", text: about }, ...output]
  }]
}

/**
 * The record of a call that has begun in the background, and that the model has to go on without.
 *
 * @internal
 */
export const isStarted = ({ status }: ToolRecord): boolean => status === "started"

/**
 * Whether a record is the result of a call whose beginning was recorded: the model receives it as a message.
 *
 * @internal
 */
export const isSettled = ({ background }: ToolRecord): boolean => background === true
