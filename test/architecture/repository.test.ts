import { assert, describe, it } from "@effect/vitest"
import { casts, documentation, everyTestRuns, length } from "./code.js"
import { cycles, direction, editionsOnly, packages, privateRooms, publicModules } from "./imports.js"
import { mirror, staleExceptions } from "./mirror.js"
import { readSources } from "./sources.js"

const library = readSources("src")
const tests = readSources("test")
const written = ["scripts", "examples", "bench", "test-types"].flatMap(readSources)

const clean = (violations: ReadonlyArray<string>): void => assert.deepStrictEqual(violations, [])

describe("the repository", () => {
  it("has files", () => {
    assert.isAbove(library.length, 0)
    assert.isAbove(tests.length, 0)
  })

  it("imports in one direction", () => clean(direction(library)))

  it("keeps internal folders private", () => clean(privateRooms(library)))

  it("shows each public module at one of its entries", () => clean(publicModules(library)))

  it("has no import cycle", () => clean(cycles(library)))

  it("imports peers only, by sub-path, and Node modules in node and testing/server only", () =>
    clean(packages(library)))

  it("names only what Effect 3 and Effect 4 share, outside of src/internal/effect", () => clean(editionsOnly(library)))

  it("has files of readable length", () => clean(length([...library, ...tests, ...written])))

  it("explains each cast", () => clean(casts(library)))

  it("documents each export", () => clean(documentation(library)))

  it("has tests that are named after their modules", () => {
    clean(mirror(library, tests))
    clean(staleExceptions(tests))
  })

  it("runs each test", () => clean(everyTestRuns(tests)))
})
