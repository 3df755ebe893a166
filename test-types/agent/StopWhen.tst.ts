import { Agent, DoomLoop, type OpenRouterClient, StopWhen } from "effect-openrouter"
import type { Middleware } from "effect-openrouter/agent/Middleware"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import { describe, expect, test } from "tstyche"

type Progress = Agent.Progress

class Flags extends Context.Tag("Flags")<Flags, { readonly stop: boolean }>() {}
class Clockwork extends Context.Tag("Clockwork")<Clockwork, { readonly late: boolean }>() {}

class Broken {
  readonly _tag = "Broken"
}
class Lost {
  readonly _tag = "Lost"
}

const flagged = Effect.map(Flags, ({ stop }) => stop)
const late = Effect.map(Clockwork, ({ late }) => late)

describe("StopWhen", () => {
  test("what the library has fails with nothing and needs nothing", () => {
    expect(StopWhen.stepCountIs(1)).type.toBe<StopWhen.StopCondition>()
    expect(StopWhen.hasToolCall("a", "b")).type.toBe<StopWhen.StopCondition<never, never>>()
    expect(StopWhen.maxCost(1)).type.toBe<StopWhen.StopCondition>()
    expect(StopWhen.elapsed("1 minute")).type.toBe<StopWhen.StopCondition>()
    expect(StopWhen.finishReasonIs("length")).type.toBe<StopWhen.StopCondition>()
  })

  test("errors and requirements are those of the predicate", () => {
    expect(StopWhen.make("plain", (run) => run.cost > 1)).type.toBe<StopWhen.StopCondition>()
    expect(StopWhen.make("effect", () => flagged)).type.toBe<StopWhen.StopCondition<never, Flags>>()
    expect(
      StopWhen.make("generator", (run) =>
        Effect.gen(function*() {
          if (run.cost > 1) return yield* Effect.fail(new Broken())
          return yield* flagged
        }))
    ).type.toBe<StopWhen.StopCondition<Broken, Flags>>()
    expect(
      StopWhen.make(
        "any of them",
        (run) =>
          run.cost > 2
            ? true
            : run.cost > 1
            ? Effect.fail(new Broken())
            : Effect.zipRight(Effect.fail(new Lost()), flagged)
      )
    ).type.toBe<StopWhen.StopCondition<Broken | Lost, Flags>>()
  })

  test("conditions of all kinds are put together", () => {
    const broken = StopWhen.make("broken", () => Effect.fail(new Broken()))
    const flag = StopWhen.make("flag", () => Effect.zipRight(Effect.fail(new Lost()), flagged))
    const all = StopWhen.all(broken, StopWhen.stepCountIs(1), flag, () => late)
    expect(all).type.toBe<StopWhen.StopCondition<Broken | Lost, Flags | Clockwork>>()
    expect(StopWhen.any(all, StopWhen.maxCost(1))).type.toBe<typeof all>()
    expect(StopWhen.not(flag)).type.toBe<StopWhen.StopCondition<Lost, Flags>>()
    expect(StopWhen.any(StopWhen.stepCountIs(1), (run) => run.text === "")).type.toBe<StopWhen.StopCondition>()
  })

  test("predicates need no annotation", () => {
    StopWhen.any(StopWhen.maxCost(1), (run) => {
      expect(run).type.toBe<Progress>()
      return true
    })
    StopWhen.not((run) => {
      expect(run).type.toBe<Progress>()
      return true
    })
  })

  test("what is no condition is refused", () => {
    expect(StopWhen.make).type.not.toBeCallableWith("text", () => "yes")
    expect(StopWhen.make).type.not.toBeCallableWith("text", () => Effect.succeed("yes"))
    expect(StopWhen.any).type.not.toBeCallableWith(() => 1)
    expect(StopWhen.hasToolCall).type.not.toBeCallableWith()
    expect(StopWhen.finishReasonIs).type.not.toBeCallableWith()
    expect(StopWhen.elapsed).type.not.toBeCallableWith("soon")
  })

  test("a condition may be used where more errors and requirements are allowed", () => {
    expect(StopWhen.maxCost(1)).type.toBeAssignableTo<StopWhen.StopCondition<Broken, Flags>>()
    expect<StopWhen.StopCondition<Broken, Flags>>().type.not.toBeAssignableTo<StopWhen.StopCondition>()
    expect<(run: Progress) => boolean>().type.toBeAssignableTo<StopWhen.Predicate>()
  })
})

describe("a run", () => {
  const broken = StopWhen.make("broken", () => Effect.zipRight(flagged, Effect.fail(new Broken())))

  test("fails with and requires what its stop conditions do", () => {
    const run = Agent.run({ input: "Hello!", stopWhen: [StopWhen.maxCost(1), StopWhen.any(broken), () => late] })
    expect<Extract<Effect.Effect.Error<typeof run>, Broken>["progress"]>().type.toBe<Progress>()
    expect<Effect.Effect.Context<typeof run>>().type.toBe<OpenRouterClient.OpenRouterClient | Flags | Clockwork>()
  })

  test("is given the run so far by a predicate without annotations", () => {
    Agent.run({
      input: "Hello!",
      stopWhen: [StopWhen.maxCost(1), (run) => {
        expect(run).type.toBe<Progress>()
        return true
      }]
    })
  })

  test("stays as it is with a doom loop's middleware", () => {
    const run = Agent.run({ input: "Hello!", middleware: DoomLoop.middleware() })
    const plain = Agent.run({ input: "Hello!" })
    expect<Effect.Effect.Error<typeof run>>().type.toBe<Effect.Effect.Error<typeof plain>>()
    expect<Effect.Effect.Context<typeof run>>().type.toBe<OpenRouterClient.OpenRouterClient>()
  })
})

describe("DoomLoop", () => {
  test("is a middleware that fails with nothing and needs nothing", () => {
    const middleware = DoomLoop.middleware()
    expect(middleware).type.toBeAssignableTo<Middleware>()
    expect<Effect.Effect.Error<ReturnType<typeof middleware.tool>>>().type.toBe<never>()
    expect<Effect.Effect.Context<ReturnType<typeof middleware.tool>>>().type.toBe<never>()
  })
})
