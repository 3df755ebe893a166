/** What a browser receives, and what a page loads, costs in proportion to what is shown. */
import { describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import * as Agent from "../../src/agent/Agent.js"
import type * as AgentStream from "../../src/agent/AgentStream.js"
import * as Conversation from "../../src/agent/Conversation.js"
import type * as Tool from "../../src/agent/Tool.js"
import * as Script from "../../src/testing/Script.js"
import * as TestModel from "../../src/testing/TestModel.js"
import * as UiMessages from "../../src/ui/UiMessages.js"
import * as UiStream from "../../src/ui/UiStream.js"
import { model, tools, ToolsLive } from "../ui/support/server.js"
import { assertLinear } from "./work.js"

type Event = AgentStream.AgentEvent<Tool.Any, unknown>

const encode = (events: ReadonlyArray<Event>) => Stream.runDrain(UiStream.fromAgent(Stream.fromIterable(events)))

const delta = (index: number, fields: object) => ({
  type: "response.output_text.delta",
  item_id: `msg_${index}`,
  output_index: index,
  content_index: 0,
  sequence_number: 1,
  logprobs: [],
  delta: "word ",
  ...fields
} as const)

/** A conversation of so many turns, each with two calls. */
const conversation = (turns: number) =>
  Effect.gen(function*() {
    yield* Agent.run({ model, tools, input: "hi", conversation: "c", maxSteps: turns })
    return yield* Conversation.load("c")
  }).pipe(Effect.provide(Layer.mergeAll(
    ToolsLive,
    Conversation.layerMemory,
    TestModel.layer(
      [Script.forever(Script.turn(["t", Script.toolCall("weather", { city: "R" }), Script.toolCall("ghost", {})]))],
      { allowUnused: true }
    )
  )))

describe("the cost of what a browser shows grows in proportion to", () => {
  it.effect("the deltas of one text", () =>
    assertLinear(4000, (size) => encode(Array.from({ length: size }, () => delta(0, {}))), true))

  it.effect("the items of one response", () =>
    assertLinear(2000, (size) => encode(Array.from({ length: size }, (_, index) => delta(index, {}))), true))

  it.effect("the turns of a stored conversation", () =>
    Effect.gen(function*() {
      const logs = new Map<number, Conversation.Log>()
      for (const size of [50, 100, 200]) logs.set(size, yield* conversation(size))
      yield* assertLinear(50, (size) =>
        Effect.sync(() => UiMessages.fromLog(logs.get(size) ?? { version: 0, entries: [] })))
    }))
})
