import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { InvalidRequestError } from "../../../http/OpenRouterError.js"
import type { JsonSchemaError } from "../../../schema/jsonSchema.js"
import type { ResponsesTool } from "../../../schema/ResponsesToolsRequest.js"
import * as StructuredOutput from "../../../services/StructuredOutput.js"
import type { Middleware } from "../../Middleware.js"
import * as StopWhen from "../../StopWhen.js"
import type { Options, Output } from "../options.js"
import { type Codecs, type FunctionDefinition, TypeId } from "../tool.js"

/**
 * A function tool at work; `limit` lets in as many of its calls as may run at once.
 *
 * @internal
 */
export interface PreparedTool {
  readonly definition: FunctionDefinition
  readonly codecs: Codecs
  readonly limit: Effect.Semaphore | undefined
}

/** @internal */
export interface PreparedOutput {
  readonly structured: StructuredOutput.StructuredOutput<unknown, unknown>
  readonly repairs: number
}

/**
 * Options after all that can be checked before anything is sent.
 *
 * @internal
 */
export interface Prepared {
  readonly options: Options
  readonly wireTools: ReadonlyArray<ResponsesTool>
  readonly tools: ReadonlyMap<string, PreparedTool>
  readonly output: PreparedOutput | undefined
  readonly conditions: ReadonlyArray<StopWhen.StopCondition<unknown, unknown>>
  readonly budgets: ReadonlyArray<StopWhen.StopCondition<unknown, unknown>>
  readonly middleware: ReadonlyArray<Middleware>
  /** How many calls may run at once. */
  readonly toolConcurrency: number
  readonly maxSteps: number
}

/** @internal */
export const prepare = (
  options: Options
): Effect.Effect<Prepared, InvalidRequestError | JsonSchemaError> =>
  Effect.gen(function*() {
    const wireTools: Array<ResponsesTool> = []
    const tools = new Map<string, PreparedTool>()
    for (const tool of options.tools?.tools ?? []) {
      const { definition } = tool[TypeId]
      if (definition.kind === "server") {
        wireTools.push(definition.tool)
        continue
      }
      yield* checkName(definition.name, tools)
      const wire = yield* definition.wire
      wireTools.push(wire.tool)
      const limit = definition.concurrency
      tools.set(definition.name, {
        definition,
        codecs: wire.codecs,
        limit: limit === undefined ? undefined : Effect.unsafeMakeSemaphore(yield* checkCount("concurrency", limit))
      })
    }
    const conditions = listOf(options.stopWhen).map(StopWhen.named)
    return {
      options,
      wireTools,
      tools,
      output: options.output === undefined ? undefined : yield* outputOf(options.output),
      conditions,
      budgets: conditions.filter((condition) => condition.isBudget),
      middleware: listOf(options.middleware),
      toolConcurrency: yield* checkCount("toolConcurrency", options.toolConcurrency ?? 8),
      maxSteps: yield* checkCount("maxSteps", options.maxSteps ?? 50)
    }
  })

const listOf = <A>(one: A | ReadonlyArray<A> | undefined): ReadonlyArray<A> =>
  one === undefined ? [] : isList(one) ? one : [one]

const isList = <A>(one: A | ReadonlyArray<A>): one is ReadonlyArray<A> => Array.isArray(one)

const checkName = (name: string, known: ReadonlyMap<string, unknown>): Effect.Effect<void, InvalidRequestError> => {
  if (known.has(name)) return invalid("tools", `two tools are called "${name}"; give each a name of its own`)
  return /^[A-Za-z0-9_-]{1,64}$/.test(name)
    ? Effect.void
    : invalid("tools", `"${name}" is no name for a tool; use 1 to 64 letters, digits, _ and -`)
}

const checkCount = (parameter: string, count: number): Effect.Effect<number, InvalidRequestError> =>
  count === Infinity || Number.isInteger(count) && count > 0
    ? Effect.succeed(count)
    : invalid(parameter, `it is ${count}; it has to be a whole number above 0, or Infinity`)

/**
 * The run cannot be right, and nothing of it was sent.
 *
 * @internal
 */
export const invalid = (parameter: string, problem: string): Effect.Effect<never, InvalidRequestError> =>
  Effect.fail(
    new InvalidRequestError({
      parameter,
      message: `agent: nothing was sent, as \`${parameter}\` cannot be right: ${problem}`
    })
  )

const outputOf = (output: Schema.Schema.All | Output): Effect.Effect<PreparedOutput, JsonSchemaError> => {
  const { repairs = 1, schema, ...asked }: Output = "schema" in output ? output : { schema: output }
  return Effect.map(
    StructuredOutput.make({ ...asked, schema: Schema.asSchema(schema) }),
    (structured) => ({ structured, repairs })
  )
}
