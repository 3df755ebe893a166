import { assert, describe, it } from "@effect/vitest"
import { dropReasoning, keepTurns, trimOutputs } from "../../../src/agent/internal/context/shorten.js"
import type { InputItem } from "../../../src/schema/ResponsesItemsRequest.js"

const user = (content: string): InputItem => ({ role: "user", content })
const call = (id: string, name = "read"): InputItem => ({
  type: "function_call",
  id: `fc_${id}`,
  call_id: id,
  name,
  arguments: "{}"
})
const output = (id: string, text: string): InputItem => ({ type: "function_call_output", call_id: id, output: text })
const reasoning = (id: string): InputItem => ({
  type: "reasoning",
  id: `rs_${id}`,
  summary: [],
  encrypted_content: "x"
})

const long = "word ".repeat(200)
const note = "(This output had 1000 characters. It was removed to save space.)"
const omission = user("(Earlier parts of this conversation were left out to save space.)")

const outputs = (items: ReadonlyArray<InputItem>) =>
  items.flatMap((item) => item.type === "function_call_output" ? [item.output] : [])

describe("trimOutputs", () => {
  const history = [
    user("Go"),
    call("a"),
    output("a", long),
    call("b", "notes"),
    output("b", long),
    call("c"),
    output("c", "short"),
    call("d"),
    output("d", long)
  ]

  it("removes old outputs, but for those of other tools and short ones", () => {
    const trimmed = trimOutputs([...history, call("e"), output("e", long)], { keepLast: 1, except: ["notes"] })
    assert.deepStrictEqual(outputs(trimmed), [note, long, "short", note, long])
  })

  it("keeps what the model has not seen yet", () => {
    assert.deepStrictEqual(outputs(trimOutputs(history, { keepLast: 0, except: [] })), [note, note, "short", long])
  })

  it("changes nothing that it has changed before", () => {
    const once = trimOutputs(history, { keepLast: 1, except: [] })
    assert.deepStrictEqual(trimOutputs(once, { keepLast: 1, except: [] }), once)
  })
})

describe("dropReasoning", () => {
  it("removes the reasoning of earlier tasks, and the ids that belong to it", () => {
    const history = [
      user("One"),
      reasoning("a"),
      call("a"),
      output("a", "1"),
      user("Two"),
      reasoning("b"),
      call("b"),
      output("b", "2")
    ]
    const [, first, ...rest] = dropReasoning(history)
    assert.deepStrictEqual(first, { type: "function_call", call_id: "a", name: "read", arguments: "{}" })
    assert.deepStrictEqual(rest, history.slice(3))
  })
})

describe("keepTurns", () => {
  const turn = (id: string) => [call(id), output(id, id)]
  const system: InputItem = { role: "system", content: "Be brief." }

  it("keeps the words of the system, the last prompt before the turns, and those turns", () => {
    const history = [system, user("One"), ...turn("a"), user("Two"), ...turn("b"), ...turn("c"), ...turn("d")]
    assert.deepStrictEqual(keepTurns(history, 2), [system, omission, user("Two"), ...turn("c"), ...turn("d")])
  })

  it("changes nothing where nothing is old", () => {
    const history = [system, user("One"), ...turn("a"), ...turn("b")]
    assert.strictEqual(keepTurns(history, 2), history)
    const once = keepTurns(history, 1)
    assert.strictEqual(keepTurns(once, 1), once)
  })

  it("keeps a summary of what was before", () => {
    const summary = user(
      "Summary of the earlier parts of this conversation, which were left out to save space:\n\nWords."
    )
    const history = [system, summary, user("One"), ...turn("a"), ...turn("b")]
    assert.deepStrictEqual(keepTurns(history, 1), [system, summary, omission, user("One"), ...turn("b")])
  })
})
