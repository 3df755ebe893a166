import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type { Progress, ToolRecord } from "../../src/agent/internal/run.js"
import * as StopWhen from "../../src/agent/StopWhen.js"
import * as Usage from "../../src/agent/Usage.js"
import { call, rounds, runOf } from "./support/progress.js"

const holds = (condition: StopWhen.StopCondition, run: Progress): boolean => {
  const answer = condition.evaluate(run)
  return Effect.isEffect(answer) ? Effect.runSync(answer) : answer
}

const costing = (cost: number) => runOf([{}], { cost })

const invalid = [NaN, -1, -Infinity]

describe("names and budgets", () => {
  it("describe the condition", () =>
    assert.deepStrictEqual(
      [
        StopWhen.stepCountIs(10),
        StopWhen.hasToolCall("a", "b", "a"),
        StopWhen.beforeToolCall("a"),
        StopWhen.maxCost(0.5),
        StopWhen.maxTokensUsed(1000),
        StopWhen.finishReasonIs("length"),
        StopWhen.elapsed("90 seconds"),
        StopWhen.repeatedCalls(3),
        StopWhen.repeatedText(2),
        StopWhen.make("mine", () => true),
        StopWhen.make("ours", () => true, { isBudget: true }),
        StopWhen.make("theirs", () => true, { isAfterTools: true })
      ].map(({ isAfterTools, isBudget, name }) => [
        name,
        ...(isBudget ? ["budget"] : []),
        ...(isAfterTools ? ["after tools"] : [])
      ]),
      [
        ["stepCountIs(10)"],
        ["hasToolCall(a, b)", "after tools"],
        ["beforeToolCall(a)"],
        ["maxCost(0.5)", "budget"],
        ["maxTokensUsed(1000)", "budget"],
        ["finishReasonIs(length)"],
        ["elapsed(1m 30s)", "budget"],
        ["repeatedCalls(3)"],
        ["repeatedText(2)"],
        ["mine"],
        ["ours", "budget"],
        ["theirs", "after tools"]
      ]
    ))

  it("combine", () => {
    const done = (run: Progress) => run.text === "DONE"
    const cost = StopWhen.maxCost(1)
    const steps = StopWhen.stepCountIs(3)
    const either = StopWhen.any(cost, done, (run) => run.cost > 2)
    assert.deepStrictEqual([either.name, either.isBudget], ["any(maxCost(1), done, predicate)", true])
    const both = StopWhen.all(steps, StopWhen.not(steps))
    assert.deepStrictEqual([both.name, both.isBudget], ["all(stepCountIs(3), not(stepCountIs(3)))", false])
    assert.isTrue(StopWhen.all(steps, cost).isBudget)
    assert.isFalse(StopWhen.not(cost).isBudget)
    const finished = StopWhen.hasToolCall("finish")
    assert.deepStrictEqual(
      [StopWhen.any(steps, finished), StopWhen.all(finished, cost), StopWhen.all(steps, cost)].map((one) =>
        one.isAfterTools
      ),
      [true, true, false]
    )
  })
})

describe("stepCountIs", () => {
  it("counts the response that was just received", () => {
    assert.isFalse(holds(StopWhen.stepCountIs(2), runOf([{}])))
    assert.isTrue(holds(StopWhen.stepCountIs(2), runOf([{}, {}])))
    assert.isTrue(holds(StopWhen.stepCountIs(2), runOf([{}, {}, {}])))
    assert.isFalse(holds(StopWhen.stepCountIs(Infinity), runOf([{}, {}])))
  })
})

describe("hasToolCall", () => {
  const record = (name: string, status: ToolRecord["status"] = "success"): ToolRecord => ({
    turn: 1,
    callId: name,
    name,
    status,
    output: "",
    result: "",
    usage: Usage.none,
    startedAt: 0,
    endedAt: 0
  })

  it("looks for a result of any of its names in any turn, and among the results of earlier calls", () => {
    const run = runOf([{ results: [record("search")] }, {
      calls: [call("finish")],
      results: [record("read"), record("write", "failure"), record("ask", "suspended")]
    }])
    assert.isTrue(holds(StopWhen.hasToolCall("search"), run))
    assert.isTrue(holds(StopWhen.hasToolCall("finish", "write"), run))
    for (const name of ["finish", "sea", "ask"]) assert.isFalse(holds(StopWhen.hasToolCall(name), run), name)
    assert.isTrue(holds(StopWhen.hasToolCall("finish"), { ...run, resumed: [record("finish")] }))
    const refused = { ...record("finish", "failure"), executed: false } as const
    assert.isFalse(holds(StopWhen.hasToolCall("finish"), { ...run, resumed: [refused] }))
  })
})

