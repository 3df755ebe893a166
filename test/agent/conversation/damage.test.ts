import * as NodeContext from "@effect/platform-node/NodeContext"
import * as FileSystem from "@effect/platform/FileSystem"
import * as KeyValueStore from "@effect/platform/KeyValueStore"
import { assert, describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Conversation from "../../../src/agent/Conversation.js"
import { storeFailure } from "../../support/effect/storage.js"
import { settled } from "../../support/settled.js"
import { input, tool } from "../support/logs.js"

const format = "effect-openrouter/conversation"

const secret = "the secret of the conversation"

const whole = JSON.stringify({ format, version: 1, entries: [input(secret)] })

/** Invalid documents, with the path and the message of the first issue. */
const damages: Readonly<Record<string, readonly [text: string, path: string, message: string]>> = {
  "nothing": ["", "2", "is not JSON"],
  "no JSON": [`${secret}, not JSON`, "2", "is not JSON"],
  "a file cut in the middle": [whole.slice(0, -20), "2", "is not JSON"],
  "null": ["null", "2", "Expected"],
  "a list": ["[]", "2", "Expected"],
  "JSON of somebody else": [JSON.stringify({ id: secret, messages: [] }), "2.format", "is missing"],
  "another format": [JSON.stringify({ format: secret, version: 2, entries: [] }), "2.format", "Expected"],
  "no version": [JSON.stringify({ format, entries: [] }), "2.version", "is missing"],
  "a version that is none": [JSON.stringify({ format, version: secret, entries: [] }), "2.version", "Expected"],
  "no entries": [JSON.stringify({ format, version: 1 }), "2.entries", "is missing"],
  "entries that are no list": [JSON.stringify({ format, version: 1, entries: secret }), "2.entries", "Expected"],
  "an entry that is none": [JSON.stringify({ format, version: 1, entries: [secret] }), "2.entries.0", "Expected"],
  "an entry of tomorrow": [
    JSON.stringify({ format, version: 1, entries: [{ _tag: secret }] }),
    "2.entries.0._tag",
    "Expected"
  ],
  "a record that lacks something": [
    JSON.stringify({ format, version: 1, entries: [{ _tag: "tool", run: "r", record: { callId: secret } }] }),
    "2.entries.0.record.turn",
    "is missing"
  ],
  "an item that its schema does not accept": [
    JSON.stringify({
      format,
      version: 1,
      entries: [{ _tag: "output", item: { type: "function_call_output", call_id: [secret], output: secret } }]
    }),
    "2.entries.0.item.call_id",
    "Expected string"
  ]
}

/** The error of loading a conversation of three appends whose second is replaced by a text. */
type Attempt = (text: string) => Effect.Effect<Conversation.ConversationError, unknown>

const inFiles: Attempt = (text) =>
  Effect.gen(function*() {
    const fs = yield* FileSystem.FileSystem
    const directory = yield* fs.makeTempDirectoryScoped()
    const store = yield* Effect.provide(Conversation.Conversation, Conversation.layerFileSystem({ directory }))
    for (let version = 0; version < 3; version++) yield* store.append("a", version, [input(secret)])
    yield* fs.writeFileString(`${directory}/c-a/000002.json`, text)
    return yield* Effect.flip(store.load("a"))
  }).pipe(Effect.scoped, Effect.provide(NodeContext.layer))

const inValues: Attempt = (text) =>
  Effect.gen(function*() {
    const values = yield* KeyValueStore.KeyValueStore
    const store = yield* Effect.provide(Conversation.Conversation, Conversation.layerKeyValueStore)
    for (let version = 0; version < 3; version++) yield* store.append("a", version, [input(secret)])
    yield* values.set("conversation.c-a.000002", text)
    return yield* Effect.flip(store.load("a"))
  }).pipe(Effect.provide(KeyValueStore.layerMemory))

describe.each([["files", inFiles], ["a KeyValueStore", inValues]] as const)("what is found in %s", (_, attempt) => {
  for (const [name, [text, path, message]] of Object.entries(damages)) {
    it.effect(`is damaged: ${name}`, () =>
      Effect.gen(function*() {
        const error = yield* attempt(text)
        if (error._tag !== "ConversationDamagedError") return assert.fail(error._tag)
        assert.strictEqual(error.id, "a")
        assert.strictEqual(error.issues[0]?.path, path)
        assert.include(error.issues[0]?.message, message)
        assert.notInclude(JSON.stringify([error, error.message, String(error)]), secret)
        assert.include(error.message, path)
        assert.isBelow(error.message.length, 400)
      }))
  }

  it.effect("is of an unknown version", () =>
    Effect.gen(function*() {
      for (const version of [2, 0, 1.5]) {
        const error = yield* attempt(JSON.stringify({ format, version, entries: { of: secret } }))
        if (error._tag !== "ConversationVersionError") return assert.fail(error._tag)
        assert.deepStrictEqual([error.id, error.found], ["a", version])
        assert.notInclude(JSON.stringify([error, error.message]), secret)
      }
    }))

  it.effect("is valid with unknown fields", () =>
    Effect.gen(function*() {
      const loaded = yield* Effect.flip(attempt(JSON.stringify({ format, version: 1, entries: [], more: 1 })))
      assert.deepStrictEqual(loaded, { version: 3, entries: [input(secret), input(secret)] })
    }))
})

describe("a document that is gone", () => {
  const isDamagedAt = (number: number) => (error: Conversation.ConversationError) => {
    if (error._tag !== "ConversationDamagedError") return assert.fail(error._tag)
    assert.deepStrictEqual(error.issues, [{ path: `${number}`, message: "is missing" }])
  }

  it.scoped("is reported as missing in files", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const directory = yield* fs.makeTempDirectoryScoped()
      const store = yield* Effect.provide(Conversation.Conversation, Conversation.layerFileSystem({ directory }))
      for (let version = 0; version < 30; version++) yield* store.append("a", version, [])
      yield* fs.remove(`${directory}/c-a/000017.json`)
      isDamagedAt(17)(yield* Effect.flip(store.load("a")))
      yield* fs.remove(`${directory}/c-a/000001.json`)
      isDamagedAt(1)(yield* Effect.flip(store.load("a")))
    }).pipe(Effect.provide(NodeContext.layer)))

  it.effect("is reported as missing in a KeyValueStore, among documents that are read together", () =>
    Effect.gen(function*() {
      const values = yield* KeyValueStore.KeyValueStore
      const store = yield* Effect.provide(Conversation.Conversation, Conversation.layerKeyValueStore)
      for (let version = 0; version < 30; version++) yield* store.append("a", version, [])
      yield* values.remove("conversation.c-a.000017")
      isDamagedAt(17)(yield* Effect.flip(store.load("a")))
    }).pipe(Effect.provide(KeyValueStore.layerMemory)))
})

