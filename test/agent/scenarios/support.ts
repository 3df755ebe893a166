/** Helpers of the scenarios: they read the requests that were sent and the events that were emitted. */
import { assert } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import { arrayAt, isObject, type JsonObject, parseJson, stringAt } from "../../../src/internal/json.js"
import type { RecordedRequest } from "../../../src/testing/internal/recording.js"
import * as TestModel from "../../../src/testing/TestModel.js"
import { poll } from "../../support/effect/fibers.js"
import { settled } from "../../support/settled.js"

export { settled }

export const model = "test/model"

/** The items of a request's input. */
export const itemsOf = (request: RecordedRequest | undefined): ReadonlyArray<JsonObject> =>
  arrayAt(request?.json, "input").flatMap((item) => isObject(item) ? [item] : [])

/** The outputs of calls in a request, in their order. */
export const outputsOf = (
  request: RecordedRequest | undefined
): ReadonlyArray<readonly [id: string, output: unknown]> =>
  itemsOf(request).flatMap((item) =>
    item["type"] === "function_call_output" ? [[stringAt(item, "call_id") ?? "", item["output"]] as const] : []
  )

/** The outputs that the model received for its calls, in the newest request. */
export const lastOutputs: Effect.Effect<
  ReadonlyArray<readonly [id: string, output: unknown]>,
  never,
  TestModel.TestModel
> = Effect.map(TestModel.requests, (requests) => outputsOf(requests.at(-1)))

/** The error in the output of a failed call. */
export const errorIn = (output: unknown): unknown => {
  const value = typeof output === "string" ? parseJson(output)?.value : undefined
  return isObject(value) && "error" in value ? value["error"] : assert.fail(`no error: ${JSON.stringify(output)}`)
}

/** The error messages that the model received for its calls. */
export const lastErrors: Effect.Effect<ReadonlyArray<string>, never, TestModel.TestModel> = Effect.map(
  lastOutputs,
  (outputs) => outputs.map(([, output]) => String(errorIn(output)))
)

/** How many requests there were. */
export const sent: Effect.Effect<number, never, TestModel.TestModel> = Effect.map(
  TestModel.requests,
  (requests) => requests.length
)

/** The type of each item, with its role or call id. */
export const shapeOf = (request: RecordedRequest | undefined): ReadonlyArray<string> =>
  itemsOf(request).map((item) =>
    [item["type"] ?? "message", item["role"], item["call_id"]].filter((part) => part !== undefined).join(" ")
  )

/** All elements of a stream. */
export const collect = <A, E, R>(
  stream: Stream.Stream<A, E, R>
): Effect.Effect<ReadonlyArray<A>, E, R> => Effect.map(Stream.runCollect(stream), (chunk) => [...chunk])

/** Runs to the end while the clock advances by 5 ms at a time, and returns the result with the elapsed time. */
export const timed = <A, E, R>(effect: Effect.Effect<A, E, R>, limit = 1000): Effect.Effect<
  readonly [result: A, millis: number],
  E,
  R
> =>
  Effect.gen(function*() {
    const fiber = yield* Effect.fork(effect)
    for (let millis = 0; millis <= limit; millis += 5) {
      yield* settled
      const exit = yield* poll(fiber)
      if (exit._tag === "Some") return [yield* exit.value, millis] as const
      yield* TestClock.adjust(5)
    }
    return assert.fail(`not over after ${limit} ms`)
  })
