/** Requests for the approval of a call that an MCP server executes. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as Activities from "../../../src/agent/Activities.js"
import * as Agent from "../../../src/agent/Agent.js"
import * as Conversation from "../../../src/agent/Conversation.js"
import * as StopWhen from "../../../src/agent/StopWhen.js"
import * as Tool from "../../../src/agent/Tool.js"
import * as Toolkit from "../../../src/agent/Toolkit.js"
import * as Script from "../../../src/testing/Script.js"
import * as TestModel from "../../../src/testing/TestModel.js"
import { itemsOf, model, sent } from "./support.js"

const Add = Tool.make("add", { success: Schema.Number })
const Pay = Tool.make("pay", { success: Schema.String, requireApproval: true })
const tools = Toolkit.make(Add, Pay)

/** What was executed. */
const executed: Array<string> = []

const script = (...turns: Script.Script) =>
  Layer.mergeAll(
    TestModel.layer(turns),
    Conversation.layerMemory,
    tools.toLayer(Effect.sync(() => {
      executed.length = 0
      return {
        add: () => Effect.sync(() => executed.push("add")),
        pay: () => Effect.sync(() => `paid ${executed.push("pay")}`)
      }
    }))
  )

const request = (id: string) =>
  Script.item({ type: "mcp_approval_request", id, name: "delete_repo", arguments: "{\"n\":1}", server_label: "git" })

const pending = (callId: string, turn = 1): Activities.PendingCall => ({
  callId,
  name: "delete_repo",
  arguments: { n: 1 },
  turn,
  reason: "approval",
  serverLabel: "git"
})

const options = { model, tools, input: "Delete it." } as const
const resumed = { model, tools, conversation: "c" } as const

const approved = { type: "mcp_approval_response", approval_request_id: "r1", approve: true } as const
const types = (index: number) =>
  Effect.map(TestModel.requests, (requests) => itemsOf(requests[index]).map((item) => item["type"] ?? item["role"]))

