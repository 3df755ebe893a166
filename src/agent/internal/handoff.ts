/** Tools that hand a conversation over to another agent. */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type { Options } from "./options.js"
import { define, type Definition, type ErasedOptions, TypeId } from "./tool.js"

/** The result of a handoff: the name of the agent that took over. */
const Handoff = Schema.Struct({ agent: Schema.String })

/** What a handoff is made of, without its types. */
interface Parts extends ErasedOptions {
  readonly name?: string | undefined
  readonly parameters?: Schema.Schema.All | undefined
}

/**
 * A tool whose call makes another agent speak. An agent that stands only as a name is one that the run knows otherwise.
 *
 * @internal
 */
export const makeHandoff = (
  to: (Options & { readonly name: string }) | string,
  { name, parameters = Schema.Struct({}), ...options }: Parts
): { readonly name: string; readonly kind: "handoff"; readonly [TypeId]: { readonly definition: Definition } } => {
  const target = typeof to === "string" ? to : to.name
  const called = name ?? `transfer_to_${target}`
  const described = { description: `Hands this conversation over to the agent ${target}.`, ...options }
  const schemas = { parameters: { schema: parameters }, success: Handoff, failure: Schema.Never, answer: Schema.Never }
  const definition = define(called, "handled", described, schemas, { handle: () => Effect.succeed({ agent: target }) })
  const agent = typeof to === "string" ? undefined : to
  const handoff = {
    to: target,
    agent,
    optionsFrom: <O extends object>(run: O): O => ({ ...run, ...ownOptions, ...agent })
  }
  return { name: called, kind: "handoff", [TypeId]: { definition: { ...definition, handoff } } }
}

/** What an agent that takes over does not have from the run. */
const ownOptions = { instructions: undefined, tool_choice: undefined, tools: undefined, activeTools: undefined }
