/** A run that finds nothing left to do returns the stored result, and sends no request. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import * as Agent from "../../../src/agent/Agent.js"
import * as Budget from "../../../src/agent/Budget.js"
import * as Conversation from "../../../src/agent/Conversation.js"
import * as Middleware from "../../../src/agent/Middleware.js"
import * as StopWhen from "../../../src/agent/StopWhen.js"
import * as Script from "../../../src/testing/Script.js"
import * as TestModel from "../../../src/testing/TestModel.js"
import { balance, BankLive, carriedOut, options, outputItem, pay, sign } from "../support/bank.js"
import { collect, itemsOf, sent, shapeOf } from "./support.js"

type Entries = ReadonlyArray<Conversation.Entry>

const agent = { ...options, conversation: "c" } as const

/** A model that responds once more than it should be asked. */
const script = (...turns: Script.Script) =>
  Layer.mergeAll(
    BankLive,
    Conversation.layerMemory,
    TestModel.layer([...turns, "More."], { allowUnused: true })
  )

const entries = Effect.map(Conversation.load("c"), (log) => log.entries)

/** Carries out a run under another id, and leaves a part of its log, as a process that died may have left it. */
const left = <A, E, R>(first: (conversation: string) => Effect.Effect<A, E, R>, kept: (entries: Entries) => Entries) =>
  Effect.gen(function*() {
    const store = yield* Conversation.Conversation
    const result = yield* first("first")
    yield* store.append("c", 0, kept((yield* store.load("first")).entries))
    yield* TestClock.adjust("2 minutes")
    return result
  })

const closedAs = (outcome: string) => (all: Entries): Entries =>
  all.map((entry) => entry._tag === "closed" ? { ...entry, outcome } : entry)

const withoutEnd = (all: Entries): Entries => all.filter(({ _tag }) => _tag !== "closed")

/** Checks that a run returns the end of another one, and did nothing itself. */
const isEndOf = (again: Agent.Run<unknown>, first: Agent.Run<unknown>) => {
  const end = ({ history, outcome, pending, response, text, value }: Agent.Run<unknown>) => ({
    history,
    outcome,
    pending,
    responseId: response?.id,
    text,
    value
  })
  assert.deepStrictEqual(end(again), end(first))
  assert.deepStrictEqual([again.cost, again.usage.totalTokens, again.steps, again.items], [0, 0, [], []])
}

const ends: { readonly [how: string]: (entries: Entries) => Entries } = {
  "came to its end": (all) => all,
  "died before it could say so": withoutEnd,
  "was taken over after its last turn": closedAs("taken_over"),
  "was interrupted after its last turn": closedAs("interrupted"),
  "failed after its last turn": closedAs("failed")
}

const responses: { readonly [outcome: string]: Script.Script[number] } = {
  completed: Script.turn("Hello!", { cost: 1 }),
  refused: Script.turn(Script.refusal("No."), { cost: 1 }),
  incomplete: Script.turn("Hel", { cost: 1, finishReason: "length" })
}

for (const [outcome, response] of Object.entries(responses)) {
  describe(`after a response that is ${outcome}, a run without anything new`, () => {
    for (const [how, kept] of Object.entries(ends)) {
      const goesOn = outcome === "incomplete" && how === "came to its end"
      it.effect(`67: ${goesOn ? "goes on with" : "returns"} it if the run before ${how}`, () =>
        Effect.gen(function*() {
          const first = yield* left((conversation) => Agent.run({ ...agent, conversation, input: "Hi" }), kept)
          assert.strictEqual(first.outcome._tag, outcome)
          const again = yield* Agent.run(agent)
          if (goesOn) return assert.deepStrictEqual([again.text, yield* sent], ["More.", 2])
          isEndOf(again, first)
          assert.deepStrictEqual([again.task?.cost, again.conversation?.steps], [1, 1])
          assert.strictEqual(yield* sent, 1)
          const last = yield* Agent.run(agent)
          assert.strictEqual(last.text, outcome === "incomplete" ? "More." : first.text)
          assert.strictEqual(yield* sent, outcome === "incomplete" ? 2 : 1)
        }).pipe(Effect.provide(script(response))))
    }
  })
}