describe("a request for an approval", () => {
  it.effect("is pending, and an approval goes to the server behind the history", () =>
    Effect.gen(function*() {
      const first = yield* Agent.run(options)
      assert.deepStrictEqual(first.outcome, { _tag: "awaiting_approval" })
      assert.deepStrictEqual(first.pending, [pending("r1")])
      const second = yield* Agent.run({ model, tools, input: first.history, approve: ["r1"] })
      assert.strictEqual(second.text, "Deleted.")
      assert.deepStrictEqual(itemsOf((yield* TestModel.requests)[1]).at(-1), approved)
      assert.deepStrictEqual(second.items[0], approved)
    }).pipe(Effect.provide(script(request("r1"), "Deleted."))))

  it.effect("is pending after the final response of a stop, also beside a refusal", () =>
    Effect.gen(function*() {
      const run = yield* Agent.run({ ...options, maxSteps: 1, allowFinalResponse: true })
      assert.deepStrictEqual(run.outcome, { _tag: "stopped", condition: "maxSteps(1)" })
      assert.deepStrictEqual(run.pending, [pending("r1", 2)])
    }).pipe(Effect.provide(script(Script.toolCall("add"), [Script.refusal("No."), request("r1")]))))

  it.effect("can be rejected with a reason", () =>
    Effect.gen(function*() {
      const { history } = yield* Agent.run(options)
      yield* Agent.run({ model, input: history, reject: [{ callId: "r1", reason: "Not that one." }] })
      assert.deepStrictEqual(itemsOf((yield* TestModel.requests)[1]).at(-1), {
        ...approved,
        approve: false,
        reason: "Not that one."
      })
    }).pipe(Effect.provide(script(request("r1"), "Kept."))))

  it.effect("of several, those without a decision keep waiting, and nothing is sent", () =>
    Effect.gen(function*() {
      yield* Agent.run({ ...options, conversation: "c" })
      const second = yield* Agent.run({ ...resumed, reject: ["r2"] })
      assert.deepStrictEqual(second.outcome, { _tag: "awaiting_approval" })
      assert.deepStrictEqual(second.pending, [pending("r1", 0)])
      assert.strictEqual(yield* sent, 1)
      assert.deepStrictEqual(Conversation.pending(yield* Conversation.load("c")), [pending("r1")])
      const third = yield* Agent.run({ ...resumed, approve: ["r1"] })
      assert.strictEqual(third.text, "One of two.")
      const answers = itemsOf((yield* TestModel.requests)[1]).filter((item) => item["type"] === approved.type)
      assert.deepStrictEqual(answers.map((item) => [item["approval_request_id"], item["approve"]]), [
        ["r2", false],
        ["r1", true]
      ])
    }).pipe(Effect.provide(script([request("r1"), request("r2")], "One of two."))))

  it.effect("waits beside function calls, which execute", () =>
    Effect.gen(function*() {
      const first = yield* Agent.run({ ...options, conversation: "c" })
      assert.deepStrictEqual(first.pending.map(({ callId, reason }) => [callId, reason]), [
        ["call_1_2", "approval"],
        ["r1", "approval"]
      ])
      assert.deepStrictEqual(executed, ["add"])
      const second = yield* Agent.run({ ...resumed, approve: ["r1", "call_1_2"] })
      assert.strictEqual(second.text, "Done.")
      assert.deepStrictEqual(executed, ["add", "pay"])
      const wanted = [
        "user",
        "function_call",
        "mcp_approval_request",
        "function_call",
        "function_call_output",
        "function_call_output",
        "mcp_approval_response"
      ]
      assert.deepStrictEqual(yield* types(1), wanted)
      const stored = Conversation.history(yield* Conversation.load("c"))
      assert.deepStrictEqual(stored.map((item) => item.type ?? "user").slice(0, -1), wanted)
    }).pipe(Effect.provide(script(
      [Script.toolCall("add"), request("r1"), Script.toolCall("pay")],
      "Done."
    ))))

  it.effect("is decided once: the same decision again is refused", () =>
    Effect.gen(function*() {
      yield* Agent.run({ ...options, conversation: "c" })
      yield* Agent.run({ ...resumed, approve: ["r1"] })
      const error = yield* Effect.flip(Agent.run({ ...resumed, approve: ["r1"] }))
      assert.strictEqual(error._tag, "InvalidRequestError")
      const log = yield* Conversation.load("c")
      assert.strictEqual(log.entries.filter(({ _tag }) => _tag === "decision").length, 1)
      assert.deepStrictEqual(Conversation.pending(log), [])
      assert.strictEqual(yield* sent, 2)
    }).pipe(Effect.provide(script(request("r1"), "Deleted."))))

  it.effect("keeps its decision when the run fails before the response, and the run can be repeated", () =>
    Effect.gen(function*() {
      yield* Agent.run({ ...options, conversation: "c" })
      const error = yield* Effect.flip(Agent.run({ ...resumed, approve: ["r1"] }))
      assert.strictEqual(error._tag, "PaymentRequiredResponseError")
      assert.deepStrictEqual(Conversation.pending(yield* Conversation.load("c")).map(({ reason }) => reason), [
        "stopped"
      ])
      const third = yield* Agent.run({ ...resumed, approve: ["r1"] })
      assert.strictEqual(third.text, "Deleted.")
      assert.deepStrictEqual(yield* types(2), ["user", "mcp_approval_request", "mcp_approval_response"])
      const stored = Conversation.history(yield* Conversation.load("c"))
      assert.strictEqual(stored.filter(({ type }) => type === approved.type).length, 1)
    }).pipe(Effect.provide(script(request("r1"), Script.error(402), "Deleted."))))

  it.effect("an id that the server uses again needs another decision", () =>
    Effect.gen(function*() {
      yield* Agent.run({ ...options, conversation: "c" })
      const second = yield* Agent.run({ ...resumed, approve: ["r1"] })
      assert.deepStrictEqual(second.pending, [pending("r1")])
      const third = yield* Agent.run(resumed)
      assert.deepStrictEqual(third.pending, [pending("r1", 0)])
      assert.strictEqual(yield* sent, 2)
      assert.strictEqual((yield* Agent.run({ ...resumed, reject: ["r1"] })).text, "One.")
    }).pipe(Effect.provide(script(request("r1"), request("r1"), "One."))))

  it.effect("is not approved when the conversation goes on without a decision", () =>
    Effect.gen(function*() {
      yield* Agent.run({ ...options, conversation: "c" })
      const second = yield* Agent.run({ ...resumed, input: "Something else." })
      assert.strictEqual(second.text, "Yes?")
      const items = itemsOf((yield* TestModel.requests)[1])
      assert.deepInclude(items[2], { type: approved.type, approval_request_id: "r1", approve: false })
      assert.deepStrictEqual(items[3], { role: "user", content: "Something else." })
      assert.deepStrictEqual(
        Conversation.history(yield* Conversation.load("c")).slice(0, 4).map(({ type }) => type),
        items.map((item) => item["type"])
      )
    }).pipe(Effect.provide(script(request("r1"), "Yes?"))))

  it.effect("can be decided together with new input, also in a history that becomes a conversation", () =>
    Effect.gen(function*() {
      const { history } = yield* Agent.run(options)
      const input = [...history, { role: "user", content: "Go on." } as const]
      yield* Agent.run({ ...resumed, input, approve: ["r1"] })
      const wanted = ["user", "mcp_approval_request", "mcp_approval_response", "user"]
      assert.deepStrictEqual(yield* types(1), wanted)
      const stored = Conversation.history(yield* Conversation.load("c"))
      assert.deepStrictEqual(stored.slice(0, 4).map((item) => item.type ?? "user"), wanted)
    }).pipe(Effect.provide(script(request("r1"), "Deleted."))))

  it.effect("takes no answer, before anything is sent", () =>
    Effect.gen(function*() {
      const { history } = yield* Agent.run(options)
      const error = yield* Effect.flip(Agent.run({ model, input: history, answer: { r1: true } }))
      assert(error._tag === "InvalidRequestError")
      assert.include(error.message, "`approve` or `reject`")
      assert.strictEqual(yield* sent, 1)
    }).pipe(Effect.provide(script(request("r1")))))

  it.effect("may be decided while the run goes on", () =>
    Effect.gen(function*() {
      const asked: Array<unknown> = []
      const approval: Activities.ActivitiesService["approval"] = (_, call) =>
        Effect.sync(() => {
          asked.push(call)
          return Option.some({ _tag: "approve" })
        })
      const run = yield* Agent.run({ ...options, conversation: "c" }).pipe(
        Effect.provideService(Activities.Activities, { ...Activities.passThrough, approval })
      )
      assert.strictEqual(run.text, "Deleted.")
      assert.deepStrictEqual(asked, [pending("r1")])
      assert.deepStrictEqual(yield* types(1), ["user", "mcp_approval_request", "mcp_approval_response"])
      assert.deepStrictEqual(Conversation.history(yield* Conversation.load("c")), run.history)
    }).pipe(Effect.provide(script(request("r1"), "Deleted."))))

  it.effect("12: an empty response after a decision is requested again once", () =>
    Effect.gen(function*() {
      yield* Agent.run({ ...options, conversation: "c" })
      assert.strictEqual((yield* Agent.run({ ...resumed, approve: ["r1"] })).text, "Deleted.")
      assert.strictEqual(yield* sent, 3)
    }).pipe(Effect.provide(script(request("r1"), Script.turn([]), "Deleted."))))

  it.effect("12: an empty response after a decision during the run is requested again once", () =>
    Effect.gen(function*() {
      const approval = () => Effect.succeedSome({ _tag: "approve" } as const)
      const run = yield* Agent.run({ ...options }).pipe(
        Effect.provideService(Activities.Activities, { ...Activities.passThrough, approval })
      )
      assert.strictEqual(run.text, "Deleted.")
    }).pipe(Effect.provide(script(request("r1"), Script.turn([]), "Deleted."))))

  it.effect("waits, if only the last event of its response is missing", () =>
    Effect.gen(function*() {
      const first = yield* Agent.run(options)
      assert.deepStrictEqual([first.outcome._tag, first.unsettled.length], ["awaiting_approval", 1])
      yield* Agent.run({ model, tools, input: first.history, approve: ["r1"] })
      assert.deepStrictEqual(yield* types(1), ["user", "mcp_approval_request", "mcp_approval_response"])
    }).pipe(Effect.provide(script([request("r1"), Script.reset], "Deleted."))))

  it.effect("is stored with its response in the order that was sent", () =>
    Effect.gen(function*() {
      yield* Agent.run({ ...options, conversation: "c" })
      yield* Agent.run({ ...resumed, input: [{ ...approved, approval_request_id: "r2" }], approve: ["r1"] })
      const answers = itemsOf((yield* TestModel.requests)[1]).slice(-2)
      assert.deepStrictEqual(answers.map((item) => item["approval_request_id"]), ["r2", "r1"])
      const stored = Conversation.history(yield* Conversation.load("c"))
      const kept = stored.filter(({ type }) => type === approved.type)
      assert.strictEqual(JSON.stringify(kept), JSON.stringify(answers))
    }).pipe(Effect.provide(script([request("r1"), request("r2")], "Both."))))

  it.effect("is in `pending` of a run that stops with calls", () =>
    Effect.gen(function*() {
      const run = yield* Agent.run({ ...options, stopWhen: StopWhen.stepCountIs(1) })
      assert.deepStrictEqual(run.outcome, { _tag: "stopped", condition: "stepCountIs(1)" })
      assert.deepStrictEqual(run.pending.map(({ callId, reason }) => [callId, reason]), [
        ["call_1_1", "stopped"],
        ["r1", "approval"]
      ])
    }).pipe(Effect.provide(script([Script.toolCall("add"), request("r1")]))))
})

