import * as NodeContext from "@effect/platform-node/NodeContext"
import * as FileSystem from "@effect/platform/FileSystem"
import * as KeyValueStore from "@effect/platform/KeyValueStore"
import { assert, describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as TestClock from "effect/TestClock"
import * as Agent from "../../../src/agent/Agent.js"
import * as Conversation from "../../../src/agent/Conversation.js"
import * as Tool from "../../../src/agent/Tool.js"
import * as Toolkit from "../../../src/agent/Toolkit.js"
import * as Script from "../../../src/testing/Script.js"
import * as TestModel from "../../../src/testing/TestModel.js"
import { fileFailure, storeOver } from "../../support/effect/storage.js"
import { input, stores } from "../support/logs.js"
import { together } from "../support/processes.js"

const opened = (run: string, until: number): Conversation.Entry => ({ _tag: "opened", run, at: 0, until })

const closed = (run: string): Conversation.Entry => ({ _tag: "closed", run, outcome: "completed" })

describe.each(Object.entries(stores))("conversations %s", (_, layer) => {
  it.scoped("are removed unless a run holds them", () =>
    Effect.gen(function*() {
      const store = yield* Conversation.Conversation
      yield* store.append("free", 0, [opened("r", 1000), input("Hi"), closed("r")])
      yield* store.append("held", 0, [opened("r", 1000), input("Hi")])
      yield* Conversation.remove("free")
      const error = yield* Effect.flip(Conversation.remove("held"))
      assert.strictEqual(error._tag, "ConversationBusyError")
      assert.strictEqual((yield* store.load("held")).entries.length, 2)
      yield* Conversation.remove("held", { force: true })
      for (const id of ["free", "held"]) {
        assert.deepStrictEqual(yield* store.load(id), { version: 2, entries: [], removed: 2 })
      }
      yield* Conversation.remove("never there")
      assert.strictEqual((yield* store.load("never there")).version, 0)
    }).pipe(Effect.provide(layer)))

  it.scoped("are removed after the lease of a dead run", () =>
    Effect.gen(function*() {
      const store = yield* Conversation.Conversation
      yield* store.append("a", 0, [opened("r", 1000), input("Hi")])
      yield* TestClock.adjust(1000)
      yield* Conversation.remove("a")
      assert.deepStrictEqual((yield* store.load("a")).entries, [])
    }).pipe(Effect.provide(layer)))

  it.scoped("stay removed after a request to interrupt", () =>
    Effect.gen(function*() {
      const store = yield* Conversation.Conversation
      yield* store.append("a", 0, [input("Hi")])
      yield* Conversation.remove("a")
      yield* Conversation.interrupt("a", "late")
      yield* Conversation.takeOver("a")
      assert.deepStrictEqual(yield* store.load("a"), { version: 2, entries: [], removed: 2 })
      assert.deepStrictEqual((yield* Conversation.list()).conversations, [])
    }).pipe(Effect.provide(layer)))

  it.scoped("that had no append for a time are removed, unless a run holds them", () =>
    Effect.gen(function*() {
      const store = yield* Conversation.Conversation
      // The times of files are those of the machine
      yield* TestClock.setTime(Date.now() + 1000)
      yield* store.append("u/old", 0, [input("Hi")])
      yield* store.append("u/held", 0, [opened("r", Number.MAX_SAFE_INTEGER)])
      yield* store.append("v/other", 0, [input("Hi")])
      assert.deepStrictEqual(yield* Conversation.removeOlderThan("90 days"), [])
      yield* TestClock.adjust("91 days")
      const removed = yield* Conversation.removeOlderThan("90 days", { prefix: "u/" })
      assert.deepStrictEqual(removed.map(({ id }) => id), ["u/old"])
      const left = (yield* Conversation.list()).conversations.map(({ id }) => id)
      assert.deepStrictEqual(left.toSorted(), ["u/held", "v/other"])
    }).pipe(Effect.provide(layer)))
})

describe("a store without them", () => {
  it.effect("fails to list and to remove with an error of its own", () =>
    Effect.gen(function*() {
      const list = yield* Effect.flip(Conversation.list())
      const remove = yield* Effect.flip(Conversation.remove("a"))
      const old = yield* Effect.flip(Conversation.removeOlderThan("1 day"))
      assert.deepStrictEqual([list._tag, remove._tag, old._tag], Array(3).fill("ConversationUnsupportedError"))
    }).pipe(
      Effect.updateService(Conversation.Conversation, ({ append, load }) => ({ append, load })),
      Effect.provide(Conversation.layerMemory)
    ))
})

const directory = Effect.flatMap(FileSystem.FileSystem, (fs) => fs.makeTempDirectoryScoped())

const storeIn = (directory: string) =>
  Effect.provide(Conversation.Conversation, Conversation.layerFileSystem({ directory }))

/** The names and contents of all files. */
const everything = (directory: string) =>
  Effect.gen(function*() {
    const fs = yield* FileSystem.FileSystem
    const files = yield* fs.readDirectory(directory, { recursive: true })
    return yield* Effect.forEach(files, (file) =>
      Effect.map(Effect.option(fs.readFileString(`${directory}/${file}`)), (text) =>
        `${file}: ${JSON.stringify(text)}`))
  })

describe("a removed conversation in files", () => {
  it.scoped("leaves nothing of what was said, also of an append that a crash cut off", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const root = yield* directory
      const store = yield* storeIn(root)
      for (let version = 0; version < 12; version++) yield* store.append("a", version, [input("secret")])
      yield* fs.writeFileString(`${root}/c-a/x.tmp`, "secret")
      yield* store.remove?.("a", 12) ?? assert.fail("no remove")
      const files = yield* everything(root)
      assert.strictEqual(files.length, 2)
      assert.notInclude(files.join("\n"), "secret")
    }).pipe(Effect.provide(NodeContext.layer)))

  it.scoped("is empty wherever its removal broke off, and is removed by the next one", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      for (let fatal = 0; fatal < 5; fatal++) {
        const root = yield* directory
        let deleted = 0
        const store = yield* Effect.provideService(storeIn(root), FileSystem.FileSystem, {
          ...fs,
          remove: (path, options) =>
            path.endsWith(".json") && deleted++ === fatal
              ? Effect.fail(fileFailure("remove", path))
              : fs.remove(path, options)
        })
        for (let version = 0; version < 5; version++) yield* store.append("a", version, [input("secret")])
        const remove = store.remove ?? assert.fail("no remove")
        const error = yield* Effect.flip(remove("a", 5))
        assert.strictEqual(error._tag, "ConversationStoreError")
        assert.deepStrictEqual(yield* store.load("a"), { version: 6, entries: [], removed: 6 })
        assert.strictEqual(yield* store.append("a", 6, [input("new")]), 7)
        assert.deepStrictEqual(yield* store.load("a"), { version: 7, entries: [input("new")], removed: 6 })
        yield* remove("a", 7)
        assert.notInclude((yield* everything(root)).join("\n"), "secret")
        assert.deepStrictEqual(yield* store.load("a"), { version: 8, entries: [], removed: 8 })
      }
    }).pipe(Effect.provide(NodeContext.layer)))

  it.scoped("gets no append that was on its way", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      for (const before of [0, 3]) {
        const root = yield* directory
        const store = yield* storeIn(root)
        for (let version = 0; version < before; version++) yield* store.append("a", version, [input("1")])
        // Between the check of the version and the link, another process appends and removes all
        const slow = yield* Effect.provideService(storeIn(root), FileSystem.FileSystem, {
          ...fs,
          link: (from, to) =>
            Effect.zipRight(
              Effect.orDie(Effect.gen(function*() {
                const version = yield* store.append("a", before, [input("2")])
                yield* store.remove?.("a", version) ?? assert.fail("no remove")
              })),
              fs.link(from, to)
            )
        })
        const error = yield* Effect.flip(slow.append("a", before, [input("secret")]))
        assert.strictEqual(error._tag, "ConversationConflictError")
        assert.deepStrictEqual((yield* store.load("a")).entries, [])
        assert.notInclude((yield* everything(root)).join("\n"), "secret")
      }
    }).pipe(Effect.provide(NodeContext.layer)))

  it.scoped("holds only what was appended after the removals of another process", () =>
    Effect.gen(function*() {
      const root = yield* directory
      const [won, removed] = yield* together([["append", root, "a", "p0", "60"], ["remove", root, "a", "p1", "300"]])
      assert.isArray(won)
      const log = yield* Effect.flatMap(storeIn(root), (store) => store.load("a"))
      const last = Array.isArray(removed) ? Number(removed.at(-1) ?? 0) : assert.fail("no list of versions")
      assert.strictEqual(log.removed ?? 0, last)
      assert.strictEqual(log.entries.length, 2 * (log.version - last))
    }).pipe(Effect.provide(NodeContext.layer)))
})

