/** The store over real databases: everything that any store keeps, and what only a database can break. */
import * as SqlClient from "@effect/sql/SqlClient"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { execFile, fork } from "node:child_process"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import { afterAll, beforeAll } from "vitest"
import * as Conversation from "../../src/agent/Conversation.js"
import { isObject } from "../../src/internal/json.js"
import * as SqlConversation from "../../src/sql/SqlConversation.js"
import * as StoreTests from "../../src/testing/StoreTests.js"
import { together } from "../agent/support/processes.js"
import { type Database, databases } from "../support/databases.js"
import { clientOf } from "../support/effect/databases.js"
import * as Proxy from "./support/proxy.js"

const said = (content: string): Conversation.Entry => ({ _tag: "input", items: [{ role: "user", content }] })

/** Runs a payer, and kills it with the message `fatal`. Returns its result, or undefined if it was killed. */
const payer = (address: string, bills: number, fatal: number): Effect.Effect<unknown> =>
  Effect.async((resume) => {
    const script = fileURLToPath(new URL("./support/payer.ts", import.meta.url))
    const child = fork(script, [address, `${bills}`], { execArgv: ["--import", "tsx"] })
    let events = 0
    let result: unknown
    child.on("message", (message) => {
      if (!isObject(message)) return
      if (message["ready"] === true) child.send("go")
      if (message["event"] !== undefined && ++events === fatal) child.kill("SIGKILL")
      result = message["result"] ?? result
    })
    child.once("exit", () => resume(Effect.succeed(result)))
    return Effect.sync(() => child.kill("SIGKILL"))
  })

