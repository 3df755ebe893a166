/** The log of streams over real databases, and two servers of a chat that share it. */
import * as SqlClient from "@effect/sql/SqlClient"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import { afterAll, beforeAll } from "vitest"
import { collect } from "../../src/internal/effect/batches.js"
import * as SqlConversation from "../../src/sql/SqlConversation.js"
import * as SqlStreamLog from "../../src/sql/SqlStreamLog.js"
import * as Script from "../../src/testing/Script.js"
import { StreamLog } from "../../src/ui/StreamLog.js"
import * as UiChat from "../../src/ui/UiChat.js"
import { type Database, databases } from "../support/databases.js"
import { clientOf } from "../support/effect/databases.js"
import { seven, textOf } from "../ui/support/clients.js"
import { startChat } from "../ui/support/server.js"

const begun = { entries: 3, continues: true }

for (const { name, start } of databases) {
  describe.skipIf(start === undefined)(`streams in ${name}`, { timeout: 120_000 }, () => {
    let database: Database | undefined
    beforeAll(async () => {
      database = await start?.()
    }, 120_000)
    afterAll(() => database?.stop())

    const client = Layer.unwrapEffect(Effect.sync(() => clientOf(database?.address ?? "")))
    const withLog = Effect.provide(Layer.provideMerge(SqlStreamLog.layer(), client))

    it.live("give a reader all chunks in their order, and then the end", () =>
      withLog(Effect.gen(function*() {
        const log = yield* StreamLog
        const writer = yield* log.open("a", begun)
        yield* writer.append(["{\"one\":1}", "two 'quoted' \u{1f600}"])
        assert.isFalse(yield* writer.isRead)
        const found = Option.getOrThrow(yield* log.follow("a"))
        assert.deepStrictEqual(found.begun, begun)
        const [chunks] = yield* Effect.all([
          collect(found.chunks),
          writer.append(["three"]).pipe(Effect.zipRight(writer.append(["four"])), Effect.zipRight(writer.end))
        ], { concurrency: 2 })
        assert.deepStrictEqual(chunks, ["{\"one\":1}", "two 'quoted' \u{1f600}", "three", "four"])
        assert.isTrue(yield* writer.isRead)
        assert.isTrue(Option.isNone(yield* log.follow("a")))
        assert.isTrue(Option.isNone(yield* log.follow("b")))
      })))

    it.live("end when another run begins, or when their process is dead", () =>
      withLog(Effect.gen(function*() {
        const log = yield* StreamLog
        yield* Effect.flatMap(log.open("c", begun), (writer) => writer.append(["old"]))
        const old = Option.getOrThrow(yield* log.follow("c"))
        const writer = yield* log.open("c", { entries: 5, continues: false })
        yield* writer.append(["new"])
        assert.deepStrictEqual(yield* collect(old.chunks), [])
        const found = Option.getOrThrow(yield* log.follow("c"))
        assert.deepStrictEqual(found.begun, { entries: 5, continues: false })
        const sql = yield* SqlClient.SqlClient
        yield* sql`UPDATE openrouter_streams SET written = written - 40000 WHERE id_key = ${"c"}`
        assert.isTrue(Option.isNone(yield* log.follow("c")))
        assert.deepStrictEqual(yield* collect(found.chunks), ["new"])
      })))

    it.scopedLive("show a run of one server to a browser that connects to another one", () =>
      Effect.gen(function*() {
        const words = Array.from({ length: 30 }, (_, index) => `w${index} `)
        const stores = Layer.orDie(Layer.provide(
          Layer.merge(Layer.provide(UiChat.layerShared, SqlStreamLog.layer()), SqlConversation.layer()),
          client
        ))
        const settings = { protocol: 7, stores, stopUnreadAfter: "1 second" } as const
        const first = yield* startChat([Script.turn(Script.text(words), { pace: "40 millis" })], settings)
        const second = yield* startChat([], settings)
        const here = seven.client({ id: name, api: first.api })
        const there = seven.client({ id: name, api: second.api })
        const going = here.send("long")
        yield* Effect.promise(() => here.says("w1"))
        yield* Effect.promise(() => here.stop())
        yield* Effect.promise(() => going)
        yield* Effect.promise(() => there.resume())
        assert.strictEqual(textOf(there.messages), words.join(""))
      }))
  })
}
