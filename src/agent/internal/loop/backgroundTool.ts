/** The tool with which a model asks for calls that it left in the background. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { define, type FunctionDefinition, type HandlerService } from "../tool.js"
import { fromUser } from "../userCode.js"

/**
 * The calls of the run that executes, for the tool.
 *
 * @internal
 */
export class LeftCalls extends Context.Tag("effect-openrouter/agent/LeftCalls")<LeftCalls, {
  readonly stateOf: (callId: string) => "executing" | "ended" | undefined
  readonly cancel: (callId: string) => void
}>() {}

const Parameters = Schema.Struct({
  call: Schema.String.annotations({ description: "The call, as its output says it" }),
  cancel: Schema.Boolean.annotations({ description: "Whether to stop it" })
})

const isParameters = Schema.is(Parameters)

const handle: HandlerService["handle"] = (params, _, given) => {
  const calls = Option.getOrUndefined(Context.getOption(given, LeftCalls))
  // The codec of the tool decoded the parameters
  if (!isParameters(params)) return Effect.die("agent: the parameters of background_call are not decoded")
  const state = calls?.stateOf(params.call)
  if (state === undefined) return fromUser(Effect.fail(`No call "${params.call}" is in the background.`))
  if (state === "ended") return Effect.succeed("It has ended. A message has its result.")
  if (!params.cancel) return Effect.succeed("It is executing. Its result will come as a message.")
  calls?.cancel(params.call)
  return Effect.succeed("It is being stopped. A message will say when it has ended.")
}

/** @internal */
export const backgroundTool: FunctionDefinition = define(
  "background_call",
  "handled",
  { description: "Says whether a call that goes on in the background is done, and stops it if you want that." },
  { parameters: { schema: Parameters }, success: Schema.String, failure: Schema.String, answer: Schema.Never },
  { handle }
)
