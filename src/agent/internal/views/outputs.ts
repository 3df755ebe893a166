/** The structured outputs and the tools of all agents that can speak in a run. */
import type * as Schema from "effect/Schema"
import type * as Tool from "../../Tool.js"
import { speakersOf } from "../loop/agents.js"
import { toolsOf } from "../loop/prepare.js"
import type { Options, Output } from "../options.js"

/**
 * The structured output of the agent with a name.
 *
 * @internal
 */
export const outputsOf = (
  options: Options
): (agent: string | undefined) => Schema.Schema.All | Output | undefined => {
  const others = new Map(speakersOf(options).map(({ name, options: { output } }) => [name, output]))
  return (agent) => agent !== undefined && others.has(agent) ? others.get(agent) : options.output
}

/**
 * The tools of all agents.
 *
 * @internal
 */
export const allToolsOf = (options: Options): ReadonlyArray<Tool.Any> =>
  [options, ...speakersOf(options).map((speaker) => speaker.options)].flatMap(toolsOf)
