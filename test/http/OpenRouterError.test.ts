import { assert, describe, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Schema from "effect/Schema"
import { inspect } from "node:util"
import * as Errors from "../../src/http/OpenRouterError.js"
import { statuses } from "./support/rows.js"

const partial: Errors.PartialResponse = {
  text: "Once",
  reasoning: "hm",
  toolCalls: [{ id: "1", name: "look", arguments: "{" }],
  generationId: "gen-1",
  cost: 0.5,
  result: { choices: [] }
}

const details = {
  message: "No.",
  code: "busy",
  errorType: "provider_overloaded",
  provider: "Acme",
  raw: { detail: ["busy"] },
  availability: { code: "x", retryable: true, retry_after: 3 },
  retryAfter: Duration.seconds(3),
  generationId: "gen-1",
  metadata: { patterns: ["a"] },
  partial
}

const limited = new Errors.TooManyRequestsResponseError({ ...details, status: 429 })

/** One of each class that is not a status's. */
const others = [
  new Errors.OpenRouterDefaultError({ ...details, status: 418 }),
  new Errors.ConnectionError({ message: "No.", phase: "body", code: "ECONNRESET", received: "{", partial }),
  new Errors.RequestTimeoutError({ message: "No.", timeout: Duration.seconds(3) }),
  new Errors.InvalidRequestError({ message: "No.", parameter: "id" }),
  new Errors.ResponseValidationError({ message: "No.", issues: [{ path: "a.0", message: "is missing" }], partial }),
  new Errors.StreamTruncatedError({ message: "No.", partial }),
  new Errors.StreamStalledError({ message: "No.", idleTimeout: Duration.minutes(2), partial }),
  new Errors.StreamEventTooLargeError({ message: "No.", maxEventSize: 1024, partial })
]

/** Through its schema, into JSON text and back. */
const roundTrip = <A, I>(schema: Schema.Schema<A, I>, error: A) =>
  Schema.encode(schema)(error).pipe(
    Effect.map((encoded): unknown => JSON.parse(JSON.stringify(encoded))),
    Effect.flatMap(Schema.decodeUnknown(schema))
  )

describe("the error of a status", () => {
  it("has its status and rejects another one", () => {
    assert.lengthOf(statuses, 17)
    const decode = Schema.decodeUnknownEither(Schema.Union(...Object.values(Errors.errorClassByStatus)))
    for (const status of statuses) {
      const Class = Errors.errorClassByStatus[status]
      const right = decode({ _tag: Class.name, status, message: "No.", retryAfter: 1000 })
      assert.strictEqual(Either.isRight(right) && right.right.constructor, Class)
      assert.isTrue(Either.isLeft(decode({ _tag: Class.name, status: status + 1, message: "No.", retryAfter: 1000 })))
      assert.isTrue(Either.isLeft(decode({ _tag: "Other", status, message: "No.", retryAfter: 1000 })))
    }
    assert.strictEqual(new Set(statuses.map((status) => Errors.errorClassByStatus[status].name)).size, 17)
  })

  it.effect("is the same after encoding as JSON and decoding, for queues, workflows and other processes", () =>
    Effect.gen(function*() {
      const found = yield* roundTrip(Errors.TooManyRequestsResponseError, limited)
      assert.instanceOf(found, Errors.TooManyRequestsResponseError)
      assert.deepStrictEqual({ ...found }, { ...limited })
      assert.strictEqual(found.message, "No.")
      assert.deepStrictEqual(found.retryAfter, Duration.seconds(3))
    }))
})

describe("the other errors", () => {
  it.effect("are the same after encoding and decoding", () =>
    Effect.gen(function*() {
      const anyOf = Schema.Union(
        Errors.OpenRouterDefaultError,
        Errors.ConnectionError,
        Errors.RequestTimeoutError,
        Errors.InvalidRequestError,
        Errors.ResponseValidationError,
        Errors.StreamTruncatedError,
        Errors.StreamStalledError,
        Errors.StreamEventTooLargeError
      )
      for (const error of others) {
        const found = yield* roundTrip(anyOf, error)
        assert.strictEqual(found.constructor, error.constructor)
        assert.deepStrictEqual({ ...found }, { ...error })
        assert.strictEqual(found.message, error.message)
      }
    }))
})

describe("every error", () => {
  it("shows its name, message and fields in each kind of output", () => {
    for (const error of [limited, ...others]) {
      assert.instanceOf(error, Error)
      assert.strictEqual(error.name, error._tag)
      assert.include(String(error), error._tag)
      assert.include(String(error), "No.")
      assert.include(inspect(error), error._tag)
      assert.include(inspect(error), "No.")
      assert.include(JSON.stringify(error), error._tag)
      assert.include(JSON.stringify(error), "No.")
      assert.include(Cause.pretty(Cause.fail(error)), `${error._tag}: No.`)
    }
    assert.include(JSON.stringify(limited), "provider_overloaded")
    assert.include(inspect(limited), "provider_overloaded")
  })

  it.effect("can be yielded and caught by its tag", () =>
    Effect.gen(function*() {
      const failing = Effect.gen(function*() {
        return yield* limited
      })
      const waited = yield* Effect.catchTag(failing, "TooManyRequestsResponseError", (error) =>
        Effect.succeed(error.retryAfter))
      assert.deepStrictEqual(waited, Duration.seconds(3))
    }))
})