describe("a removed conversation in a KeyValueStore", () => {
  it.effect("leaves its number alone, wherever its removal broke off before", () =>
    Effect.gen(function*() {
      for (let fatal = 0; fatal < 12; fatal++) {
        const texts = new Map<string, string>()
        const values = storeOver(texts)
        let operations = -Infinity
        const once = <A, E>(effect: Effect.Effect<A, E>) =>
          Effect.suspend(() => operations++ === fatal ? Effect.interrupt : effect)
        const store = yield* Effect.provide(
          Conversation.Conversation,
          Layer.provide(
            Conversation.layerKeyValueStore,
            Layer.succeed(KeyValueStore.KeyValueStore, {
              ...values,
              set: (key, value) => once(values.set(key, value)),
              remove: (key) => once(values.remove(key))
            })
          )
        )
        for (let version = 0; version < 4; version++) yield* store.append("a", version, [input("secret")])
        const remove = store.remove ?? assert.fail("no remove")
        operations = 0
        yield* Effect.exit(remove("a", 4))
        operations = -Infinity
        const { entries, version } = yield* store.load("a")
        assert.include([0, 4], entries.length)
        yield* remove("a", version)
        assert.deepStrictEqual([...texts.keys()].toSorted(), ["conversation.c-a", "conversations.000001"])
        assert.notInclude([...texts.values()].join(), "\"a\"")
      }
    }))
})

