/** Approvals that hold for later calls of a conversation. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as TestClock from "effect/TestClock"
import * as Agent from "../../../src/agent/Agent.js"
import * as Approval from "../../../src/agent/Approval.js"
import * as Conversation from "../../../src/agent/Conversation.js"
import * as Middleware from "../../../src/agent/Middleware.js"
import * as Tool from "../../../src/agent/Tool.js"
import * as Toolkit from "../../../src/agent/Toolkit.js"
import * as Script from "../../../src/testing/Script.js"
import * as TestModel from "../../../src/testing/TestModel.js"
import { stores } from "../support/logs.js"
import { lastErrors, model } from "./support.js"

const Remove = Tool.make("remove", {
  parameters: Schema.Struct({ path: Schema.String, times: Schema.optional(Schema.NumberFromString) }),
  requireApproval: true
})
const tools = Toolkit.make(Remove)

const options = { model, tools, conversation: "c" } as const

const remove = (id: string, path: string) => Script.toolCall("remove", { path, times: "2" }, { id })

/** Runs with these turns, and what was removed. */
const setUp = (...turns: Script.Script) => {
  const removed: Array<string> = []
  const handlers = tools.toLayer({ remove: ({ path }) => Effect.sync(() => void removed.push(path)) })
  return { removed, layer: Layer.merge(handlers, TestModel.layer(turns)) }
}

const pendingIds = ({ pending }: Agent.Run) => pending.map(({ callId }) => callId)

describe.each(Object.entries(stores))("a grant of a conversation %s", (_, store) => {
  it.scoped("98: lets calls that meet it execute, asks for others, and for all of them when it is revoked", () => {
    const { layer, removed } = setUp(
      [remove("a", "drafts/1"), remove("b", "reports/1")],
      "Done.",
      [remove("c", "drafts/2")]
    )
    return Effect.gen(function*() {
      const grant = yield* Approval.allow("c", Remove, { where: { path: { startsWith: "drafts/" }, times: 2 } })
      const first = yield* Agent.run({ ...options, input: "Tidy up" })
      assert.deepStrictEqual([removed, pendingIds(first)], [["drafts/1"], ["b"]])
      assert.deepStrictEqual(Approval.allowed(yield* Conversation.load("c")), [grant])
      yield* Agent.run({ ...options, reject: ["b"] })
      yield* Approval.revoke("c", grant.id)
      const last = yield* Agent.run({ ...options, input: "Again" })
      assert.deepStrictEqual([removed, pendingIds(last)], [["drafts/1"], ["c"]])
      assert.deepStrictEqual(Approval.allowed(yield* Conversation.load("c")), [])
    }).pipe(Effect.provide(Layer.merge(layer, store)))
  })
})

describe("a grant", () => {
  const withStore = (layer: ReturnType<typeof setUp>["layer"]) =>
    Effect.provide(Layer.merge(layer, Conversation.layerMemory))

  it.effect("98: is revoked in a run that goes on, before its next call", () => {
    const { layer, removed } = setUp([Script.wait("10 seconds"), remove("a", "x")])
    return Effect.gen(function*() {
      const { id } = yield* Approval.allow("c", Remove)
      const fiber = yield* Effect.fork(Agent.run({ ...options, input: "Go" }))
      yield* TestClock.adjust("5 seconds")
      yield* Approval.revoke("c", id)
      yield* TestClock.adjust("5 seconds")
      assert.deepStrictEqual([pendingIds(yield* Fiber.join(fiber)), removed], [["a"], []])
    }).pipe(withStore(layer))
  })

  it.effect("98: that ended while a call waited asks again; one that is made meanwhile does not", () => {
    const { layer, removed } = setUp([Script.wait("10 seconds"), remove("a", "x")], "Done.")
    return Effect.gen(function*() {
      yield* Approval.allow("c", Remove, { expiresIn: "9 seconds" })
      const fiber = yield* Effect.fork(Agent.run({ ...options, input: "Go" }))
      yield* TestClock.adjust("10 seconds")
      assert.deepStrictEqual(pendingIds(yield* Fiber.join(fiber)), ["a"])
      yield* Approval.allow("c", Remove, { where: { path: "x" } })
      assert.strictEqual((yield* Agent.run(options)).text, "Done.")
      assert.deepStrictEqual(removed, ["x"])
    }).pipe(withStore(layer))
  })

  it.effect("98: does not hold for another tool of the same name, nor in a fork, and a denial is stronger", () => {
    const { layer, removed } = setUp([remove("a", "x")], [remove("b", "x")], [remove("c", "x")], "Done.")
    const Other = Tool.make("remove", { parameters: Schema.Struct({ path: Schema.String }), requireApproval: true })
    const others = Toolkit.make(Other)
    const never = others.toLayer({ remove: () => Effect.die("it was not allowed") })
    return Effect.gen(function*() {
      yield* Approval.allow("c", Remove)
      const { id } = yield* Conversation.fork("c", { to: "d" })
      assert.deepStrictEqual(pendingIds(yield* Agent.run({ ...options, conversation: id, input: "Go" })), ["a"])
      const run = Effect.provide(Agent.run({ ...options, tools: others, input: "Go" }), never)
      assert.deepStrictEqual(pendingIds(yield* run), ["b"])
      const deny = Middleware.make({ approval: () => Effect.succeed("deny") })
      yield* Agent.run({ ...options, input: "Go", middleware: deny })
      assert.deepStrictEqual(yield* lastErrors, [
        "There is no result of this call: the conversation went on without it.",
        "This call is not allowed."
      ])
      assert.deepStrictEqual(removed, [])
    }).pipe(withStore(layer))
  })
})
