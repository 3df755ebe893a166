/** An agent as a tool of another agent. */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { jsonText, objectAt, stringAt } from "../../internal/json.js"
import type { RunError } from "./errors.js"
import { runAgent } from "./loop/agent.js"
import { speakersOf } from "./loop/agents.js"
import type { Input, Options, Output } from "./options.js"
import { ownHandler } from "./ownHandler.js"
import type { Run } from "./run.js"
import { define, type Definition, type ErasedOptions, type HandlerService, TypeId } from "./tool.js"
import { runCallback } from "./userCode.js"

/**
 * An agent that is a tool has no result: it was stopped, refused, was cut off, or its run failed. `outcome` is that of its
 * run, or the tag of its error; `text` is what it had said by then.
 *
 * @since 0.1.0
 * @category errors
 */
export class AgentToolError extends Schema.TaggedError<AgentToolError>()("AgentToolError", {
  message: Schema.String,
  agent: Schema.String,
  outcome: Schema.String,
  text: Schema.String
}) {}

/** What a tool of an agent is made of, without its types. */
interface Parts extends ErasedOptions {
  readonly name?: string | undefined
  readonly parameters?: Schema.Schema.All | undefined
  readonly input?: ((params: never) => Input) | undefined
}

/**
 * The parameters of an agent that is a tool, if it has no others.
 *
 * @internal
 */
export const Task = Schema.Struct({
  task: Schema.String.annotations({
    description: "What the agent is to do. It knows nothing else of this conversation."
  })
})

/**
 * A tool whose handler runs an agent. The run requires what the agent requires.
 *
 * @internal
 */
export const makeAgentTool = (
  agent: Options,
  { input, name = nameOf(agent), parameters = Task, ...options }: Parts
): { readonly name: string; readonly kind: "provided"; readonly [TypeId]: { readonly definition: Definition } } => {
  const schemas = {
    parameters: { schema: parameters },
    success: Schema.Union(...resultSchemas(agent)),
    failure: AgentToolError,
    answer: Schema.Never
  }
  const described = { description: `Gives a task to the agent ${nameOf(agent)}.`, ...options }
  const definition = define(name, "handled", described, schemas, handlerOf(agent, input))
  return { name, kind: "provided", [TypeId]: { definition } }
}

const handlerOf = (agent: Options, inputOf: Parts["input"] = textOf): HandlerService =>
  ownHandler((params) => {
    // The schema of the parameters decoded them
    const input = runCallback(`input of the agent ${nameOf(agent)}`, () => inputOf(params as never))
    return Effect.flatMap(input, (input) =>
      Effect.matchEffect(runAgent({ ...agent, input }, undefined), {
        onFailure: (error) => Effect.fail(failed(agent, error)),
        onSuccess: (ended) => resultOf(agent, ended)
      }))
  })

/** The task, or the JSON of any other parameters. */
const textOf = (params: unknown): string => stringAt(params, "task") ?? jsonText(params)

const outputSchema = (output: Schema.Schema.All | Output): Schema.Schema.All =>
  "schema" in output ? output.schema : output

/** The text of the agent or its value, or the value of an agent that took over. */
const resultSchemas = (agent: Options): ReadonlyArray<Schema.Schema.All> => [
  agent.output === undefined ? Schema.String : outputSchema(agent.output),
  ...speakersOf(agent).flatMap(({ options: { output } }) => output === undefined ? [] : outputSchema(output))
]

/** What the other agent receives. A run that waits makes its call wait, whatever is returned here. */
const resultOf = (agent: Options, { outcome, text, value }: Run<unknown>): Effect.Effect<unknown, AgentToolError> => {
  if (outcome._tag === "completed") return Effect.succeed(value === undefined ? text : value)
  const reason = outcome._tag === "stopped"
    ? ` by ${outcome.condition}`
    : "reason" in outcome
    ? `: ${outcome.reason}`
    : ""
  return Effect.fail(
    new AgentToolError({
      agent: nameOf(agent),
      outcome: outcome._tag,
      text,
      message: `The agent ${nameOf(agent)} ended without a result (${outcome._tag}${reason}).`
    })
  )
}

const failed = (agent: Options, error: RunError): AgentToolError => {
  const tag = stringAt(error, "_tag") ?? "failure"
  return new AgentToolError({
    agent: nameOf(agent),
    outcome: tag,
    text: stringAt(objectAt(error, "progress"), "text") ?? "",
    message: `The agent ${nameOf(agent)} failed (${tag}).`
  })
}

const nameOf = ({ name = "agent" }: Options): string => name
