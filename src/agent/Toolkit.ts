/**
 * Sets of tools, and the layers that provide their handlers.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import * as Tracer from "effect/Tracer"
import { CurrentRequestOptions } from "../http/requestOptions.js"
import type { Hint } from "../internal/hint.js"
import type { JsonSchema, JsonSchemaError } from "../schema/jsonSchema.js"
import { type Called, type CallOptions, callTool, type ToolCallError } from "./internal/callTool.js"
import { ownHandler } from "./internal/ownHandler.js"
import { Held } from "./internal/state/parentRun.js"
import { type CurrentCall, type FunctionDefinition, type HandlerService, TypeId } from "./internal/tool.js"
import { fromUser } from "./internal/userCode.js"
import * as Tool from "./Tool.js"

export { type Called, type CallOptions, ToolCallError } from "./internal/callTool.js"

/**
 * A set of tools for an agent. Requests list them in this order.
 *
 * @since 0.1.0
 * @category models
 */
export interface Toolkit<out T extends Tool.Any> {
  readonly tools: ReadonlyArray<T>
  /**
   * The layer that provides the handlers of the tools. Handlers use the services of this layer. An effect may create the
   * handlers; its failures are failures of the layer. Scope, span and request options are always those of the call.
   */
  toLayer<const H extends Handlers<T>, E = never, R = never>(
    handlers: (H & KnownHandlers<H, T>) | Effect.Effect<H, E, R>
  ): Layer.Layer<HandlerTags<T>, E, Exclude<R, Scope.Scope> | LayerRequirements<T, H>>
}

/** Rejects handlers of tools that the toolkit does not have. An object of computed names may have any. */
type KnownHandlers<H, T extends Tool.Any> = string extends keyof H ? unknown : {
  readonly [Name in Exclude<keyof H, Handled<T>["name"]>]: 0 extends 1 & H[Name] ? never
    : Hint<`this toolkit has no tool \`${Name & string}\` that needs a handler`>
}

/**
 * A handler for each tool that has one.
 *
 * @since 0.1.0
 * @category models
 */
export type Handlers<T extends Tool.Any> = {
  readonly [Name in Handled<T>["name"]]: Tool.HandlerOf<Extract<T, { readonly name: Name }>>
}

/**
 * The tools that have handlers.
 *
 * @since 0.1.0
 * @category models
 */
export type Handled<T extends Tool.Any> = Extract<T, { readonly kind: "handled" }>

/**
 * What the layer of a toolkit provides.
 *
 * @since 0.1.0
 * @category models
 */
export type HandlerTags<T extends Tool.Any> = Handled<T> extends infer U
  ? U extends Tool.Tool<infer Name, Tool.Types> ? Tool.Handler<Name> : never
  : never

/**
 * What handlers require from their layer: everything that the run does not provide.
 *
 * @since 0.1.0
 * @category models
 */
export type LayerRequirements<T extends Tool.Any, H> = Exclude<
  H[keyof H] extends (...args: never) => Effect.Effect<infer _A, infer _E, infer R> ? R : never,
  Scope.Scope | CurrentCall | Tool.TypesOf<T>["requirements"]
>

/**
 * Makes a toolkit of tools.
 *
 * @since 0.1.0
 * @category constructors
 * @example
 * ```ts
 * import { Effect, Schema } from "effect"
 * import { Tool, Toolkit } from "effect-openrouter"
 *
 * const Add = Tool.make("add", {
 *   parameters: Schema.Struct({ a: Schema.Number, b: Schema.Number }),
 *   success: Schema.Number
 * })
 * const Search = Tool.server({ type: "openrouter:web_search" })
 *
 * const Tools = Toolkit.make(Add, Search)
 * const ToolsLive = Tools.toLayer({ add: ({ a, b }) => Effect.succeed(a + b) })
 * ```
 */
export const make = <const T extends ReadonlyArray<Tool.Any>>(...tools: T): Toolkit<T[number]> =>
  new Kit<T[number]>(tools)

/**
 * Makes one toolkit of the tools of several toolkits.
 *
 * @since 0.1.0
 * @category combinators
 */
export const merge = <const T extends ReadonlyArray<Toolkit<Tool.Any>>>(
  ...toolkits: T
): Toolkit<T[number]["tools"][number]> =>
  new Kit(toolkits.flatMap((toolkit: T[number]): ReadonlyArray<T[number]["tools"][number]> => toolkit.tools))