describe("an item that waits for the client", () => {
  const waiting = [
    {
      type: "computer_call",
      id: "cc",
      call_id: "c1",
      action: { type: "screenshot" },
      pending_safety_checks: [],
      status: "completed"
    },
    { type: "shell_call", id: "sc", call_id: "c1", action: { commands: ["ls"] }, status: "completed" },
    { type: "newer_call", id: "nc", call_id: "c1", name: "newer", arguments: { a: 1 } },
    { type: "newer_request", id: "c1", name: "newer" }
  ]
  for (const item of waiting) {
    it.effect(`never completes the run: ${item.type}`, () =>
      Effect.gen(function*() {
        const run = yield* Agent.run(options)
        assert.deepStrictEqual(run.outcome, { _tag: "awaiting_tools" })
        assert.deepStrictEqual(run.pending.map(({ callId, reason }) => [callId, reason]), [["c1", "manual"]])
      }).pipe(Effect.provide(script(Script.item(item)))))
  }

  it.effect("is pending again in a run that continues without its output, and nothing is sent", () =>
    Effect.gen(function*() {
      yield* Agent.run({ ...options, conversation: "c" })
      const second = yield* Agent.run(resumed)
      assert.deepStrictEqual(second.pending.map(({ callId, reason }) => [callId, reason]), [["c1", "manual"]])
      assert.deepStrictEqual(Conversation.pending(yield* Conversation.load("c")).map(({ callId }) => callId), ["c1"])
      assert.strictEqual(yield* sent, 1)
    }).pipe(
      Effect.provide(script(Script.item({ type: "custom_tool_call", id: "i", call_id: "c1", name: "g", input: "" })))
    ))

  it.effect("a call that its server executes does not wait", () =>
    Effect.gen(function*() {
      const run = yield* Agent.run(options)
      assert.deepStrictEqual(run.outcome, { _tag: "completed" })
    }).pipe(Effect.provide(script([
      Script.item({ type: "mcp_call", id: "m1", name: "a", arguments: "{}", server_label: "git", output: "x" }),
      Script.item({ type: "web_search_call", id: "w1", status: "completed", action: { type: "search", query: "a" } }),
      Script.item({ type: "tool_search_call", id: "t1", call_id: "c1", execution: "server", status: "completed" }),
      Script.text("Done.")
    ]))))
})
