/** Conversations in a directory: a folder for each conversation, with a file for each append. */
import type { PlatformError } from "@effect/platform/Error"
import type * as FileSystem from "@effect/platform/FileSystem"
import type * as Path from "@effect/platform/Path"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { randomText } from "../../../../internal/crypto.js"
import { toEffect } from "../../../../internal/effect/results.js"
import { failedMethod, hasReason } from "../../../../internal/effect/storage.js"
import type { Listed, Log, Page, Store } from "../entry.js"
import { conflict, type ConversationError, listFailed, storeFailed } from "../errors.js"
import { encode, idOf, labelsOf, logOf, missing, nameOf, numbered, removedText } from "./document.js"

const numbersIn = (files: ReadonlyArray<string>): ReadonlyArray<number> =>
  files.filter((file) => /^\d{6,}\.json$/.test(file)).map((file) => Number.parseInt(file, 10)).sort((a, b) => a - b)

/** The numbers at the end that follow each other. */
const newestOf = (numbers: ReadonlyArray<number>): ReadonlyArray<number> =>
  numbers.slice(numbers.findLastIndex((number, index) => numbers[index - 1] !== number - 1))

/** How often a folder is read that changes meanwhile. */
const maxReads = 10

/** @internal */
export const makeFileStore = (fs: FileSystem.FileSystem, path: Path.Path, directory: string): Store => {
  const folderOf = (id: string) => Effect.map(nameOf(id), (name) => path.join(directory, name))

  const documentIn = (folder: string, number: number): string => path.join(folder, `${numbered(number)}.json`)

  const filesIn = (folder: string): Effect.Effect<ReadonlyArray<string>, PlatformError> =>
    Effect.catchIf(fs.readDirectory(folder), (error) => hasReason(error, "NotFound"), () => Effect.succeed([]))

  /** `undefined` if a removal deleted one of them meanwhile. */
  const textsOf = (
    folder: string,
    numbers: ReadonlyArray<number>
  ): Effect.Effect<ReadonlyArray<string> | undefined, PlatformError> => {
    const texts: Effect.Effect<ReadonlyArray<string>, PlatformError> = Effect.forEach(
      numbers,
      (number) => fs.readFileString(documentIn(folder, number)),
      { concurrency: 16 }
    )
    return Effect.catchIf(texts, (error) => hasReason(error, "NotFound"), () => Effect.succeed(undefined))
  }

  const load = (id: string, reads = 1): Effect.Effect<Log, ConversationError> =>
    Effect.gen(function*() {
      const failed = storeFailed(id, "load")
      const folder = yield* folderOf(id)
      const numbers = numbersIn(yield* Effect.mapError(filesIn(folder), failed))
      const gap = numbers.findIndex((number, index) => number !== index + 1)
      // A directory that changes while it is read may list a later document without an earlier one
      const isOld = gap >= 0 && (yield* Effect.mapError(fs.exists(documentIn(folder, gap + 1)), failed))
      const newest = newestOf(numbers)
      const texts = isOld ? undefined : yield* Effect.mapError(textsOf(folder, newest), failed)
      if (texts === undefined) {
        return yield* reads < maxReads ? load(id, reads + 1) : missing(id, gap < 0 ? numbers.length : gap + 1)
      }
      const before = (newest[0] ?? 1) - 1
      const log = yield* logOf(id, texts, before)
      return gap < 0 || (log.removed ?? 0) > before ? log : yield* missing(id, gap + 1)
    })

  const write = (file: string, text: string): Effect.Effect<void, PlatformError> =>
    Effect.scoped(Effect.gen(function*() {
      const handle = yield* fs.open(file, { flag: "wx" })
      yield* handle.writeAll(new TextEncoder().encode(text))
      yield* handle.sync
    }))

  /**
   * Creates the file completely or not at all. A link, unlike a rename, never replaces a file. A removal, which comes first,
   * may delete the temporary file.
   */
  const put = (folder: string, number: number, text: string): Effect.Effect<boolean, PlatformError> =>
    Effect.flatMap(randomText(12), (name) => {
      const temporary = path.join(folder, `${name}.tmp`)
      return Effect.zipRight(write(temporary, text), fs.link(temporary, documentIn(folder, number))).pipe(
        Effect.as(true),
        Effect.catchIf(
          (error) =>
            failedMethod(error) === "link" && (hasReason(error, "AlreadyExists") || hasReason(error, "NotFound")),
          () => Effect.succeed(false)
        ),
        Effect.ensuring(Effect.ignore(fs.remove(temporary, { force: true })))
      )
    })

  /** Whether a version is stored, and not removed. */
  const isThere = (folder: string, version: number) => fs.exists(documentIn(folder, version))

  /** Whether a removal came between, so that the document stands where nobody reads it. Removals delete in order. */
  const isBehindRemoval = (id: string, folder: string, version: number) =>
    Effect.gen(function*() {
      const failed = storeFailed(id, "append")
      if (version > 0) return !(yield* Effect.mapError(isThere(folder, version), failed))
      const numbers = numbersIn(yield* Effect.mapError(filesIn(folder), failed))
      return numbers.length > 1 && (yield* load(id)).removed !== undefined
    })

  const append = (id: string, version: number, text: string): Effect.Effect<number, ConversationError> =>
    Effect.gen(function*() {
      const failed = storeFailed(id, "append")
      const folder = yield* folderOf(id)
      const add = Effect.gen(function*() {
        if (version === 0) {
          yield* fs.makeDirectory(folder, { recursive: true })
          if (numbersIn(yield* filesIn(folder)).length > 0) return false
        } else if (!(yield* isThere(folder, version))) return false
        return yield* put(folder, version + 1, text)
      })
      if (!(yield* Effect.mapError(add, failed))) return yield* conflict(id, version)
      if (!(yield* isBehindRemoval(id, folder, version))) return version + 1
      yield* Effect.mapError(fs.remove(documentIn(folder, version + 1), { force: true }), failed)
      return yield* conflict(id, version)
    })

  /** A name of a long id does not show it. */
  const textFor = (id: string, entries: Parameters<Store["append"]>[2]) =>
    Effect.flatMap(nameOf(id), (name) => toEffect(encode(id, entries, idOf(name) === undefined ? { id } : {})))

  const remove = (id: string, version: number): Effect.Effect<number, ConversationError> =>
    Effect.gen(function*() {
      const folder = yield* folderOf(id)
      const begin = Effect.gen(function*() {
        const files = yield* filesIn(folder)
        if (version === 0) return numbersIn(files).length === 0 ? files : undefined
        const isNewest = yield* isThere(folder, version)
        return isNewest && (yield* put(folder, version + 1, removedText)) ? files : undefined
      })
      const failed = storeFailed(id, "remove")
      const files = yield* Effect.mapError(begin, failed)
      if (files === undefined) return yield* conflict(id, version)
      if (version === 0) return 0
      // From the first to the last: an append that comes too late finds the document before its own deleted
      const documents = numbersIn(files).filter((number) => number <= version).map((number) =>
        documentIn(folder, number)
      )
      const leftovers = files.filter((file) => file.endsWith(".tmp")).map((file) => path.join(folder, file))
      yield* Effect.mapError(
        Effect.forEach([...documents, ...leftovers], (file) => fs.remove(file, { force: true }), { discard: true }),
        failed
      )
      return version + 1
    })

  /** `undefined` if nothing was appended, or not since the removal. A removal that broke off is still listed. */
  const listed = (name: string): Effect.Effect<Listed | undefined, PlatformError> =>
    Effect.gen(function*() {
      const folder = path.join(directory, name)
      const numbers = numbersIn(yield* filesIn(folder))
      const version = numbers.at(-1)
      if (version === undefined || numbers.length === 1 && version > 1) return undefined
      const document = documentIn(folder, version)
      const { mtime } = yield* fs.stat(document)
      const id = idOf(name) ?? labelsOf(yield* fs.readFileString(document)).id
      return id === undefined
        ? undefined
        : { id, version, updatedAt: Option.getOrElse(mtime, () => new Date(0)).getTime() }
    }).pipe(
      // Removed meanwhile
      Effect.catchIf((error) => hasReason(error, "NotFound"), () => Effect.succeed(undefined))
    )

  const list: NonNullable<Store["list"]> = ({ after, limit, prefix }) =>
    Effect.gen(function*() {
      const names = (yield* filesIn(directory))
        .filter((name) => /^[ch]-/.test(name) && (after === undefined || name > after))
        .filter((name) => idOf(name)?.startsWith(prefix) !== false)
        .sort()
      const conversations: Array<Listed> = []
      let read = 0
      while (conversations.length < limit && read < names.length) {
        const some = names.slice(read, read + limit - conversations.length)
        read += some.length
        const found = yield* Effect.forEach(some, listed, { concurrency: 16 })
        conversations.push(...found.flatMap((one) => one?.id.startsWith(prefix) === true ? [one] : []))
      }
      return { conversations, next: read < names.length ? names[read - 1] : undefined } satisfies Page
    }).pipe(Effect.mapError(listFailed))

  return {
    load: (id) => load(id),
    append: (id, version, entries) =>
      Effect.flatMap(textFor(id, entries), (document) => append(id, version, document.text)),
    // A removal deletes both
    isNewest: (id, version) =>
      Effect.flatMap(
        folderOf(id),
        (folder) =>
          Effect.mapBoth(
            Effect.all([version === 0 ? Effect.succeed(true) : isThere(folder, version), isThere(folder, version + 1)]),
            {
              onFailure: storeFailed(id, "load"),
              onSuccess: ([isKept, isFollowed]) => isKept && !isFollowed
            }
          )
      ),
    list,
    remove
  }
}
