/** The model of these tests: six turns with calls, two of them of an agent with a tool of its own. */
import type * as Duration from "effect/Duration"
import { arrayAt, isObject, stringAt } from "../../../src/internal/json.js"
import * as Script from "../../../src/testing/Script.js"

const callsOf = (request: Script.RecordedRequest, name: string): number =>
  arrayAt(request.json, "input").filter((item) => stringAt(item, "name") === name).length

const taskOf = (request: Script.RecordedRequest): string => {
  const [first] = arrayAt(request.json, "input")
  return (isObject(first) ? stringAt(first, "content") : undefined) ?? ""
}

/** The name of a turn: of a task, and of that of an agent inside with the number of the outer turn behind it. */
export const turnOf = (task: string, turn: number): string => `turn ${turn} of ${task}`

/**
 * Responds to each task in the same way, whoever asks and however often, after a delay. It tells which turn is asked for.
 */
export const model = (told: (turn: string) => void, delay: Duration.DurationInput = 0) =>
  Script.forever((request) => {
    const task = taskOf(request)
    const isInner = request.json["instructions"] === "inner"
    const n = callsOf(request, isInner ? "look" : "pay")
    told(turnOf(task, n + 1))
    if (isInner) {
      return n === 0
        ? Script.turn([Script.toolCall("look", { n: 100 })], { cost: 1, delay })
        : Script.turn("inner done", { delay })
    }
    if (n === 6) return Script.turn("Done.", { cost: 1, delay })
    const id = (name: string) => ({ id: `${name}${n}` })
    return Script.turn([
      Script.toolCall("look", { n }, id("look")),
      Script.toolCall("pay", { n }, id("pay")),
      ...(n === 1 || n === 4 ? [Script.toolCall("librarian", { task: `${task}/ask${n}` }, id("ask"))] : [])
    ], { cost: 1, delay })
  })
