import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FastCheck from "effect/FastCheck"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as Agent from "../../src/agent/Agent.js"
import * as DoomLoop from "../../src/agent/DoomLoop.js"
import type { Progress } from "../../src/agent/internal/run.js"
import type { CheckedCall, ToolOutcome } from "../../src/agent/Middleware.js"
import * as StopWhen from "../../src/agent/StopWhen.js"
import * as Tool from "../../src/agent/Tool.js"
import * as Toolkit from "../../src/agent/Toolkit.js"
import * as Script from "../../src/testing/Script.js"
import * as TestModel from "../../src/testing/TestModel.js"
import { call, rounds, runOf } from "./support/progress.js"

const print = (text: string) => DoomLoop.fingerprint({ name: "f", argumentsText: text })

describe("fingerprint", () => {
  it("contains the name and the arguments of a call", () =>
    assert.strictEqual(
      print("{ \"b\": [1, {\"d\": null, \"c\": \"x\"}], \"a\": true }"),
      "f({\"a\":true,\"b\":[1,{\"c\":\"x\",\"d\":null}]})"
    ))

  it("does not depend on how equal JSON is written", () => {
    for (
      const [left, right] of [
        ["{\"a\":1,\"b\":2}", "{\"b\":2,\"a\":1}"],
        ["{\"a\":-0}", "{\"a\":0}"],
        ["{\"a\":1.0}", "{\"a\":1}"],
        ["{\"a\":1e2}", "{\"a\":100}"],
        ["{\"a\":\"\\u0041\"}", "{\"a\":\"A\"}"],
        ["{ }\n", "{}"],
        ["", "{}"],
        ["  ", "{}"]
      ] as const
    ) {
      assert.strictEqual(print(left), print(right), left)
    }
  })

  it("differs for different calls", () => {
    const texts = [
      "{\"a\":1}",
      "{\"a\":\"1\"}",
      "{\"a\":[1]}",
      "{\"a\":null}",
      "{}",
      "[]",
      "{\"a\":[1,2]}",
      "{\"a\":[2,1]}",
      "{\"a\":",
      "{\"a\": "
    ]
    const prints = [...texts.map(print), DoomLoop.fingerprint({ name: "g", argumentsText: "{}" })]
    assert.strictEqual(new Set(prints).size, prints.length)
  })

  it("treats deeply nested arguments as text", () => {
    const deep = "[".repeat(100_000) + "]".repeat(100_000)
    assert.strictEqual(print(deep), `f(${deep})`)
  })

  it("does not treat many arguments as deep ones", () => {
    const wide = Array.from({ length: 1000 }, () => ({ b: 1, a: 2 }))
    assert.strictEqual(
      print(JSON.stringify({ wide })),
      `f({"wide":[${wide.map(() => "{\"a\":2,\"b\":1}").join(",")}]})`
    )
  })

  it("is the same for any order of the fields of any JSON", () => {
    const turned = (value: unknown): unknown =>
      Array.isArray(value)
        ? value.map(turned)
        : typeof value === "object" && value !== null
        ? Object.fromEntries(Object.entries(value).toReversed().map(([key, field]) => [key, turned(field)]))
        : value
    FastCheck.assert(FastCheck.property(FastCheck.jsonValue(), (drawn) => {
      const text = JSON.stringify(drawn)
      const value: unknown = JSON.parse(text)
      assert.strictEqual(print(JSON.stringify(turned(value), null, 2)), print(text))
      const body: unknown = JSON.parse(print(text).slice(2, -1))
      assert.deepStrictEqual(body, value)
    }))
  })
})

