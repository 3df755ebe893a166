/** Tools that the model searches for, and tools that it may call in some turns only. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as Agent from "../../../src/agent/Agent.js"
import * as Conversation from "../../../src/agent/Conversation.js"
import * as LargeOutput from "../../../src/agent/LargeOutput.js"
import * as Tool from "../../../src/agent/Tool.js"
import * as Toolkit from "../../../src/agent/Toolkit.js"
import { arrayAt, stringAt } from "../../../src/internal/json.js"
import * as Script from "../../../src/testing/Script.js"
import * as TestModel from "../../../src/testing/TestModel.js"
import { itemsOf, lastOutputs, model } from "./support.js"

const parameters = Schema.Struct({ n: Schema.Number })

const Many = Toolkit.make(
  ...Array.from({ length: 200 }, (_, index) => Tool.make(`tool_${index}`, { parameters, success: Schema.Number }))
)
const Core = Toolkit.make(Tool.make("now", { success: Schema.String }))

const tools = Toolkit.merge(Core, Toolkit.searchable(Many, { maxResults: 5 }))

const handlers = Layer.merge(
  Many.toLayer(Object.fromEntries(Many.tools.map(({ name }) => [name, ({ n }) => Effect.succeed(n)]))),
  Core.toLayer({ now: () => Effect.succeed("noon") })
)

const layers = (...turns: Script.Script) => Layer.mergeAll(TestModel.layer(turns), Conversation.layerMemory, handlers)

const searched = { type: "openrouter:tool_search", id: "search_1", status: "completed", query: "seven", unknown: [1] }

const call = (n: number) => Script.toolCall(`tool_${n}`, { n }, { id: `call_${n}` })

const toolsOf = Effect.map(TestModel.requests, (requests) => requests.map(({ json }) => arrayAt(json, "tools")))

const namesOf = Effect.map(toolsOf, (all) => all.map((tools) => tools.map((tool) => stringAt(tool, "name"))))

describe("a searchable toolkit", () => {
  it.effect("76: sends its tools deferred, with the search, and the same ones in each turn", () =>
    Effect.gen(function*() {
      const run = yield* Agent.run({ model, tools, input: "Go" })
      assert.strictEqual(run.text, "Seven.")
      const [first = [], second] = yield* toolsOf
      assert.deepStrictEqual(second, first)
      assert.lengthOf(first, 202)
      assert.isFalse("defer_loading" in Object(first[0]))
      assert.isTrue(first.slice(1, -1).every((tool) => Reflect.get(Object(tool), "defer_loading") === true))
      assert.deepStrictEqual(first.at(-1), { type: "openrouter:tool_search", parameters: { max_results: 5 } })
      assert.deepStrictEqual(yield* lastOutputs, [["call_7", "7"]])
    }).pipe(Effect.provide(layers([Script.item(searched), call(7)], "Seven."))))

  it.effect("76: returns the search to the model as it came, and runs what was found in another process", () =>
    Effect.gen(function*() {
      const options = { model, tools, conversation: "c" } as const
      yield* Agent.run({ ...options, input: "Go" })
      const run = yield* Agent.run({ ...options, input: "Again" })
      assert.strictEqual(run.text, "Nine.")
      assert.deepInclude(itemsOf((yield* TestModel.requests).at(-1)), searched)
      assert.deepStrictEqual((yield* lastOutputs).at(-1), ["call_9", "9"])
    }).pipe(Effect.provide(layers([Script.item(searched), Script.text("Found.")], [call(9)], "Nine."))))

  it.effect("76: has one search, however many toolkits are searched", () =>
    Effect.gen(function*() {
      yield* Agent.run({
        model,
        tools: Toolkit.merge(tools, Toolkit.searchable(Toolkit.make(Tool.manual("ask")))),
        input: "Go"
      })
      const [first = []] = yield* toolsOf
      assert.lengthOf(first.filter((tool) => stringAt(tool, "type") === "openrouter:tool_search"), 1)
    }).pipe(Effect.provide(layers("Done."))))

  it.effect("76: has no tool that can be forced", () =>
    Effect.gen(function*() {
      const choice = { type: "function", name: "tool_3" } as const
      const error = yield* Effect.flip(Agent.run({ model, tools, input: "Go", tool_choice: choice }))
      assert.strictEqual(error._tag, "InvalidRequestError")
      assert.include(error.message, "the tool \"tool_3\" is searchable")
    }).pipe(Effect.provide(layers())))
})

describe("activeTools", () => {
  const Read = Tool.make("read", { success: Schema.String })
  const Write = Tool.make("write", { success: Schema.String, requireApproval: true })
  const kit = Toolkit.make(Read, Write)
  const own = (...turns: Script.Script) =>
    Layer.mergeAll(
      TestModel.layer(turns),
      Conversation.layerMemory,
      kit.toLayer({ read: () => Effect.succeed("a text"), write: () => Effect.succeed("written") })
    )
  const read = Script.toolCall("read", {}, { id: "r" })
  const write = Script.toolCall("write", {}, { id: "w" })
  const firstRead = ({ turn }: Agent.TurnContext) => turn === 1 ? ["read"] : ["read", "write"]

  it.effect("77: sends the tools of the turn alone, and executes no call of another", () =>
    Effect.gen(function*() {
      const run = yield* Agent.run({ model, tools: kit, activeTools: firstRead, input: "Go" })
      assert.deepStrictEqual(yield* namesOf, [["read"], ["read", "write"]])
      assert.deepStrictEqual(yield* lastOutputs, [
        ["r", "a text"],
        ["w", JSON.stringify({ error: "There is no tool \"write\". Available: read." })]
      ])
      assert.strictEqual(run.text, "Done.")
    }).pipe(Effect.provide(own([read, write], "Done."))))

  it.effect("77: holds for a call in whatever process it executes", () =>
    Effect.gen(function*() {
      const options = { model, tools: kit, conversation: "c" } as const
      const first = yield* Agent.run({ ...options, activeTools: ["write"], input: "Go" })
      assert.deepStrictEqual(first.outcome, { _tag: "awaiting_approval" })
      yield* Agent.run({ ...options, activeTools: ["read"], approve: ["w"] })
      assert.deepStrictEqual(yield* lastOutputs, [["w", "written"]])
      assert.deepStrictEqual(yield* namesOf, [["write"], ["read"]])
    }).pipe(Effect.provide(own([write], "Done."))))

  it.effect("77: may be no tool at all: the request has them all, and forbids a call", () =>
    Effect.gen(function*() {
      yield* Agent.run({ model, tools: kit, activeTools: [], input: "Go" })
      const [request] = yield* TestModel.requests
      assert.strictEqual(stringAt(request?.json, "tool_choice"), "none")
      assert.deepStrictEqual(yield* namesOf, [["read", "write"]])
    }).pipe(Effect.provide(own("Done."))))

  it.effect("77: keeps the tools that find and read", () =>
    Effect.gen(function*() {
      const Long = Tool.make("long", { success: Schema.String, largeOutput: LargeOutput.keepAside({ above: 100 }) })
      const more = Toolkit.make(Long)
      yield* Agent.run({ model, tools: Toolkit.merge(more, tools), activeTools: ["tool_1"], input: "Go" }).pipe(
        Effect.provide(more.toLayer({ long: () => Effect.succeed("") }))
      )
      const [names = []] = yield* namesOf
      assert.deepStrictEqual(names, ["tool_1", undefined, "read_output"])
    }).pipe(Effect.provide(layers("Done."))))

  it.effect("77: names tools of the run", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(Agent.run({ model, tools: kit, activeTools: ["raed"], input: "Go" }))
      assert.include(error.message, "the run has no tool \"raed\". Its tools: read, write")
    }).pipe(Effect.provide(own())))
})
