/** Events as JSON: a page has what the server had. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schedule from "effect/Schedule"
import * as Stream from "effect/Stream"
import * as Agent from "../../src/agent/Agent.js"
import type * as AgentStream from "../../src/agent/AgentStream.js"
import * as Conversation from "../../src/agent/Conversation.js"
import type * as Tool from "../../src/agent/Tool.js"
import * as Toolkit from "../../src/agent/Toolkit.js"
import { collect } from "../../src/internal/effect/batches.js"
import * as Script from "../../src/testing/Script.js"
import * as TestModel from "../../src/testing/TestModel.js"
import * as AgentEvents from "../../src/ui/AgentEvents.js"
import { model, tools, ToolsLive } from "./support/server.js"

type Event = AgentStream.AgentEvent<Tool.Any, unknown>

const inner = Agent.make({ name: "inner", model })
const other = Agent.make({ name: "other", model })

/** All kinds of events of the loop. */
const eventsOfRuns = Effect.gen(function*() {
  const options = {
    model,
    tools: Toolkit.make(...tools.tools, Agent.asTool(inner), Agent.handoff(other)),
    conversation: "c",
    retryTurn: Schedule.recurs(1)
  } as const
  yield* Conversation.say("c", "One more thing")
  const first: ReadonlyArray<Event> = yield* collect(Agent.stream({ ...options, input: "hi" }))
  const pending = Conversation.pending(yield* Conversation.load("c"))
  const approve = pending.map(({ callId }) => callId)
  const second: ReadonlyArray<Event> = yield* collect(Agent.stream({ ...options, approve }))
  return [...first, ...second]
}).pipe(Effect.provide(Layer.mergeAll(
  ToolsLive,
  Conversation.layerMemory,
  TestModel.layer([
    Script.turn(["half", Script.fail(502, { message: "died" })]),
    [
      Script.reasoning("hm"),
      Script.toolCall("weather", { city: "Rome" }),
      Script.toolCall("weather", { city: "Atlantis" }),
      Script.toolCall("inner", { task: "help" }),
      Script.toolCall("pay", { eur: 1 })
    ],
    "helped",
    Script.toolCall("transfer_to_other", {}),
    "done"
  ])
)))

/** As JSON has it: an undefined field is none, and the result of a call has the encoded form. */
const asJson = (event: object): unknown => JSON.parse(JSON.stringify(event))

describe("events as JSON", () => {
  it.effect("are the same on the other side, however the bytes are cut", () =>
    Effect.gen(function*() {
      const events = yield* eventsOfRuns
      const types = new Set<string>(events.map(({ type }) => type))
      for (
        const type of ["turn.retry", "tool.preliminary_result", "tool.result", "nested", "agent.handoff", "run.end"]
      ) {
        assert.isTrue(types.has(type), type)
      }
      const text = events.map((event) => `data: ${AgentEvents.encode(event)}\n\n`).join("")
      const bytes = new TextEncoder().encode(text)
      for (const size of [7, 1000, bytes.length]) {
        const reads = Array.from(
          { length: Math.ceil(bytes.length / size) },
          (_, index) => bytes.subarray(index * size, (index + 1) * size)
        )
        const received = yield* collect(AgentEvents.fromBytes(Stream.fromIterable(reads)))
        assert.strictEqual(received.length, events.length)
        for (const [index, event] of events.entries()) {
          const expected = event.type === "tool.result" && event.status === "success"
            ? { ...event, result: event.encoded }
            : event
          assert.deepStrictEqual(asJson(received[index] ?? {}), asJson(expected))
        }
      }
    }))

  it.effect("are refused if they are none", () =>
    Effect.gen(function*() {
      const texts = [
        "",
        "no JSON",
        "[]",
        "{}",
        "{\"type\":\"turn.start\",\"turn\":\"1\",\"attempt\":1}",
        "{\"type\":\"run.end\",\"run\":{}}",
        "{\"type\":\"nested\",\"path\":[\"a\"],\"run\":\"r\",\"event\":{\"type\":\"tool.result\"}}",
        "{\"type\":\"response.output_text.delta\"}"
      ]
      for (const text of texts) {
        const error = yield* Effect.flip(AgentEvents.decode(text))
        assert.strictEqual(error._tag, "AgentEventError", text)
      }
      // An event of an API that is newer than this version
      yield* AgentEvents.decode("{\"type\":\"response.new_thing\"}")
    }))
})
