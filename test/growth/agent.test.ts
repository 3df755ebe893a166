/** The cost of a run grows in proportion to its content. */
import { describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as Agent from "../../src/agent/Agent.js"
import type { AgentEvent } from "../../src/agent/internal/events.js"
import { EventLog } from "../../src/agent/internal/views/eventLog.js"
import { ItemView } from "../../src/agent/internal/views/items.js"
import * as Tool from "../../src/agent/Tool.js"
import * as Toolkit from "../../src/agent/Toolkit.js"
import * as Script from "../../src/testing/Script.js"
import * as TestModel from "../../src/testing/TestModel.js"
import { event, textDelta, turnEnd, turnStart } from "../agent/support/events.js"
import { assertLinear } from "./work.js"

const times = <A>(size: number, make: (index: number) => A): ReadonlyArray<A> =>
  Array.from({ length: size }, (_, index) => make(index))

const model = "test/model"

const Add = Tool.make("add", { parameters: Schema.Struct({ a: Schema.Number }), success: Schema.Number })
const tools = Toolkit.make(Add)
const AddLive = tools.toLayer({ add: ({ a }) => Effect.succeed(a + 1) })

const call = (a: number) => Script.toolCall("add", { a })

const live = (...script: Script.Script) => Layer.merge(AddLive, TestModel.layer(script))

describe("a run", () => {
  it.effect("costs in proportion to the length of its conversation", () =>
    assertLinear(250, (size) =>
      Agent.run({
        model,
        tools,
        input: times(size, (index) => ({ role: index % 2 === 0 ? "user" : "assistant", content: `message ${index}` }))
      }).pipe(Effect.provide(live(Script.turn([call(1)]), Script.turn([call(2)]), Script.text("done"))))))

  it.effect("costs in proportion to the calls in its conversation", () =>
    assertLinear(250, (size) =>
      Agent.run({
        model,
        tools,
        input: [
          ...times(size, (index) => [
            { type: "function_call", call_id: `c${index}`, name: "add", arguments: "{\"a\":1}" } as const,
            { type: "function_call_output", call_id: `c${index}`, output: "2" } as const
          ]).flat(),
          { role: "user", content: "Go on." }
        ]
      }).pipe(Effect.provide(live(Script.turn([call(1)]), Script.text("done"))))))

  it.effect("costs in proportion to the length of its response", () =>
    assertLinear(250, (size) =>
      Agent.run({ model, input: "Hi" }).pipe(
        Effect.provide(live(Script.turn([Script.text(times(size, (index) => ` word${index}`))])))
      )))
})

const read = (batches: ReadonlyArray<ReadonlyArray<AgentEvent>>) =>
  Effect.sync(() => {
    const view = new ItemView()
    return batches.flatMap((events) => view.read(events))
  })

const added = (index: number) =>
  event("response.output_item.added", {
    output_index: index,
    item: { type: "message", id: `msg_${index}`, role: "assistant", status: "in_progress", content: [] }
  })

describe("a view of items", () => {
  it.effect("costs in proportion to the length of the text", () =>
    assertLinear(
      250,
      (size) => read([[turnStart(1)], [added(0)], ...times(size, (index) => [textDelta(` word${index}`)])])
    ))

  it.effect("costs in proportion to the number of items", () =>
    assertLinear(
      250,
      (size) =>
        read([
          [turnStart(1)],
          ...times(size, (index) => [added(index), textDelta("a", index, { item_id: `msg_${index}` })])
        ])
    ))

  it.effect("costs in proportion to the number of turns", () =>
    assertLinear(100, (size) =>
      read(times(size, (index) => [
        turnStart(index + 1),
        added(0),
        textDelta("a"),
        turnEnd(index + 1, [{
          type: "message",
          id: "msg_0",
          role: "assistant",
          status: "completed",
          content: [{ type: "output_text", text: "a", annotations: [] }]
        }])
      ]))))
})

describe("an event log", () => {
  it.effect("costs in proportion to its events, for a reader of each event and for a late reader", () =>
    assertLinear(1000, (size) =>
      Effect.gen(function*() {
        const log = new EventLog<AgentEvent, never>((event) => event.type === "turn.end")
        const reader = yield* Effect.fork(Stream.runDrain(log.stream))
        for (let i = 0; i < size; i++) {
          yield* log.append([textDelta("a")])
          yield* Effect.yieldNow()
        }
        yield* log.end(Exit.void)
        yield* Fiber.join(reader)
        yield* Stream.runDrain(log.stream)
      })))
})