for (const { name, start } of databases) {
  describe.skipIf(start === undefined)(`conversations in ${name}`, { timeout: 120_000 }, () => {
    let database: Database | undefined
    beforeAll(async () => {
      database = await start?.()
    }, 120_000)
    afterAll(() => database?.stop())

    const client = Layer.unwrapEffect(Effect.sync(() => clientOf(database?.address ?? "")))
    const withStore = Effect.provide(Layer.provideMerge(SqlConversation.layer(), client))

    for (const { effect, name } of StoreTests.make()) {
      it.live(name, () => withStore(effect))
    }

    it.live("makes its table once, though many start together", () =>
      Effect.gen(function*() {
        const options = { table: "started_together" }
        yield* Effect.forEach(
          [1, 2, 3, 4],
          () => Effect.provide(SqlConversation.migrate(options), client),
          { concurrency: "unbounded" }
        )
        const store = Layer.provide(SqlConversation.layerWithoutMigrations(options), client)
        assert.deepStrictEqual(yield* Effect.provide(Conversation.load("a"), store), { version: 0, entries: [] })
      }))

    it.live("keeps all ids apart, and finds them by any prefix", () =>
      withStore(Effect.gen(function*() {
        const store = yield* Conversation.Conversation
        // Equal for some orders of texts; patterns; at the ends of what UTF-8 can have; NUL, which no text of a database has
        const ends = ["a", "a ", "A", "a\t", "é", "e\u0301", "%", "_", "\ud7ff", "\ud7ff\ue000", "\u{10ffff}x"]
        const ids = [...ends, "\u0000", "\\u0000", "\u{1f600}".repeat(300)].map((end) => `ids/${end}`)
        for (const id of ids) yield* store.append(id, 0, [said(id)])
        for (const id of ids) assert.deepStrictEqual((yield* store.load(id)).entries, [said(id)])
        const prefixes = ["", "a", "%", "\ud7ff", "\u{10ffff}", "\ud83d", "\\u", "\u{1f600}".repeat(250)]
        for (const prefix of prefixes.map((prefix) => `ids/${prefix}`)) {
          const found: Array<string> = []
          let after: string | undefined
          do {
            const page: Conversation.Page = yield* Conversation.list({ prefix, limit: 3, after })
            found.push(...page.conversations.map(({ id }) => id))
            after = page.next
          } while (after !== undefined)
          assert.deepStrictEqual(found.sort(), ids.filter((id) => id.startsWith(prefix)).sort(), JSON.stringify(prefix))
        }
      })))

    it.live("has no word of a conversation in its errors", () =>
      Effect.gen(function*() {
        const store = yield* Conversation.Conversation
        const error = yield* Effect.flip(store.append("x", 0, [said("a secret")]))
        assert.strictEqual(error._tag, "ConversationStoreError")
        assert.include(error.message, "the database failed to append")
        assert.notInclude([JSON.stringify(error), String(error), error.stack].join(), "secret")
      }).pipe(
        Effect.provide(Layer.provide(SqlConversation.layerWithoutMigrations({ table: "no_such_table" }), client))
      ))

    it.live.skipIf(name !== "Postgres")("may be in a schema of the database", () =>
      Effect.gen(function*() {
        yield* Effect.provide(Effect.flatMap(SqlClient.SqlClient, (sql) => sql`CREATE SCHEMA app`), client)
        const store = Layer.provide(SqlConversation.layer({ table: "app.conversations" }), client)
        for (const { effect } of StoreTests.make()) yield* Effect.provide(effect, store)
      }))

    it.live("refuses a conversation from which somebody deleted rows", () =>
      withStore(Effect.gen(function*() {
        const store = yield* Conversation.Conversation
        const sql = yield* SqlClient.SqlClient
        for (const version of [0, 1, 2]) yield* store.append("gap", version, [said(`${version}`)])
        for (const version of [2, 1]) {
          yield* sql`DELETE FROM openrouter_conversations WHERE id_key = ${"gap"} AND version = ${version}`
          const { _tag } = yield* Effect.flip(store.load("gap"))
          assert.strictEqual(_tag, "ConversationDamagedError")
        }
      })))

    it.effect("has the time of the database, for appends and leases", () =>
      withStore(Effect.gen(function*() {
        const store = yield* Conversation.Conversation
        yield* store.append("times", 0, [said("now")])
        const [listed] = yield* Conversation.list({ prefix: "times" }).pipe(Effect.map((page) => page.conversations))
        const now = yield* store.now ?? assert.fail("no clock")
        assert.isBelow(Math.abs(now - Date.now()), 60_000)
        assert.isBelow(Math.abs(now - (listed?.updatedAt ?? 0)), 60_000)
      })))

    it.live.skipIf(name !== "Postgres")(
      "are stored, listed and removed by examples/agent-sql.ts",
      () =>
        Effect.gen(function*() {
          const output = yield* Effect.promise(() =>
            promisify(execFile)(process.execPath, ["--import", "tsx", "examples/agent-sql.ts"], {
              cwd: fileURLToPath(new URL("../..", import.meta.url)),
              env: { ...process.env, DATABASE_URL: database?.address }
            })
          )
          assert.deepStrictEqual(output.stdout.trim().split("\n"), [
            "It is Ada.",
            "user-17/welcome: 6 appends",
            "0 conversations are left"
          ])
        })
    )

    // With libsql, a file may lose its locks, and one of two processes overwrites what the other one has appended
    it.effect.skipIf(name === "SQLite")(
      "in two processes that append at the same time, loses nothing and has no gap",
      () =>
        Effect.gen(function*() {
          const address = database?.address ?? ""
          const won = yield* together([1, 2].map((n) => ["append", address, "race", `p${n}`, "50"]))
          assert.deepStrictEqual(
            won.flat().map(Number).sort((a, b) => a - b),
            Array.from({ length: 100 }, (_, n) => n + 1)
          )
          const log = yield* withStore(Conversation.load("race"))
          assert.deepStrictEqual([log.version, log.entries.length], [100, 200])
        })
    )

    it.live("in an agent that is killed again and again, pays nothing twice that is stored", () =>
      withStore(Effect.gen(function*() {
        const bills = 12
        const sql = yield* SqlClient.SqlClient
        yield* sql`CREATE TABLE payments (id VARCHAR(100) NOT NULL, recorded INTEGER NOT NULL)`
        let kills = 0
        const deaths = [1, 2, 3, 4, 5, 6, 2, 3]
        for (; (yield* payer(database?.address ?? "", bills, deaths[kills] ?? 1000)) !== true; kills++) {
          assert.isBelow(kills, 50)
        }
        assert.strictEqual(kills, deaths.length)
        const rows = yield* sql<{ id: string; recorded: unknown }>`SELECT id, recorded FROM payments`
        assert.deepStrictEqual(rows.filter(({ recorded }) => Number(recorded) === 1), [])
        assert.strictEqual(new Set(rows.map(({ id }) => id)).size, bills)
        assert.isAtMost(rows.length, bills + kills)
        const { entries } = yield* Conversation.load("bills")
        const recorded = entries.flatMap((entry) => entry._tag === "tool" ? [entry.record.callId] : [])
        assert.deepStrictEqual(recorded, Array.from({ length: bills }, (_, bill) => `bill${bill}`))
      })))

    describe.skipIf(name === "SQLite")("over a connection that breaks", () => {
      const broken = (where: Proxy.Cut) =>
        Effect.gen(function*() {
          const proxy = yield* Proxy.make(database?.address ?? "")
          const id = `broken ${where}`
          const append = yield* Effect.gen(function*() {
            const store = yield* Conversation.Conversation
            yield* store.append(id, 0, [said("first")])
            proxy.cut(where, "\"content\":\"second\"")
            return yield* Effect.either(store.append(id, 1, [said("second")]))
          }).pipe(Effect.provide(Layer.provide(SqlConversation.layer(), clientOf(proxy.address))))
          assert.strictEqual(proxy.cuts(), 1)
          return { append, log: yield* withStore(Conversation.load(id)) }
        })

      it.scopedLive("tells that an append was written, where it was", () =>
        Effect.map(broken("after"), ({ append, log }) => {
          assert.deepStrictEqual(append._tag === "Right" ? append.right : append.left, 2)
          assert.strictEqual(log.version, 2)
        }))

      it.scopedLive("tells that an append failed, where it was not written", () =>
        Effect.map(broken("before"), ({ append, log }) => {
          assert.strictEqual(append._tag === "Left" ? append.left._tag : append.right, "ConversationStoreError")
          assert.strictEqual(log.version, 1)
        }))
    })

    it.live.skipIf(name === "SQLite")(
      "keeps what was appended within a transaction that is rolled back",
      () =>
        withStore(Effect.gen(function*() {
          const sql = yield* SqlClient.SqlClient
          const store = yield* Conversation.Conversation
          yield* Effect.flip(sql.withTransaction(
            Effect.zipRight(store.append("rolled back", 0, [said("paid")]), Effect.fail("no" as const))
          ))
          assert.strictEqual((yield* store.load("rolled back")).version, 1)
        }))
    )
  })
}
