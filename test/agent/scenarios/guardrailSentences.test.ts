/** A guardrail that judges a response sentence by sentence while it arrives. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FastCheck from "effect/FastCheck"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import * as Agent from "../../../src/agent/Agent.js"
import * as AgentStream from "../../../src/agent/AgentStream.js"
import * as Conversation from "../../../src/agent/Conversation.js"
import * as Guardrail from "../../../src/agent/Guardrail.js"
import * as Tool from "../../../src/agent/Tool.js"
import * as Toolkit from "../../../src/agent/Toolkit.js"
import * as Script from "../../../src/testing/Script.js"
import * as TestModel from "../../../src/testing/TestModel.js"
import { collect, itemsOf, model } from "./support.js"

const Write = Tool.make("write", { parameters: Schema.Struct({ text: Schema.String }), success: Schema.String })
const tools = Toolkit.make(Write)

const layers = (...turns: Script.Script) => {
  const written: Array<string> = []
  const handlers = tools.toLayer({ write: ({ text }) => Effect.as(Effect.sync(() => written.push(text)), "ok") })
  return { written, layer: Layer.mergeAll(TestModel.layer(turns), Conversation.layerMemory, handlers) }
}

const options = { model, tools, input: "Go", conversation: "c" } as const

/** Hides numbers, and blocks at a curse. */
const careful = (seen: Array<readonly [sentence: string, kind: string, before: string]> = []) =>
  Guardrail.outputBySentence({
    name: "words",
    check: (sentence, { before, kind }) =>
      Effect.sync(() => {
        seen.push([sentence, kind, before])
        if (sentence.includes("curse")) return Guardrail.block("It curses.")
        return /\d/.test(sentence) ? Guardrail.replace(sentence.replace(/\d/g, "*")) : Guardrail.pass
      })
  })

const textOf = (events: ReadonlyArray<AgentStream.AgentEvent<typeof Write, unknown>>): string =>
  events.flatMap((event) => event.type === "response.output_text.delta" ? [event.delta] : []).join("")

