import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import { describe, expect, test } from "tstyche"
import * as Tool from "../../src/agent/Tool.js"
import * as Toolkit from "../../src/agent/Toolkit.js"
import { whileInput } from "../../test/support/effect/schedules.js"

class Down extends Schema.TaggedError<Down>()("Down", { seconds: Schema.Number }) {}
class Db extends Context.Tag("Db")<Db, { readonly read: (key: string) => Effect.Effect<number> }>() {}
class User extends Context.Tag("User")<User, { readonly name: string }>() {}

const GetWeather = Tool.make("get_weather", {
  parameters: Schema.Struct({ city: Schema.String, on: Schema.optional(Schema.Date) }),
  success: Schema.Struct({ celsius: Schema.Number }),
  failure: Down,
  progress: Schema.Number
})

describe("a tool", () => {
  test("has the types of its schemas", () => {
    type Types = Tool.TypesOf<typeof GetWeather>
    expect<Types["params"]>().type.toBe<{ readonly city: string; readonly on?: Date | undefined }>()
    expect<Types["success"]>().type.toBe<{ readonly celsius: number }>()
    expect<Tool.Failures<typeof GetWeather>>().type.toBe<never>()
    expect<Tool.Requirements<typeof GetWeather>>().type.toBe<Tool.Handler<"get_weather">>()
  })

  test("gives its options the types of its schemas", () => {
    Tool.make("pay", {
      parameters: Schema.Struct({ usd: Schema.NumberFromString }),
      success: Schema.Struct({ id: Schema.String }),
      failure: Down,
      requireApproval: ({ usd }) => {
        expect(usd).type.toBe<number>()
        return usd > 10
      },
      toModelOutput: ({ id }, { usd }) => {
        expect(id).type.toBe<string>()
        expect(usd).type.toBe<number>()
        return id
      },
      nextTurn: ({ current, params, result }) => {
        expect(params.usd).type.toBe<number>()
        expect(result.id).type.toBe<string>()
        return { temperature: current.temperature }
      },
      retry: whileInput((error: Down | Tool.ToolTimeoutError) => error._tag === "Down")
    })
  })

  test("takes from the run what its gate and its dependencies take", () => {
    const Pay = Tool.make("pay", {
      requireApproval: () => Effect.map(Db, () => true),
      dependencies: [User],
      failure: Down,
      failureMode: "error"
    })
    expect<Tool.Requirements<typeof Pay>>().type.toBe<Tool.Handler<"pay"> | Db | User>()
    expect<Tool.Failures<typeof Pay>>().type.toBe<Down | Tool.ToolTimeoutError>()
  })

  test("keeps its types where it is made in place", () => {
    const Kit = Toolkit.make(Tool.make("a", { success: Schema.String }), Tool.manual("b"))
    expect<Tool.Requirements<(typeof Kit)["tools"][number]>>().type.toBe<Tool.Handler<"a">>()
  })
})

describe("toLayer", () => {
  const Kit = Toolkit.make(GetWeather, Tool.manual("ask"), Tool.server({ type: "openrouter:web_search" }))

  test("asks for the handlers of the handled tools, and knows what they are given", () => {
    const layer = Kit.toLayer({
      get_weather: ({ city, on }, call) => {
        expect(city).type.toBe<string>()
        expect(on).type.toBe<Date | undefined>()
        return Effect.as(call.progress(1), { celsius: 5 })
      }
    })
    expect(layer).type.toBe<Layer.Layer<Tool.Handler<"get_weather">>>()
  })

  test("requires what handlers require, but not what the run gives", () => {
    const Greet = Tool.make("greet", { success: Schema.Number, dependencies: [User] })
    const layer = Toolkit.make(Greet).toLayer({
      greet: () => Effect.flatMap(User, ({ name }) => Effect.flatMap(Db, ({ read }) => read(name)))
    })
    expect(layer).type.toBe<Layer.Layer<Tool.Handler<"greet">, never, Db>>()
  })

  test("fails as the effect fails that prepares the handlers", () => {
    const handlers = Effect.gen(function*() {
      const { read } = yield* Db
      if ((yield* read("enabled")) === 0) return yield* new Down({ seconds: 1 })
      return { get_weather: () => Effect.succeed({ celsius: 1 }) }
    })
    expect(Kit.toLayer(handlers)).type.toBe<Layer.Layer<Tool.Handler<"get_weather">, Down, Db>>()
  })

  test("refuses handlers that are missing, answer otherwise, or fail otherwise", () => {
    expect(Kit.toLayer).type.not.toBeCallableWith({})
    expect(Kit.toLayer).type.not.toBeCallableWith({ get_weather: () => Effect.succeed("warm") })
    expect(Kit.toLayer).type.not.toBeCallableWith({ get_weather: () => Effect.fail("cold") })
    expect(Kit.toLayer).type.toBeCallableWith({ get_weather: () => Effect.fail(new Down({ seconds: 1 })) })
  })

  test("says that an undeclared failure has to be declared", () => {
    // @ts-expect-error Undeclared<"declare it as `failure` of the tool">
    Kit.toLayer({ get_weather: () => Effect.fail("cold") })
  })
})
