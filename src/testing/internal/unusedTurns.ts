import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Scope from "effect/Scope"
import { excerpt } from "../../internal/json.js"
import * as Script from "../Script.js"

/**
 * A turn that no request got, with its place in the script.
 *
 * @internal
 */
export interface UnusedTurn {
  readonly index: number
  readonly turn: Script.TurnInput
}

/**
 * Fails the test when the scope closes and turns are unused. A test that has failed itself, or was interrupted, keeps
 * its own outcome: it did not get as far as its script. A finalizer has no failures, so this one is a defect, as a
 * request without a turn is.
 *
 * @internal
 */
export const failOnUnused = (message: () => string | undefined): Effect.Effect<void, never, Scope.Scope> =>
  Effect.addFinalizer((exit) =>
    Effect.suspend(() => {
      const unused = Exit.isSuccess(exit) ? message() : undefined
      return unused === undefined ? Effect.void : Effect.die(new Error(unused))
    })
  )

/** @internal */
export const unusedMessage = (
  name: string,
  script: Script.Script,
  unused: ReadonlyArray<UnusedTurn>,
  requests: number
): string => {
  const shown = unused.slice(0, 5).map(({ index, turn }) => `turn ${index + 1}, ${describe(turn)}`)
  if (unused.length > shown.length) shown.push(`and ${unused.length - shown.length} more`)
  const forever = script.findIndex(isForever)
  const unreachable = forever !== -1 && unused.some(({ index }) => index > forever)
    ? " No request gets a turn after Script.forever(...)."
    : ""
  return `${name}: ${unused.length} of the ${script.length} turns of the script ${
    unused.length === 1 ? "was" : "were"
  } not used: ${shown.join("; ")}. The number of requests was ${requests}.${unreachable} Send the missing requests, ` +
    "remove these turns, or allow them with the option `allowUnused: true`."
}

/** @internal */
export const isForever = (turn: Script.TurnInput | Script.Forever): turn is Script.Forever =>
  typeof turn === "object" && "_tag" in turn && turn._tag === "Forever"

const describe = (input: Script.TurnInput): string => {
  if (typeof input === "function") return "a function"
  const turn = Script.isTurn(input) ? input : Script.turn(input)
  switch (turn._tag) {
    case "ModelResponse":
      return turn.parts.length === 0 ? "an empty response" : excerpt(turn.parts.map(describePart).join(" "), 80)
    case "Failure":
      return `Script.error(${turn.status})`
    case "Reply":
      return `Script.reply(...) with the status ${turn.status ?? 200}`
    case "NoReply":
      return `Script.${turn.how}`
  }
}

const describePart = (part: Script.Part): string =>
  part._tag === "Text"
    ? JSON.stringify(part.deltas.join(""))
    : part._tag === "ToolCall"
    ? `${part.name}(...)`
    : part._tag