describe("consecutive", () => {
  const a = call("a", { x: 1, y: 2 })
  const b = call("b")

  it("counts the rounds at the end that made the same calls", () => {
    assert.strictEqual(DoomLoop.consecutive(rounds()), 0)
    assert.strictEqual(DoomLoop.consecutive(rounds([a])), 1)
    assert.strictEqual(DoomLoop.consecutive(rounds([a], [b])), 1)
    assert.strictEqual(DoomLoop.consecutive(rounds([a], [a], [a])), 3)
    assert.strictEqual(DoomLoop.consecutive(rounds([b], [a], [a])), 2)
    assert.strictEqual(DoomLoop.consecutive(rounds([a], [], [a])), 1)
    assert.strictEqual(DoomLoop.consecutive(rounds([a], [a], [])), 0)
    assert.strictEqual(DoomLoop.consecutive(runOf([{ text: "a" }, { text: "a" }])), 0)
  })

  it("ignores the order, the ids and the number of the calls in a round", () => {
    const again = { ...a, callId: "call_2", arguments: "{\"y\":2.0,\"x\":1}" }
    assert.strictEqual(DoomLoop.consecutive(rounds([a, b], [b, again], [a, again, b])), 3)
    assert.strictEqual(DoomLoop.consecutive(rounds([a], [a, b])), 1)
    assert.strictEqual(DoomLoop.consecutive(rounds([a, b], [b])), 1)
  })

  it("compares broken arguments as text", () => {
    assert.strictEqual(DoomLoop.consecutive(rounds([call("a", "{\"x")], [call("a", "{\"x")])), 2)
    assert.strictEqual(DoomLoop.consecutive(rounds([call("a", "{\"x")], [call("a", "{\"y")])), 1)
  })
})

describe("consecutiveText", () => {
  it("counts the turns at the end with the same text", () => {
    const saying = (...texts: ReadonlyArray<string>) => DoomLoop.consecutiveText(runOf(texts.map((text) => ({ text }))))
    assert.strictEqual(saying(), 0)
    assert.strictEqual(saying("a"), 1)
    assert.strictEqual(saying("b", "a", " a\n", "a"), 3)
    assert.strictEqual(saying("a", "", "a"), 1)
    assert.strictEqual(saying("", ""), 0)
  })
})

