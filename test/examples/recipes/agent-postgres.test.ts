import * as SqlClient from "@effect/sql/SqlClient"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Layer } from "effect"
import { SqlConversation } from "effect-openrouter/sql"
import { Script, TestModel } from "effect-openrouter/testing"
import { afterAll, beforeAll } from "vitest"
import { begin, migrate, resume, ShopLive } from "../../../examples/recipes/agent-postgres.js"
import { type Database, databases } from "../../support/databases.js"
import { clientOf } from "../../support/effect/databases.js"

const start = databases.find(({ name }) => name === "Postgres")?.start

describe.skipIf(start === undefined)("the recipe of an agent over Postgres", { timeout: 60_000 }, () => {
  let database: Database | undefined
  beforeAll(async () => {
    database = await start?.()
  }, 60_000)
  afterAll(() => database?.stop())

  /** What each process has of its own: a pool, and all that is built on it. */
  const ofProcess = Layer.suspend(() =>
    Layer.mergeAll(SqlConversation.layerWithoutMigrations(), ShopLive).pipe(
      Layer.provideMerge(clientOf(database?.address ?? ""))
    )
  )

  it.live("takes over what a dead process had begun, and repeats no turn that was finished", () =>
    Effect.gen(function*() {
      yield* Effect.provide(Effect.all([migrate, migrate]), ofProcess)
      const job = { id: "order-17", input: "Refund the lamp." }
      // A process that is dead does not release its conversation: this one hangs
      const dead = yield* Effect.fork(Effect.provide(begin("worker-1", job), ofProcess))
      const { awaitRequests, requests } = yield* TestModel.TestModel
      yield* awaitRequests(2)
      yield* Effect.gen(function*() {
        yield* resume("worker-2")
        assert.strictEqual((yield* requests).length, 2)
        yield* resume("worker-1")
        yield* begin("worker-1", job)
        yield* resume("worker-1")
        assert.strictEqual((yield* requests).length, 3)
        const sql = yield* SqlClient.SqlClient
        assert.deepStrictEqual(yield* sql`SELECT worker, response, cost FROM jobs`, [
          { worker: "worker-1", response: "The lamp is refunded.", cost: 0.003 }
        ])
        assert.deepStrictEqual(yield* sql`SELECT item, euros FROM refunds`, [{ item: "lamp", euros: 49 }])
        const [, , last] = yield* requests
        assert.strictEqual(JSON.stringify(last?.json["input"]).split("Refund the lamp.").length, 2)
      }).pipe(Effect.provide(ofProcess))
      yield* Fiber.interrupt(dead)
    }).pipe(
      Effect.provide(TestModel.layer([
        Script.turn(Script.toolCall("refund", { item: "lamp", euros: 49 }), { cost: 0.001 }),
        [Script.stall],
        Script.turn("The lamp is refunded.", { cost: 0.002 })
      ]))
    ))
})