describe("beforeToolCall", () => {
  it("looks for any of its names in any turn", () => {
    const run = rounds([call("search")], [call("read"), call("write")])
    assert.isTrue(holds(StopWhen.beforeToolCall("search"), run))
    assert.isTrue(holds(StopWhen.beforeToolCall("finish", "write"), run))
    assert.isFalse(holds(StopWhen.beforeToolCall("finish", "sea"), run))
  })
})

describe("maxCost", () => {
  it("holds from the limit on", () => {
    assert.isFalse(holds(StopWhen.maxCost(0.5), costing(0.499999)))
    assert.isTrue(holds(StopWhen.maxCost(0.5), costing(0.5)))
    assert.isTrue(holds(StopWhen.maxCost(0.5), costing(0.7)))
    assert.isTrue(holds(StopWhen.maxCost(0), costing(0)))
    assert.isFalse(holds(StopWhen.maxCost(1e-9), costing(0)))
    assert.isFalse(holds(StopWhen.maxCost(Infinity), costing(1e9)))
  })

  it("holds where the sum is the limit but for rounding", () => {
    const sum = Array.from({ length: 10 }, () => 0.1).reduce((sum, cost) => sum + cost, 0)
    assert.isBelow(sum, 1)
    assert.isTrue(holds(StopWhen.maxCost(1), costing(sum)))
    assert.isFalse(holds(StopWhen.maxCost(1), costing(1 - 1e-9)))
  })
})

describe("maxTokensUsed", () => {
  it("counts input and output", () => {
    const run = runOf([{}], { usage: { ...Usage.none, inputTokens: 80, outputTokens: 20, totalTokens: 100 } })
    assert.isTrue(holds(StopWhen.maxTokensUsed(100), run))
    assert.isFalse(holds(StopWhen.maxTokensUsed(101), run))
  })
})

describe("elapsed", () => {
  it("counts from the first request to the end of the last step", () => {
    const run = runOf([{}], { startedAt: 10_000, updatedAt: 70_000 })
    assert.isTrue(holds(StopWhen.elapsed("1 minute"), run))
    assert.isTrue(holds(StopWhen.elapsed(60_000), run))
    assert.isFalse(holds(StopWhen.elapsed(60_001), run))
    assert.isFalse(holds(StopWhen.elapsed(Infinity), run))
  })
})

describe("negative limits and NaN", () => {
  it("stop the run after its first response, with their name", () => {
    const run = runOf([{ calls: [call("a")], text: "a" }])
    for (const limit of invalid) {
      assert.isTrue(holds(StopWhen.stepCountIs(limit), run))
      assert.isTrue(holds(StopWhen.maxCost(limit), run))
      assert.isTrue(holds(StopWhen.maxTokensUsed(limit), run))
      assert.isTrue(holds(StopWhen.elapsed(limit), run))
      assert.isTrue(holds(StopWhen.repeatedCalls(limit), run))
      assert.isTrue(holds(StopWhen.repeatedText(limit), run))
    }
    assert.strictEqual(StopWhen.maxCost(NaN).name, "maxCost(NaN)")
  })
})

describe("finishReasonIs", () => {
  const done = runOf([{ text: "Done" }])
  const calling = rounds([call("a")])
  const cut = runOf([{ status: "incomplete", reason: "max_output_tokens" }])
  const filtered = runOf([{ status: "incomplete", reason: "content_filter" }])
  const broken = runOf([{ status: "incomplete" }])

  const fires = (...reasons: readonly [string, ...ReadonlyArray<string>]) =>
    [done, calling, cut, filtered, broken].map((run) => holds(StopWhen.finishReasonIs(...reasons), run) ? 1 : 0).join(
      ""
    )

  it("recognizes statuses, reasons and the names of chat completions", () => {
    assert.strictEqual(fires("completed"), "11000")
    assert.strictEqual(fires("stop"), "10000")
    assert.strictEqual(fires("tool_calls"), "01000")
    assert.strictEqual(fires("max_output_tokens"), "00100")
    assert.strictEqual(fires("length"), "00100")
    assert.strictEqual(fires("content_filter"), "00010")
    assert.strictEqual(fires("incomplete"), "00111")
    assert.strictEqual(fires("length", "content_filter"), "00110")
    assert.strictEqual(fires("something new"), "00000")
  })

  it("looks at the last response only", () => {
    const run = runOf([{ status: "incomplete", reason: "content_filter" }, {}])
    assert.isFalse(holds(StopWhen.finishReasonIs("content_filter"), run))
    assert.isFalse(holds(StopWhen.finishReasonIs("stop"), runOf([])))
  })
})

