/** The request of a turn. */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { ResponsesRequest } from "../../../schema/ResponsesRequest.js"
import * as StructuredOutput from "../../../services/StructuredOutput.js"
import { cacheable } from "../context/caching.js"
import type { RunError } from "../errors.js"
import type { Options } from "../options.js"
import { sendable, sendableSoFar } from "../sendable/sendable.js"
import type { State } from "../state/state.js"
import type { TurnContext, TurnParams } from "../turnParams.js"
import { runCallback } from "../userCode.js"
import type { ActiveTools } from "./activeTools.js"
import { fixedParams, paramsOf } from "./params.js"
import { checkStateless, type Prepared } from "./prepare.js"
import type { RunContext } from "./runContext.js"

/**
 * The request of a turn: the parameters for this turn, the changes that tools made to them, the tools, and the whole
 * history, in a form that every provider takes.
 *
 * @internal
 */
export const requestOf = (
  run: RunContext,
  turn: TurnContext,
  { mayCall, wireTools }: ActiveTools
): Effect.Effect<ResponsesRequest, RunError, unknown> =>
  Effect.gen(function*() {
    const { prepared, state } = run
    const dynamic = yield* dynamicParams(prepared.options, turn)
    const patched = dynamic === undefined
      ? turn.current
      : yield* applyPatches({ ...fixedParams(prepared.options), ...dynamic }, state)
    yield* checkStateless(patched)
    const request: ResponsesRequest = {
      ...withOutputFormat(patched, prepared),
      ...(wireTools.length === 0 ? {} : { tools: wireTools }),
      ...toolChoice(patched, prepared, state, mayCall),
      include: patched.include ?? encryptedReasoning,
      input: state.sent.grown === undefined
        ? sendable(state.sent.items, patched)
        : sendableSoFar(state.sent.grown, patched)
    }
    if (prepared.options.cache === undefined) return request
    yield* warnOfChanges(run, turn, request)
    return cacheable(request, run.info.conversation ?? run.info.id)
  })

/** A change that makes the provider write its cache anew is an event of the span of the run. */
const warnOfChanges = (run: RunContext, { turn }: TurnContext, request: ResponsesRequest): Effect.Effect<void> =>
  Effect.suspend(() => {
    const changed = run.prefix.changed(request).join(", ")
    if (changed === "") return Effect.void
    return Effect.map(
      Effect.option(Effect.currentSpan),
      Option.match({
        onNone: () => {},
        onSome: (span) =>
          span.event("openrouter.cache_prefix_changed", run.clock.unsafeCurrentTimeNanos(), {
            "openrouter.turn": turn,
            "openrouter.changed": changed
          })
      })
    )
  })

/**
 * OpenRouter stores no reasoning, so the next turn has it only if it comes back in the response. Without this, reasoning
 * of OpenAI is an id that refers to nothing. A list of the user is sent as it is; an empty one asks for nothing.
 */
const encryptedReasoning: TurnParams["include"] = ["reasoning.encrypted_content"]

/**
 * The parameters that are values, as calls changed them.
 *
 * @internal
 */
export const currentParams = ({ prepared, state }: RunContext): Effect.Effect<TurnParams, RunError, unknown> =>
  applyPatches(fixedParams(prepared.options), state)

/** The parameters that are functions of the turn; undefined if there are none. */
const dynamicParams = (
  options: Options,
  turn: TurnContext
): Effect.Effect<TurnParams | undefined, RunError, unknown> =>
  Effect.gen(function*() {
    const params: Record<string, unknown> = {}
    for (const [field, value] of paramsOf(options)) {
      if (typeof value === "function") {
        params[field] = yield* runCallback(`the parameter "${field}"`, () => value(turn))
      }
    }
    return Object.keys(params).length === 0 ? undefined : params
  })

/** A change made by a tool holds for all later turns, on top of parameters that may themselves change with the turn. */
const applyPatches = (params: TurnParams, state: State): Effect.Effect<TurnParams, RunError, unknown> =>
  Effect.gen(function*() {
    let current = params
    for (const { definition, params, result } of state.patches) {
      const { name, nextTurn } = definition
      if (nextTurn === undefined) continue
      const patched = current
      const changed = yield* runCallback(
        `nextTurn of the tool "${name}"`,
        () => nextTurn({ params, result, current: patched })
      )
      current = withoutNulls({ ...patched, ...changed })
    }
    return current
  })

const withoutNulls = (params: TurnParams): TurnParams =>
  Object.fromEntries(Object.entries(params).filter(([, value]) => value !== null && value !== undefined))

const withOutputFormat = (params: TurnParams, { output }: Prepared): TurnParams =>
  output === undefined ? params : {
    ...params,
    provider: StructuredOutput.requireSupport(params.provider),
    text: { ...params.text, format: output.structured.textFormat }
  }

/** A choice that forces a call holds until the first call: sent again, it would force calls forever. */
const toolChoice = (
  params: TurnParams,
  prepared: Prepared,
  state: State,
  mayCall: boolean
): Pick<TurnParams, "tool_choice"> => {
  if (!mayCall) return { tool_choice: "none" }
  const isFixed = typeof Reflect.get(prepared.options, "tool_choice") !== "function"
  return isFixed && state.hasCalled ? relaxed(params.tool_choice) : {}
}

const relaxed = (choice: TurnParams["tool_choice"]): Pick<TurnParams, "tool_choice"> => {
  if (typeof choice === "string") return choice === "required" ? { tool_choice: "auto" } : {}
  if (choice === undefined || choice === null) return {}
  return { tool_choice: "mode" in choice ? { ...choice, mode: "auto" } : "auto" }
}
