/** Checks the options of a run before anything is sent. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type * as Schema from "effect/Schema"
import { InvalidRequestError } from "../../../http/OpenRouterError.js"
import { makeSemaphore, type Semaphore } from "../../../internal/effect/locks.js"
import { asSchema } from "../../../internal/effect/schemaIssues.js"
import { stringAt } from "../../../internal/json.js"
import type { JsonSchemaError } from "../../../schema/jsonSchema.js"
import type { ResponsesTool } from "../../../schema/ResponsesToolsRequest.js"
import * as StructuredOutput from "../../../services/StructuredOutput.js"
import type { Middleware } from "../../Middleware.js"
import * as StopWhen from "../../StopWhen.js"
import type * as Tool from "../../Tool.js"
import type { Options, Output } from "../options.js"
import type { Progress } from "../run.js"
import { type Codecs, type FunctionDefinition, type HandlerService, TypeId } from "../tool.js"
import { type CallbackError, runCallback, type UserError } from "../userCode.js"
import { backgroundTool } from "./backgroundTool.js"

/**
 * A function tool of a run. `handler` is undefined for a manual tool; `limit` lets in as many calls as may run at once.
 *
 * @internal
 */
export interface PreparedTool {
  readonly definition: FunctionDefinition
  readonly codecs: Codecs
  readonly handler: HandlerService | undefined
  readonly limit: Semaphore | undefined
}

/**
 * A stop condition whose errors are marked as the user's.
 *
 * @internal
 */
export interface PreparedCondition {
  readonly name: string
  readonly isBudget: boolean
  readonly isAfterTools: boolean
  /** Whether it is evaluated before the first request of a run that continues a conversation. */
  readonly holdsBefore: boolean
  readonly costLeft: StopWhen.StopCondition["costLeft"]
  readonly evaluate: (progress: Progress) => Effect.Effect<boolean, CallbackError | UserError, unknown>
}

/** @internal */
export interface PreparedOutput {
  readonly structured: StructuredOutput.StructuredOutput<unknown, unknown>
  readonly repairs: number
}

/**
 * The options of a run, checked before anything is sent.
 *
 * @internal
 */
export interface Prepared {
  readonly options: Options
  readonly wireTools: ReadonlyArray<ResponsesTool>
  /** Whether the model may call the tools. */
  readonly mayCall: boolean
  readonly tools: ReadonlyMap<string, PreparedTool>
  readonly output: PreparedOutput | undefined
  readonly conditions: ReadonlyArray<PreparedCondition>
  readonly budgets: ReadonlyArray<PreparedCondition>
  readonly middleware: ReadonlyArray<Middleware>
  /** How many calls may run at once. */
  readonly toolConcurrency: number
  readonly maxSteps: number
}

/**
 * The tool of OpenRouter with which a model searches for others.
 *
 * @internal
 */
export const toolSearch = "openrouter:tool_search"

/** @internal */
export const prepare = (
  options: Options
): Effect.Effect<Prepared, InvalidRequestError | JsonSchemaError> =>
  Effect.gen(function*() {
    yield* checkStateless(options)
    const wireTools: Array<ResponsesTool> = []
    const tools = new Map<string, PreparedTool>()
    const context = yield* Effect.context<never>()
    for (const tool of toolsOf(options)) {
      const { definition } = tool[TypeId]
      if (definition.kind === "server") {
        // Toolkits that are searched bring one each
        const isKnown = definition.name === toolSearch && wireTools.some(({ type }) => type === toolSearch)
        if (!isKnown) wireTools.push(definition.tool)
        continue
      }
      yield* checkName(definition.name, tools)
      const wire = yield* definition.wire
      wireTools.push(definition.isDeferred ? { ...wire.tool, defer_loading: true } : wire.tool)
      const limit = definition.concurrency
      tools.set(definition.name, {
        definition,
        codecs: wire.codecs,
        handler: definition.kind === "manual" ? undefined : definition.own ?? (yield* handlerOf(definition, context)),
        limit: limit === undefined ? undefined : makeSemaphore(yield* checkCount("concurrency", limit))
      })
    }
    yield* addHelpers(tools, wireTools)
    yield* checkChoice(options, tools)
    if (options.runId === "") yield* invalid("runId", "it is empty; use an id of the task, or leave it out")
    const conditions = listOf(options.stopWhen).map(conditionOf)
    yield* checkScopes(options)
    return {
      options,
      wireTools,
      mayCall: true,
      tools,
      output: options.output === undefined ? undefined : yield* outputOf(options.output),
      conditions,
      budgets: conditions.filter((condition) => condition.isBudget),
      middleware: listOf(options.middleware),
      toolConcurrency: yield* checkCount("toolConcurrency", options.toolConcurrency ?? 8),
      maxSteps: yield* checkCount("maxSteps", options.maxSteps ?? 50)
    }
  })

/** The tools that others need. They are there from the first turn on: a later one would void the cache. */
const addHelpers = (
  tools: Map<string, PreparedTool>,
  wireTools: Array<ResponsesTool>
): Effect.Effect<void, InvalidRequestError | JsonSchemaError> =>
  Effect.gen(function*() {
    const definitions = [...tools.values()].map(({ definition }) => definition)
    const readers = definitions.flatMap(({ largeOutput }) => largeOutput?.reader ?? [])
    const helpers = definitions.some(({ background }) => background !== undefined) ? [backgroundTool] : []
    for (const definition of [...readers.slice(0, 1), ...helpers]) {
      yield* checkName(definition.name, tools)
      const { codecs, tool } = yield* definition.wire
      wireTools.push(tool)
      tools.set(definition.name, { definition, codecs, handler: definition.own, limit: undefined })
    }
  })

