/** One conversation that several processes share, over files. */
import * as NodeContext from "@effect/platform-node/NodeContext"
import * as FileSystem from "@effect/platform/FileSystem"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as TestClock from "effect/TestClock"
import * as Agent from "../../../src/agent/Agent.js"
import * as Conversation from "../../../src/agent/Conversation.js"
import { objectAt, stringAt } from "../../../src/internal/json.js"
import type * as Script from "../../../src/testing/Script.js"
import * as TestModel from "../../../src/testing/TestModel.js"
import { start } from "../support/agentProcesses.js"
import { deployer, deployment, request } from "../support/deployment.js"
import { lastOutputs } from "./support.js"

const directory = Effect.flatMap(FileSystem.FileSystem, (fs) => fs.makeTempDirectoryScoped()).pipe(
  Effect.provide(NodeContext.layer)
)

/** This process, with its own store over the same files, and its own tools and model. */
const here = (directory: string, turns: Script.Script, work: (idempotencyKey: string) => void = () => {}) =>
  Layer.mergeAll(
    Layer.provide(Conversation.layerFileSystem({ directory }), NodeContext.layer),
    deployment((idempotencyKey) => Effect.sync(() => work(idempotencyKey))),
    TestModel.layer(turns)
  )

const outcomeOf = (result: unknown) => stringAt(objectAt(result, "outcome"), "_tag") ?? stringAt(result, "error")

const paused = (directory: string) =>
  Effect.provide(Agent.run({ ...deployer, input: "Deploy" }), here(directory, [request]))

describe("a conversation in files", () => {
  it.scoped("30: is paused by one process and approved in another, with the same parameters and call ids", () =>
    Effect.gen(function*() {
      const files = yield* directory
      const process = yield* start("pause", files)
      yield* process.go
      assert.strictEqual(outcomeOf(yield* process.result), "awaiting_approval")
      const ran: Array<string> = []
      yield* Effect.gen(function*() {
        const waiting = Conversation.pending(yield* Conversation.load("shared"))
        assert.deepStrictEqual(waiting, [
          { callId: "same_2", name: "deploy", arguments: { branch: "main" }, turn: 1, reason: "approval" }
        ])
        const run = yield* Agent.run({ ...deployer, approve: ["same_2"] })
        assert.deepStrictEqual(run.outcome, { _tag: "completed" })
        assert.deepStrictEqual(yield* lastOutputs, [["same", "{\"level\":\"6\"}"], ["same_2", "deployed main"]])
        const [request] = yield* TestModel.requests
        assert.strictEqual(request?.json["instructions"], "Knows docker 7")
      }).pipe(Effect.provide(here(files, ["Deployed."], (key) => ran.push(key))))
      assert.deepStrictEqual(ran, ["shared/same_2"])
    }))

  it.scoped("33: is resumed by one of two processes, and the other fails with ConversationBusyError", () =>
    Effect.gen(function*() {
      const files = yield* directory
      yield* paused(files)
      const [one, other] = yield* Effect.all([start("approve", files), start("approve", files)], { concurrency: 2 })
      yield* Effect.all([one.go, other.go])
      const loss = yield* Effect.race(one.result, other.result)
      assert.include(["ConversationBusyError", "ConversationConflictError"], outcomeOf(loss))
      yield* Effect.all([one.finish, other.finish])
      const results = yield* Effect.all([one.result, other.result])
      assert.strictEqual(results.filter((result) => outcomeOf(result) === "completed").length, 1)
      const { entries } = yield* Effect.provide(Conversation.load("shared"), here(files, []))
      const ran = entries.flatMap((entry) => entry._tag === "tool" ? [entry.record.name] : [])
      assert.deepStrictEqual(ran, ["learn", "deploy"])
    }))

  it.scoped("33: is leased to a process that is killed during a tool until the lease expires; then the call executes again", () =>
    Effect.gen(function*() {
      const files = yield* directory
      yield* paused(files)
      const process = yield* start("crash", files)
      yield* process.go
      assert.strictEqual(yield* process.killed, "SIGKILL")
      const key = yield* process.running
      const ran: Array<string> = []
      yield* Effect.gen(function*() {
        const log = yield* Conversation.load("shared")
        const opened = log.entries.findLast((entry) => entry._tag === "opened") ?? assert.fail("nobody opened it")
        yield* TestClock.setTime(opened.until - 1)
        const busy = yield* Effect.flip(Agent.run(deployer))
        assert.strictEqual(busy._tag === "ConversationBusyError" ? busy.run : busy._tag, opened.run)
        assert.deepStrictEqual(yield* Conversation.load("shared"), log)
        yield* TestClock.adjust(1)
        const run = yield* Agent.run(deployer)
        assert.deepStrictEqual(run.outcome, { _tag: "completed" })
        assert.deepStrictEqual(yield* lastOutputs, [["same", "{\"level\":\"6\"}"], ["same_2", "deployed main"]])
      }).pipe(Effect.provide(here(files, ["Deployed."], (key) => ran.push(key))))
      assert.deepStrictEqual(ran, [key])
    }))
})
