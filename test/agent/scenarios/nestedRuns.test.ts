/** Runs inside of tools that wait: their calls are pending in the outer run, and are decided there. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Agent from "../../../src/agent/Agent.js"
import * as Approval from "../../../src/agent/Approval.js"
import * as Conversation from "../../../src/agent/Conversation.js"
import * as Middleware from "../../../src/agent/Middleware.js"
import * as TestModel from "../../../src/testing/TestModel.js"
import { type Journal, runIn } from "../support/journal.js"
import { Inner, makeWorld, Outer, run } from "../support/nestedAgents.js"
import { itemsOf, lastOutputs, model, sent } from "./support.js"

const shown = (pending: ReadonlyArray<Agent.Run["pending"][number]>) =>
  pending.map(({ callId, reason }) => `${callId} ${reason}`)
const pending = Effect.map(Conversation.load("c"), Conversation.pending)

describe("a run inside of a tool that waits", () => {
  it.effect("68: suspends the tool; its call is pending in the outer run, and goes on there once it is approved", () => {
    const { done, layer } = makeWorld(["cleaner"])
    return Effect.gen(function*() {
      const first = yield* Agent.run({ ...run, input: "Clean up" })
      assert.deepStrictEqual(first.outcome, { _tag: "awaiting_approval" })
      const call = {
        callId: "call_1/1/call_1",
        path: ["call_1"],
        name: "drop",
        arguments: { table: "old" },
        turn: 1,
        reason: "approval"
      } as const
      assert.deepStrictEqual(first.pending, [call])
      assert.deepStrictEqual(yield* pending, [call])
      assert.strictEqual(first.steps[0]?.toolResults[0]?.status, "suspended")
      assert.deepStrictEqual(done, [])
      const second = yield* Agent.run({ ...run, approve: ["call_1/1/call_1"] })
      assert.deepStrictEqual(second.outcome, { _tag: "completed" })
      assert.deepStrictEqual(done, ["c/call_1/1/call_1"])
      assert.strictEqual(yield* sent, 4)
      const cleaner = JSON.stringify(["dropped old"])
      assert.deepStrictEqual(yield* lastOutputs, [["call_1", JSON.stringify([`cleaner: ${cleaner}`])]])
      assert.strictEqual(second.cost, 2)
      assert.strictEqual(second.conversation?.cost, 4)
      assert.strictEqual(Conversation.usage(yield* Conversation.load("c")).cost, 4)
      assert.deepStrictEqual(yield* pending, [])
    }).pipe(Effect.provide(layer))
  })

  it.effect("waits again, without a request, if nobody decides", () => {
    const { done, layer } = makeWorld(["cleaner"])
    return Effect.gen(function*() {
      const first = yield* Agent.run({ ...run, input: "Clean up" })
      const again = yield* Agent.run(run)
      assert.deepStrictEqual(shown(again.pending), shown(first.pending))
      assert.strictEqual(again.cost, 0)
      assert.strictEqual(yield* sent, 2)
      assert.deepStrictEqual(done, [])
    }).pipe(Effect.provide(layer))
  })

  it.effect("tells the inner model of a rejection", () => {
    const { done, layer } = makeWorld(["cleaner"])
    return Effect.gen(function*() {
      yield* Agent.run({ ...run, input: "Clean up" })
      const second = yield* Agent.run({ ...run, reject: [{ callId: "call_1/1/call_1", reason: "keep it" }] })
      assert.include(second.text, "The user rejected this call: keep it")
      assert.deepStrictEqual(done, [])
      assert.strictEqual(yield* sent, 4)
    }).pipe(Effect.provide(layer))
  })

  it.effect("of two that wait, the one that is decided goes on, and the other still waits", () => {
    const { done, layer } = makeWorld(["cleaner", "looker", "sweeper"])
    return Effect.gen(function*() {
      const first = yield* Agent.run({ ...run, input: "Clean up" })
      assert.deepStrictEqual(shown(first.pending), ["call_1/1/call_1 approval", "call_1/3/call_1 approval"])
      assert.deepStrictEqual(done, ["c/call_1/2/call_1"])
      assert.strictEqual(yield* sent, 5)
      const second = yield* Agent.run({ ...run, approve: ["call_1/3/call_1"] })
      assert.deepStrictEqual(shown(second.pending), ["call_1/1/call_1 approval"])
      assert.deepStrictEqual(done, ["c/call_1/2/call_1", "c/call_1/3/call_1"])
      assert.strictEqual(yield* sent, 6)
      const third = yield* Agent.run({ ...run, reject: ["call_1/1/call_1"] })
      assert.deepStrictEqual(third.outcome, { _tag: "completed" })
      assert.strictEqual(yield* sent, 8)
      assert.deepStrictEqual(done, ["c/call_1/2/call_1", "c/call_1/3/call_1"])
      assert.strictEqual(third.conversation?.cost, 8)
    }).pipe(Effect.provide(layer))
  })

  it.effect("waits through several levels", () => {
    const { done, layer } = makeWorld(["boss", "looker"])
    return Effect.gen(function*() {
      const first = yield* Agent.run({ ...run, input: "Clean up" })
      assert.deepStrictEqual(first.pending.map(({ callId, path }) => ({ callId, path })), [
        { callId: "call_1/1/call_1/1/call_1", path: ["call_1", "call_1"] }
      ])
      assert.deepStrictEqual(shown(yield* pending), ["call_1/1/call_1/1/call_1 approval"])
      assert.strictEqual(yield* sent, 5)
      const second = yield* Agent.run({ ...run, approve: ["call_1/1/call_1/1/call_1"] })
      assert.deepStrictEqual(second.outcome, { _tag: "completed" })
      assert.deepStrictEqual(done, ["c/call_1/2/call_1", "c/call_1/1/call_1/1/call_1"])
      assert.strictEqual(yield* sent, 8)
      assert.strictEqual(second.conversation?.cost, 8)
    }).pipe(Effect.provide(layer))
  })

  it.effect("receives answers for its handlers and its manual tools", () => {
    const { done, layer } = makeWorld(["asker", "signer"])
    return Effect.gen(function*() {
      const first = yield* Agent.run({ ...run, input: "Go" })
      assert.deepStrictEqual(first.outcome, { _tag: "awaiting_tools" })
      assert.deepStrictEqual(shown(first.pending), ["call_1/1/call_1 answer", "call_1/2/call_1 manual"])
      const second = yield* Agent.run({ ...run, answer: { "call_1/1/call_1": 7, "call_1/2/call_1": "me" } })
      assert.include(second.text, "answer 7")
      assert.include(second.text, "me")
      assert.deepStrictEqual(done, ["c/call_1/1/call_1"])
      assert.strictEqual(yield* sent, 6)
    }).pipe(Effect.provide(layer))
  })

  it.effect("fails the outer run if an answer does not fit, and takes the next one", () => {
    const { layer } = makeWorld(["asker"])
    return Effect.gen(function*() {
      yield* Agent.run({ ...run, input: "Go" })
      const error = yield* Effect.flip(Agent.run({ ...run, answer: { "call_1/1/call_1": "seven" } }))
      assert.strictEqual(error._tag, "InvalidRequestError")
      assert.include(error.message, "does not fit the schema")
      assert.strictEqual((yield* pending).length, 1)
      const last = yield* Agent.run({ ...run, answer: { "call_1/1/call_1": 7 } })
      assert.include(last.text, "answer 7")
      assert.strictEqual(yield* sent, 4)
    }).pipe(Effect.provide(layer))
  })

  it.effect("ignores a decision of a kind that the call does not wait for", () => {
    const { layer } = makeWorld(["asker"])
    return Effect.gen(function*() {
      yield* Agent.run({ ...run, input: "Go" })
      const second = yield* Agent.run({ ...run, approve: ["call_1/1/call_1"] })
      assert.deepStrictEqual(second.outcome, { _tag: "awaiting_tools" })
      assert.strictEqual(yield* sent, 2)
    }).pipe(Effect.provide(layer))
  })

  it.effect("suspends a handler that fails because of it, and does not repeat it", () => {
    const { done, layer } = makeWorld(["cleaner"], { fails: true })
    return Effect.gen(function*() {
      const first = yield* Agent.run({ ...run, input: "Clean up" })
      assert.deepStrictEqual(first.outcome, { _tag: "awaiting_approval" })
      assert.strictEqual(yield* sent, 2)
      const second = yield* Agent.run({ ...run, approve: ["call_1/1/call_1"] })
      assert.deepStrictEqual(second.outcome, { _tag: "completed" })
      assert.strictEqual(done.length, 1)
      assert.strictEqual(yield* sent, 4)
    }).pipe(Effect.provide(layer))
  })

  it.effect("continues a conversation of its own, without its input again", () => {
    const { done, layer } = makeWorld(["looker", "cleaner"], { own: true })
    return Effect.gen(function*() {
      const first = yield* Agent.run({ ...run, input: "Clean up" })
      assert.deepStrictEqual(shown(first.pending), ["call_1/2/call_1 approval"])
      yield* Agent.run({ ...run, approve: ["call_1/2/call_1"] })
      assert.deepStrictEqual(done, ["own-looker/call_1", "own-cleaner/call_1"])
      const prompts = (yield* TestModel.requests).map((request) =>
        itemsOf(request).filter((item) => item["role"] === "user").length
      )
      assert.deepStrictEqual([...new Set(prompts)], [1])
    }).pipe(Effect.provide(layer))
  })

  it.effect("needs a stored conversation to be decided", () => {
    const { layer } = makeWorld(["cleaner"])
    const alone = { model, tools: Outer } as const
    return Effect.gen(function*() {
      const first = yield* Agent.run({ ...alone, input: "Clean up" })
      assert.deepStrictEqual(shown(first.pending), ["call_1/1/call_1 approval"])
      const error = yield* Effect.flip(Agent.run({ ...alone, input: first.history, approve: ["call_1/1/call_1"] }))
      assert.strictEqual(error._tag, "InvalidRequestError")
      assert.include(error.message, "set `conversation`")
      assert.strictEqual(yield* sent, 2)
    }).pipe(Effect.provide(layer))
  })

  it.effect("is approved with a token, if approvals are signed", () => {
    const { done, layer } = makeWorld(["cleaner"])
    const approvals = { key: Redacted.make("0123456789abcdef0123456789abcdef"), scope: "user" }
    return Effect.gen(function*() {
      const first = yield* Agent.run({ ...run, approvals, input: "Clean up" })
      const tokens = yield* Approval.sign(first.pending, approvals)
      const refused = yield* Effect.flip(Agent.run({ ...run, approvals, approve: ["call_1/1/call_1"] }))
      assert.strictEqual(refused._tag, "InvalidRequestError")
      yield* Agent.run({ ...run, approvals, approve: Object.values(tokens) })
      assert.strictEqual(done.length, 1)
    }).pipe(Effect.provide(layer))
  })

  it.effect("does not wait if its handler decides itself", () => {
    const outer = Outer.toLayer({
      delegate: () =>
        Effect.gen(function*() {
          const first = yield* Agent.run({ model, instructions: "cleaner", input: "Go", tools: Inner })
          const approve = first.pending.map(({ callId }) => callId)
          const second = yield* Agent.run({
            model,
            instructions: "cleaner",
            input: first.history,
            tools: Inner,
            approve
          })
          return [second.text]
        }).pipe(Effect.mapError((error) => error.message))
    })
    const { done, layer } = makeWorld([])
    return Effect.gen(function*() {
      const { outcome } = yield* Agent.run({ ...run, input: "Clean up" })
      assert.deepStrictEqual(outcome, { _tag: "completed" })
      assert.strictEqual(done.length, 1)
    }).pipe(Effect.provide(outer), Effect.provide(layer))
  })

  it.effect("ends when the outer run is to be interrupted, and goes on with the next run", () => {
    const { done, layer } = makeWorld(["digger"])
    return Effect.gen(function*() {
      const first = yield* Agent.run({ ...run, input: "Dig" })
      assert.deepStrictEqual(first.outcome, { _tag: "interrupted", reason: "enough" })
      assert.deepStrictEqual(shown(first.pending), ["call_1 stopped"])
      assert.deepStrictEqual(shown(yield* pending), ["call_1 stopped"])
      assert.strictEqual(yield* sent, 2)
      const second = yield* Agent.run(run)
      assert.deepStrictEqual(second.outcome, { _tag: "completed" })
      assert.deepStrictEqual(done, ["c/call_1/1/call_1"])
      assert.strictEqual(yield* sent, 4)
    }).pipe(Effect.provide(layer))
  })

  it.effect("keeps its place if functions of another run inside of the call start runs, too", () => {
    const { done, layer } = makeWorld([])
    const asks = Middleware.make({
      model: (request, next) =>
        Effect.zipRight(Effect.orDie(Agent.run({ model, instructions: "guard", input: "Safe?" })), next(request))
    })
    const outer = Outer.toLayer({
      delegate: () =>
        Effect.forEach(
          ["cleaner", "sweeper"],
          (instructions) =>
            Agent.run({ model, instructions, input: "Go", tools: Inner, middleware: asks }).pipe(
              Effect.mapBoth({ onFailure: ({ _tag }) => _tag, onSuccess: ({ text }) => text })
            )
        )
    })
    return Effect.gen(function*() {
      const first = yield* Agent.run({ ...run, input: "Clean up" })
      assert.deepStrictEqual(shown(first.pending), ["call_1/1/call_1 approval", "call_1/2/call_1 approval"])
      const second = yield* Agent.run({ ...run, approve: first.pending.map(({ callId }) => callId) })
      assert.deepStrictEqual(done, ["c/call_1/1/call_1", "c/call_1/2/call_1"])
      assert.match(second.text, /dropped old.*dropped dust/)
    }).pipe(Effect.provide(outer), Effect.provide(layer))
  })

  it.effect("begins anew when its handler is repeated", () => {
    const { layer } = makeWorld(["looker"])
    const failures = ["once", "twice"]
    const outer = Outer.toLayer({
      delegate: () =>
        Agent.run({ model, instructions: "looker", input: "Go", tools: Inner }).pipe(
          Effect.mapError(({ _tag }) => _tag),
          Effect.flatMap(({ text }) => failures.pop() === undefined ? Effect.succeed([text]) : Effect.fail("not good"))
        )
    })
    return Effect.gen(function*() {
      const { outcome } = yield* Agent.run({ ...run, input: "Look" })
      assert.deepStrictEqual(outcome, { _tag: "completed" })
      assert.strictEqual(yield* sent, 1 + 3 * 2 + 1)
    }).pipe(Effect.provide(outer), Effect.provide(layer))
  })

  it.effect("fails the outer run if what it did cannot be stored", () => {
    const { layer } = makeWorld(["cleaner"])
    let appends = 0
    const failing = Layer.effect(
      Conversation.Conversation,
      Effect.map(Conversation.Conversation, (store) => ({
        ...store,
        append: (id: string, version: number, entries: ReadonlyArray<Conversation.Entry>) =>
          ++appends === 3
            ? Effect.fail(new Conversation.ConversationConflictError({ id, version, message: "taken" }))
            : store.append(id, version, entries)
      }))
    )
    return Effect.gen(function*() {
      const error = yield* Effect.flip(Agent.run({ ...run, input: "Clean up" }))
      assert.strictEqual(error._tag, "ConversationConflictError")
      assert.strictEqual(error.progress.cost, 2)
      assert.strictEqual(yield* sent, 2)
    }).pipe(Effect.provide(failing), Effect.provide(layer))
  })

  it.effect("continues in the replay of a run without a conversation", () => {
    const { done, layer } = makeWorld(["looker", "cleaner"])
    const journal: Journal = new Map()
    const agent = Agent.run({ model, tools: Outer, input: "Clean up", runId: "task" })
    return Effect.gen(function*() {
      const first = yield* Effect.map(runIn({ journal, decide: () => undefined }, agent), Option.getOrThrow)
      assert.deepStrictEqual(shown(first.pending), ["call_1/2/call_1 approval"])
      const second = yield* Effect.map(
        runIn({ journal, decide: () => ({ _tag: "approve" }) }, agent),
        Option.getOrThrow
      )
      assert.deepStrictEqual(second.outcome, { _tag: "completed" })
      assert.deepStrictEqual(done, ["task/call_1/1/call_1", "task/call_1/2/call_1"])
      assert.strictEqual(yield* sent, 6)
    }).pipe(Effect.provide(layer))
  })
})