/**
 * A tool with its handler, which no layer provides.
 *
 * @since 0.1.0
 * @category models
 */
export type Provided<T extends Tool.Any, H> = T extends Tool.Tool<infer Name, infer U>
  ? U["kind"] extends "handled" ? Tool.Tool<
      Name,
      {
        readonly [Key in keyof Tool.Types]: Key extends "kind" ? "provided"
          : Key extends "requirements" ? U["requirements"] | LayerRequirements<T, Pick<H, Name & keyof H>>
          : U[Key]
      }
    >
  : T
  : never

/**
 * Gives the tools of a toolkit their handlers, so that no layer provides them: for tools that a program makes while it runs.
 * A handler uses the services of the run.
 *
 * @since 0.1.0
 * @category combinators
 * @example
 * ```ts
 * import { Clock, Schema } from "effect"
 * import { Agent, Tool, Toolkit } from "effect-openrouter"
 *
 * const tools = Toolkit.provide(Toolkit.make(Tool.make("now", { success: Schema.Number })), {
 *   now: () => Clock.currentTimeMillis
 * })
 *
 * const program = Agent.run({ model: "openai/gpt-5-nano", input: "What time is it?", tools })
 * ```
 */
export const provide = <T extends Tool.Any, const H extends Handlers<T>>(
  toolkit: Toolkit<T>,
  handlers: H
): Toolkit<Provided<T, H>> =>
  new Kit(toolkit.tools.map((tool) => {
    const { definition } = tool[TypeId]
    const isOpen = definition.kind === "handled" && definition.own === undefined
    const own = ownHandler(handlerNamed(handlers, tool.name))
    // The types of the handlers became those of the tools
    return (isOpen
      ? { ...tool, kind: "provided", [TypeId]: { definition: { ...definition, own } } }
      : tool) as Provided<
        T,
        H
      >
  }))

/**
 * Calls a tool outside of a run, as a run would: its arguments are decoded, its `timeout` and `retry` hold, and its result is
 * encoded. A tool that needs an approval executes only if `approve` says so. For servers that offer the tools to others.
 *
 * Fails with `ToolCallError`, whose `message` has the words that a model would receive.
 *
 * @since 0.1.0
 * @category calling
 * @example
 * ```ts
 * import { Effect, Schema } from "effect"
 * import { Tool, Toolkit } from "effect-openrouter"
 *
 * const Add = Tool.make("add", {
 *   parameters: Schema.Struct({ a: Schema.Number, b: Schema.Number }),
 *   success: Schema.Number
 * })
 * const tools = Toolkit.make(Add)
 *
 * const program = Toolkit.call(tools, "add", { a: 1, b: 2 }).pipe(
 *   Effect.map(({ result }) => result),
 *   Effect.provide(tools.toLayer({ add: ({ a, b }) => Effect.succeed(a + b) }))
 * )
 * ```
 */
export const call = <T extends Tool.Any, R = never>(
  toolkit: Toolkit<T>,
  name: string,
  args: unknown,
  options: CallOptions<R> = {}
): Effect.Effect<Called, ToolCallError | JsonSchemaError, Tool.Requirements<T> | R> =>
  // The definitions have no types; those of the tools say what they require
  callTool(toolkit.tools.map((tool) => tool[TypeId].definition), name, args, options) as Effect.Effect<
    Called,
    ToolCallError | JsonSchemaError,
    Tool.Requirements<T> | R
  >

/**
 * The tools of a toolkit that {@link call} can call, with their descriptions: those with a handler. Without `withApproval`, those
 * that may need an approval are left out.
 *
 * @since 0.1.0
 * @category calling
 */
export const callable = <T extends Tool.Any>(
  toolkit: Toolkit<T>,
  withApproval = true
): ReadonlyArray<T & { readonly description: string | undefined }> =>
  toolkit.tools.flatMap((tool) => {
    const { definition } = tool[TypeId]
    const isOffered = definition.kind === "handled" && (withApproval || !definition.mayAsk)
    return isOffered ? [{ ...tool, description: definition.description }] : []
  })

/**
 * The JSON Schema of a tool's parameters as it is: not changed for the strict mode of providers, so optional fields are
 * optional.
 *
 * Fails with `JsonSchemaError` if JSON Schema cannot express the parameters.
 *
 * @since 0.1.0
 * @category calling
 */
export const jsonSchema = (tool: Tool.Any): Effect.Effect<JsonSchema, JsonSchemaError> => {
  const { definition } = tool[TypeId]
  return definition.kind === "server" ? Effect.succeed({ type: "object" }) : definition.jsonSchema
}

