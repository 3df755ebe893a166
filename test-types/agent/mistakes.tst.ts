/** Usual mistakes: what the compiler says names the mistake. Those with options of a run are beside `Agent`. */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { describe, test } from "tstyche"
import * as Agent from "../../src/agent/Agent.js"
import * as StopWhen from "../../src/agent/StopWhen.js"
import * as Tool from "../../src/agent/Tool.js"
import * as Toolkit from "../../src/agent/Toolkit.js"
import * as TestModel from "../../src/testing/TestModel.js"

const GetWeather = Tool.make("get_weather", {
  parameters: Schema.Struct({ city: Schema.String }),
  success: Schema.Struct({ celsius: Schema.Number })
})
const Kit = Toolkit.make(GetWeather)
const base = { model: "openai/gpt-5-nano", input: "Hello!" } as const

describe("a mistake", () => {
  test("in a handler", () => {
    // @ts-expect-error Type 'Promise<{ celsius: number; }>' is missing the following properties from type 'Effect<
    Kit.toLayer({ get_weather: async () => ({ celsius: 1 }) })
    // @ts-expect-error 'getWeather' does not exist in type 'Handlers<Tool<"get_weather"
    Kit.toLayer({ getWeather: () => Effect.succeed({ celsius: 1 }) })
    // @ts-expect-error Type '{ celsius: string; }' is not assignable to type '{ readonly celsius: number; }'
    Kit.toLayer({ get_weather: () => Effect.succeed({ celsius: "1" }) })
    // @ts-expect-error Property 'town' does not exist on type '{ readonly city: string; }'
    Kit.toLayer({ get_weather: ({ town }) => Effect.succeed({ celsius: town.length }) })
  })

  test("with a layer that is missing", () => {
    // @ts-expect-error Handler<"get_weather">' is not assignable to type 'never'
    Effect.runPromise(Agent.run({ ...base, tools: Kit }))
  })

  test("with a condition", () => {
    // @ts-expect-error 'Promise<boolean>' is not assignable to type 'boolean | Effect<boolean, unknown, unknown>'
    Agent.run({ ...base, stopWhen: async () => true })
    // @ts-expect-error '(name: string, ...names: ReadonlyArray<string>) => StopCondition' is not assignable
    Agent.run({ ...base, stopWhen: StopWhen.hasToolCall })
  })

  test("with a schema", () => {
    // @ts-expect-error 'type' does not exist in type '
    Agent.run({ ...base, output: { type: "object" } })
    // @ts-expect-error 'city' does not exist in type '
    Tool.make("t", { parameters: { city: Schema.String } })
  })

  test("with a script of a test", () => {
    // @ts-expect-error Argument of type 'string' is not assignable to parameter of type 'Script'
    TestModel.layer("Hi!")
  })
})
