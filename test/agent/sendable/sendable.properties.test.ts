import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FastCheck from "effect/FastCheck"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as Agent from "../../../src/agent/Agent.js"
import * as Conversation from "../../../src/agent/Conversation.js"
import { sendable, sendableSoFar } from "../../../src/agent/internal/sendable/sendable.js"
import { readTurn, settle } from "../../../src/agent/internal/state/history.js"
import * as Tool from "../../../src/agent/Tool.js"
import * as Toolkit from "../../../src/agent/Toolkit.js"
import type { InputItem } from "../../../src/schema/ResponsesItemsRequest.js"
import * as Script from "../../../src/testing/Script.js"
import * as TestModel from "../../../src/testing/TestModel.js"
import { itemsOf } from "../scenarios/support.js"
import { anyText, badTurn } from "../support/badTurns.js"
import { families, refusals } from "../support/strictProviders.js"

const Read = Tool.make("read", {
  parameters: Schema.Struct({ p: Schema.optional(Schema.String) }),
  success: Schema.String
})
const tools = Toolkit.make(Read)

const conversation = FastCheck.record({
  input: anyText,
  turns: FastCheck.array(badTurn, { minLength: 1, maxLength: 3 }),
  result: anyText,
  models: FastCheck.array(FastCheck.constantFrom(...families), { minLength: 6, maxLength: 6 })
})

type Drawn = typeof conversation extends FastCheck.Arbitrary<infer A> ? A : never

const script = ({ result, turns }: Drawn) =>
  [
    tools.toLayer({ read: () => Effect.succeed(result) }),
    Conversation.layerMemory,
    // A run whose calls are all cut off twice in a row ends before its last turn
    TestModel.layer([...turns.map((turn) => turn.map((item) => Script.item(item))), "Done.", "Again.", "Restored."], {
      allowUnused: true
    })
  ] as const

/** What the model wrote in its calls. */
const writtenIn = (items: ReadonlyArray<object>) =>
  items.flatMap((item) =>
    Reflect.get(item, "type") === "function_call" ? [[Reflect.get(item, "name"), Reflect.get(item, "arguments")]] : []
  )

/** A run of bad turns, a second run of its stored conversation, and a run of its history from JSON. */
const threeRuns = (drawn: Drawn) =>
  Effect.gen(function*() {
    const { input, models, turns } = drawn
    const familyAt = (turn: number) => models[turn - 1] ?? families[0] ?? assert.fail("no family")
    const model = ({ turn }: { readonly turn: number }) => familyAt(turn)[1]
    /** How many requests there were before each run. A run whose calls are all cut off twice in a row ends early. */
    const starts = [0]
    const used = Effect.map(TestModel.requests, ({ length }) => {
      starts.push(length)
      return turns.slice(0, length).flat()
    })
    const first = yield* Agent.run({ model, input, tools, conversation: "c" })
    assert.deepStrictEqual<unknown>(writtenIn(first.history), writtenIn(yield* used))
    yield* Agent.run({ model, input: "More.", tools, conversation: "c" })
    const log = yield* Conversation.load("c")
    assert.deepStrictEqual<unknown>(writtenIn(Conversation.history(log)), writtenIn(yield* used))
    // A history that an application reads from its own store has only the type that the application declares
    const restored = JSON.parse(JSON.stringify(first.history)) as typeof first.history
    yield* Agent.run({ model, input: [...restored, { role: "user", content: "And?" }], tools })
    const requests = yield* TestModel.requests
    requests.forEach((request, index) => {
      const turn = index - (starts.findLast((start) => start <= index) ?? 0) + 1
      assert.deepStrictEqual(refusals(itemsOf(request), familyAt(turn)[0]), [])
    })
  }).pipe(Effect.provide(Layer.mergeAll(...script(drawn))))

describe("a run of any turns", () => {
  it("sends what each provider takes, and keeps what the model wrote", { timeout: 120_000 }, () =>
    FastCheck.assert(
      FastCheck.asyncProperty(conversation, (drawn) => Effect.runPromise(threeRuns(drawn))),
      { numRuns: 60 }
    ))
})

/** The history after each turn, with an output for each call. */
const histories = ({ input, result, turns }: Drawn): ReadonlyArray<ReadonlyArray<InputItem>> => {
  const all: Array<ReadonlyArray<InputItem>> = []
  let history: ReadonlyArray<InputItem> = [{ role: "user", content: input }]
  turns.forEach((output, index) => {
    // Items as a response may have them, whatever their types say
    const response = { id: "gen", output } as never
    const { calls, items } = readTurn(response, history, index + 1)
    history = settle(
      [...history, ...items],
      calls.map(({ callId }) => ({
        type: "function_call_output",
        call_id: callId,
        output: result
      }))
    )
    all.push(history)
  })
  return all
}

/** As a request has it. */
const asSent = (items: unknown): ReadonlyArray<Record<string, unknown>> => JSON.parse(JSON.stringify(items))

describe("sendable", () => {
  it("is what each provider takes, and begins like the request before", () => {
    FastCheck.assert(
      FastCheck.property(conversation, (drawn) => {
        for (const [author, model] of families) {
          let before: ReadonlyArray<unknown> = []
          for (const history of histories(drawn)) {
            const items = asSent(sendable(history, { model }))
            assert.deepStrictEqual(refusals(items, author), [])
            assert.deepStrictEqual(items.slice(0, before.length), before)
            before = items
          }
        }
      }),
      { numRuns: 300 }
    )
  })

  it("leaves what is sendable as it is, and knows an item again", () => {
    FastCheck.assert(
      FastCheck.property(conversation, (drawn) => {
        for (const [, model] of families) {
          for (const history of histories(drawn)) {
            const sent = sendable(history, { model })
            const again = sendable(sent, { model })
            assert.strictEqual(again.length, sent.length)
            assert.isTrue(again.every((item, index) => item === sent[index]))
          }
        }
      }),
      { numRuns: 100 }
    )
  })

  it("is the same for a list that grows, whose earlier requests stay as they were", () => {
    FastCheck.assert(
      FastCheck.property(conversation, (drawn) => {
        const grown: Array<InputItem> = []
        const sent = histories(drawn).map((history, index) => {
          grown.push(...history.slice(grown.length))
          const request = { model: drawn.models[index]?.[1] }
          const items = [sendableSoFar(grown, request), sendableSoFar(grown, request)]
          return { items, expected: asSent(sendable(history, request)) }
        })
        for (const { expected, items } of sent) for (const one of items) assert.deepStrictEqual(asSent(one), expected)
      }),
      { numRuns: 300 }
    )
  })
})
