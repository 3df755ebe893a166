import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import { describe, expect, test } from "tstyche"
import * as Agent from "../../src/agent/Agent.js"
import * as Guardrail from "../../src/agent/Guardrail.js"
import type { CheckedCall } from "../../src/agent/Middleware.js"
import type { OpenRouterClient } from "../../src/http/OpenRouterClient.js"

class Words extends Context.Tag("Words")<Words, ReadonlyArray<string>>() {}

const model = "test/model"

describe("a guardrail", () => {
  const words = Guardrail.output({
    name: "words",
    check: (text) => Effect.map(Words, (words) => words.includes(text) ? Guardrail.reject("no") : Guardrail.pass)
  })

  test("requires what its check requires, and takes its failures upon itself", () => {
    expect(words).type.toBe<Guardrail.Guardrail<Words>>()
    const failing = Guardrail.input({ name: "failing", check: () => Effect.fail("no answer") })
    expect(failing).type.toBe<Guardrail.Guardrail<never>>()
  })

  test("of sentences requires what its check requires", () => {
    const sentences = Guardrail.outputBySentence({
      name: "words",
      check: (sentence, { before }) =>
        Effect.map(Words, (words) => words.includes(sentence) ? Guardrail.block(before) : Guardrail.pass)
    })
    const run = Agent.run({ model, input: "Go", middleware: sentences })
    expect<Effect.Effect.Context<typeof run>>().type.toBe<OpenRouterClient | Words>()
    expect<Extract<Effect.Effect.Error<typeof run>, { readonly _tag: "Blocked" }>>().type.toBe<never>()
  })

  test("adds no error to the run, but an outcome", () => {
    const run = Agent.run({ model, input: "Go", middleware: [words] })
    expect<Effect.Effect.Context<typeof run>>().type.toBe<OpenRouterClient | Words>()
    expect<Extract<Effect.Effect.Error<typeof run>, { readonly _tag: "Blocked" }>>().type.toBe<never>()
    expect(Effect.catchTag).type.not.toBeCallableWith(run, "Blocked", () => Effect.void)
    type Outcome = Effect.Effect.Success<typeof run>["outcome"]
    expect<Extract<Outcome, { readonly _tag: "blocked" }>>().type.toBe<
      { readonly _tag: "blocked"; readonly by: string; readonly reason: string }
    >()
  })

  test("has the verdicts that mean something where it stands", () => {
    expect(Guardrail.input).type.not.toBeCallableWith({ name: "", check: () => Effect.succeed(Guardrail.reject("no")) })
    expect(Guardrail.inputBeside).type.not.toBeCallableWith({
      name: "",
      check: () => Effect.succeed(Guardrail.replace([]))
    })
    expect(Guardrail.output).type.not.toBeCallableWith({ name: "", check: () => Effect.succeed(Guardrail.replace(1)) })
    // Readers have seen the sentences before
    expect(Guardrail.outputBySentence).type.not.toBeCallableWith({
      name: "",
      check: () => Effect.succeed(Guardrail.reject("no"))
    })
    expect(Guardrail.tool).type.toBeCallableWith({
      name: "",
      check: ({ params }: CheckedCall) => Effect.succeed(Guardrail.replace(params))
    })
  })
})
