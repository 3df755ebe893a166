/** The hooks of the official SDK, each as the middleware that replaces it. */
import { assert, describe, it } from "@effect/vitest"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as TestClock from "effect/TestClock"
import * as Agent from "../../../src/agent/Agent.js"
import * as Conversation from "../../../src/agent/Conversation.js"
import * as Middleware from "../../../src/agent/Middleware.js"
import * as Tool from "../../../src/agent/Tool.js"
import * as Toolkit from "../../../src/agent/Toolkit.js"
import * as Script from "../../../src/testing/Script.js"
import * as TestModel from "../../../src/testing/TestModel.js"
import { itemsOf, lastErrors, lastOutputs, sent } from "./support.js"

const Path = Schema.Struct({ path: Schema.String })

const Read = Tool.make("read", {
  parameters: Path,
  success: Schema.String,
  failure: Schema.Literal("no such file")
})

const Remove = Tool.make("remove", {
  parameters: Path,
  requireApproval: true
})

const tools = Toolkit.make(Read, Remove)

const ToolsLive = tools.toLayer({
  read: ({ path }) => path.startsWith("/notes") ? Effect.succeed(`read ${path}`) : Effect.fail("no such file" as const),
  remove: () => Effect.void
})

const script = (...turns: Script.Script) => Layer.mergeAll(ToolsLive, Conversation.layerMemory, TestModel.layer(turns))

/** The id of a call: its path, in characters that an id may have. */
const idOf = (path: string) => path.replaceAll("/", "-")

const read = (path: string) => Script.toolCall("read", { path }, { id: idOf(path) })

const remove = (path: string) => Script.toolCall("remove", { path }, { id: idOf(path) })

const run = { model: "test/model", tools, input: "Go" } as const

const pathOf = (params: unknown): string => Schema.is(Path)(params) ? params.path : ""

describe("SessionStart", () => {
  it.effect("is `start`: once, with the conversation, before anything is sent", () =>
    Effect.gen(function*() {
      const model = yield* TestModel.TestModel
      const seen: Array<unknown> = []
      const middleware = Middleware.make({
        start: ({ conversation, history }) =>
          Effect.map(model.requests, (requests) => void seen.push([conversation, history.length, requests.length]))
      })
      yield* Agent.run({ ...run, conversation: "c", middleware })
      yield* Agent.run({ ...run, conversation: "c", middleware })
      assert.deepStrictEqual(seen, [["c", 0, 0], ["c", 4, 2]])
    }).pipe(Effect.provide(script(read("/notes/a"), "One.", "Two."))))
})

describe("UserPromptSubmit", () => {
  it.effect("is `prompt`: it changes the input, once for all turns", () =>
    Effect.gen(function*() {
      let asked = 0
      const middleware = Middleware.make({
        prompt: (items) =>
          Effect.sync(() => {
            asked++
            return [...items, { role: "developer", content: "Be brief." }]
          })
      })
      yield* Agent.run({ ...run, middleware })
      const [, second] = yield* TestModel.requests
      assert.deepStrictEqual(itemsOf(second).slice(0, 2), [
        { role: "user", content: "Go" },
        { role: "developer", content: "Be brief." }
      ])
      assert.strictEqual(asked, 1)
    }).pipe(Effect.provide(script(read("/notes/a"), "Read."))))

  it.effect("is `prompt`: it rejects the input", () =>
    Effect.gen(function*() {
      class Secret extends Schema.TaggedError<Secret>()("Secret", {}) {}
      const middleware = Middleware.make({
        prompt: (items) => JSON.stringify(items).includes("sk-or-") ? Effect.fail(new Secret()) : Effect.succeed(items)
      })
      const error = yield* Effect.flip(Agent.run({ ...run, input: "My key is sk-or-v1", middleware }))
      assert.strictEqual(error._tag, "Secret")
      assert.strictEqual(yield* sent, 0)
    }).pipe(Effect.provide(script())))
})

describe("PreToolUse", () => {
  it.effect("is `tool` before `next`: it changes the parameters, or blocks the call", () =>
    Effect.gen(function*() {
      const middleware = Middleware.make({
        tool: (call, next) =>
          pathOf(call.params).includes("secret")
            ? Effect.succeed(Middleware.refuse("This file is off limits."))
            : next({ path: `/notes${pathOf(call.params)}` })
      })
      yield* Agent.run({ ...run, middleware })
      const [mapped, blocked] = yield* lastOutputs
      assert.deepStrictEqual(mapped, ["-a", "read /notes/a"])
      assert.include(String(blocked?.[1]), "off limits")
    }).pipe(Effect.provide(script([read("/a"), read("/secret")], "Read."))))
})

