/**
 * Toolkits of an agent for `@effect/ai`, and the other way round.
 *
 * @since 0.1.0
 */
import * as AiTools from "@effect/ai/Tool"
import type * as AiToolkits from "@effect/ai/Toolkit"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { boundToRuns } from "../agent/boundToRuns.js"
import * as Tool from "../agent/Tool.js"
import * as Toolkit from "../agent/Toolkit.js"
import { asSchema } from "../internal/effect/schemaIssues.js"
import { jsonText, stringAt } from "../internal/json.js"
import * as JsonSchema from "../schema/jsonSchema.js"
import { type AiTool, callIn, kitOf, mayAsk, type Outcome, toolOf } from "./internal/effect/toolkits.js"
import { descriptionOf, parametersOf } from "./internal/effect/values.js"

export type { AiTool } from "./internal/effect/toolkits.js"

/**
 * A tool would lose what it needs of a run, or of a provider.
 *
 * @since 0.1.0
 * @category errors
 */
export class ToolNotCarriedOverError extends Schema.TaggedError<ToolNotCarriedOverError>()("ToolNotCarriedOverError", {
  message: Schema.String,
  name: Schema.String
}) {}

/**
 * A tool that has a handler, and so can be called outside of a run.
 *
 * @since 0.1.0
 * @category models
 */
export interface Callable extends Tool.Any {
  readonly kind: "handled" | "provided"
}

/**
 * The tools of an agent as tools of `@effect/ai`, by their names.
 *
 * @since 0.1.0
 * @category models
 */
export type AiToolsOf<T extends Tool.Any> = { readonly [Name in T["name"]]: AiTool<Name> }

/**
 * Gives the tools of an agent to a model of `@effect/ai`. A call is that of `Toolkit.call`: its timeout and its retries hold, and a
 * failure is the text that the model receives. Progress is lost.
 *
 * Fails with {@link ToolNotCarriedOverError} if a tool changes later turns, goes on in the background, hands over, or may need an
 * approval and nobody can `approve` it; with `JsonSchemaError` if JSON Schema cannot express its parameters.
 *
 * @since 0.1.0
 * @category conversions
 * @example
 * ```ts
 * import { LanguageModel } from "@effect/ai"
 * import { Clock, Effect, Schema } from "effect"
 * import { Tool, Toolkit } from "effect-openrouter"
 * import { AiToolkit } from "effect-openrouter/ai"
 *
 * const tools = Toolkit.make(Tool.make("now", { description: "The time.", success: Schema.Number }))
 *
 * const program = Effect.gen(function*() {
 *   const toolkit = yield* AiToolkit.toAi(tools)
 *   return yield* LanguageModel.generateText({ prompt: "What time is it?", toolkit })
 * }).pipe(Effect.provide(tools.toLayer({ now: () => Clock.currentTimeMillis })))
 * ```
 */
export const toAi = <T extends Callable, R = never>(
  toolkit: Toolkit.Toolkit<T>,
  options: Pick<Toolkit.CallOptions<R>, "approve"> = {}
): Effect.Effect<
  AiToolkits.WithHandler<AiToolsOf<T>>,
  ToolNotCarriedOverError | JsonSchema.JsonSchemaError,
  Tool.Requirements<T> | R
> =>
  Effect.gen(function*() {
    const context = yield* Effect.context<Tool.Requirements<T> | R>()
    const asks = options.approve !== undefined
    for (const { tool, lost } of toolkit.tools.map((tool) => ({ tool, lost: boundToRuns(tool, asks) }))) {
      if (lost === undefined) continue
      const message =
        `AiToolkit.toAi: the tool "${tool.name}" needs a run of an agent, because it ${lost}. Leave it out, or use Agent.run`
      return yield* new ToolNotCarriedOverError({ name: tool.name, message })
    }
    const tools = yield* Effect.forEach(
      Toolkit.callable(toolkit),
      (tool) => Effect.map(Toolkit.jsonSchema(tool), (schema) => toolOf(tool.name, tool.description, schema))
    )
    return kitOf(
      // A tool for each name
      Object.fromEntries(tools.map((tool) => [tool.name, tool])) as AiToolsOf<T>,
      (name, params) => Effect.provide(called(toolkit, name, params, options), context)
    )
  })

