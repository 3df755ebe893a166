/** The guardrails of the model test: of the input, of responses and of calls. */
import * as Effect from "effect/Effect"
import * as Guardrail from "../../../src/agent/Guardrail.js"
import type { InputItem } from "../../../src/schema/ResponsesItemsRequest.js"
import { Conversation } from "./conversation.js"
import type { Process } from "./trace.js"
import { type Case, replaced, type Verdict } from "./world.js"
import { callNumber } from "./wraps.js"

/** Judges as the case says. A case without verdicts has no guardrails. */
export const guards = (world: Case, process: Process, question: string | undefined, verdict: Verdict) => {
  const isNeeded = world.moves.some((move) => move.verdict !== "pass") ||
    world.turns.some((turn) =>
      turn._tag === "answer" && turn.verdict !== "pass" || turn.calls.some(({ wrap }) => wrap === "blocks")
    )
  return isNeeded ? [ofInput(question, verdict), ofResponses(world, process), ofCalls(world, process)] : []
}

const ofInput = (question: string | undefined, verdict: Verdict) => {
  const isQuestion = (item: InputItem) => "content" in item && item.content === question
  return Guardrail.input({
    name: "input",
    check: (items) =>
      Effect.sync(() => {
        if (question === undefined || verdict === "pass" || !items.some(isQuestion)) return Guardrail.pass
        return verdict === "block"
          ? Guardrail.block("no")
          : Guardrail.replace(
            items.map((item): InputItem => isQuestion(item) ? { role: "user", content: replaced(question) } : item)
          )
      })
  })
}

const ofResponses = (world: Case, process: Process) =>
  Guardrail.output({
    name: "output",
    check: () =>
      Effect.sync(() => {
        const last = process.trace.events.findLast((event) => event._tag === "request" && event.run === process.run)
        const number = last?._tag === "request" ? last.turn : 0
        const answer = world.turns[number - 1]
        const verdict = answer?._tag === "answer" ? answer.verdict : "pass"
        return verdict === "pass"
          ? Guardrail.pass
          : verdict === "block"
          ? Guardrail.block("no")
          : Guardrail.replace(replaced(`say ${number}`))
      })
  })

/** Blocks the run the first time that a call would execute. */
const ofCalls = (world: Case, process: Process) => {
  const conversation = new Conversation(world.turns)
  return Guardrail.tool({
    name: "calls",
    check: ({ params }) =>
      Effect.sync(() => {
        const call = callNumber(params)
        const isToBlock = conversation.callOf(call).wrap === "blocks" && process.failsFirst(call, "before")
        return isToBlock ? Guardrail.block("no") : Guardrail.pass
      })
  })
}
