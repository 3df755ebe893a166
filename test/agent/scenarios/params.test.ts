/** Parameters that change from turn to turn: by functions of the turn, by tools, by both. */
import { assert, describe, it } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as Agent from "../../../src/agent/Agent.js"
import * as Tool from "../../../src/agent/Tool.js"
import * as Toolkit from "../../../src/agent/Toolkit.js"
import * as OpenRouterClient from "../../../src/http/OpenRouterClient.js"
import * as Script from "../../../src/testing/Script.js"
import * as TestModel from "../../../src/testing/TestModel.js"
import { model } from "./support.js"

const Add = Tool.make("add_instruction", {
  parameters: Schema.Struct({ text: Schema.String }),
  success: Schema.String,
  nextTurn: ({ current, params, result }) => ({ instructions: `${current.instructions ?? ""}+${params.text}${result}` })
})
const Heat = Tool.make("heat", {
  success: Schema.Number,
  nextTurn: ({ result }) => ({ temperature: result, model: "test/hot" })
})
const Forget = Tool.make("forget", { nextTurn: () => ({ instructions: null }) })
const Broken = Tool.make("broken", {
  failure: Schema.String,
  nextTurn: () => ({ instructions: "never" })
})

const tools = Toolkit.make(Add, Heat, Forget, Broken)

const ToolsLive = tools.toLayer({
  add_instruction: () => Effect.succeed("!"),
  heat: () => Effect.succeed(0.9),
  forget: () => Effect.void,
  broken: () => Effect.fail("no")
})

const script = (...turns: Script.Script) => Layer.mergeAll(ToolsLive, TestModel.layer(turns))

const options = { model, input: "Go!", tools } as const

const add = (text: string) => Script.toolCall("add_instruction", { text })

/** One field of all requests so far. */
const sentAs = (field: string) => Effect.map(TestModel.requests, (requests) => requests.map(({ json }) => json[field]))

describe("fields that are newer than the types", () => {
  it.effect("are sent with each turn", () =>
    Effect.gen(function*() {
      yield* OpenRouterClient.withOptions(Agent.run(options), { extraBody: { newer: [1] } })
      assert.deepStrictEqual(yield* sentAs("newer"), [[1], [1]])
    }).pipe(Effect.provide(script(add("a"), "Done."))))
})

describe("parameters as functions of the turn", () => {
  it.effect("65: receive the number of the turn, from 1, and the progress of the run", () =>
    Effect.gen(function*() {
      const seen: Array<readonly [number, number, number]> = []
      yield* Agent.run({
        ...options,
        temperature: ({ attempt, run, turn }) => {
          seen.push([turn, attempt, run.steps.length])
          return turn / 10
        }
      })
      assert.deepStrictEqual(yield* sentAs("temperature"), [0.1, 0.2, 0.3])
      assert.deepStrictEqual(seen, [[1, 1, 0], [2, 1, 1], [3, 1, 2]])
    }).pipe(Effect.provide(script(add("a"), add("b"), "Done."))))

  it.effect("65: can be effects with requirements", () =>
    Effect.gen(function*() {
      class Prompt extends Context.Tag("Prompt")<Prompt, string>() {}
      yield* Agent.run({
        ...options,
        instructions: ({ turn }) => Effect.map(Prompt, (prompt) => `${prompt} ${turn}`)
      }).pipe(Effect.provideService(Prompt, "Be brief"))
      assert.deepStrictEqual(yield* sentAs("instructions"), ["Be brief 1", "Be brief 2+a!"])
    }).pipe(Effect.provide(script(add("a"), "Done."))))

  it.effect("65: that fail end the run with their error, and its progress", () =>
    Effect.gen(function*() {
      class NoPrompt extends Data.TaggedError("NoPrompt") {}
      const error = yield* Effect.flip(Agent.run({
        ...options,
        instructions: ({ turn }) => turn === 1 ? "Go" : Effect.fail(new NoPrompt())
      }))
      assert.strictEqual(error._tag, "NoPrompt")
      assert.strictEqual(error.progress.steps.length, 1)
      assert.strictEqual((yield* TestModel.requests).length, 1)
    }).pipe(Effect.provide(script(add("a")))))

  it.effect("65: that throw are a typed error that names them", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(Agent.run({
        ...options,
        instructions: () => {
          throw new Error("boom")
        }
      }))
      assert.strictEqual(error._tag, "CallbackError")
      assert.include(error.message, "instructions")
    }).pipe(Effect.provide(script())))
})

