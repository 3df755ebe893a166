import { assert, describe, it } from "@effect/vitest"
import * as FastCheck from "effect/FastCheck"
import * as History from "../../../src/agent/internal/state/history.js"
import type { OutputItems } from "../../../src/schema/ResponsesItems.js"
import type { FunctionCallOutputItem, InputItem } from "../../../src/schema/ResponsesItemsRequest.js"
import { cpuOf } from "../../support/cpu.js"

type Items = ReadonlyArray<InputItem>

/** Few ids, so that they repeat within turns and across them. */
const id = FastCheck.constantFrom("a", "b", "a_2", "call_1", "")

const output: FastCheck.Arbitrary<FunctionCallOutputItem> = FastCheck.record({
  type: FastCheck.constant("function_call_output" as const),
  call_id: id,
  output: FastCheck.string({ maxLength: 3 })
})

const answer: FastCheck.Arbitrary<OutputItems> = FastCheck.oneof(
  {
    weight: 2,
    arbitrary: FastCheck.record({
      type: FastCheck.constant("function_call" as const),
      call_id: id,
      name: FastCheck.constantFrom("look", "go"),
      arguments: FastCheck.constantFrom("{}", "", "{\"a\":"),
      status: FastCheck.constantFrom("completed", "incomplete")
    })
  },
  {
    weight: 1,
    arbitrary: FastCheck.record({
      type: FastCheck.constant("reasoning" as const),
      id: FastCheck.constantFrom("rs_1", "rs_2", "rs_3"),
      summary: FastCheck.constant([])
    })
  },
  {
    weight: 1,
    arbitrary: FastCheck.record({
      type: FastCheck.constant("web_search_call" as const),
      id: FastCheck.constant("ws"),
      status: FastCheck.constant("completed" as const),
      action: FastCheck.constant({ type: "search" as const, query: "q" })
    })
  }
)

const message: FastCheck.Arbitrary<InputItem> = FastCheck.record({
  role: FastCheck.constantFrom("user" as const, "assistant" as const),
  content: FastCheck.string({ maxLength: 3 })
})

/** Anything: outputs before their calls or in between, calls without outputs, outputs without calls, two for one. */
const anything: FastCheck.Arbitrary<Items> = FastCheck.array(FastCheck.oneof(answer, answer, output, message), {
  maxLength: 20
})

/** Turns of a model, the outputs of some of their calls in any order, and later messages. */
const turns = FastCheck.array(
  FastCheck.record({
    items: FastCheck.array(answer, { maxLength: 6 }),
    status: FastCheck.constantFrom("completed", "incomplete"),
    places: FastCheck.array(FastCheck.double({ noNaN: true }), { minLength: 6, maxLength: 6 }),
    answered: FastCheck.nat({ max: 6 }),
    said: FastCheck.option(message, { nil: undefined })
  }),
  { maxLength: 8 }
)

type Turns = typeof turns extends FastCheck.Arbitrary<infer A> ? A : never

const outputTo = (callId: string, text: string): FunctionCallOutputItem => ({
  type: "function_call_output",
  call_id: callId,
  output: text
})

/** The first `count` elements in the order of `places`. */
const shuffled = <A>(all: ReadonlyArray<A>, places: ReadonlyArray<number>, count: number): ReadonlyArray<A> =>
  all
    .map((one, index) => ({ one, place: places[index] ?? 0 }))
    .toSorted((left, right) => left.place - right.place)
    .slice(0, count)
    .map(({ one }) => one)

/** A history that grows like that of a loop, with pending calls; and the ids of all calls. */
const grow = (turns: Turns) => {
  let history: Items = [{ role: "user", content: "Begin" }]
  const ids: Array<string> = []
  turns.forEach(({ answered, items, places, said, status }, index) => {
    const response = { id: "resp", model: "test/model", status, output: items }
    const read = History.readTurn(response, history, index + 1)
    ids.push(...read.calls.map(({ callId }) => callId))
    const outputs = read.calls.map(({ callId }) => outputTo(callId, `turn ${index + 1}`))
    history = History.settle([...history, ...read.items], shuffled(outputs, places, answered))
    if (said !== undefined) history = [...history, said]
  })
  return { history, ids }
}

const answersTo = (history: Items) => History.pendingCalls(history).map(({ callId }) => outputTo(callId, "now"))

const isOutput = (item: InputItem) => item.type === "function_call_output"

const others = (history: Items) => history.filter((item) => !isOutput(item))

/** The items as numbers, because they must be the same objects, not only equal ones. */
const assertSame = (actual: Items, expected: Items) => {
  assert.deepStrictEqual(actual, expected)
  assert.isTrue(actual.every((item, index) => item === expected[index]))
}

const assertAllKept = (actual: Items, expected: Items) => {
  const rest = new Map<InputItem, number>()
  for (const item of expected) rest.set(item, (rest.get(item) ?? 0) + 1)
  for (const item of actual) rest.set(item, (rest.get(item) ?? 0) - 1)
  assert.deepStrictEqual([...rest.values()].filter((count) => count !== 0), [])
}

