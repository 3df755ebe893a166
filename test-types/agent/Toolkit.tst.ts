import { Context, Effect, Schema } from "effect"
import { Agent, type OpenRouterClient, Tool, Toolkit } from "effect-openrouter"
import { describe, expect, test } from "tstyche"

class Clock extends Context.Tag("Clock")<Clock, { readonly now: number }>() {}

const Now = Tool.make("now", { success: Schema.Number })
const Pay = Tool.make("pay", { parameters: Schema.Struct({ eur: Schema.Number }), failure: Schema.String })

describe("Toolkit.provide", () => {
  const provided = Toolkit.provide(Toolkit.make(Now), { now: () => Effect.map(Clock, ({ now }) => now) })

  test("a run needs what the handlers need, and no layer of handlers", () => {
    const run = Agent.run({ model: "m", input: "go", tools: provided })
    expect<Effect.Effect.Context<typeof run>>().type.toBe<OpenRouterClient.OpenRouterClient | Clock>()
  })

  test("the handlers have the types of the tools", () => {
    expect(Toolkit.provide).type.not.toBeCallableWith(Toolkit.make(Now), { now: () => Effect.succeed("late") })
    expect(Toolkit.provide).type.not.toBeCallableWith(Toolkit.make(Pay), { pay: () => Effect.fail(1) })
    expect(Toolkit.provide).type.not.toBeCallableWith(Toolkit.make(Now), {})
  })
})

describe("Toolkit.call", () => {
  test("needs the handlers of the toolkit", () => {
    const call = Toolkit.call(Toolkit.make(Now, Pay), "pay", { eur: 1 })
    expect<Effect.Effect.Context<typeof call>>().type.toBe<Tool.Handler<"now"> | Tool.Handler<"pay">>()
  })
})
