/** Errors of the user's code with a tag of the library are not errors of the library. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schedule from "effect/Schedule"
import * as Schema from "effect/Schema"
import * as Agent from "../../../src/agent/Agent.js"
import * as Tool from "../../../src/agent/Tool.js"
import * as Toolkit from "../../../src/agent/Toolkit.js"
import * as Script from "../../../src/testing/Script.js"
import * as TestModel from "../../../src/testing/TestModel.js"
import { model } from "./support.js"

/** An error of the user with the tag of an error of the library. */
class ConnectionError extends Schema.TaggedError<ConnectionError>()("ConnectionError", { message: Schema.String }) {}

describe("a user's error with the tag of a library error", () => {
  const down = new ConnectionError({ message: "The database is down." })
  const Ask = Tool.make("ask", { success: Schema.Void, failure: ConnectionError, failureMode: "error" })
  const kit = Toolkit.make(Ask)
  const layers = Layer.mergeAll(
    kit.toLayer({ ask: () => Effect.fail(down) }),
    TestModel.layer([Script.toolCall("ask")], { allowUnused: true })
  )
  const base = { model, input: "Go!", tools: kit, retryTurn: Schedule.recurs(3) } as const

  it.effect("does not repeat the turn if a middleware fails with it", () =>
    Effect.gen(function*() {
      let calls = 0
      const middleware = { model: () => Effect.suspend(() => Effect.fail((calls++, down))) }
      const error = yield* Effect.flip(Agent.run({ ...base, middleware }))
      assert.deepStrictEqual([error._tag, error.message], ["ConnectionError", down.message])
      assert.deepStrictEqual([calls, (yield* TestModel.requests).length], [1, 0])
    }).pipe(Effect.provide(layers)))

  it.effect("does not repeat the turn if a parameter fails with it", () =>
    Effect.gen(function*() {
      let calls = 0
      const temperature = () => Effect.suspend(() => Effect.fail((calls++, down)))
      const error = yield* Effect.flip(Agent.run({ ...base, temperature }))
      assert.deepStrictEqual([error.message, calls], [down.message, 1])
      assert.strictEqual((yield* TestModel.requests).length, 0)
    }).pipe(Effect.provide(layers)))

  it.effect("does not repeat the turn if a tool fails with it", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(Agent.run(base))
      assert.strictEqual(error.message, down.message)
      assert.strictEqual((yield* TestModel.requests).length, 1)
    }).pipe(Effect.provide(layers)))

  it.effect("does not repeat the turn if a stop condition fails with it", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(Agent.run({ ...base, stopWhen: () => Effect.fail(down) }))
      assert.strictEqual(error.message, down.message)
      assert.strictEqual((yield* TestModel.requests).length, 1)
    }).pipe(Effect.provide(layers)))
})
