/** The stores of conversations: in memory, in a `KeyValueStore`, and in a directory. */
import type { PlatformError } from "@effect/platform/Error"
import type * as FileSystem from "@effect/platform/FileSystem"
import type * as KeyValueStore from "@effect/platform/KeyValueStore"
import type * as Path from "@effect/platform/Path"
import * as Arr from "effect/Array"
import * as Effect from "effect/Effect"
import * as Predicate from "effect/Predicate"
import { randomText } from "../../../internal/crypto.js"
import * as Locks from "../../../internal/effect/locks.js"
import { toEffect } from "../../../internal/effect/results.js"
import { failedMethod, getText, hasReason } from "../../../internal/effect/storage.js"
import { encode, logOf, missing, nameOf, numbered } from "./document.js"
import type { Entry, Log, Store } from "./entry.js"
import { conflict, type ConversationError, storeFailed } from "./errors.js"

/** @internal */
export const makeMemoryStore = (): Store => {
  const conversations = new Map<string, Array<ReadonlyArray<Entry>>>()
  const appendsOf = (id: string) => conversations.get(id) ?? []
  return {
    load: (id) =>
      Effect.sync(() => {
        const appends = appendsOf(id)
        return { version: appends.length, entries: appends.flat() }
      }),
    append: (id, version, entries) =>
      Effect.gen(function*() {
        const document = yield* toEffect(encode(id, entries))
        const appends = appendsOf(id)
        if (appends.length !== version) return yield* conflict(id, version)
        appends.push(document.entries)
        conversations.set(id, appends)
        return version + 1
      }),
    isNewest: (id, version) => Effect.sync(() => appendsOf(id).length <= version)
  }
}

// Locks belong to the store, so that two layers of one store exclude each other, too
const locks = new WeakMap<KeyValueStore.KeyValueStore, Locks.Locks>()

const locksOf = (values: KeyValueStore.KeyValueStore): Locks.Locks => {
  const found = locks.get(values) ?? Locks.make()
  locks.set(values, found)
  return found
}

const keysOf = (id: string) =>
  Effect.map(nameOf(id), (name) => (number: number): string => `conversation.${name}.${numbered(number)}`)

/** @internal */
export const makeKeyValueStore = (values: KeyValueStore.KeyValueStore): Store => {
  const locked = locksOf(values)

  const get = (id: string, key: string) => Effect.mapError(getText(values, key), storeFailed(id, "load"))

  /** Reads batches of growing size, because the number of appends is not known. */
  const textsOf = Effect.fnUntraced(function*(id: string) {
    const key = yield* keysOf(id)
    const texts: Array<string> = []
    for (let size = 4;; size = Math.min(2 * size, 64)) {
      const next = texts.length + 1
      const read = yield* Effect.forEach(
        Arr.range(next, next + size - 1),
        (number) => get(id, key(number)),
        { concurrency: size }
      )
      const whole = Arr.takeWhile(read, Predicate.isNotUndefined)
      texts.push(...whole)
      const rest = read.slice(whole.length)
      if (rest.length > 0 && rest.every(Predicate.isUndefined)) return texts
      // Values behind a gap were appended during this read, or the gap is damage
      if (rest.length > 0 && (yield* get(id, key(texts.length + 1))) === undefined) {
        return yield* missing(id, texts.length + 1)
      }
    }
  })

  const append = Effect.fnUntraced(function*(id: string, version: number, text: string) {
    const key = yield* keysOf(id)
    const isNewest = (version === 0 || (yield* get(id, key(version))) !== undefined) &&
      (yield* get(id, key(version + 1))) === undefined
    if (!isNewest) return yield* conflict(id, version)
    yield* Effect.mapError(values.set(key(version + 1), text), storeFailed(id, "append"))
    return version + 1
  })

  return {
    // A store of files shows the beginning of a value while it is written
    load: (id) => Effect.flatMap(locked(id)(textsOf(id)), (texts) => logOf(id, texts)),
    append: (id, version, entries) =>
      Effect.flatMap(toEffect(encode(id, entries)), ({ text }) => locked(id)(append(id, version, text))),
    isNewest: (id, version) =>
      Effect.flatMap(keysOf(id), (key) => Effect.map(get(id, key(version + 1)), Predicate.isUndefined))
  }
}