describe("repeatedCalls", () => {
  it("holds when the last rounds made the same calls", () => {
    const same = [call("search", { q: "a", n: 1 })]
    assert.isFalse(holds(StopWhen.repeatedCalls(3), rounds(same, same)))
    assert.isTrue(holds(StopWhen.repeatedCalls(3), rounds(same, same, same)))
    assert.isTrue(holds(StopWhen.repeatedCalls(3), rounds([call("other")], same, same, same)))
    assert.isFalse(holds(StopWhen.repeatedCalls(3), rounds(same, same, [call("other")], same)))
    assert.isFalse(holds(StopWhen.repeatedCalls(1), runOf([{ text: "Done" }])))
  })
})

describe("repeatedText", () => {
  it("holds when the last turns had the same text, not an empty one", () => {
    const saying = (...texts: ReadonlyArray<string>) => runOf(texts.map((text) => ({ text, calls: [call(text)] })))
    assert.isTrue(holds(StopWhen.repeatedText(2), saying("a", "b", "b")))
    assert.isTrue(holds(StopWhen.repeatedText(2), saying("b", " b\n")))
    assert.isFalse(holds(StopWhen.repeatedText(2), saying("b", "a", "b")))
    assert.isFalse(holds(StopWhen.repeatedText(2), saying("", "", " ")))
  })
})

describe("any, all, not", () => {
  const yes = StopWhen.make("yes", () => true)
  const no = StopWhen.make("no", () => false)
  const slowYes = StopWhen.make("slow yes", () => Effect.delay(Effect.succeed(true), 0))
  const slowNo = StopWhen.make("slow no", () => Effect.succeed(false))

  const answers = (condition: StopWhen.StopCondition) => {
    const answer = condition.evaluate(runOf([{}]))
    return Effect.isEffect(answer) ? answer : Effect.succeed(answer)
  }

  it.live("follow the rules of logic, with and without effects", () =>
    Effect.gen(function*() {
      for (const left of [yes, no, slowYes, slowNo]) {
        const isLeft = left === yes || left === slowYes
        assert.strictEqual(yield* answers(StopWhen.not(left)), !isLeft)
        for (const right of [yes, no, slowYes, slowNo]) {
          const isRight = right === yes || right === slowYes
          assert.strictEqual(yield* answers(StopWhen.any(left, right)), isLeft || isRight)
          assert.strictEqual(yield* answers(StopWhen.all(left, right)), isLeft && isRight)
          assert.strictEqual(yield* answers(StopWhen.any(no, left, right)), isLeft || isRight)
          assert.strictEqual(yield* answers(StopWhen.all(yes, left, right)), isLeft && isRight)
        }
      }
      assert.isFalse(yield* answers(StopWhen.any()))
      assert.isFalse(yield* answers(StopWhen.all()))
    }))

  it("return a boolean, not an effect, if no effect is needed to decide", () => {
    assert.strictEqual(StopWhen.any(no, StopWhen.all(yes, StopWhen.not(no))).evaluate(runOf([{}])), true)
    assert.strictEqual(StopWhen.any(yes, slowNo).evaluate(runOf([{}])), true)
    assert.strictEqual(StopWhen.all(no, slowYes).evaluate(runOf([{}])), false)
  })

  it.effect("evaluate in order, up to the one that decides", () =>
    Effect.gen(function*() {
      const asked: Array<string> = []
      const noting = (name: string, holds: boolean) => () =>
        Effect.sync(() => {
          asked.push(name)
          return holds
        })
      assert.isTrue(yield* answers(StopWhen.any(noting("a", false), noting("b", true), noting("c", true))))
      assert.isFalse(yield* answers(StopWhen.all(noting("d", true), noting("e", false), noting("f", true))))
      assert.deepStrictEqual(asked, ["a", "b", "d", "e"])
    }))

  it.effect("fail with the error of a condition", () =>
    Effect.gen(function*() {
      const failing = StopWhen.make("failing", () => Effect.fail("no idea" as const))
      for (const condition of [StopWhen.any(slowNo, failing, yes), StopWhen.all(yes, failing), StopWhen.not(failing)]) {
        const answer = condition.evaluate(runOf([{}]))
        assert.isTrue(Effect.isEffect(answer))
        if (Effect.isEffect(answer)) assert.strictEqual(yield* Effect.flip(answer), "no idea")
      }
    }))

  it.effect("report a predicate that throws the same way before and after an effectful one", () =>
    Effect.gen(function*() {
      const boom = () => {
        throw new Error("boom")
      }
      assert.throws(() => StopWhen.any(boom, slowNo).evaluate(runOf([{}])), "boom")
      const exit = yield* Effect.exit(answers(StopWhen.any(slowNo, boom)))
      assert.isTrue(Exit.isFailure(exit))
      const error: unknown = yield* Effect.flip(answers(StopWhen.any(slowNo, boom)))
      assert.deepInclude(error, {
        _tag: "CallbackError",
        message:
          "agent: the stop condition \"any(slow no, boom)\" threw an exception: boom. Return a value, or an effect that " +
          "fails with an error of your own"
      })
    }))
})
