import { assert, describe, it } from "@effect/vitest"
import { casts, documentation, everyTestRuns, length } from "./code.js"
import { cycles, direction, packages, privateRooms, publicModules } from "./imports.js"
import { readSources } from "./sources.js"

const library = readSources("src")
const tests = readSources("test")
const written = ["scripts", "examples", "bench", "test-types"].flatMap(readSources)

const clean = (breaches: ReadonlyArray<string>): void => assert.deepStrictEqual(breaches, [])

describe("the house", () => {
  it("has files to look at", () => {
    assert.isAbove(library.length, 0)
    assert.isAbove(tests.length, 0)
  })

  it("imports one way", () => clean(direction(library)))

  it("keeps its private rooms private", () => clean(privateRooms(library)))

  it("shows each public module at one of its entries", () => clean(publicModules(library)))

  it("has no import cycle", () => clean(cycles(library)))

  it("uses its peers only, by sub-path, and Node's modules in node and testing/server alone", () =>
    clean(packages(library)))

  it("has files of readable length", () => clean(length([...library, ...tests, ...written])))

  it("explains each cast", () => clean(casts(library)))

  it("documents each export", () => clean(documentation(library)))

  it("runs each test", () => clean(everyTestRuns(tests)))
})