describe("a conversation whose task is completed", () => {
  const first = Agent.run({ ...agent, input: "Hi" })

  it.effect("67: ends every view of a run at once, and the stream has its end alone", () =>
    Effect.gen(function*() {
      const run = yield* first
      const events = yield* collect(Agent.stream(agent))
      assert.deepStrictEqual(events.map(({ type }) => type), ["run.end"])
      for (const event of events) if (event.type === "run.end") isEndOf(event.run, run)
      yield* Effect.scoped(Effect.gen(function*() {
        const result = yield* Agent.callModel(agent)
        assert.deepStrictEqual([yield* result.text, yield* result.cost], ["Hello!", 0])
        assert.strictEqual((yield* result.response)?.id, run.response?.id)
        assert.deepStrictEqual(yield* collect(result.newMessagesStream), [])
        assert.strictEqual(yield* Stream.mkString(result.textStream), "")
      }))
      assert.strictEqual(yield* sent, 1)
    }).pipe(Effect.provide(script("Hello!"))))

  it.effect("does not grow", () =>
    Effect.gen(function*() {
      yield* first
      const before = yield* entries
      yield* Agent.run(agent)
      assert.deepStrictEqual(yield* entries, before)
    }).pipe(Effect.provide(script("Hello!"))))

  it.effect("has its end recorded by the run that finds that nobody did", () =>
    Effect.gen(function*() {
      yield* left((conversation) => Agent.run({ ...agent, conversation, input: "Hi" }), withoutEnd)
      yield* Agent.run(agent)
      assert.deepInclude((yield* entries).at(-1), { _tag: "closed", outcome: "completed" })
    }).pipe(Effect.provide(script("Hello!"))))

  it.effect("is returned although a budget has nothing left", () =>
    Effect.gen(function*() {
      yield* first
      const budget = yield* Budget.make({ usd: 1 })
      const other = { ...agent, conversation: undefined, input: "Spend", budget }
      yield* Agent.run(other)
      const again = yield* Agent.run({ ...agent, budget, maxSteps: 1, stopWhen: StopWhen.maxCost(0.5) })
      assert.deepStrictEqual([again.outcome._tag, again.text], ["completed", "Hello!"])
      assert.strictEqual(yield* sent, 2)
    }).pipe(Effect.provide(script(Script.turn("Hello!", { cost: 1 }), Script.turn("Bye.", { cost: 1 })))))

  it.effect("is returned if the input repeats the stored history", () =>
    Effect.gen(function*() {
      const { history } = yield* first
      const again = yield* Agent.run({ ...agent, input: history })
      assert.deepStrictEqual([again.text, yield* sent], ["Hello!", 1])
    }).pipe(Effect.provide(script("Hello!"))))

  it.effect("continues with new input, also with the same words", () =>
    Effect.gen(function*() {
      yield* first
      assert.strictEqual((yield* first).text, "Hello again!")
      assert.strictEqual((yield* Agent.run(agent)).text, "Hello again!")
      assert.strictEqual(yield* sent, 2)
    }).pipe(Effect.provide(script("Hello!", "Hello again!"))))

  it.effect("is returned after a later run that failed before it stored anything", () =>
    Effect.gen(function*() {
      yield* first
      yield* Effect.flip(Agent.run({ ...agent, input: "And?" }))
      const again = yield* Agent.run(agent)
      assert.deepStrictEqual([again.outcome._tag, again.text, yield* sent], ["completed", "Hello!", 2])
    }).pipe(Effect.provide(script("Hello!", ["Half", Script.fail(502)]))))
})