const called = <T extends Tool.Any, R>(
  toolkit: Toolkit.Toolkit<T>,
  name: string,
  params: unknown,
  options: Pick<Toolkit.CallOptions<R>, "approve">
): Effect.Effect<Outcome, never, Tool.Requirements<T> | R> =>
  Effect.match(Toolkit.call(toolkit, name, params, options), {
    onFailure: ({ message }) => ({ isFailure: true, result: message, encodedResult: message }),
    onSuccess: ({ output, result }) => {
      // An output of the tool's own is what the model receives
      const encoded = typeof output === "string" && output !== JSON.stringify(result) ? output : result
      return { isFailure: false, result, encodedResult: encoded }
    }
  })

/**
 * A tool of `@effect/ai` as a tool of an agent. Its failures are texts.
 *
 * @since 0.1.0
 * @category models
 */
export type AgentTool<Name extends string, R> = Tool.Tool<Name, {
  readonly kind: "provided"
  readonly arguments: { readonly [key: string]: unknown }
  readonly params: { readonly [key: string]: unknown }
  readonly success: unknown
  readonly failure: string
  readonly progress: unknown
  readonly answer: unknown
  readonly error: never
  readonly requirements: R
}>

/**
 * Gives the tools of a toolkit of `@effect/ai` to an agent. A failure goes to the model as a text, whatever the `failureMode`, and
 * so do arguments that do not fit. With Effect 4, results before the last one are progress, and a call of a tool with
 * `needsApproval` waits for an approval.
 *
 * Fails with {@link ToolNotCarriedOverError} for a tool that a provider executes: `Tool.server` makes those of OpenRouter.
 *
 * @since 0.1.0
 * @category conversions
 * @example
 * ```ts
 * import { Tool, Toolkit } from "@effect/ai"
 * import { Effect, Schema } from "effect"
 * import { Agent } from "effect-openrouter"
 * import { AiToolkit } from "effect-openrouter/ai"
 *
 * const Kit = Toolkit.make(Tool.make("add", { parameters: { a: Schema.Number, b: Schema.Number }, success: Schema.Number }))
 *
 * const program = Effect.gen(function*() {
 *   const tools = yield* AiToolkit.fromAi(yield* Kit)
 *   return yield* Agent.run({ model: "openai/gpt-5-nano", input: "1 + 2?", tools })
 * }).pipe(Effect.provide(Kit.toLayer({ add: ({ a, b }) => Effect.succeed(a + b) })))
 * ```
 */
export const fromAi = <Tools extends Record<string, AiTools.Any>>(
  kit: AiToolkits.WithHandler<Tools>
): Effect.Effect<
  Toolkit.Toolkit<AgentTool<Extract<keyof Tools, string>, AiTools.Requirements<Tools[keyof Tools]>>>,
  ToolNotCarriedOverError | JsonSchema.JsonSchemaError
> => {
  type Carried = AgentTool<Extract<keyof Tools, string>, AiTools.Requirements<Tools[keyof Tools]>>
  return Effect.map(
    Effect.forEach(Object.values<AiTools.Any>(kit.tools), (tool) => carried(kit, tool)),
    // The names of the tools are the keys of the kit
    (toolkits) => Toolkit.merge(...toolkits) as Toolkit.Toolkit<Tool.Any> as Toolkit.Toolkit<Carried>
  )
}

const carried = <Tools extends Record<string, AiTools.Any>>(
  kit: AiToolkits.WithHandler<Tools>,
  tool: AiTools.Any
) =>
  Effect.gen(function*() {
    if (AiTools.isProviderDefined(tool)) {
      return yield* new ToolNotCarriedOverError({
        name: tool.name,
        message: `AiToolkit.fromAi: the provider executes the tool "${tool.name}". Use Tool.server`
      })
    }
    const given = parametersOf(tool)
    const parameters = "json" in given
      ? given.json
      : (yield* JsonSchema.make(asSchema(given.schema), { strict: false })).schema
    const description = descriptionOf(tool)
    const ours = Tool.fromJsonSchema(tool.name, {
      ...(description === undefined ? {} : { description }),
      parameters,
      failure: Schema.String,
      requireApproval: mayAsk(tool)
    })
    return Toolkit.provide(Toolkit.make(ours), {
      [tool.name]: (params: unknown, { id, progress }: Tool.ToolCall<unknown>) =>
        callIn(kit, tool.name, params, { id, report: progress }).pipe(
          Effect.mapError(failureText),
          Effect.flatMap(({ encodedResult, isFailure }) =>
            isFailure ? Effect.fail(failureText(encodedResult)) : Effect.succeed(encodedResult)
          )
        )
    })
  })

const failureText = (failure: unknown): string =>
  typeof failure === "string"
    ? failure
    : stringAt(failure, "description") ?? stringAt(failure, "message") ?? jsonText(failure)
