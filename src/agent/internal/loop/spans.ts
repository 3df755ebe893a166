/** The spans of a run and of its calls: their attributes, and their text where it is asked for. */
import * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import {
  cleanPart,
  currentContent,
  messagesOf,
  telemetryOf,
  toolAnswer,
  toolCall,
  valueText
} from "../../../http/spanContent.js"
import { RunAttributes } from "../../../http/telemetryOptions.js"
import { currentClock } from "../../../internal/effect/fibers.js"
import { jsonText, stringAt } from "../../../internal/json.js"
import type { CheckedCall } from "../../Middleware.js"
import type { Options } from "../options.js"
import type { Run, ToolRecord } from "../run.js"
import type { State } from "../state/state.js"
import type { PreparedTool } from "./prepare.js"
import type { RunContext } from "./runContext.js"

/**
 * Runs an agent in its span. All spans below it have the name of the agent that speaks, and the conversation. A run inside of
 * another one belongs to the conversation of that, if it has none of its own.
 *
 * @internal
 */
export const inRunSpan = <A extends Run<unknown>, E>(
  options: Options,
  state: State,
  run: Effect.Effect<A, E, unknown>
): Effect.Effect<A, E, unknown> =>
  Effect.contextWithEffect((context: Context.Context<unknown>) => {
    const outer = Context.get(context, RunAttributes)?.()["gen_ai.conversation.id"]
    const conversation = options.conversation ?? stringAt(options, "session_id") ?? outer
    const attributes = (agent: string | undefined) => ({
      ...(agent === undefined ? {} : { "gen_ai.agent.name": agent }),
      ...(conversation === undefined ? {} : { "gen_ai.conversation.id": conversation })
    })
    const model = stringAt(options, "model")
    return run.pipe(
      Effect.provideService(RunAttributes, () => attributes(state.speakers.current)),
      Effect.onExit((exit) => Effect.annotateCurrentSpan({ ...usageAttributes(state), ...errorAttributes(exit) })),
      (run) => telemetryOf(context)?.openInference === true ? withValues(options, run) : run,
      Effect.withSpan(options.name === undefined ? "invoke_agent" : `invoke_agent ${options.name}`, {
        captureStackTrace: false,
        attributes: {
          "gen_ai.operation.name": "invoke_agent",
          "gen_ai.provider.name": "openrouter",
          ...(model === undefined ? {} : { "gen_ai.request.model": model }),
          ...attributes(options.name)
        }
      })
    )
  })

/** What OpenInference shows of an agent: what it was given, and its text. */
const withValues = <A extends Run<unknown>, E>(
  { input }: Options,
  run: Effect.Effect<A, E, unknown>
): Effect.Effect<A, E, unknown> =>
  Effect.gen(function*() {
    yield* Effect.annotateCurrentSpan("openinference.span.kind", "AGENT")
    const content = yield* currentContent
    if (content?.hasValues !== true) return yield* run
    if (typeof input !== "function") {
      content.add((clean) => {
        const messages = clean(messagesOf(input))
        return messages.length === 0 ? {} : { "input.value": jsonText(messages), "input.mime_type": "application/json" }
      })
    }
    const done = yield* run
    content.add((clean) => {
      const part = cleanPart(clean, "assistant", { type: "text", content: done.text })
      return { "output.value": part?.type === "text" ? part.content : undefined }
    })
    return done
  })

const usageAttributes = (state: State): Record<string, unknown> => {
  const { cost, usage: { inputTokens, outputTokens } } = state.progress()
  return {
    "gen_ai.usage.input_tokens": inputTokens,
    "gen_ai.usage.output_tokens": outputTokens,
    "openrouter.usage.cost": cost
  }
}

const errorAttributes = (exit: Exit.Exit<unknown, unknown>): Record<string, unknown> =>
  Exit.isSuccess(exit) || Cause.isInterruptedOnly(exit.cause)
    ? {}
    : { "error.type": stringAt(Option.getOrUndefined(Cause.failureOption(exit.cause)), "_tag") ?? "_OTHER" }

/**
 * Executes a call in its span.
 *
 * @internal
 */
export const inToolSpan = <E>(
  run: RunContext,
  { definition }: PreparedTool,
  call: CheckedCall,
  executed: Effect.Effect<ToolRecord, E, unknown>
): Effect.Effect<ToolRecord, E, unknown> =>
  Effect.contextWithEffect((context: Context.Context<unknown>) => {
    const options = telemetryOf(context)
    const agent = run.state.speakers.callerOf(call.id).agent
    return (options === undefined ? executed : withContent(call, definition.description, executed)).pipe(
      Effect.withSpan(`execute_tool ${call.name}`, {
        captureStackTrace: false,
        attributes: {
          "gen_ai.operation.name": "execute_tool",
          "gen_ai.tool.name": call.name,
          "gen_ai.tool.type": "function",
          "gen_ai.tool.call.id": call.id,
          ...Context.get(context, RunAttributes)?.(),
          ...(agent === undefined ? {} : { "gen_ai.agent.name": agent }),
          ...(options?.openInference === true ? { "openinference.span.kind": "TOOL" } : {})
        }
      })
    )
  })

const withContent = <E>(
  { id, name, params }: CheckedCall,
  description: string | undefined,
  executed: Effect.Effect<ToolRecord, E, unknown>
): Effect.Effect<ToolRecord, E, unknown> =>
  Effect.flatMap(currentContent, (content) => {
    if (content === undefined) return executed
    const values = (side: "input" | "output", value: string | undefined) =>
      content.hasValues && value !== undefined ? { [`${side}.value`]: value } : {}
    content.add((clean) => {
      const part = cleanPart(clean, "assistant", toolCall(id, name, params))
      const args = part?.type === "tool_call" ? jsonText(part.arguments) : undefined
      const told = description === undefined
        ? undefined
        : cleanPart(clean, "system", { type: "text", content: description })
      return {
        "gen_ai.tool.description": told?.type === "text" ? told.content : undefined,
        "gen_ai.tool.call.arguments": args,
        ...values("input", args)
      }
    })
    const told = (done: ToolRecord | undefined) =>
      Effect.map(currentClock, (clock) => {
        if (done !== undefined && done.status !== "suspended") {
          content.add((clean) => {
            const part = cleanPart(clean, "tool", toolAnswer(id, done.output))
            const result = part?.type === "tool_call_response" ? valueText(part.response) : undefined
            return { "gen_ai.tool.call.result": result, ...values("output", result) }
          })
        }
        content.event("openrouter.tool.details", clock.unsafeCurrentTimeNanos())
      })
    return Effect.onExit(executed, (exit) => told(Exit.isSuccess(exit) ? exit.value : undefined))
  })
