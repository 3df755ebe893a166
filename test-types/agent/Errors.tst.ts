import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { describe, expect, test } from "tstyche"
import type { RunError } from "../../src/agent/internal/errors.js"
import { fromUser, type UserError } from "../../src/agent/internal/userCode.js"
import { InvalidRequestError } from "../../src/http/OpenRouterError.js"

class Surprise extends Schema.TaggedError<Surprise>()("SurpriseError", { message: Schema.String }) {}

/** An error of a user's own with the tag of one of ours. */
class ConnectionError extends Schema.TaggedError<ConnectionError>()("ConnectionError", { seconds: Schema.Number }) {}

type Loop = Effect.Effect<never, RunError>

describe("the errors of the loop", () => {
  test("a class that the loop does not know does not compile", () => {
    expect(Effect.fail(new Surprise({ message: "" }))).type.not.toBeAssignableTo<Loop>()
    expect(Effect.fail(new ConnectionError({ seconds: 1 }))).type.not.toBeAssignableTo<Loop>()
    expect(Effect.fail("a text")).type.not.toBeAssignableTo<Loop>()
    expect(Effect.fail(new Surprise({ message: "" }) as unknown)).type.not.toBeAssignableTo<Loop>()
  })

  test("a class that the loop knows compiles", () => {
    expect(Effect.fail(new InvalidRequestError({ parameter: "", message: "" }))).type.toBeAssignableTo<Loop>()
  })

  test("an error of the user's compiles once it is marked, and cannot be read", () => {
    const marked = fromUser(Effect.fail(new Surprise({ message: "" })))
    expect(marked).type.toBeAssignableTo<Loop>()
    expect<Effect.Effect.Error<typeof marked>>().type.toBe<UserError>()
    expect<UserError>().type.not.toHaveProperty("_tag")
  })
})
