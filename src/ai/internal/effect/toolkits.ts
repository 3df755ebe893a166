/** Toolkits of `@effect/ai`. A call of Effect 4 is a stream, and its tools may have a JSON Schema. */
import * as Tool from "@effect/ai/Tool"
import type * as Toolkit from "@effect/ai/Toolkit"
import type * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type { JsonSchema } from "../../../schema/jsonSchema.js"

const anyParameters = Schema.Struct({}, { key: Schema.String, value: Schema.Unknown })

/**
 * A tool of an agent, as a tool of `@effect/ai`. Its result and its failure are JSON.
 *
 * @since 0.1.0
 * @category models
 */
export type AiTool<Name extends string> = Tool.Tool<Name, {
  readonly parameters: typeof anyParameters
  readonly success: typeof Schema.Unknown
  readonly failure: typeof Schema.String
  readonly failureMode: "return"
}>

/** @internal */
export const toolOf = <Name extends string>(
  name: Name,
  description: string | undefined,
  schema: JsonSchema
): AiTool<Name> => {
  const tool = Tool.make(name, {
    description,
    success: Schema.Unknown,
    failure: Schema.String,
    failureMode: "return"
  })
  return tool.setParameters(anyParameters.annotations({ jsonSchema: schema }))
}

/**
 * What a call returned.
 *
 * @internal
 */
export interface Outcome {
  readonly isFailure: boolean
  readonly result: unknown
  readonly encodedResult: unknown
}

/** @internal */
export const kitOf = <Tools extends Record<string, Tool.Any>>(
  tools: Tools,
  call: (name: string, params: unknown) => Effect.Effect<Outcome>
): Toolkit.WithHandler<Tools> => ({
  tools,
  // The tools of a kit have results of any type
  handle: (name, params) => call(String(name), params) as Effect.Effect<Tool.HandlerResult<Tools[typeof name]>>
})

/**
 * Calls a tool.
 *
 * @internal
 */
export const callIn: <Tools extends Record<string, Tool.Any>>(
  kit: Toolkit.WithHandler<Tools>,
  name: string,
  params: unknown,
  call: { readonly id: string; readonly report: (value: unknown) => Effect.Effect<void> }
) => Effect.Effect<Outcome, unknown, Tool.Requirements<Tools[keyof Tools]>> = <
  Tools extends Record<string, Tool.Any>
>(kit: Toolkit.WithHandler<Tools>, name: string, params: unknown) =>
  // A kit decodes what it receives
  kit.handle(name, params as Tool.Parameters<Tools[string]>)

/**
 * Whether a call may need an approval.
 *
 * @internal
 */
export const mayAsk: (tool: Tool.Any) => boolean = () => false
