/** What the model responds, in the language of the test kit. */
import { assert } from "@effect/vitest"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { arrayAt, stringAt } from "../../../src/internal/json.js"
import * as Embeddings from "../../../src/services/Embeddings.js"
import type { RecordedRequest } from "../../../src/testing/internal/recording.js"
import * as MockHttpClient from "../../../src/testing/MockHttpClient.js"
import * as Script from "../../../src/testing/Script.js"
import { Conversation } from "./conversation.js"
import type { Trace } from "./trace.js"
import {
  type Breakage,
  type Call,
  type Case,
  innerTokens,
  modelIdOf,
  numberOf,
  sideCost,
  sideOf,
  slow,
  type Speech,
  tokensOf,
  type Turn
} from "./world.js"

export const thought = (turn: number) => ({
  type: "reasoning",
  id: `rs-${turn}`,
  summary: [{ type: "summary_text", text: `thought ${turn}` }],
  encrypted_content: `c2VjcmV0${turn}=`,
  nobody_knows: { turn }
})

/** The name of the tool of a call. */
export const nameOf = ({ kind }: Call): string => kind === "badJson" || kind === "badArguments" ? "fast" : kind

const argumentsOf = ({ gated, kind }: Call, call: number, isCut: boolean): string => {
  const whole = JSON.stringify({ n: call, gated: kind === "badArguments" ? "perhaps" : gated })
  return isCut || kind === "badJson" ? whole.slice(0, -4) : whole
}

const requestForApproval = (number: number) => ({
  type: "mcp_approval_request",
  id: `request-${number}`,
  name: "delete",
  arguments: JSON.stringify({ n: number }),
  server_label: "a server"
})

const callPart = (turn: number, call: Call, index: number, isCut: boolean) => {
  const number = numberOf(turn, index)
  if (call.kind === "server") return Script.item(requestForApproval(number))
  return Script.toolCall(nameOf(call), argumentsOf(call, number, isCut), {
    id: modelIdOf(call, number),
    fragments: 2
  })
}

/** A message takes longer than a run waits between two looks at its messages, if its response is slow. */
const words = (number: number, isSlow: boolean): Script.Part =>
  Script.text(["say ", `${number}`, ...(isSlow ? Array.from({ length: 10 }, () => " ") : [])])

const refusal = (number: number): Script.Part => Script.refusal(["refuse ", `${number}`])

const message = (number: number, text: string) => ({
  type: "message",
  id: `msg-${number}`,
  role: "assistant",
  status: "completed",
  content: [{ type: "output_text", text, annotations: [] }]
})

const speech = (says: Speech, number: number, isSlow: boolean): ReadonlyArray<Script.Part> => {
  switch (says) {
    case "words":
      return [words(number, isSlow)]
    case "refusal":
      return [refusal(number)]
    case "words and refusal":
      return [words(number, isSlow), refusal(number)]
    case "blank":
      return [Script.item(message(number, ""))]
    case "nothing":
    case "replaced":
      return []
  }
}

/** The response of the model to the request of that number. */
const scripted = (turn: Turn | undefined, number: number): Script.TurnInput => {
  const usage = { inputTokens: tokensOf(number), outputTokens: 0 }
  if (turn === undefined) return Script.turn(words(number, false), { usage })
  const options = { cost: turn.cost, usage }
  if (turn._tag === "failure") {
    return broken(turn.how, number, turn.calls.map((call, index) => callPart(number, call, index, false)), options)
  }
  const last = turn.calls.length - 1
  return Script.turn([
    ...(turn.thinks ? [Script.item(thought(number))] : []),
    ...speech(turn.says, number, turn.pace === slow),
    ...turn.calls.map((call, index) => callPart(number, call, index, turn.isCut && index === last))
  ], {
    ...options,
    usage: turn.bill === "missing" ? null : { ...usage, byok: turn.bill === "own key" },
    pace: turn.pace,
    ...(turn.isCut ? { finishReason: "length" } : {})
  })
}