/**
 * The tool with which a model searches for the tools of {@link searchable}.
 *
 * @since 0.1.0
 * @category models
 */
export type ToolSearch = ReturnType<typeof Tool.server<{ readonly type: "openrouter:tool_search" }>>

/**
 * Makes the tools of a toolkit wait until the model searches for them: for a toolkit of dozens or hundreds of tools. Their
 * schemas take no tokens before. OpenRouter searches, for any model and without a fee, by names, descriptions and parameters.
 * `maxResults` is how many tools a search finds at most. The handlers are those of the toolkit.
 *
 * [Tool search](https://openrouter.ai/docs/guides/features/server-tools/tool-search), which is a beta
 *
 * @since 0.1.0
 * @category combinators
 * @example
 * ```ts
 * import { Agent, Tool, Toolkit } from "effect-openrouter"
 *
 * const Core = Toolkit.make(Tool.make("now"))
 * const Calendar = Toolkit.make(Tool.make("create_event"), Tool.make("move_event"), Tool.make("cancel_event"))
 *
 * const program = Agent.run({
 *   model: "openai/gpt-5-nano",
 *   input: "Move my meeting to Friday.",
 *   tools: Toolkit.merge(Core, Toolkit.searchable(Calendar, { maxResults: 3 }))
 * })
 * ```
 */
export const searchable = <T extends Tool.Any>(
  toolkit: Toolkit<T>,
  options: { readonly maxResults?: number | undefined } = {}
): Toolkit<T | ToolSearch> => {
  const { maxResults } = options
  const search = Tool.server({
    type: "openrouter:tool_search",
    ...(maxResults === undefined ? {} : { parameters: { max_results: maxResults } })
  })
  return new Kit<T | ToolSearch>([...toolkit.tools.map(deferred), search])
}

const deferred = <T extends Tool.Any>(tool: T): T => {
  const { definition } = tool[TypeId]
  return definition.kind === "server"
    ? tool
    : { ...tool, [TypeId]: { definition: { ...definition, isDeferred: true } } }
}

/** Services of the run, which replace those that existed when the layer was built: perhaps within a call of another run. */
const ofTheRun: ReadonlyArray<string> = [Tracer.ParentSpan.key, CurrentRequestOptions.key, Held.key]

type AnyHandler = (params: unknown, call: unknown) => Effect.Effect<unknown, unknown, unknown>

class Kit<T extends Tool.Any> implements Toolkit<T> {
  constructor(readonly tools: ReadonlyArray<T>) {}

  toLayer<const H extends Handlers<T>, E = never, R = never>(
    handlers: (H & KnownHandlers<H, T>) | Effect.Effect<H, E, R>
  ): Layer.Layer<HandlerTags<T>, E, Exclude<R, Scope.Scope> | LayerRequirements<T, H>> {
    const context = Effect.gen(this, function*() {
      const layer = yield* Effect.context<LayerRequirements<T, H>>()
      const given: unknown = Effect.isEffect(handlers) ? yield* handlers : handlers
      let context = Context.empty()
      for (const tool of this.tools) {
        const { definition } = tool[TypeId]
        if (definition.kind !== "handled" || definition.own !== undefined) continue
        context = Context.add(context, definition.handler, handlerOf(definition, handlerNamed(given, tool.name), layer))
      }
      // The handler types stand for the tags of the definitions
      return context as Context.Context<unknown> as Context.Context<HandlerTags<T>>
    })
    return Layer.scopedContext(context)
  }
}

const handlerNamed = (handlers: unknown, name: string): AnyHandler =>
  // The type of the handlers guarantees a handler of each name
  Reflect.get(Object(handlers), name) as AnyHandler

const handlerOf = (
  definition: FunctionDefinition,
  handler: AnyHandler,
  layer: Context.Context<never>
): HandlerService => {
  const own = without(layer, [...ofTheRun, ...definition.dependencies])
  return {
    handle: (params, call, given) =>
      Effect.mapInputContext(
        fromUser(Effect.suspend(() => handler(params, call))),
        (run: Context.Context<unknown>) => Context.mergeAll(run, own, given)
      )
  }
}

const without = (context: Context.Context<never>, keys: ReadonlyArray<string>): Context.Context<never> =>
  Context.unsafeMake(new Map([...context.unsafeMap].filter(([key]) => !keys.includes(key))))