describe("PostToolUse and PostToolUseFailure", () => {
  it.effect("are `tool` after `next`: the status differs, and the outcome can be replaced", () =>
    Effect.gen(function*() {
      const seen: Array<unknown> = []
      const middleware = Middleware.make({
        tool: (call, next) =>
          Effect.gen(function*() {
            const started = yield* Clock.currentTimeMillis
            const outcome = yield* next(call.params)
            const millis = (yield* Clock.currentTimeMillis) - started
            seen.push([call.id, outcome.status, outcome.result, millis])
            return outcome.status === "failure" ? { ...outcome, output: "Try /notes" } : outcome
          })
      })
      const result = yield* Agent.run({ ...run, middleware })
      assert.deepStrictEqual(seen, [
        ["-notes-a", "success", "read /notes/a", 0],
        ["-etc", "failure", { error: "no such file" }, 0]
      ])
      assert.deepStrictEqual(yield* lastOutputs, [["-notes-a", "read /notes/a"], ["-etc", "Try /notes"]])
      assert.deepStrictEqual(result.steps[0]?.toolResults.map(({ status }) => status), ["success", "failure"])
    }).pipe(Effect.provide(script([read("/notes/a"), read("/etc")], "Read."))))
})

describe("PermissionRequest", () => {
  it.effect("is `approval`: allow, deny, or ask the user", () =>
    Effect.gen(function*() {
      const middleware = Middleware.make({
        approval: (call) =>
          Effect.succeed(
            pathOf(call.params).startsWith("/notes") ? "allow" : pathOf(call.params) === "/" ? "deny" : undefined
          )
      })
      const first = yield* Agent.run({ ...run, conversation: "c", middleware })
      assert.deepStrictEqual(first.outcome, { _tag: "awaiting_approval" })
      assert.deepStrictEqual(first.pending.map(({ callId }) => callId), ["-home"])
      assert.deepStrictEqual(first.steps[0]?.toolResults.map(({ callId, status }) => [callId, status]), [
        ["-notes-a", "success"],
        ["-", "failure"]
      ])
      yield* Agent.run({ model: "test/model", tools, conversation: "c", reject: ["-home"], middleware })
      assert.deepStrictEqual((yield* lastOutputs)[0], ["-notes-a", "null"])
    }).pipe(Effect.provide(script([remove("/notes/a"), remove("/"), remove("/home")], "Done."))))
})

describe("PostModelCall", () => {
  it.effect("is `model` after `next`: the response, its model, its duration and its cost, for each turn", () =>
    Effect.gen(function*() {
      const seen: Array<unknown> = []
      const middleware = Middleware.make({
        model: (request, next, { attempt, turn }) =>
          Effect.gen(function*() {
            const started = yield* Clock.currentTimeMillis
            const response = yield* next(request)
            const millis = (yield* Clock.currentTimeMillis) - started
            seen.push([turn, attempt, response.id, response.model, response.usage?.cost, millis])
            return response
          })
      })
      const fiber = yield* Effect.fork(Agent.run({ ...run, middleware }))
      yield* TestModel.awaitRequests(1)
      yield* TestClock.adjust("2 seconds")
      yield* Fiber.join(fiber)
      assert.deepStrictEqual(seen, [
        [1, 1, "gen_1", "test/model", 1, 2000],
        [2, 1, "gen_2", "test/other", 0.5, 0]
      ])
    }).pipe(Effect.provide(script(
      Script.turn([Script.wait("2 seconds"), read("/notes/a")], { id: "gen_1", cost: 1 }),
      Script.turn("Read.", { id: "gen_2", cost: 0.5, model: "test/other" })
    ))))
})

describe("Stop", () => {
  it.effect("is `stop`: it continues the run, with input or without, and is called again at the next end", () =>
    Effect.gen(function*() {
      const seen: Array<string> = []
      const middleware = Middleware.make({
        stop: (progress, outcome) =>
          Effect.sync(() => {
            seen.push(`${outcome._tag} ${progress.text}`)
            return seen.length === 1 ? [{ role: "user", content: "Read /etc as well." }] : undefined
          })
      })
      const result = yield* Agent.run({ ...run, middleware })
      assert.deepStrictEqual(result.outcome, { _tag: "completed" })
      assert.deepStrictEqual(seen, ["completed Read.", "completed There is none."])
      assert.deepStrictEqual(yield* lastErrors, ["no such file"])
    }).pipe(Effect.provide(script("Read.", read("/etc"), "There is none."))))
})

describe("SessionEnd", () => {
  it.effect("is `end`: the outcome of the run and its total usage", () =>
    Effect.gen(function*() {
      const seen: Array<unknown> = []
      const middleware = Middleware.make({
        end: (progress, exit) =>
          Effect.sync(() => {
            const reason = Exit.isSuccess(exit) ? exit.value.outcome._tag : "error"
            seen.push([reason, progress.cost, progress.usage.totalTokens])
          })
      })
      yield* Agent.run({ ...run, middleware })
      yield* Effect.flip(Agent.run({ ...run, middleware }))
      yield* Agent.run({ ...run, maxSteps: 1, middleware })
      assert.deepStrictEqual(seen, [["completed", 1.5, 10], ["error", 2, 3], ["stopped", 4, 3]])
    }).pipe(Effect.provide(script(
      Script.turn(read("/notes/a"), { cost: 1, usage: { inputTokens: 1, outputTokens: 2 } }),
      Script.turn("Read.", { cost: 0.5, usage: { inputTokens: 3, outputTokens: 4 } }),
      Script.turn(read("/notes/a"), { cost: 2, usage: { inputTokens: 1, outputTokens: 2 } }),
      Script.error(402),
      Script.turn(read("/notes/a"), { cost: 4, usage: { inputTokens: 1, outputTokens: 2 } })
    ))))
})
