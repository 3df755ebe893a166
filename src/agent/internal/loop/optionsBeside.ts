/** The options of a run that are not fields of its requests. */
import type { Options } from "../options.js"
import type { TurnParams } from "../turnParams.js"

/**
 * Who has an option. An option of the agent changes when another agent takes over; an option of the run stays. An option
 * that is missing here does not compile.
 *
 * @internal
 */
export const optionsBeside: Readonly<Record<Exclude<keyof Options, keyof TurnParams>, "agent" | "run">> = {
  input: "run",
  tools: "agent",
  activeTools: "agent",
  stopWhen: "run",
  budget: "run",
  maxSteps: "run",
  allowFinalResponse: "run",
  strictFinalResponse: "run",
  approve: "run",
  approvals: "run",
  reject: "run",
  answer: "run",
  conversation: "run",
  lease: "run",
  compaction: "run",
  cache: "run",
  output: "agent",
  middleware: "run",
  retryTurn: "run",
  toolConcurrency: "run",
  onUnknownTool: "run",
  name: "agent",
  runId: "run"
}