const numbersIn = (files: ReadonlyArray<string>): ReadonlyArray<number> =>
  files.filter((file) => /^\d{6,}\.json$/.test(file)).map((file) => Number.parseInt(file, 10)).sort((a, b) => a - b)

/** @internal */
export const makeFileSystemStore = (fs: FileSystem.FileSystem, path: Path.Path, directory: string): Store => {
  const folderOf = (id: string) => Effect.map(nameOf(id), (name) => path.join(directory, name))

  const documentIn = (folder: string, number: number): string => path.join(folder, `${numbered(number)}.json`)

  const filesIn = (folder: string): Effect.Effect<ReadonlyArray<string>, PlatformError> =>
    Effect.catchIf(fs.readDirectory(folder), (error) => hasReason(error, "NotFound"), () => Effect.succeed([]))

  const load = (id: string): Effect.Effect<Log, ConversationError> =>
    Effect.gen(function*() {
      const failed = storeFailed(id, "load")
      const folder = yield* folderOf(id)
      const numbers = numbersIn(yield* Effect.mapError(filesIn(folder), failed))
      const gap = numbers.findIndex((number, index) => number !== index + 1)
      if (gap >= 0) {
        // A directory that changes while it is read may list a later document without an earlier one
        const isThere = yield* Effect.mapError(fs.exists(documentIn(folder, gap + 1)), failed)
        return isThere ? yield* load(id) : yield* missing(id, gap + 1)
      }
      const texts = yield* Effect.forEach(
        numbers,
        (number) => Effect.mapError(fs.readFileString(documentIn(folder, number)), failed),
        { concurrency: 16 }
      )
      return yield* logOf(id, texts)
    })

  const write = (file: string, text: string): Effect.Effect<void, PlatformError> =>
    Effect.scoped(Effect.gen(function*() {
      const handle = yield* fs.open(file, { flag: "wx" })
      yield* handle.writeAll(new TextEncoder().encode(text))
      yield* handle.sync
    }))

  /** Creates the file completely or not at all. A link, unlike a rename, never replaces a file. */
  const put = (temporary: string, target: string, text: string): Effect.Effect<boolean, PlatformError> =>
    Effect.zipRight(write(temporary, text), fs.link(temporary, target)).pipe(
      Effect.as(true),
      Effect.catchIf(
        (error) => failedMethod(error) === "link" && hasReason(error, "AlreadyExists"),
        () => Effect.succeed(false)
      ),
      Effect.ensuring(Effect.ignore(fs.remove(temporary, { force: true })))
    )

  const append = (id: string, version: number, text: string): Effect.Effect<number, ConversationError> =>
    Effect.gen(function*() {
      const folder = yield* folderOf(id)
      const add = Effect.gen(function*() {
        if (version === 0) yield* fs.makeDirectory(folder, { recursive: true })
        else if (!(yield* fs.exists(documentIn(folder, version)))) return false
        const temporary = path.join(folder, `${yield* randomText(12)}.tmp`)
        return yield* put(temporary, documentIn(folder, version + 1), text)
      })
      const isAdded = yield* Effect.mapError(add, storeFailed(id, "append"))
      return isAdded ? version + 1 : yield* conflict(id, version)
    })

  return {
    load,
    append: (id, version, entries) =>
      Effect.flatMap(toEffect(encode(id, entries)), ({ text }) => append(id, version, text)),
    isNewest: (id, version) =>
      Effect.flatMap(folderOf(id), (folder) =>
        Effect.mapBoth(fs.exists(documentIn(folder, version + 1)), {
          onFailure: storeFailed(id, "load"),
          onSuccess: (isThere) => !isThere
        }))
  }
}
