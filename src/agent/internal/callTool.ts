/** A call of a tool outside of a run. */
import * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as Scope from "effect/Scope"
import { randomText } from "../../internal/crypto.js"
import { withoutFailures } from "../../internal/effect/causes.js"
import { jsonText } from "../../internal/json.js"
import type { JsonSchemaError } from "../../schema/jsonSchema.js"
import type { ToolCallOutput } from "../../schema/ResponsesItems.js"
import { ToolTimeoutError } from "../Tool.js"
import { issuesText } from "./arguments.js"
import { failureMessage } from "./failureMessage.js"
import {
  type CallInfo,
  type Codecs,
  CurrentCall,
  type Definition,
  type FunctionDefinition,
  ToolSuspended
} from "./tool.js"
import { withTimeout } from "./toolTimeout.js"

/**
 * A call has no result. `reason` says why: there is no such tool, its arguments do not fit, nobody approved it, it waits for an
 * answer, it failed, or it took too long. `message` has the words of the failure, or what a model would receive.
 *
 * @since 0.1.0
 * @category errors
 */
export class ToolCallError extends Schema.TaggedError<ToolCallError>()("ToolCallError", {
  message: Schema.String,
  name: Schema.String,
  reason: Schema.Literal("unknown", "arguments", "approval", "answer", "failure", "timeout")
}) {}

/**
 * Options of a call outside of a run.
 *
 * @since 0.1.0
 * @category models
 */
export interface CallOptions<R> {
  /** The key that is the same for each execution of the call. Default: a random one. */
  readonly idempotencyKey?: string | undefined
  /** Receives what the handler reports. Default: nobody. */
  readonly progress?: ((value: unknown) => Effect.Effect<void>) | undefined
  /** Decides about a call that needs an approval; `params` are decoded. Default: it does not execute. */
  readonly approve?: ((params: unknown, call: CallInfo) => Effect.Effect<boolean, never, R>) | undefined
}

/**
 * What a call returned: `result` in the encoded form of the tool's schema, and `output` as a model would receive it.
 *
 * @since 0.1.0
 * @category models
 */
export interface Called {
  readonly result: unknown
  readonly output: ToolCallOutput
}

/** @internal */
export const callTool = (
  definitions: ReadonlyArray<Definition>,
  name: string,
  args: unknown,
  options: CallOptions<unknown>
): Effect.Effect<Called, ToolCallError | JsonSchemaError, unknown> =>
  Effect.gen(function*() {
    const refuse = (reason: ToolCallError["reason"], message: string) => new ToolCallError({ name, reason, message })
    const callable = definitions.flatMap((one) => one.kind === "handled" ? one : [])
    const definition = callable.find((one) => one.name === name)
    if (definition === undefined) {
      const names = callable.map((one) => one.name).join(", ")
      return yield* refuse("unknown", `There is no tool "${name}". Available: ${names}.`)
    }
    const { codecs } = yield* definition.wire
    const params = yield* Effect.mapError(
      codecs.params(args),
      (issues) => refuse("arguments", `The arguments do not fit: ${issuesText(issues)}`)
    )
    const idempotencyKey = options.idempotencyKey ?? (yield* randomText(16))
    const call: CallInfo = { id: idempotencyKey, name, turn: 0, attempt: 1, idempotencyKey }
    const asks = yield* Effect.mapError(
      definition.requireApproval(params, call),
      () => refuse("approval", "This call is not allowed, because its tool cannot say whether it needs an approval.")
    )
    const isApproved = !asks || options.approve !== undefined && (yield* options.approve(params, call))
    if (!isApproved) return yield* refuse("approval", "This call is not allowed.")
    const exit = yield* Effect.exit(execute(definition, params, call, options))
    if (Exit.isFailure(exit)) return yield* failed(definition, codecs, exit.cause)
    const result = yield* Effect.mapError(codecs.success(exit.value), () => refuse("failure", "The tool failed."))
    return { result, output: definition.toOutput(exit.value, result, params) }
  })

const execute = (
  definition: FunctionDefinition,
  params: unknown,
  call: CallInfo,
  { progress }: CallOptions<unknown>
): Effect.Effect<unknown, unknown, unknown> =>
  Effect.gen(function*() {
    const handler = definition.own ?? (yield* definition.handler)
    let attempt = 0
    const once = Effect.flatMap(Scope.make(), (scope) => {
      const current = { ...call, attempt: ++attempt }
      const context = Context.add(Context.make(CurrentCall, current), Scope.Scope, scope)
      const answer = Effect.failSync(() => new ToolSuspended({ callId: call.id }))
      const reports = (value: unknown) => progress?.(value) ?? Effect.void
      const handling = handler.handle(params, { ...current, progress: reports, answer }, context)
      return Effect.onExit(handling, (exit) => Scope.close(scope, exit))
    }).pipe(withTimeout(definition, call.id))
    const mayRepeat = (error: unknown) => !(error instanceof ToolSuspended)
    return yield* definition.retry === undefined
      ? once
      : Effect.retry(once, { schedule: definition.retry, while: mayRepeat })
  })

/** The words of a failure, as in a run. A defect is one of the handler, and stays one. */
const failed = (
  definition: FunctionDefinition,
  codecs: Codecs,
  cause: Cause.Cause<unknown>
): Effect.Effect<never, ToolCallError, unknown> => {
  const refuse = (reason: ToolCallError["reason"], message: string) =>
    Effect.fail(new ToolCallError({ name: definition.name, reason, message }))
  const failure = Cause.failureOption(cause)
  if (Option.isNone(failure)) return Effect.failCause(withoutFailures(cause))
  const error = failure.value
  if (error instanceof ToolSuspended) {
    return refuse("answer", "The call waits for an answer, which nobody can give here.")
  }
  if (error instanceof ToolTimeoutError) return refuse("timeout", error.message)
  return Effect.matchEffect(codecs.failure(error), {
    onFailure: () => refuse("failure", "The tool failed."),
    onSuccess: (encoded) =>
      refuse("failure", failureMessage({ output: jsonText({ error: encoded }), result: { error: encoded } }))
  })
}