describe("a guardrail of sentences", () => {
  it.effect("82: lets a sentence through when the next one begins, and the last one at the end", () => {
    const seen: Array<readonly [string, string, string]> = []
    const { layer } = layers(["The lamp ", "burns. It ", Script.wait("10 seconds"), "shines", "."])
    return Effect.gen(function*() {
      const deltas: Array<string> = []
      const fiber = yield* Effect.fork(
        Agent.stream({ ...options, middleware: careful(seen) }).pipe(
          AgentStream.textDeltas,
          Stream.runForEach((delta) => Effect.sync(() => deltas.push(delta)))
        )
      )
      yield* TestClock.adjust("1 second")
      assert.deepStrictEqual(deltas, ["The lamp burns. "])
      yield* TestClock.adjust("10 seconds")
      yield* Fiber.join(fiber)
      assert.deepStrictEqual(deltas, ["The lamp burns. ", "It shines."])
      assert.deepStrictEqual(seen, [["The lamp burns. ", "text", ""], ["It shines.", "text", "The lamp burns. "]])
    }).pipe(Effect.provide(layer))
  })

  it.effect("82: shows a replaced sentence in each view, in the run and in the log, and the first one nowhere", () => {
    const { layer } = layers([
      Script.reasoning("The code is 77. Say it.", { signature: "sealed" }),
      "The code is ",
      "12",
      "34. Keep it."
    ])
    return Effect.gen(function*() {
      const result = yield* Agent.callModel({ ...options, middleware: careful() })
      const run = yield* result.run
      assert.strictEqual(run.text, "The code is ****. Keep it.")
      assert.strictEqual(textOf(yield* collect(result.fullResponsesStream)), run.text)
      assert.strictEqual((yield* collect(result.reasoningStream)).join(""), "The code is **. Say it.")
      const last = (yield* collect(result.itemsStream)).findLast(({ item }) => item.type === "message")
      assert.include(JSON.stringify(last), "\"The code is ****. Keep it.\"")
      const log = yield* Conversation.load("c")
      const views = [
        yield* collect(result.itemsStream),
        yield* collect(result.newMessagesStream),
        yield* collect(result.fullResponsesStream)
      ]
      const all = JSON.stringify([run, log, views])
      for (const hidden of ["12", "34", "77"].map((digits) => new RegExp(`[^\\d]${digits}[^\\d]`))) {
        assert.notMatch(all.replaceAll(/"[a-zA-Z_]*":[\d.]+/g, ""), hidden)
      }
      // A provider refuses a text that its seal does not fit
      assert.notInclude(JSON.stringify(Conversation.history(log)), "sealed")
    }).pipe(Effect.scoped, Effect.provide(layer))
  })

  it.effect("82: interrupts the request at a sentence that is blocked; readers have those before it", () => {
    const { layer } = layers(["All is well. I ", "curse you. ", Script.wait("1 hour"), "More."])
    return Effect.gen(function*() {
      const events = yield* collect(Agent.stream({ ...options, middleware: careful() }))
      assert.strictEqual(textOf(events), "All is well. ")
      const end = events.at(-1)
      assert.deepStrictEqual(end?.type === "run.end" ? end.run.outcome : undefined, {
        _tag: "blocked",
        by: "words",
        reason: "It curses."
      })
      assert.deepInclude(yield* TestModel.responses, { interrupted: 1, open: 0 })
      assert.deepStrictEqual(Conversation.history(yield* Conversation.load("c")), [])
    }).pipe(Effect.provide(layer))
  })

  it.effect("82: judges the input of a call as a whole, before its tool executes", () => {
    const { layer, written } = layers(
      [Script.toolCall("write", { text: "Room 12. Key 3." }, { id: "w1", fragments: 5 })],
      [Script.toolCall("write", { text: "A curse." }, { id: "w2" })]
    )
    return Effect.gen(function*() {
      const seen: Array<readonly [string, string, string]> = []
      const events = yield* collect(Agent.stream({ ...options, middleware: careful(seen) }))
      assert.deepStrictEqual(written, ["Room **. Key *."])
      assert.deepStrictEqual(seen.map(([sentence, kind]) => [sentence, kind]), [
        ["{\"text\":\"Room 12. Key 3.\"}", "arguments"],
        ["{\"text\":\"A curse.\"}", "arguments"]
      ])
      assert.notInclude(JSON.stringify(events), "Room 12")
      const second = itemsOf((yield* TestModel.requests)[1]).find((item) => item["type"] === "function_call")
      assert.strictEqual(second?.["arguments"], "{\"text\":\"Room **. Key *.\"}")
    }).pipe(Effect.provide(layer))
  })

  it.effect("82: stands behind another one, and before a guardrail of the whole response", () => {
    const { layer } = layers(["One 1. ", "Two 2."], ["Three 3."])
    return Effect.gen(function*() {
      const judged: Array<string> = []
      const shout = Guardrail.outputBySentence({
        name: "shout",
        check: (sentence) => Effect.succeed(Guardrail.replace(sentence.toUpperCase()))
      })
      const whole = Guardrail.output({
        name: "whole",
        check: (text) => Effect.sync(() => judged.push(text) === 1 ? Guardrail.reject("Too long.") : Guardrail.pass)
      })
      const events = yield* collect(Agent.stream({ ...options, middleware: [whole, shout, careful()] }))
      assert.deepStrictEqual(judged, ["ONE *. TWO *.", "THREE *."])
      assert.strictEqual(textOf(events), "THREE *.")
    }).pipe(Effect.provide(layer))
  })

  it.effect("82: does not let through what arrived whole of a response that broke off", () => {
    const { layer, written } = layers([Script.toolCall("write", { text: "now" }, { id: "w1" }), Script.truncate])
    return Effect.gen(function*() {
      const error = yield* Effect.flip(Agent.run({ ...options, middleware: careful() }))
      assert.strictEqual(error._tag, "StreamTruncatedError")
      assert.deepStrictEqual(written, [])
    }).pipe(Effect.provide(layer))
  })

  it.live("82: shows the same text everywhere, in whatever pieces it arrives", () =>
    Effect.promise(() =>
      FastCheck.assert(
        FastCheck.asyncProperty(
          FastCheck.array(FastCheck.constantFrom("One ", "2", "3. ", "four", ".\n", "！", " "), {
            minLength: 1,
            maxLength: 20
          }).filter((deltas) => deltas.join("").trim() !== ""),
          (deltas) => {
            const { layer } = layers([Script.text(deltas)])
            const program = Effect.gen(function*() {
              const events = yield* collect(Agent.stream({ ...options, middleware: careful() }))
              const expected = deltas.join("").replace(/\d/g, "*")
              const end = events.at(-1)
              assert.strictEqual(textOf(events), expected)
              assert.strictEqual(end?.type === "run.end" ? end.run.text : undefined, expected)
            })
            return Effect.runPromise(Effect.provide(program, layer))
          }
        ),
        { numRuns: 60 }
      )
    ))
})
