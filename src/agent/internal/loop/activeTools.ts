/** The tools of a turn. */
import * as Effect from "effect/Effect"
import type { ResponsesTool } from "../../../schema/ResponsesToolsRequest.js"
import { readerName } from "../context/largeOutput.js"
import type { RunError } from "../errors.js"
import type { TurnContext } from "../turnParams.js"
import { runCallback } from "../userCode.js"
import { invalid, type Prepared, toolSearch } from "./prepare.js"

/**
 * The tools that a turn sends. `names` are those that the model may call, if not all of them.
 *
 * @internal
 */
export interface ActiveTools {
  readonly names: ReadonlyArray<string> | undefined
  readonly wireTools: ReadonlyArray<ResponsesTool>
  readonly mayCall: boolean
}

/**
 * Asks which tools are active in a turn. Tools with which the model finds others, or reads outputs, always are.
 *
 * @internal
 */
export const activeTools = (
  { mayCall, options: { activeTools: option }, wireTools }: Prepared,
  turn: TurnContext
): Effect.Effect<ActiveTools, RunError, unknown> =>
  option === undefined ? Effect.succeed({ names: undefined, wireTools, mayCall }) : Effect.gen(function*() {
    const chosen = typeof option === "function"
      ? yield* runCallback("the parameter \"activeTools\"", () => option(turn))
      : option
    const known = wireTools.map(nameOf)
    const unknown = chosen.find((name) => !known.includes(name))
    if (unknown !== undefined) {
      yield* invalid("activeTools", `the run has no tool "${unknown}". Its tools: ${known.join(", ")}`)
    }
    const names = known.filter((name) => chosen.includes(name) || name === toolSearch || name === readerName)
    const active = wireTools.filter((tool) => names.includes(nameOf(tool)))
    // Some providers refuse a history with calls if the request has no tools
    return active.length === 0 ? { names, wireTools, mayCall: false } : { names, wireTools: active, mayCall }
  })

const nameOf = (tool: ResponsesTool): string => tool.type === "function" ? tool.name : tool.type