const check = <A>(arbitrary: FastCheck.Arbitrary<A>, property: (value: A) => void) =>
  FastCheck.assert(FastCheck.property(arbitrary, property), { numRuns: 2000 })

describe("a history that grows turn by turn", () => {
  it("has no id of a call twice", () =>
    check(turns, (drawn) => {
      const { ids } = grow(drawn)
      assert.strictEqual(new Set(ids).size, ids.length)
      assert.isFalse(ids.includes(""))
    }))

  it("can be sent as soon as each pending call has an output", () =>
    check(turns, (drawn) => {
      const { history } = grow(drawn)
      const pending = History.pendingCalls(history)
      assert.strictEqual(History.problemOf(history)?.callId, pending[0]?.callId)
      const settled = History.settle(history, answersTo(history))
      assert.isUndefined(History.problemOf(settled))
      assert.deepStrictEqual(History.pendingCalls(settled), [])
    }))

  it("does not depend on the order in which outputs are added, nor on their number at a time", () =>
    check(FastCheck.tuple(turns, FastCheck.array(FastCheck.double({ noNaN: true }))), ([drawn, places]) => {
      const { history } = grow(drawn)
      const answers = answersTo(history)
      const settled = History.settle(history, answers)
      const oneByOne = shuffled(answers, places, answers.length).reduce<Items>(
        (history, answer) => History.settle(history, [answer]),
        history
      )
      assertSame(oneByOne, settled)
    }))

  it("has the outputs of a turn after it, in the order of its calls", () =>
    check(turns, (drawn) => {
      const { history } = grow(drawn)
      const settled = History.settle(history, answersTo(history))
      const order = settled.flatMap((item) => item.type === "function_call" ? [item.call_id] : [])
      const answered = settled.flatMap((item) => item.type === "function_call_output" ? [item.call_id] : [])
      assert.deepStrictEqual(answered, order)
    }))
})

describe("any history", () => {
  it("loses and repeats no item in settle, and keeps the order of all other items", () =>
    check(FastCheck.tuple(anything, FastCheck.array(output, { maxLength: 5 })), ([history, outputs]) => {
      const settled = History.settle(history, outputs)
      assertAllKept(settled, [...history, ...outputs])
      assertSame(others(settled), others(history))
    }))

  it("does not change when it is settled again", () =>
    check(FastCheck.tuple(anything, FastCheck.array(output, { maxLength: 5 })), ([history, outputs]) => {
      const settled = History.settle(history, outputs)
      assertSame(History.settle(settled, []), settled)
    }))

  it("can be sent once its calls have outputs, unless there are outputs without calls", () =>
    check(anything, (history) => {
      const settled = History.settle(history, answersTo(history))
      assert.deepStrictEqual(History.pendingCalls(settled), [])
      const calls = settled.filter((item) => item.type === "function_call").length
      const outputs = settled.filter(isOutput).length
      assert.strictEqual(History.problemOf(settled) === undefined, calls === outputs)
    }))

  it("keeps each item of reasoning once, and all other items", () =>
    check(anything, (history) => {
      const kept = History.withoutRepeats(history)
      const ids = kept.flatMap((item) => item.type === "reasoning" ? [item.id] : [])
      assert.deepStrictEqual(ids, [...new Set(history.flatMap((item) => item.type === "reasoning" ? [item.id] : []))])
      assertSame(kept.filter((item) => item.type !== "reasoning"), history.filter((item) => item.type !== "reasoning"))
      assert.strictEqual(History.withoutRepeats(kept), kept)
    }))
})

describe("a long history", () => {
  const length = 2500
  const rounds = Array.from({ length }, (_, index): Items => [
    { type: "reasoning", id: `rs_${index}`, summary: [] },
    { type: "function_call", id: `fc_${index}`, call_id: `call_${index}`, name: "look", arguments: "{}" },
    { role: "user", content: "Go on" }
  ])

  it("of 10,000 items is checked and settled quickly, ten times", () => {
    const history = rounds.flat()
    const outputs = rounds.map((_, index) => outputTo(`call_${index}`, "done")).toReversed()
    const settled = History.settle(history, outputs)
    assert.lengthOf(settled, 4 * length)
    const took = cpuOf(() => {
      for (let times = 0; times < 10; times++) {
        assert.strictEqual(History.withoutRepeats(settled), settled)
        assert.isUndefined(History.problemOf(settled))
        History.settle(history, outputs)
      }
    })
    assert.isBelow(took, 1000)
  })

  it("may have many outputs of one id", () => {
    const history = Array.from({ length }, (): Items => [
      { type: "function_call", id: "fc", call_id: "0", name: "look", arguments: "{}" },
      { role: "user", content: "Go on" }
    ]).flat()
    const settled = History.settle(history, Array.from({ length }, (_, index) => outputTo("0", String(index))))
    assert.isUndefined(History.problemOf(settled))
  })
})
