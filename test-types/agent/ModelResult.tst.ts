import type * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type * as Stream from "effect/Stream"
import { describe, expect, test } from "tstyche"
import * as Agent from "../../src/agent/Agent.js"
import * as AgentStream from "../../src/agent/AgentStream.js"
import type { AgentEvent } from "../../src/agent/internal/events.js"
import type { Run } from "../../src/agent/internal/run.js"
import type { ModelResult } from "../../src/agent/internal/views/modelResult.js"
import * as Tool from "../../src/agent/Tool.js"
import type { Usage } from "../../src/agent/Usage.js"
import type { JsonSchemaError } from "../../src/schema/jsonSchema.js"
import type { OpenResponsesResult } from "../../src/schema/Responses.js"

const GetWeather = Tool.make("get_weather", {
  parameters: Schema.Struct({ city: Schema.String }),
  success: Schema.Struct({ celsius: Schema.Number }),
  progress: Schema.Number
})

const Search = Tool.make("search", { success: Schema.String })

type Tools = typeof GetWeather | typeof Search

interface Broken {
  readonly _tag: "Broken"
}

declare const result: ModelResult<Tools, Date, Broken>
declare const events: Stream.Stream<AgentEvent<Tools, Date>, Broken, "needed">

describe("ModelResult", () => {
  test("waits for the run, whose failure is its own", () => {
    expect(result.run).type.toBe<Effect.Effect<Run<Date>, Broken>>()
    expect(result.text).type.toBe<Effect.Effect<string, Broken>>()
    expect(result.responses).type.toBe<Effect.Effect<ReadonlyArray<OpenResponsesResult>, Broken>>()
    expect(result.value).type.toBe<Effect.Effect<Date | undefined, Broken>>()
  })

  test("has no response where a run paused before it had one", () => {
    expect(result.response).type.toBe<Effect.Effect<OpenResponsesResult | undefined, Broken>>()
  })

  test("always tells what was used up", () => {
    expect(result.usage).type.toBe<Effect.Effect<Usage>>()
    expect(result.cost).type.toBe<Effect.Effect<number>>()
  })

  test("streams what its tools can say", () => {
    expect(result.textStream).type.toBe<Stream.Stream<string, Broken>>()
    expect(result.toolCallsStream).type.toBe<Stream.Stream<AgentStream.ToolCallResult<Tools>, Broken>>()
    expect(result.toolStream).type.toBe<Stream.Stream<AgentStream.ToolStreamEvent<Tools>, Broken>>()
    expect(result.fullResponsesStream).type.toBe<Stream.Stream<AgentEvent<Tools, Date>, Broken>>()
  })

  test("has the results of calls in the types of their tools", () => {
    const read = (call: AgentStream.ToolCallResult<Tools>) => {
      if (call.status !== "success") return expect(call.result).type.toBe<undefined>()
      if (call.name === "search") return expect(call.result).type.toBe<string>()
      expect(call.preliminaryResults).type.toBe<ReadonlyArray<number>>()
      return expect(call.result).type.toBe<{ readonly celsius: number }>()
    }
    expect(AgentStream.toolCalls(events)).type.toBe<
      Stream.Stream<AgentStream.ToolCallResult<Tools>, Broken, "needed">
    >()
    expect(read).type.toBeAssignableTo<(call: AgentStream.ToolCallResult<Tools>) => unknown>()
  })

  test("can be taken for one of any tools", () => {
    expect(result).type.toBeAssignableTo<ModelResult<Tool.Any, unknown, unknown>>()
    expect(result).type.not.toBeAssignableTo<ModelResult<Tool.Any, string, Broken>>()
  })
})

describe("AgentStream", () => {
  test("takes the events of any tools and keeps failures and requirements", () => {
    expect(AgentStream.textDeltas(events)).type.toBe<Stream.Stream<string, Broken, "needed">>()
    expect(AgentStream.items(events)).type.toBe<Stream.Stream<AgentStream.ItemSnapshot, Broken, "needed">>()
    expect(AgentStream.toolEvents(events)).type.toBe<
      Stream.Stream<AgentStream.ToolStreamEvent<Tools>, Broken, "needed">
    >()
    expect(AgentStream.toolCalls).type.not.toBeCallableWith(result.textStream)
  })

  test("tells the results of tools apart", () => {
    const resultOf = (event: AgentStream.ToolStreamEvent<Tools>) => {
      switch (event.type) {
        case "delta":
          return event.content
        case "tool.preliminary_result":
          expect(event.name).type.toBe<"get_weather">()
          return event.result
        case "tool.result":
          if (event.status === "failure") return event.message
          return event.name === "get_weather" ? event.result : event.result.length
      }
    }
    expect(resultOf).type.toBe<
      (event: AgentStream.ToolStreamEvent<Tools>) => string | number | { readonly celsius: number }
    >()
  })
})

const Report = Schema.Struct({
  title: Schema.String,
  at: Schema.Date,
  sources: Schema.Array(Schema.Struct({ url: Schema.String, seen: Schema.Date }))
})

interface PartialReport {
  readonly title?: string
  readonly at?: string
  readonly sources?: ReadonlyArray<{ readonly url?: string; readonly seen?: string }>
}

describe("partial values", () => {
  test("have the encoded type of the output", () => {
    expect(AgentStream.partials(Report)(events)).type.toBe<
      Stream.Stream<AgentStream.PartialOutput<PartialReport>, Broken, "needed">
    >()
    expect(AgentStream.partials({ schema: Report, repairs: 2 })(events)).type.toBe<
      Stream.Stream<AgentStream.PartialOutput<PartialReport>, Broken, "needed">
    >()
    const started = Agent.callModel({ model: "test/model", input: "", output: Report })
    type Started = Effect.Effect.Success<typeof started>
    expect<Stream.Stream.Success<Started["partialStream"]>>().type.toBe<AgentStream.PartialOutput<PartialReport>>()
    const plain = Agent.callModel({ model: "test/model", input: "" })
    type Plain = Effect.Effect.Success<typeof plain>
    expect<Stream.Stream.Success<Plain["partialStream"]>>().type.toBe<AgentStream.PartialOutput<never>>()
  })

  test("elements have the type of the list's schema", () => {
    expect(AgentStream.elements(Report, "sources")(events)).type.toBe<
      Stream.Stream<
        AgentStream.OutputElement<{ readonly url: string; readonly seen: Date }>,
        Broken | JsonSchemaError,
        "needed"
      >
    >()
    expect(AgentStream.elements(Schema.Array(Schema.Date), true)(events)).type.toBe<
      Stream.Stream<AgentStream.OutputElement<Date>, Broken | JsonSchemaError, "needed">
    >()
    expect(AgentStream.elements).type.not.toBeCallableWith(Report, "title")
  })

  test("arguments have the encoded type of the parameters, by the name of the tool", () => {
    const Pay = Tool.make("pay", { parameters: Schema.Struct({ usd: Schema.NumberFromString }) })
    const search = Tool.server({ type: "openrouter:web_search" })
    type Arguments = AgentStream.PartialArguments<typeof GetWeather | typeof Pay | typeof search>
    expect<Extract<Arguments, { readonly name: "pay" }>["value"]>().type.toBe<{ readonly usd?: string }>()
    expect<Arguments["name"]>().type.toBe<"get_weather" | "pay">()
    expect(AgentStream.partialArguments([GetWeather, Pay, search])(events)).type.toBe<
      Stream.Stream<Arguments, Broken, "needed">
    >()
    expect(result.partialArgumentsStream).type.toBe<Stream.Stream<AgentStream.PartialArguments<Tools>, Broken>>()
  })
})
