import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as Agent from "../../../src/agent/Agent.js"
import * as Compaction from "../../../src/agent/Compaction.js"
import * as Conversation from "../../../src/agent/Conversation.js"
import * as LargeOutput from "../../../src/agent/LargeOutput.js"
import type { Middleware } from "../../../src/agent/Middleware.js"
import * as StopWhen from "../../../src/agent/StopWhen.js"
import * as Tool from "../../../src/agent/Tool.js"
import * as Toolkit from "../../../src/agent/Toolkit.js"
import { stringAt } from "../../../src/internal/json.js"
import * as Script from "../../../src/testing/Script.js"
import * as TestModel from "../../../src/testing/TestModel.js"
import { collect, model, outputsOf, sent } from "./support.js"

const log = Array.from({ length: 40_000 }, (_, line) => `line ${line}: nothing of note`).join("\n")

const kitOf = (largeOutput: LargeOutput.LargeOutput) =>
  Toolkit.make(
    Tool.make("read_log", { success: Schema.String, largeOutput }),
    Tool.make("fails", { failure: Schema.String, largeOutput }),
    Tool.make("screenshot", {
      success: Schema.String,
      largeOutput,
      toModelOutput: (text) => [
        { type: "input_text", text },
        { type: "input_image", detail: "auto", image_url: "data:image/png;base64,AAAA" }
      ]
    })
  )

const cutting = kitOf(LargeOutput.cut({ above: 1000, show: 400 }))
const keeping = kitOf(LargeOutput.keepAside({ above: 1000, show: 400 }))
const summarizing = kitOf(LargeOutput.summarize({ above: 1000, show: 400, model: "test/cheap" }))

const handlersOf = (kit: typeof cutting) =>
  kit.toLayer({
    read_log: () => Effect.succeed(log),
    fails: () => Effect.fail(log),
    screenshot: () => Effect.succeed(log)
  })

const layersOf = (kit: typeof cutting, script: Script.Script) =>
  Layer.mergeAll(TestModel.layer(script), Conversation.layerMemory, handlersOf(kit))

const call = (name: string, id: string = name) => Script.toolCall(name, {}, { id })

const read = (id: string, of: string, offset: number) =>
  Script.toolCall("read_output", { call: of, offset, find: null }, { id })

/** The output of a call in each request that has it. */
const outputsFor = (id: string) =>
  Effect.map(
    TestModel.requests,
    (requests) => requests.flatMap(outputsOf).flatMap(([call, output]) => call === id ? [output] : [])
  )