describe("parameters changed by tools", () => {
  it.effect("65: hold for all later turns, and add up", () =>
    Effect.gen(function*() {
      yield* Agent.run({ ...options, instructions: "base" })
      assert.deepStrictEqual(yield* sentAs("instructions"), [
        "base",
        "base+a!",
        "base+a!+b!",
        "base+a!+b!+c!"
      ])
    }).pipe(Effect.provide(script(add("a"), add("b"), add("c"), "Done."))))

  it.effect("65: combine with functions of the turn over four turns", () =>
    Effect.gen(function*() {
      yield* Agent.run({
        ...options,
        instructions: ({ turn }) => `base${turn}`,
        temperature: ({ turn }) => turn / 10,
        top_p: 0.5
      })
      assert.deepStrictEqual(yield* sentAs("instructions"), [
        "base1",
        "base2+a!",
        "base3+a!+b!",
        "base4+a!+b!"
      ])
      assert.deepStrictEqual(yield* sentAs("temperature"), [0.1, 0.2, 0.3, 0.9])
      assert.deepStrictEqual(yield* sentAs("model"), [model, model, model, "test/hot"])
      assert.deepStrictEqual(yield* sentAs("top_p"), [0.5, 0.5, 0.5, 0.5])
    }).pipe(Effect.provide(script(add("a"), add("b"), Script.toolCall("heat"), "Done."))))

  it.effect("65: apply in the order of the tools, then of the calls, within a turn", () =>
    Effect.gen(function*() {
      yield* Agent.run(options)
      assert.deepStrictEqual((yield* sentAs("instructions"))[1], undefined)
      assert.deepStrictEqual((yield* sentAs("instructions"))[2], "+c!+d!")
    }).pipe(Effect.provide(script(
      [Script.toolCall("forget"), add("a"), add("b")],
      [add("c"), add("d")],
      "Done."
    ))))

  it.effect("65: are not changed by calls that failed or whose arguments are not JSON", () =>
    Effect.gen(function*() {
      yield* Agent.run({ ...options, instructions: "base" })
      assert.deepStrictEqual(yield* sentAs("instructions"), ["base", "base"])
    }).pipe(Effect.provide(script(
      [Script.toolCall("broken"), Script.toolCall("add_instruction", "{\"text\":")],
      "Done."
    ))))

  it.effect("65: that are null are left out of the request", () =>
    Effect.gen(function*() {
      yield* Agent.run({ ...options, instructions: "base" })
      const [, second] = yield* TestModel.requests
      assert.notProperty(second?.json ?? {}, "instructions")
    }).pipe(Effect.provide(script(Script.toolCall("forget"), "Done."))))

  it.effect("65: by a tool whose function throws end the run with an error that names it", () =>
    Effect.gen(function*() {
      const Throwing = Tool.make("throwing", {
        nextTurn: () => {
          throw new Error("boom")
        }
      })
      const kit = Toolkit.make(Throwing)
      const error = yield* Effect.flip(Agent.run({ ...options, tools: kit })).pipe(
        Effect.provide(kit.toLayer({ throwing: () => Effect.void }))
      )
      assert.strictEqual(error._tag, "CallbackError")
      assert.include(error.message, "throwing")
      assert.strictEqual(error.progress.steps[0]?.toolResults.length, 1)
    }).pipe(Effect.provide(script(Script.toolCall("throwing")))))
})