/** A tool that the model does not see yet cannot be forced. */
const checkChoice = (
  { tool_choice: choice }: Options,
  tools: ReadonlyMap<string, PreparedTool>
): Effect.Effect<void, InvalidRequestError> => {
  const name = stringAt(choice, "name")
  return name !== undefined && tools.get(name)?.definition.isDeferred === true
    ? invalid(
      "tool_choice",
      `the tool "${name}" is searchable, so the model cannot call it before it has found it. Leave \`tool_choice\` out, or merge its toolkit without Toolkit.searchable`
    )
    : Effect.void
}

const conditionOf = (condition: StopWhen.Any, index: number): PreparedCondition => {
  const { costLeft, evaluate, isAfterTools, isBudget, limits, name } = StopWhen.named(condition, index + 1)
  return {
    name,
    isBudget,
    isAfterTools,
    holdsBefore: isBudget || limits.length > 0,
    costLeft,
    evaluate: (progress) => runCallback(`the stop condition "${name}"`, () => evaluate(progress))
  }
}

/** A history has no usage: only a stored conversation knows what its earlier runs spent. */
const checkScopes = ({ conversation, stopWhen }: Options): Effect.Effect<void, InvalidRequestError> => {
  const condition = conversation === undefined
    ? listOf(stopWhen).map(StopWhen.named).find(({ limits }) => limits.includes("conversation"))
    : undefined
  return condition === undefined ? Effect.void : invalid(
    "stopWhen",
    `${condition.name} limits a stored conversation, and this run has none. Set \`conversation\`, or leave out \`of\``
  )
}

/** @internal */
export const toolsOf = ({ tools = [] }: Options): ReadonlyArray<Tool.Any> => "tools" in tools ? tools.tools : tools

/** The types name handlers by tool name alone, so they accept the layer of another tool of that name. */
const handlerOf = (
  { handler, name }: FunctionDefinition,
  context: Context.Context<never>
): Effect.Effect<HandlerService, InvalidRequestError> => {
  const found = Context.getOption(context, handler)
  return Option.isSome(found) ? Effect.succeed(found.value) : invalid(
    "tools",
    `no layer provides the handler of the tool "${name}". Provide the layer that \`toLayer\` of its toolkit returns. If you ` +
      "do, the tool was made twice, for example by a function that you call twice: make the toolkit once, and use it " +
      "for both `tools` and `toLayer`"
  )
}

const listOf = <A>(one: A | ReadonlyArray<A> | undefined): ReadonlyArray<A> =>
  one === undefined ? [] : isList(one) ? one : [one]

const isList = <A>(one: A | ReadonlyArray<A>): one is ReadonlyArray<A> => Array.isArray(one)

const checkName = (name: string, known: ReadonlyMap<string, unknown>): Effect.Effect<void, InvalidRequestError> => {
  if (known.has(name)) return invalid("tools", `two tools have the name "${name}"; give each tool another name`)
  return /^[A-Za-z0-9_-]{1,64}$/.test(name)
    ? Effect.void
    : invalid("tools", `"${name}" is not a valid name of a tool; use 1 to 64 letters, digits, _ and -`)
}

const checkCount = (parameter: string, count: number): Effect.Effect<number, InvalidRequestError> =>
  count === Infinity || Number.isInteger(count) && count > 0
    ? Effect.succeed(count)
    : invalid(parameter, `it is ${count}; use a whole number above 0, or Infinity`)

/**
 * Fails a run whose options are invalid, before anything is sent.
 *
 * @internal
 */
export const invalid = (parameter: string, problem: string): Effect.Effect<never, InvalidRequestError> =>
  Effect.fail(
    new InvalidRequestError({
      parameter,
      message: `agent: nothing was sent, because \`${parameter}\` is invalid: ${problem}`
    })
  )

/**
 * Fails if a request refers to a response that a server stored: each request has the whole history, and OpenRouter stores
 * none.
 *
 * @internal
 */
export const checkStateless = (
  params: { readonly previous_response_id?: unknown; readonly store?: unknown }
): Effect.Effect<void, InvalidRequestError> =>
  (params.previous_response_id ?? null) !== null && typeof params.previous_response_id !== "function"
    ? invalid(
      "previous_response_id",
      "OpenRouter stores no responses, and each request of a run has the whole history. Leave it out; to continue, use the " +
        "`history` of the run before as `input`, or set `conversation`"
    )
    : params.store === true
    ? invalid("store", "OpenRouter stores no responses. Leave it out, and set `conversation` to store the run")
    : Effect.void

const outputOf = (output: Schema.Schema.All | Output): Effect.Effect<PreparedOutput, JsonSchemaError> => {
  const { repairs = 1, schema, ...rest }: Output = "schema" in output ? output : { schema: output }
  return Effect.map(
    StructuredOutput.make({ ...rest, schema: asSchema(schema) }),
    (structured) => ({ structured, repairs })
  )
}