describe("a KeyValueStore", () => {
  const failing = (method: "get" | "set") =>
    Effect.map(KeyValueStore.KeyValueStore, (values) =>
      KeyValueStore.make({
        ...values,
        [method]: () =>
          Effect.fail(
            storeFailure(method, "no answer")
          )
      }))

  it.effect("that fails is named in the error, with its message", () =>
    Effect.gen(function*() {
      for (const method of ["get", "set"] as const) {
        const store = yield* Effect.provide(Conversation.Conversation, Conversation.layerKeyValueStore).pipe(
          Effect.provideServiceEffect(KeyValueStore.KeyValueStore, failing(method))
        )
        const error = yield* Effect.flip(store.append("a", 0, [tool("call_1", { output: secret })]))
        if (error._tag !== "ConversationStoreError") return assert.fail(error._tag)
        assert.include(error.reason, "no answer")
        assert.include(error.message, "no answer")
        assert.notInclude(error.message, secret)
      }
    }).pipe(Effect.provide(KeyValueStore.layerMemory)))

  it.effect("is locked for each store, not for each layer", () =>
    Effect.gen(function*() {
      const values = yield* KeyValueStore.KeyValueStore
      // Each operation yields, so that other fibers continue
      const slow = KeyValueStore.make({
        ...values,
        get: (key) => Effect.zipLeft(values.get(key), Effect.yieldNow()),
        set: (key, value) => Effect.zipRight(Effect.yieldNow(), values.set(key, value))
      })
      const makeStore = Effect.provide(Conversation.Conversation, Layer.fresh(Conversation.layerKeyValueStore)).pipe(
        Effect.provideService(KeyValueStore.KeyValueStore, slow)
      )
      const stores = yield* Effect.all([makeStore, makeStore])
      assert.notStrictEqual(stores[0], stores[1])
      const outcomes = yield* Effect.forEach(
        [...stores, ...stores],
        (store) => Effect.option(store.append("a", 0, [])),
        { concurrency: "unbounded" }
      )
      assert.deepStrictEqual(outcomes.filter(Option.isSome), [Option.some(1)])
    }).pipe(Effect.provide(KeyValueStore.layerMemory)))

  it.effect("that shows the half of what it writes does not show it to a load", () =>
    Effect.gen(function*() {
      const values = yield* KeyValueStore.KeyValueStore
      const half = yield* Deferred.make<void>()
      // As a file does
      const files = KeyValueStore.make({
        ...values,
        set: (key, value) =>
          Effect.gen(function*() {
            yield* values.set(key, value.slice(0, 10))
            yield* Deferred.succeed(half, undefined)
            yield* settled
            yield* values.set(key, value)
          })
      })
      const store = yield* Effect.provide(Conversation.Conversation, Conversation.layerKeyValueStore).pipe(
        Effect.provideService(KeyValueStore.KeyValueStore, files)
      )
      const loaded = Effect.zipRight(Deferred.await(half), store.load("a"))
      const [log] = yield* Effect.all([loaded, store.append("a", 0, [])], { concurrency: "unbounded" })
      assert.deepStrictEqual(log, { version: 1, entries: [] })
    }).pipe(Effect.provide(KeyValueStore.layerMemory)))

  it.effect("shows an append of another process to the next one", () =>
    Effect.gen(function*() {
      const values = yield* KeyValueStore.KeyValueStore
      const store = yield* Effect.provide(Conversation.Conversation, Conversation.layerKeyValueStore)
      yield* store.append("a", 0, [input("ours")])
      yield* values.set("conversation.c-a.000002", JSON.stringify({ format, version: 1, entries: [input("theirs")] }))
      assert.strictEqual((yield* Effect.flip(store.append("a", 1, [])))._tag, "ConversationConflictError")
      assert.deepStrictEqual((yield* store.load("a")).entries, [input("ours"), input("theirs")])
    }).pipe(Effect.provide(KeyValueStore.layerMemory)))
})