describe("a task with something left to do goes on", () => {
  it.effect("after a stop condition", () =>
    Effect.gen(function*() {
      const stop = { stopWhen: StopWhen.stepCountIs(1), allowFinalResponse: true }
      yield* Agent.run({ ...agent, ...stop, input: "How much?" })
      assert.deepStrictEqual([(yield* Agent.run(agent)).text, yield* sent], ["More.", 3])
    }).pipe(Effect.provide(script(balance("abc"), "Perhaps three."))))

  it.effect("after an output from the caller, a decision, and a failure between two turns", () =>
    Effect.gen(function*() {
      yield* Agent.run({ ...agent, input: "Go" })
      const signed = yield* Agent.run({ ...agent, approve: ["pay_5"], input: [outputItem("sign_a", "Ada")] })
      assert.strictEqual(signed.text, "Signed.")
      yield* Effect.flip(Agent.run({ ...agent, input: "How much?" }))
      assert.strictEqual((yield* Agent.run(agent)).text, "More.")
    }).pipe(Effect.provide(script([pay(5), sign("a")], "Signed.", balance("abc"), Script.error(402)))))

  it.effect("after an empty response", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(Agent.run({ ...agent, input: "Hi" }))
      assert.strictEqual(error._tag, "EmptyResponseError")
      assert.deepStrictEqual([(yield* Agent.run(agent)).text, yield* sent], ["More.", 2])
    }).pipe(Effect.provide(script(Script.text("")))))

  it.effect("67: with no turn twice, wherever a process died", () =>
    Effect.gen(function*() {
      for (let length = 0;; length++) {
        const isWhole = yield* Effect.gen(function*() {
          let kept: Entries = []
          let all: Entries = []
          const first = yield* left(
            (conversation) => Agent.run({ ...agent, conversation, input: "Go" }),
            (entries) => {
              all = entries
              return kept = entries.slice(0, length)
            }
          )
          const turns = kept.filter(({ _tag }) => _tag === "turn").length
          const isStored = kept.some(({ _tag }) => _tag === "input")
          const again = yield* Agent.run(isStored ? agent : { ...agent, input: "Go" })
          assert.deepStrictEqual([again.outcome, again.text], [first.outcome, first.text])
          assert.strictEqual(again.steps.length, 3 - turns, `${length} entries`)
          isEndOf(yield* Agent.run(agent), again)
          return length === all.length
        }).pipe(Effect.provide(script(Script.forever((request) =>
          [balance("abc"), balance("de")][
            itemsOf(request).filter(({ type }) => type === "function_call").length
          ] ??
            "Five."
        ))))
        if (isWhole) {
          break
        }
      }
    }))
})

describe("the structured output of a stored response", () => {
  const Sum = Schema.Struct({ sum: Schema.NumberFromString })
  const good = "{\"sum\":\"5\"}"
  const bad = "{\"sum\":5}"
  const asked = (repairs: number) => ({ ...agent, output: { schema: Sum, repairs } }) as const

  for (const [how, kept] of Object.entries(ends)) {
    it.effect(`is read if the run before ${how}`, () =>
      Effect.gen(function*() {
        const first = yield* left(
          (conversation) => Agent.run({ ...asked(0), conversation, input: "2 + 3?" }),
          kept
        )
        assert.deepStrictEqual(first.value, { sum: 5 })
        isEndOf(yield* Agent.run(asked(0)), first)
        assert.strictEqual(yield* sent, 1)
      }).pipe(Effect.provide(script(good))))
  }

  it.effect("fails each time if it does not fit and may not be repaired, without a request", () =>
    Effect.gen(function*() {
      const errors = yield* Effect.all([
        Effect.flip(Agent.run({ ...asked(0), input: "2 + 3?" })),
        Effect.flip(Agent.run(asked(0))),
        Effect.flip(Agent.run(asked(0)))
      ])
      assert.deepStrictEqual(errors.map(({ _tag }) => _tag), errors.map(() => "StructuredOutputMismatchError"))
      assert.deepStrictEqual(errors.map(({ progress }) => progress.text), [bad, bad, bad])
      assert.strictEqual(yield* sent, 1)
    }).pipe(Effect.provide(script(bad))))

  it.effect("is repaired if it may be, as in the run that received it", () =>
    Effect.gen(function*() {
      yield* Agent.run({ ...agent, input: "2 + 3?" })
      const again = yield* Agent.run(asked(1))
      assert.deepStrictEqual([again.value, again.steps.length, yield* sent], [{ sum: 5 }, 1, 2])
    }).pipe(Effect.provide(script(bad, good))))
})

