/** The numbers in titles of scenarios are the rows of README.md. */
import { FileSystem } from "@effect/platform"
import { NodeFileSystem } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { fileURLToPath } from "node:url"

const folder = fileURLToPath(new URL(".", import.meta.url))

/** Pairs of a number and a file, such as "12 emptyResponses". */
const inTitles = (name: string, text: string): ReadonlyArray<string> =>
  [...text.matchAll(/\b(?:it|describe)(?:\.\w+)*\(\s*["`](\d+(?:, \d+)*): /g)].flatMap(([, numbers = ""]) =>
    numbers.split(", ").map((number) => `${number} ${name}`)
  )

const inRows = (text: string): ReadonlyArray<string> =>
  [...text.matchAll(/^\| (\d+) \|.*\| (.*) \|$/gm)].flatMap(([, number = "", files = ""]) =>
    files.split(", ").map((file) => `${number} ${file.replaceAll("`", "")}`)
  )

describe("the numbers of scenarios", () => {
  it.effect("are in the list, with the files of their tests", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const files = (yield* fs.readDirectory(folder)).filter((file) => file.endsWith(".test.ts"))
      const titles = yield* Effect.forEach(files, (file) =>
        Effect.map(fs.readFileString(`${folder}${file}`), (text) =>
          inTitles(file.replace(".test.ts", ""), text)))
      const rows = inRows(yield* fs.readFileString(`${folder}README.md`))
      assert.isNotEmpty(rows)
      assert.sameMembers([...new Set(titles.flat())], [...rows])
    }).pipe(Effect.provide(NodeFileSystem.layer)))
})
