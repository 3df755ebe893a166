/** The tools that are active in a turn: all, but for one that rests. */
import { assert } from "@effect/vitest"
import { arrayAt, stringAt } from "../../../src/internal/json.js"
import type { RecordedRequest } from "../../../src/testing/internal/recording.js"
import { nameOf } from "./script.js"
import { tools } from "./tools.js"
import type { Observed } from "./trace.js"
import { type Call, type Move, turnOf } from "./world.js"

const names: ReadonlyArray<string> = [...tools.tools.map(({ name }) => name), "over"]

/** The tool that rests in a turn of a run. */
export const restingIn = ({ rests }: Pick<Move, "rests">, turn: number): string | undefined =>
  rests[(turn - 1) % rests.length]

/** The option of a run in which tools rest. */
export const activeIn = (move: Move) =>
  move.rests.some((name) => name !== undefined)
    ? ({ turn }: { readonly turn: number }) => names.filter((name) => name !== restingIn(move, turn))
    : undefined

/** The tool that a request leaves out. */
export const restingOf = (request: RecordedRequest): string | undefined => {
  const sent = arrayAt(request.json, "tools").map((tool) => stringAt(tool, "name"))
  const missing = names.filter((name) => !sent.includes(name))
  assert.isAtMost(missing.length, 1, `tools that are not sent: ${missing.join(", ")}`)
  return missing[0]
}

/** Whether a call asks for a tool that rests. */
export const isOf = (call: Call, resting: string | undefined): boolean =>
  call.kind !== "server" && nameOf(call) === resting

/** The tool that rested in a turn, by its request. */
export const restedIn = (events: ReadonlyArray<Observed>, turn: number): string | undefined => {
  const sent = events.find((event) => event._tag === "request" && event.turn === turn)
  return sent?._tag === "request" ? restingOf(sent.request) : undefined
}

/** No call executes whose tool rested when the model asked for it. Without a store, only its own run knows that. */
export const checkActive = (
  events: ReadonlyArray<Observed>,
  isStored: boolean,
  callOf: (call: number) => Call
): void => {
  for (const event of events) {
    if (event._tag !== "started") continue
    const ofTurn = events.filter((one) =>
      one._tag === "request" && one.turn === turnOf(event.call) && (isStored || one.run === event.run)
    )
    const isResting = isOf(callOf(event.call), restedIn(ofTurn, turnOf(event.call)))
    assert.isFalse(isResting, `the call ${event.call} of a tool that rests is carried out`)
  }
}