describe("the middleware `stop`", () => {
  const insisting = (seen: Array<string>) =>
    Middleware.make({
      stop: (run, outcome) =>
        Effect.sync(() => {
          seen.push(`${outcome._tag} ${run.text}`)
          return seen.length === 1 ? [{ role: "user", content: "Are you sure?" }] : undefined
        })
    })

  it.effect("is not asked again about an end that is recorded", () =>
    Effect.gen(function*() {
      const seen: Array<string> = []
      yield* Agent.run({ ...agent, input: "Hi" })
      const again = yield* Agent.run({ ...agent, middleware: insisting(seen) })
      assert.deepStrictEqual([again.text, seen, yield* sent], ["Hello!", [], 1])
    }).pipe(Effect.provide(script("Hello!"))))

  it.effect("continues a run that died before it was asked", () =>
    Effect.gen(function*() {
      const seen: Array<string> = []
      yield* left((conversation) => Agent.run({ ...agent, conversation, input: "Hi" }), withoutEnd)
      const again = yield* Agent.run({ ...agent, middleware: insisting(seen) })
      assert.deepStrictEqual([again.text, seen], ["Sure.", ["completed Hello!", "completed Sure."]])
      const [, second] = yield* TestModel.requests
      assert.deepStrictEqual(shapeOf(second), ["message user", "message assistant", "message user"])
    }).pipe(Effect.provide(script("Hello!", "Sure."))))
})

describe("a run that is repeated with the same `runId` and options", () => {
  const task = { ...agent, runId: "task", input: "How much?" } as const

  it.effect("67: stores its input once and pays for each turn once, wherever its process died", () =>
    Effect.gen(function*() {
      for (let length = 0;; length++) {
        const isWhole = yield* Effect.gen(function*() {
          let all: Entries = []
          const first = yield* left(
            (conversation) => Agent.run({ ...task, conversation }),
            (entries) => (all = entries).slice(0, length)
          )
          const again = yield* Agent.run(task)
          assert.deepStrictEqual([again.outcome, again.text], [first.outcome, first.text])
          const turns = all.slice(0, length).filter(({ _tag }) => _tag === "turn").length
          assert.strictEqual(again.steps.length, 2 - turns)
          assert.deepStrictEqual(again.history.map(({ type }) => type), first.history.map(({ type }) => type))
          return length === all.length
        }).pipe(
          Effect.provide(script(Script.forever((request) => itemsOf(request).length === 1 ? balance("abc") : "Three.")))
        )
        if (isWhole) break
      }
    }))

  it.effect("may have repeated the stored history in its input", () =>
    Effect.gen(function*() {
      const { history } = yield* Agent.run({ ...agent, input: "Hi" })
      const next = { ...task, input: [...history, { role: "user", content: "How much?" } as const] }
      assert.strictEqual((yield* Agent.run(next)).text, "Three.")
      assert.strictEqual((yield* Agent.run(next)).text, "Three.")
      assert.strictEqual(yield* sent, 2)
    }).pipe(Effect.provide(script("Hello!", "Three."))))

  it.effect("may repeat its decisions and outputs", () =>
    Effect.gen(function*() {
      yield* Agent.run({ ...agent, input: "Go" })
      const decided = { ...agent, runId: "decision", approve: ["pay_5"], input: [outputItem("sign_a", "Ada")] }
      const first = yield* Agent.run(decided)
      isEndOf(yield* Agent.run(decided), first)
      assert.deepStrictEqual(yield* carriedOut, ["pay 5 as pay_5"])
      assert.strictEqual(yield* sent, 2)
    }).pipe(Effect.provide(script([pay(5), sign("a")], "Done."))))

  it.effect("is not repeated by other input, or after new input of another run", () =>
    Effect.gen(function*() {
      yield* Agent.run(task)
      assert.strictEqual((yield* Agent.run({ ...task, input: "And now?" })).text, "Four.")
      yield* Agent.run({ ...agent, input: "Thanks" })
      assert.strictEqual((yield* Agent.run({ ...task, input: "And now?" })).text, "Six.")
    }).pipe(Effect.provide(script("Three.", "Four.", "Bye.", "Six."))))
})