const broken = (
  how: Breakage,
  number: number,
  before: ReadonlyArray<Script.Part>,
  options: Script.TurnOptions
): Script.TurnInput => {
  // The text is cut off, so the response is not complete but for its last event
  const after = (part: Script.Part) => Script.turn([...before, Script.text(["bro"]), part], options)
  const unended = (part: Script.Part) =>
    Script.turn([...before.length === 0 ? [Script.item(message(number, `say ${number}`))] : before, part], options)
  switch (how) {
    case "refused":
      return Script.error(402)
    case "limited":
      return Script.error(429)
    case "overloaded":
      return Script.error(503)
    case "unreachable":
      return Script.unreachable
    case "truncated":
      return after(Script.truncate)
    case "stalled":
      return after(Script.stall)
    case "reset":
      return after(Script.reset)
    case "failed":
      return after(Script.fail(502))
    case "error":
      return after(Script.fail(500, { as: "nested" }))
    case "unended":
      return unended(Script.truncate)
    case "unended by a reset":
      return unended(Script.reset)
  }
}

const innerUsage = { inputTokens: innerTokens, outputTokens: 0 }

/** The response to a run inside a tool. Its number of turns so far follows from its calls. */
const innerScripted = ({ inner }: Call, turn: number): Script.TurnInput => {
  const cost = inner.costs[turn - 1]
  if (cost === undefined && inner.fails) return Script.error(402)
  const isLast = turn >= inner.costs.length && !inner.fails
  const parts = isLast
    ? [Script.text("done")]
    : [1, 2].map((n) => Script.toolCall("inner", { n }, { id: `${turn}-${n}` }))
  return Script.turn(parts, { cost: cost ?? 0, usage: innerUsage })
}

const turnsIn = (request: RecordedRequest): number =>
  arrayAt(request.json, "input").filter((item) => stringAt(item, "type") === "function_call").length / 2 + 1

/** The model of a case. It responds to no process that is dead. */
export const scriptOf = (world: Case, trace: Trace): Script.Script => {
  const conversation = new Conversation(world.turns)
  let requests = 0
  return [Script.forever((request) =>
    Effect.suspend((): Effect.Effect<Script.TurnInput> => {
      const name = String(request.json["safety_identifier"])
      const side = sideOf(name) ?? sideOf(request.model ?? "")
      if (trace.isDead(side?.run ?? name)) return Effect.never
      if (side?.place === "after" || side !== undefined && request.json["messages"] !== undefined) {
        return Effect.as(observeSide(trace, side), Script.turn("Hi", { cost: sideCost, usage: innerUsage }))
      }
      if (side !== undefined) {
        const call = conversation.callOf(side.call)
        const turn = turnsIn(request)
        const { call: number, run } = side
        const observed = { _tag: "inner request", run, call: number, cost: call.inner.costs[turn - 1] } as const
        return Effect.as(trace.observe(observed), innerScripted(call, turn))
      }
      const turn = ++requests
      return Effect.gen(function*() {
        const at = yield* Clock.currentTimeMillis
        yield* trace.observe({ _tag: "request", run: name, turn, request, at })
        yield* trace.late.finish(name)
        return scripted(world.turns[turn - 1], turn)
      })
    })
  )]
}

const observeSide = (trace: Trace, { call, place, run }: NonNullable<ReturnType<typeof sideOf>>): Effect.Effect<void> =>
  trace.observe({ _tag: place === "after" ? "late request" : "side request", run, call, cost: sideCost })

/** The endpoint for embeddings, of which each request names its call. */
export const embeddingsOf = (trace: Trace) =>
  MockHttpClient.on(Embeddings.generate, ({ model }) =>
    Effect.suspend(() => {
      const side = sideOf(model) ?? assert.fail(`an embedding of ${model}`)
      if (trace.isDead(side.run)) return Effect.never
      return Effect.as(observeSide(trace, side), {
        object: "list" as const,
        model,
        data: [{ object: "embedding" as const, embedding: [1], index: 0 }],
        usage: { prompt_tokens: innerTokens, total_tokens: innerTokens, cost: sideCost }
      })
    }))
