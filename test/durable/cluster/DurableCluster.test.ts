/** Executions over real databases, whose processes are killed. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { execFile, fork } from "node:child_process"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import { afterAll, beforeAll } from "vitest"
import * as DurableCluster from "../../../src/durable/cluster/DurableCluster.js"
import { isObject, stringAt } from "../../../src/internal/json.js"
import * as ScriptedServer from "../../../src/testing/server/ScriptedServer.js"
import { type Database, databases } from "../../support/databases.js"
import { clientOf } from "../../support/effect/databases.js"
import { countOf, type Event, keysOf, paidAgain } from "../support/events.js"
import { model } from "../support/model.js"

const worker = fileURLToPath(new URL("../support/worker.ts", import.meta.url))

/** A worker until its end. It is killed with the event `fatal`, and what it tells is added to the events. */
const work = (args: ReadonlyArray<string>, events: Array<Event>, fatal: number): Effect.Effect<unknown> =>
  Effect.async((resume) => {
    const child = fork(worker, args, { execArgv: ["--import", "tsx"] })
    let count = 0
    let result: unknown
    child.on("message", (message) => {
      if (!isObject(message)) return
      if (message["ready"] === true) child.send("go")
      const [event, key] = [stringAt(message, "event"), stringAt(message, "key")]
      if (event !== undefined && key !== undefined) {
        events.push({ event, key })
        if (++count === fatal) child.kill("SIGKILL")
      }
      result = message["result"] ?? result
    })
    child.once("exit", () => resume(Effect.succeed(result)))
    return Effect.sync(() => child.kill("SIGKILL"))
  })

const postgres = databases.find(({ name }) => name === "Postgres")

describe.skipIf(postgres?.start === undefined)("durable runs over Postgres", () => {
  it.live("are approved and paid in examples/agent-durable.ts", () =>
    Effect.acquireUseRelease(
      Effect.promise(async () => await postgres?.start?.()),
      (database) =>
        Effect.gen(function*() {
          const output = yield* Effect.promise(() =>
            promisify(execFile)(process.execPath, ["--import", "tsx", "examples/agent-durable.ts"], {
              cwd: fileURLToPath(new URL("../../..", import.meta.url)),
              env: { ...process.env, DATABASE_URL: database?.address }
            })
          )
          const lines = output.stdout.trim().split("\n")
          assert.match(lines[2] ?? "", /^pays back A-17 \w+\/1\/call_2_1$/)
          assert.deepStrictEqual(lines.toSpliced(2, 1), [
            "looks for the order",
            "approves refund {\"order\":\"A-17\"}",
            "I am sorry. You have your money back."
          ])
        }),
      (database) => Effect.promise(async () => database?.stop())
    ), 60_000)
})

describe("DurableCluster", () => {
  it.live.skipIf(databases.every(({ name, start }) => name !== "SQLite" || start === undefined))(
    "says which option the client of a database needs",
    () =>
      Effect.gen(function*() {
        const engine = Layer.provide(DurableCluster.layerSingle(), clientOf("file::memory:"))
        const error = yield* Effect.flip(Effect.provide(Effect.void, engine))
        assert.instanceOf(error, DurableCluster.UnsuitableDatabaseError)
        assert.include(JSON.stringify(error), "intMode")
      })
  )
})

const available = databases.find(({ start }) => start !== undefined)

describe.skipIf(available === undefined)(`durable runs over ${available?.name ?? "a database"}`, () => {
  let database: Database | undefined
  beforeAll(async () => {
    database = await available?.start?.()
  }, 60_000)
  afterAll(() => database?.stop())

  it.scopedLive("pay nothing again that was finished, whenever their process is killed", () =>
    Effect.gen(function*() {
      const events: Array<Event> = []
      const server = yield* ScriptedServer.make({
        turns: [model((key) => events.push({ event: "asked", key }))],
        allowUnused: true
      })
      // A server of a database starts more slowly
      const deaths = available?.name === "SQLite" ? [1, 3, 5, 4, 13, 20, 34, 30] : [4, 15, 30]
      let kills = 0
      let result: unknown
      for (; result === undefined; kills++) {
        assert.isBelow(kills, 20)
        result = yield* work([database?.address ?? "", server.url], events, deaths[kills] ?? 100_000)
      }
      assert.strictEqual(kills, deaths.length + 1)
      assert.deepStrictEqual(result, { outcome: { _tag: "completed" }, text: "Done.", steps: 7, cost: 9 })
      assert.deepStrictEqual(paidAgain(events), [])
      assert.deepStrictEqual([keysOf(events, "asked"), keysOf(events, "ended")], [11, 14])
      assert.isAtMost(countOf(events, "asked"), 11 + kills)
      assert.isAtMost(countOf(events, "begins"), 14 + 2 * kills)
    }), 120_000)
})
