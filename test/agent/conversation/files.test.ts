import * as NodeContext from "@effect/platform-node/NodeContext"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Path from "@effect/platform/Path"
import { assert, describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { createHash } from "node:crypto"
import * as Conversation from "../../../src/agent/Conversation.js"
import { fileFailure } from "../../support/effect/storage.js"
import { input } from "../support/logs.js"
import { killed, together } from "../support/processes.js"

const rounds = 60

const directory = Effect.flatMap(FileSystem.FileSystem, (fs) => fs.makeTempDirectoryScoped())

/** The store over a directory, on the file system at hand. */
const storeIn = (directory: string) =>
  Effect.provide(Conversation.Conversation, Conversation.layerFileSystem({ directory }))

const filesIn = (directory: string) =>
  Effect.flatMap(FileSystem.FileSystem, (fs) => fs.readDirectory(directory, { recursive: true }))

const withFileSystem = (change: (fs: FileSystem.FileSystem) => Partial<FileSystem.FileSystem>) =>
  Effect.updateService(FileSystem.FileSystem, (fs) => FileSystem.FileSystem.of({ ...fs, ...change(fs) }))

describe("conversations in files", () => {
  it.scoped("let exactly one of several processes append each version", () =>
    Effect.gen(function*() {
      const root = yield* directory
      const names = ["p0", "p1", "p2", "p3"]
      const results = yield* together(names.map((name) => ["race", root, "a/b", name, `${rounds}`]))
      const winners = new Map<number, string>()
      results.forEach((versions, index) => {
        if (!Array.isArray(versions)) return assert.fail("no list of versions")
        for (const version of versions) {
          assert.isFalse(winners.has(version), `version ${version} was won twice`)
          winners.set(version, names[index] ?? "")
        }
      })
      assert.strictEqual(winners.size, rounds)
      const log = yield* Effect.flatMap(storeIn(root), (store) => store.load("a/b"))
      assert.strictEqual(log.version, rounds)
      assert.deepStrictEqual(
        log.entries,
        Array.from({ length: 2 * rounds }, (_, index) => {
          const version = Math.floor(index / 2)
          return { _tag: "closed", run: winners.get(version) ?? "", outcome: `${version}` }
        })
      )
      assert.deepStrictEqual((yield* filesIn(root)).filter((file) => file.endsWith(".tmp")), [])
    }).pipe(Effect.provide(NodeContext.layer)))

  it.scoped("can be loaded and appended to after a process was killed in the middle", () =>
    Effect.gen(function*() {
      const root = yield* directory
      const store = yield* storeIn(root)
      yield* store.append("a", 0, [input("1")])
      assert.strictEqual(yield* killed(["crash", root, "a", "p0"]), "SIGKILL")
      assert.strictEqual(yield* killed(["crash", root, "new", "p0"]), "SIGKILL")
      assert.strictEqual((yield* filesIn(root)).filter((file) => file.endsWith(".tmp")).length, 2)
      assert.deepStrictEqual(yield* store.load("a"), { version: 1, entries: [input("1")] })
      assert.deepStrictEqual(yield* store.load("new"), { version: 0, entries: [] })
      assert.strictEqual(yield* store.append("a", 1, [input("2")]), 2)
      assert.strictEqual(yield* store.append("new", 0, []), 1)
      assert.deepStrictEqual((yield* store.load("a")).entries, [input("1"), input("2")])
    }).pipe(Effect.provide(NodeContext.layer)))

  it.scoped("stay inside their directory", () =>
    Effect.gen(function*() {
      const outer = yield* directory
      const path = yield* Path.Path
      const store = yield* storeIn(path.join(outer, "inner", "conversations"))
      for (const id of ["..", "../..", "/x/y", "a/b", "", ".", "\0"]) yield* store.append(id, 0, [])
      const files = yield* filesIn(outer)
      const inner = path.join("inner", "conversations")
      assert.deepStrictEqual(
        files.filter((file) => file.endsWith(".json")).map((file) => path.dirname(path.dirname(file))),
        Array.from({ length: 7 }, () => inner)
      )
      assert.strictEqual(files.length, 2 + 7 + 7)
    }).pipe(Effect.provide(NodeContext.layer)))

  it.scoped("have short lower-case names, so that they differ on every file system", () =>
    Effect.gen(function*() {
      const root = yield* directory
      const store = yield* storeIn(root)
      const ids = ["user_1", "User_1", "É", "x".repeat(5000), "X".repeat(5000), "01ARZ3NDEKTSV4RRFFQ69G5FAV", "con"]
      for (const id of ids) yield* store.append(id, 0, [])
      const fs = yield* FileSystem.FileSystem
      const names = yield* fs.readDirectory(root)
      assert.strictEqual(names.length, ids.length)
      assert.include(names, "c-user_1")
      for (const name of names) assert.match(name, /^[ch]-[a-z0-9._-]{1,130}$/)
    }).pipe(Effect.provide(NodeContext.layer)))

  it.scoped("keep their names between versions of the library, so that stored conversations are found", () =>
    Effect.gen(function*() {
      const root = yield* directory
      const store = yield* storeIn(root)
      for (const id of ["a/B", "x".repeat(120), "x".repeat(121)]) yield* store.append(id, 0, [])
      const names = yield* Effect.flatMap(FileSystem.FileSystem, (fs) => fs.readDirectory(root))
      const digest = createHash("sha256").update("x".repeat(121)).digest("base64url").toLowerCase()
      assert.deepStrictEqual([...names].sort(), ["c-a.002f.0042", `c-${"x".repeat(120)}`, `h-${digest}`])
    }).pipe(Effect.provide(NodeContext.layer)))

  it.scoped("are not rewritten: an append adds one file and changes no other", () =>
    Effect.gen(function*() {
      const touched: Array<string> = []
      const note = (name: string) => (file: string) => Effect.sync(() => touched.push(`${name} ${file.slice(-11)}`))
      const root = yield* directory
      const store = yield* Effect.provideServiceEffect(
        storeIn(root),
        FileSystem.FileSystem,
        Effect.map(FileSystem.FileSystem, (fs) => ({
          ...fs,
          open: (file, options) => Effect.zipRight(note("open")(file), fs.open(file, options)),
          link: (from, to) => Effect.zipRight(note("link")(to), fs.link(from, to)),
          readFile: (file) => Effect.zipRight(note("read")(file), fs.readFile(file)),
          writeFile: (file, data, options) => Effect.zipRight(note("write")(file), fs.writeFile(file, data, options))
        }))
      )
      for (let version = 0; version < 20; version++) yield* store.append("a", version, [input(`${version}`)])
      touched.length = 0
      yield* store.append("a", 20, [input("20")])
      assert.strictEqual(touched.length, 2)
      assert.match(touched[0] ?? "", /^open .*\.tmp$/)
      assert.strictEqual(touched[1], "link 000021.json")
    }).pipe(Effect.provide(NodeContext.layer)))

  it.scoped("have no leftover files after an append is interrupted", () =>
    Effect.gen(function*() {
      const root = yield* directory
      const reached = yield* Deferred.make<void>()
      const store = yield* withFileSystem(() => ({
        link: () => Effect.zipRight(Deferred.succeed(reached, undefined), Effect.never)
      }))(storeIn(root))
      const fiber = yield* Effect.fork(store.append("a", 0, [input("1")]))
      yield* Deferred.await(reached)
      yield* Fiber.interrupt(fiber)
      assert.deepStrictEqual(yield* filesIn(root), ["c-a"])
    }).pipe(Effect.provide(NodeContext.layer)))

  it.scoped("fail with instructions if the file system has no hard links", () =>
    Effect.gen(function*() {
      const root = yield* directory
      const store = yield* withFileSystem(() => ({
        link: (path) =>
          Effect.fail(
            fileFailure("link", path)
          )
      }))(storeIn(root))
      const error = yield* Effect.flip(store.append("a", 0, [input("secret")]))
      assert.strictEqual(error._tag, "ConversationStoreError")
      assert.include(error.message, "hard links")
      assert.notInclude(error.message, "secret")
      assert.deepStrictEqual(yield* filesIn(root), ["c-a"])
    }).pipe(Effect.provide(NodeContext.layer)))

  it.scoped("fail if their directory cannot be created", () =>
    Effect.gen(function*() {
      const root = yield* directory
      const fs = yield* FileSystem.FileSystem
      const path = yield* Path.Path
      yield* fs.writeFileString(path.join(root, "file"), "")
      const store = yield* storeIn(path.join(root, "file"))
      assert.strictEqual((yield* Effect.flip(store.load("a")))._tag, "ConversationStoreError")
      assert.strictEqual((yield* Effect.flip(store.append("a", 0, [])))._tag, "ConversationStoreError")
    }).pipe(Effect.provide(NodeContext.layer)))

  it.scoped("are read again if documents are added while they are listed", () =>
    Effect.gen(function*() {
      const root = yield* directory
      let listings = 1
      const store = yield* withFileSystem((fs) => ({
        // The first listing of the load has the third document and not yet the second
        readDirectory: (path, options) =>
          Effect.map(
            fs.readDirectory(path, options),
            (files) => listings++ === 0 ? files.filter((file) => !file.includes("2")) : files
          )
      }))(storeIn(root))
      for (let version = 0; version < 3; version++) yield* store.append("a", version, [input(`${version}`)])
      listings = 0
      assert.strictEqual((yield* store.load("a")).version, 3)
      assert.strictEqual(listings, 2)
    }).pipe(Effect.provide(NodeContext.layer)))

  it.scoped("are in order, regardless of the order of the listing", () =>
    Effect.gen(function*() {
      const root = yield* directory
      const store = yield* withFileSystem((fs) => ({
        readDirectory: (path, options) => Effect.map(fs.readDirectory(path, options), (files) => files.toReversed())
      }))(storeIn(root))
      for (let version = 0; version < 3; version++) yield* store.append("a", version, [input(`${version}`)])
      assert.deepStrictEqual((yield* store.load("a")).entries, [input("0"), input("1"), input("2")])
    }).pipe(Effect.provide(NodeContext.layer)))

  it.scoped("share a directory with other files", () =>
    Effect.gen(function*() {
      const root = yield* directory
      const fs = yield* FileSystem.FileSystem
      const store = yield* storeIn(root)
      yield* store.append("a", 0, [input("1")])
      for (const name of [".DS_Store", "notes.txt", "2.json", "000002.json.bak", "x.tmp"]) {
        yield* fs.writeFileString(`${root}/c-a/${name}`, "x")
      }
      assert.deepStrictEqual(yield* store.load("a"), { version: 1, entries: [input("1")] })
    }).pipe(Effect.provide(NodeContext.layer)))
})