describe("middleware", () => {
  const repeated = (count: number) => rounds(...Array.from({ length: count }, () => [call("look", { at: "it" })]))

  const checked = (run: Progress): CheckedCall => ({
    id: "call_1",
    name: "look",
    turn: run.steps.length,
    attempt: 1,
    idempotencyKey: "run/call_1",
    params: { at: "it" },
    run
  })

  const plain: ToolOutcome = { status: "success", output: "seen", result: "seen" }

  /** The outcome of a call after a number of equal rounds, and the parameters of the handler if it ran. */
  const outcomeAt = (count: number, options?: DoomLoop.Options, outcome: ToolOutcome = plain) => {
    const given: Array<unknown> = []
    const next = (params: unknown) =>
      Effect.sync(() => {
        given.push(params)
        return outcome
      })
    const { tool } = DoomLoop.middleware(options)
    return { ...Effect.runSync(tool(checked(repeated(count)), next)), given }
  }

  const action = (count: number, options?: DoomLoop.Options) => {
    const { given, output } = outcomeAt(count, options)
    return given.length === 0 ? "block" : output === "seen" ? "run" : "warn"
  }

  it("executes calls, then warns, then blocks", () => {
    assert.deepStrictEqual([0, 1, 2, 3, 4, 5, 6].map((count) => action(count)), [
      "run",
      "run",
      "run",
      "warn",
      "warn",
      "block",
      "block"
    ])
    assert.deepStrictEqual([1, 2, 3, 4].map((count) => action(count, { warnAt: 2, blockAt: 4 })), [
      "run",
      "warn",
      "warn",
      "block"
    ])
  })

  it("can warn without blocking or block without warning, and ignores calls that do not repeat", () => {
    assert.deepStrictEqual([1, 2, 9].map((count) => action(count, { warnAt: Infinity, blockAt: 9 })), [
      "run",
      "run",
      "block"
    ])
    assert.deepStrictEqual([1, 3, 99].map((count) => action(count, { blockAt: Infinity })), ["run", "warn", "warn"])
    for (const at of [1, 0, -1]) {
      assert.deepStrictEqual([1, 2].map((count) => action(count, { blockAt: at })), ["run", "block"])
      assert.deepStrictEqual([1, 2].map((count) => action(count, { warnAt: at })), ["run", "warn"])
    }
    assert.deepStrictEqual([1, 9].map((count) => action(count, { warnAt: NaN, blockAt: NaN })), ["run", "run"])
  })

  it("adds a warning to the output of the call only", () => {
    assert.deepStrictEqual(outcomeAt(3), {
      status: "success",
      result: "seen",
      output: "seen\n\nNote: You made exactly the same tool calls 3 times in a row. If this is not what you need, do " +
        "something else, or answer with what you have.",
      given: [{ at: "it" }]
    })
    const parts = [{ type: "input_image", image_url: "data:image/png;base64,AA==", detail: "auto" }] as const
    const message = () => "Stop it"
    assert.deepStrictEqual(outcomeAt(3, { message }, { ...plain, output: parts }).output, [
      ...parts,
      { type: "input_text", text: "Stop it" }
    ])
    const failure = { status: "failure", output: "{}", result: {}, error: { value: 1 } } as const
    assert.deepStrictEqual(outcomeAt(3, { message }, failure), {
      ...failure,
      output: "{}\n\nStop it",
      given: [{ at: "it" }]
    })
    const suspended = { status: "suspended", output: "", result: null } as const
    assert.deepStrictEqual(outcomeAt(3, { message }, suspended), { ...suspended, given: [{ at: "it" }] })
  })

  it("rejects the call with a reason for the model", () => {
    const error =
      "This call was not carried out. You made exactly the same tool calls 5 times in a row: do something " +
      "else, or answer with what you have."
    assert.deepStrictEqual(outcomeAt(5), {
      status: "failure",
      result: { error },
      output: JSON.stringify({ error }),
      given: []
    })
  })

  it("accepts other texts", () => {
    const message = ({ action, call, turns }: DoomLoop.Repeated) => `${action} ${call.name} ${turns}`
    assert.strictEqual(outcomeAt(4, { message }).output, "seen\n\nwarn look 4")
    assert.deepStrictEqual(outcomeAt(7, { message }).result, { error: "block look 7" })
  })
})

describe("a run", () => {
  const Look = Tool.make("look", { parameters: Schema.Struct({ at: Schema.String }), success: Schema.String })
  const tools = Toolkit.make(Look)

  const again = Script.turn([Script.toolCall("look", { at: "it" })])

  it.effect("warns, blocks and stops, until the model does something else", () =>
    Effect.gen(function*() {
      let looked = 0
      const Live = tools.toLayer({ look: () => Effect.sync(() => `look ${++looked}`) })
      const turns = [
        again,
        again,
        again,
        Script.turn([Script.toolCall("look", { at: "that" })]),
        again,
        again,
        again,
        again
      ]
      const run = yield* Agent.run({
        model: "test/model",
        input: "Go",
        tools,
        middleware: DoomLoop.middleware({
          warnAt: 2,
          blockAt: 3,
          message: ({ action, turns }) => `${action} ${turns}`
        }),
        stopWhen: [StopWhen.repeatedCalls(4), StopWhen.stepCountIs(20)]
      }).pipe(Effect.provide(Layer.merge(Live, TestModel.layer(turns))))
      assert.deepStrictEqual(run.outcome, { _tag: "stopped", condition: "repeatedCalls(4)" })
      assert.deepStrictEqual(run.steps.map(({ toolResults }) => toolResults.map(({ output }) => output)), [
        ["look 1"],
        ["look 2\n\nwarn 2"],
        ["{\"error\":\"block 3\"}"],
        ["look 3"],
        ["look 4"],
        ["look 5\n\nwarn 2"],
        ["{\"error\":\"block 3\"}"],
        []
      ])
      assert.strictEqual(looked, 5)
      assert.lengthOf(run.pending, 1)
    }))
})
