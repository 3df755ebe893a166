import { FileSystem } from "@effect/platform"
import { NodeContext } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Layer } from "effect"
import { Script, TestModel } from "effect-openrouter/testing"
import * as TestClock from "effect/TestClock"
import { night, nightly } from "../../../examples/recipes/nightly.js"
import { logsInto, quiet } from "../../support/effect/logs.js"

/** A folder with four documents. */
const documents = Effect.gen(function*() {
  const fs = yield* FileSystem.FileSystem
  const folder = yield* fs.makeTempDirectoryScoped()
  for (const name of ["a", "b", "c", "d"]) yield* fs.writeFileString(`${folder}/${name}.txt`, `The document ${name}.`)
  return { folder, budget: 0.048, perDocument: 0.02 }
})

const summaries = (folder: string) =>
  Effect.gen(function*() {
    const fs = yield* FileSystem.FileSystem
    return (yield* fs.readDirectory(folder)).filter((name) => name.endsWith(".summary.txt")).sort()
  })

const turn = Script.turn("It is short.", { cost: 0.015 })

const environment = (script: Script.Script, logs: Layer.Layer<never> = quiet) =>
  Layer.mergeAll(NodeContext.layer, TestModel.layer(script, { client: { retry: false } }), logs)

describe("the recipe of a nightly job", () => {
  it.scoped("stops before the budget is overspent, and continues in the next night", () =>
    Effect.gen(function*() {
      const options = yield* documents
      assert.deepStrictEqual(yield* night(options), { done: 2, failed: 0, left: 2, cost: 0.03 })
      assert.deepStrictEqual(yield* summaries(options.folder), ["a.summary.txt", "b.summary.txt"])
      assert.deepStrictEqual(yield* night(options), { done: 2, failed: 0, left: 0, cost: 0.03 })
      const fs = yield* FileSystem.FileSystem
      assert.strictEqual(yield* fs.readFileString(`${options.folder}/d.summary.txt`), "It is short.")
    }).pipe(Effect.provide(environment([turn, turn, turn, turn]))))

  it.scoped("goes on after a document that failed, and counts what it cost", () =>
    Effect.gen(function*() {
      const options = yield* documents
      const report = yield* night({ ...options, budget: 1 })
      assert.deepStrictEqual(report, { done: 2, failed: 2, left: 0, cost: 0.045 })
      assert.deepStrictEqual(yield* summaries(options.folder), ["b.summary.txt", "d.summary.txt"])
    }).pipe(
      Effect.provide(environment([
        Script.error(503),
        turn,
        Script.turn("It is long, and", { cost: 0.015, finishReason: "length" }),
        turn
      ]))
    ))

  it.scoped("ends the night when the credits are used up", () =>
    Effect.gen(function*() {
      const options = yield* documents
      assert.deepStrictEqual(yield* night(options), { done: 1, failed: 1, left: 2, cost: 0.015 })
    }).pipe(Effect.provide(environment([turn, Script.error(402)]))))

  it.scoped("begins at two in Berlin, every night, and reports", () => {
    const lines: Array<string> = []
    // The clock stands still, but the files are real
    const reports = (count: number) =>
      Effect.repeat(Effect.promise(() => new Promise((resolve) => setImmediate(resolve))), {
        until: () => lines.length >= count
      })
    return Effect.gen(function*() {
      const options = yield* documents
      const job = yield* Effect.fork(nightly(options))
      yield* TestClock.adjust("59 minutes")
      assert.deepStrictEqual(yield* TestModel.requests, [])
      yield* TestClock.adjust("1 minute")
      yield* reports(1)
      yield* TestClock.adjust("1 day")
      yield* reports(2)
      yield* Fiber.interrupt(job)
      assert.deepStrictEqual(lines, [
        "2 done, 0 failed, 2 left, for $0.0300 of $0.048",
        "2 done, 0 failed, 0 left, for $0.0300 of $0.048"
      ])
    }).pipe(
      Effect.provide(environment(
        [turn, turn, turn, turn],
        logsInto(({ message }) => {
          lines.push(String(message))
        })
      ))
    )
  })
})
