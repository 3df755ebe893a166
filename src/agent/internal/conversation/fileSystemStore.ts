import type { PlatformError } from "@effect/platform/Error"
import type * as FileSystem from "@effect/platform/FileSystem"
import type * as Path from "@effect/platform/Path"
import * as Effect from "effect/Effect"
import { randomText } from "../../../internal/crypto.js"
import { encode, logOf, missing, nameOf, numbered } from "./document.js"
import type { Log, Store } from "./entry.js"
import { conflict, type ConversationError, storeFailed } from "./errors.js"

const hasReason = (error: PlatformError, reason: string): boolean =>
  error._tag === "SystemError" && error.reason === reason

const numbersIn = (files: ReadonlyArray<string>): ReadonlyArray<number> =>
  files.filter((file) => /^\d{6,}\.json$/.test(file)).map((file) => Number.parseInt(file, 10)).sort((a, b) => a - b)

/** @internal */
export const make = (fs: FileSystem.FileSystem, path: Path.Path, directory: string): Store => {
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
        // A directory that is read while documents come may show a later one and not the one before
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

  /** Whole or not at all, and only where nothing is: a link, other than a rename, never replaces. */
  const put = (temporary: string, target: string, text: string): Effect.Effect<boolean, PlatformError> =>
    Effect.zipRight(write(temporary, text), fs.link(temporary, target)).pipe(
      Effect.as(true),
      Effect.catchIf(
        (error) => error.method === "link" && hasReason(error, "AlreadyExists"),
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
    append: (id, version, entries) => Effect.flatMap(encode(id, entries), ({ text }) => append(id, version, text))
  }
}
