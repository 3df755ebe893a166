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
const Both = Toolkit.make(GetWeather, Tool.make("send_mail"))
const base = { model: "openai/gpt-5-nano", input: "Hello!" } as const

declare const options: Agent.Options

/** The form of a schema of zod. */
declare const zod: {
  readonly "~standard": { readonly version: 1; readonly vendor: "zod" }
  readonly parse: (value: unknown) => { readonly city: string }
}

describe("a mistake", () => {
  test("in a handler", () => {
    // @ts-expect-error Type 'Promise<{ celsius: number; }>' is missing the following properties from type 'Effect<
    Kit.toLayer({ get_weather: async () => ({ celsius: 1 }) })
    // @ts-expect-error 'getWeather' does not exist in type '(Handlers<Tool<"get_weather"
    Kit.toLayer({ getWeather: () => Effect.succeed({ celsius: 1 }) })
    // @ts-expect-error Type '{ celsius: string; }' is not assignable to type '{ readonly celsius: number; }'
    Kit.toLayer({ get_weather: () => Effect.succeed({ celsius: "1" }) })
    // @ts-expect-error this toolkit has no tool `send_mail` that needs a handler
    Kit.toLayer({ get_weather: () => Effect.succeed({ celsius: 1 }), send_mail: () => Effect.void })
    // @ts-expect-error Property 'send_mail' is missing in type
    Both.toLayer({ get_weather: () => Effect.succeed({ celsius: 1 }) })
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
    // @ts-expect-error Hint<"give StopWhen.stepCountIs(5) or the like, or (run) => boolean">
    Agent.run({ ...base, stopWhen: StopWhen.stepCountIs })
    // @ts-expect-error Property 'stepCount' is missing in type 'Progress'
    Agent.run({ ...base, stopWhen: ({ stepCount }: { stepCount: number }) => stepCount > 3 })
    // @ts-expect-error Hint<"give StopWhen.stepCountIs(5) or the like, or (run) => boolean">
    Agent.run({ ...base, stopWhen: 5 })
  })

  test("with a schema", () => {
    // @ts-expect-error Hint<"use a Schema of effect">
    Agent.run({ ...base, output: { type: "object" } })
    // @ts-expect-error Hint<"use a Schema of effect">
    Agent.run({ ...base, output: zod })
    // @ts-expect-error Hint<"use a Schema of effect, or Tool.fromJsonSchema">
    Tool.make("t", { parameters: { city: Schema.String } })
    // @ts-expect-error Hint<"use a Schema of effect, or Tool.fromJsonSchema">
    Tool.make("t", { parameters: { type: "object", properties: {} } })
    // @ts-expect-error Hint<"use a Schema of effect, or Tool.fromJsonSchema">
    Tool.make("t", { parameters: zod })
  })

  test("with the tools", () => {
    // @ts-expect-error Hint<"put the tool into a list: [tool]">
    Agent.run({ ...base, tools: GetWeather })
    // A list of tools is as good as a toolkit
    Agent.run({ ...base, tools: [GetWeather] })
  })

  test("with the input", () => {
    // @ts-expect-error required in type '{ readonly input: Hint<"set `input`, or `conversation` to continue a stored one">; }'
    Agent.run({ model: "openai/gpt-5-nano" })
    // @ts-expect-error Hint<"set `input`, or `conversation` to continue a stored one">
    Agent.stream({ model: "openai/gpt-5-nano" })
    // @ts-expect-error Hint<"set `input`, or `conversation` to continue a stored one">
    Agent.callModel({ model: "openai/gpt-5-nano" })
    // A stored conversation, or options that may have an input, need none here
    Agent.run({ model: "openai/gpt-5-nano", conversation: "a" })
    Agent.run(options)
  })

  test("with a time limit", () => {
    // @ts-expect-error Hint<"write \"30 seconds\", or milliseconds">
    Tool.make("t", { timeout: "5 secs" })
  })

  test("with a script of a test", () => {
    // @ts-expect-error Argument of type 'string' is not assignable to parameter of type 'Script'
    TestModel.layer("Hi!")
  })
})