describe("a tool whose output is too long", () => {
  it.effect("73: is cut for the model, once and in the same way in all turns; events, steps and log have the result", () =>
    Effect.gen(function*() {
      const events = yield* collect(Agent.stream({ model, tools: cutting, input: "Look.", conversation: "c" }))
      const outputs = yield* outputsFor("read_log")
      assert.lengthOf(outputs, 2)
      assert.strictEqual(outputs[0], outputs[1])
      assert.match(
        String(outputs[0]),
        /^\(This output has \d+ characters. You see its first 300 and its last 100. The rest is not available.\)\nline 0:/
      )
      assert.isBelow(String(outputs[0]).length, 600)
      const told = events.flatMap((event) => event.type === "tool.result" && "result" in event ? [event.result] : [])
      assert.strictEqual(told[0], log)
      const run = events.flatMap((event) => event.type === "run.end" ? [event.run] : [])[0]
      assert.strictEqual(run?.steps[0]?.toolResults[0]?.result, log)
      const { entries } = yield* Conversation.load("c")
      const records = entries.flatMap((entry) => entry._tag === "tool" ? [entry.record] : [])
      assert.deepStrictEqual(records.map(({ kept, result }) => [kept, result === log]), [
        [undefined, true],
        [undefined, false]
      ])
      assert.notInclude(JSON.stringify((yield* TestModel.requests)[0]?.json), "read_output")
    }).pipe(Effect.provide(layersOf(cutting, [[call("read_log")], [call("fails")], "Done."]))))

  it.effect("73: is shown whole if it failed, and keeps its images", () =>
    Effect.gen(function*() {
      yield* Agent.run({ model, tools: cutting, input: "Look." })
      const [failure] = yield* outputsFor("fails")
      assert.strictEqual(failure, JSON.stringify({ error: log }))
      const [parts] = yield* outputsFor("screenshot")
      assert.deepStrictEqual(
        Array.isArray(parts) ? parts.map(({ text, type }) => [type, text === undefined || text.length < 600]) : parts,
        [["input_text", true], ["input_image", true]]
      )
    }).pipe(Effect.provide(layersOf(cutting, [[call("fails"), call("screenshot")], "Done."]))))

  it.effect("73: is kept aside, and read by the model in this run and in a later one", () =>
    Effect.gen(function*() {
      const run = yield* Agent.run({ model, tools: keeping, input: "Look.", conversation: "c" })
      assert.strictEqual(run.steps[0]?.toolResults[0]?.kept, log)
      yield* Agent.run({ model, tools: keeping, input: "And further?", conversation: "c" })
      const [view] = yield* outputsFor("read_log")
      assert.include(
        String(view),
        "Read the rest with read_output: {\"call\":\"read_log\",\"offset\":300,\"find\":null}."
      )
      const pieces = [
        yield* outputsFor("r1"),
        yield* outputsFor("r2"),
        yield* outputsFor("r3"),
        yield* outputsFor("r4")
      ]
      assert.strictEqual(
        pieces[0]?.[0],
        `(Characters 300 to 10300 of ${log.length}. Go on at 10300.)\n${log.slice(300, 10_300)}`
      )
      assert.strictEqual(
        pieces[1]?.[0],
        `(Characters 10300 to 20300 of ${log.length}. Go on at 20300.)\n${log.slice(10_300, 20_300)}`
      )
      assert.strictEqual(pieces[2]?.[0], `(The output ends at ${log.length}.)`)
      assert.include(String(pieces[3]?.[0]), "No output of a call \\\"another\\\" is kept in this conversation")
      for (const { json } of yield* TestModel.requests) assert.include(JSON.stringify(json), "\"read_output\"")
    }).pipe(Effect.provide(layersOf(keeping, [
      [call("read_log")],
      [read("r1", "read_log", 300)],
      "So far.",
      [read("r2", "read_log", 10_300), read("r3", "read_log", 9_999_999), read("r4", "another", 0)],
      "Done."
    ]))))

  it.effect("73: is kept aside as a middleware passed it on", () => {
    const redact = {
      tool: (call, next) =>
        Effect.map(next(call.params), (outcome) => ({
          ...outcome,
          output: String(outcome.output).replaceAll("nothing", "secret")
        }))
    } satisfies Middleware
    return Effect.gen(function*() {
      const run = yield* Agent.run({ model, tools: keeping, middleware: redact, input: "Look." })
      assert.strictEqual(run.steps[0]?.toolResults[0]?.kept, log.replaceAll("nothing", "secret"))
    }).pipe(Effect.provide(layersOf(keeping, [[call("read_log")], "Done."])))
  })

  it.effect("73: that is removed by a compaction can still be read", () =>
    Effect.gen(function*() {
      yield* Agent.run({
        model,
        tools: keeping,
        input: "Look.",
        compaction: Compaction.make({
          contextLength: 1000,
          when: Compaction.aboveItems(3),
          target: 0,
          strategies: [Compaction.trimOutputs({ keepLast: 0 })]
        })
      })
      assert.deepStrictEqual(
        (yield* outputsFor("l1")).at(-1),
        "(This output was removed to save space. Read the rest with " +
          "read_output: {\"call\":\"l1\",\"offset\":0,\"find\":null}.)"
      )
    }).pipe(Effect.provide(layersOf(keeping, [[call("read_log", "l1")], [call("read_log", "l2")], "Done."]))))

  it.effect("73: is summarized by a model; the call pays for it", () =>
    Effect.gen(function*() {
      const run = yield* Agent.run({ model, tools: summarizing, input: "Look." })
      const [output] = yield* outputsFor("read_log")
      assert.strictEqual(
        output,
        `(This output had ${log.length} characters. This is a summary of it.)\nNothing happened.`
      )
      assert.strictEqual(run.steps[0]?.toolResults[0]?.usage.cost, 3)
      assert.strictEqual(run.cost, 5)
      const [, summary] = yield* TestModel.requests
      assert.strictEqual(stringAt(summary?.json, "model"), "test/cheap")
      assert.notInclude(JSON.stringify(summary?.json), "line 20000:", "of a very long text, the middle is not sent")
    }).pipe(Effect.provide(layersOf(summarizing, [
      Script.turn([call("read_log")], { cost: 1 }),
      Script.turn("Nothing happened.", { cost: 3 }),
      Script.turn("Done.", { cost: 1 })
    ]))))

  it.effect("73: is cut if its summary fails, is empty, or no budget is left for it", () =>
    Effect.gen(function*() {
      const options = { model, tools: summarizing, input: "Look." } as const
      yield* Agent.run(options)
      yield* Agent.run(options)
      assert.strictEqual(yield* sent, 6)
      const stopped = yield* Agent.run({ ...options, stopWhen: StopWhen.maxCost(1), allowFinalResponse: true })
      assert.strictEqual(stopped.outcome._tag, "stopped")
      assert.strictEqual(yield* sent, 8)
      for (const output of yield* outputsFor("read_log")) assert.include(String(output), "The rest is not available.")
    }).pipe(Effect.provide(layersOf(summarizing, [
      [call("read_log")],
      Script.error(400, { message: "no" }),
      "Done.",
      [call("read_log")],
      " ",
      "Done.",
      Script.turn([call("read_log")], { cost: 2 }),
      "Done."
    ]))))

  it.effect("73: cannot be kept aside beside a tool of yours with the name `read_output`", () => {
    const kit = Toolkit.make(...keeping.tools, Tool.make("read_output"))
    const handlers = kit.toLayer({
      read_log: () => Effect.succeed(""),
      fails: () => Effect.fail(""),
      screenshot: () => Effect.succeed(""),
      read_output: () => Effect.void
    })
    return Effect.gen(function*() {
      const error = yield* Effect.flip(Agent.run({ model, tools: kit, input: "Look." }))
      assert.include(error.message, "two tools have the name \"read_output\"")
    }).pipe(Effect.provide(Layer.merge(handlers, TestModel.layer([]))))
  })
})
