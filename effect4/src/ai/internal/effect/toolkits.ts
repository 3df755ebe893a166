/** Toolkits of `effect/ai`. A call of Effect 4 is a stream, and its tools may have a JSON Schema. */
import * as Tool from "effect/ai/Tool"
import type * as Toolkit from "effect/ai/Toolkit"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import type { JsonSchema } from "../../../schema/jsonSchema.js"

/**
 * A tool of an agent, as a tool of `effect/ai`. Its result and its failure are JSON.
 *
 * @since 0.1.0
 * @category models
 */
export type AiTool<Name extends string> = Tool.Dynamic<Name, {
  readonly parameters: { readonly [keyword: string]: unknown }
  readonly success: typeof Schema.Unknown
  readonly failure: typeof Schema.String
  readonly failureMode: "return"
}>

/** @internal */
export const toolOf = <Name extends string>(
  name: Name,
  description: string | undefined,
  schema: JsonSchema
): AiTool<Name> =>
  Tool.dynamic(name, {
    ...(description === undefined ? {} : { description }),
    parameters: { ...schema },
    success: Schema.Unknown,
    failure: Schema.String,
    failureMode: "return"
  })

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
  handle: (name, params) =>
    Effect.succeed(Stream.fromEffect(
      Effect.map(call(String(name), params), (outcome) =>
        // The tools of a kit have results of any type
        ({ ...outcome, preliminary: false }) as Tool.HandlerResult<Tools[typeof name]>)
    ))
})

/**
 * Calls a tool. `report` receives results before the last one.
 *
 * @internal
 */
export const callIn = <Tools extends Record<string, Tool.Any>>(
  kit: Toolkit.WithHandler<Tools>,
  name: string,
  params: unknown,
  { id, report }: { readonly id: string; readonly report: (value: unknown) => Effect.Effect<void> }
): Effect.Effect<
  Outcome,
  unknown,
  Tool.HandlerServices<Tools[keyof Tools]>
> =>
  Effect.gen(function*() {
    // A kit decodes what it receives
    const results = yield* kit.handle(name, params as Tool.ParametersEncoded<Tools[string]>, id)
    let last: Outcome | undefined
    yield* Stream.runForEach(results, (outcome) => {
      if (outcome.preliminary) return report(outcome.encodedResult)
      last = outcome
      return Effect.void
    })
    return last ?? { isFailure: true, result: "The tool has no result.", encodedResult: "The tool has no result." }
  })

/**
 * Whether a call may need an approval.
 *
 * @internal
 */
export const mayAsk = ({ needsApproval = false }: Tool.Any): boolean => needsApproval !== false
