import type * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type * as Stream from "effect/Stream"
import { describe, expect, test } from "tstyche"
import * as AgentStream from "../../src/agent/AgentStream.js"
import type { AgentEvent } from "../../src/agent/internal/events.js"
import type { FunctionCall, Run } from "../../src/agent/internal/run.js"
import type { ModelResult } from "../../src/agent/internal/views/modelResult.js"
import * as Tool from "../../src/agent/Tool.js"
import type { Usage } from "../../src/agent/Usage.js"
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
    expect(result.toolCallsStream).type.toBe<Stream.Stream<FunctionCall, Broken>>()
    expect(result.toolStream).type.toBe<Stream.Stream<AgentStream.ToolStreamEvent<Tools>, Broken>>()
    expect(result.fullResponsesStream).type.toBe<Stream.Stream<AgentEvent<Tools, Date>, Broken>>()
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