describe("a run whose conversation is removed", () => {
  const Wait = Tool.make("wait")
  const tools = Toolkit.make(Wait)
  const options = { model: "test/model", tools, conversation: "c" } as const

  it.scoped("fails with a conflict, and its tools stop", () =>
    Effect.gen(function*() {
      const started = yield* Deferred.make<void>()
      let ended = "not"
      const live = tools.toLayer({
        wait: () =>
          Effect.zipRight(Deferred.succeed(started, undefined), Effect.never).pipe(
            Effect.onInterrupt(() => Effect.sync(() => void (ended = "interrupted")))
          )
      })
      const running = yield* Effect.fork(Effect.flip(Effect.provide(Agent.run({ ...options, input: "Go" }), live)))
      yield* Deferred.await(started)
      const busy = yield* Effect.flip(Conversation.remove("c"))
      assert.strictEqual(busy._tag, "ConversationBusyError")
      yield* Conversation.remove("c", { force: true })
      yield* TestClock.adjust("1 minute")
      const error = yield* Fiber.join(running)
      assert.strictEqual(error._tag, "ConversationConflictError")
      assert.strictEqual(ended, "interrupted")
      const { entries } = yield* Conversation.load("c")
      assert.deepStrictEqual(entries, [])
    }).pipe(Effect.provide([Conversation.layerMemory, TestModel.layer([Script.toolCall("wait", {})])])))

  it.effect("has other keys of its calls than the conversation before, whose call ids it may repeat", () =>
    Effect.gen(function*() {
      const keys: Array<string> = []
      const live = tools.toLayer({ wait: (_, call) => Effect.sync(() => void keys.push(call.idempotencyKey)) })
      const run = Effect.provide(Agent.run({ ...options, input: "Go" }), live)
      yield* run
      yield* Conversation.remove("c")
      yield* run
      assert.strictEqual(keys.length, 2)
      assert.notStrictEqual(keys[0], keys[1])
    }).pipe(Effect.provide([
      Conversation.layerMemory,
      TestModel.layer([
        Script.toolCall("wait", {}, { id: "1" }),
        "Done.",
        Script.toolCall("wait", {}, { id: "1" }),
        "Done."
      ])
    ])))
})
