import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as Agent from "../../../src/agent/Agent.js"
import * as Conversation from "../../../src/agent/Conversation.js"
import * as Tool from "../../../src/agent/Tool.js"
import * as Toolkit from "../../../src/agent/Toolkit.js"
import { stringAt } from "../../../src/internal/json.js"
import * as Script from "../../../src/testing/Script.js"
import * as TestModel from "../../../src/testing/TestModel.js"
import { tracer } from "../../support/effect/tracing.js"
import { itemsOf } from "./support.js"

const Look = Tool.make("look", { parameters: Schema.Struct({ at: Schema.String }), success: Schema.String })
const Skill = Tool.make("skill", {
  success: Schema.String,
  nextTurn: ({ current, result }) => ({ instructions: `${current.instructions ?? ""} ${result}` })
})
const tools = Toolkit.make(Look, Skill)

const handlers = tools.toLayer({
  look: ({ at }) => Effect.succeed(`A view of ${at}.`),
  skill: () => Effect.succeed("Use metres.")
})

const look = (at: string) => Script.toolCall("look", { at }, { id: `look_${at}` })

const layers = (...script: Script.Script) => Layer.mergeAll(TestModel.layer(script), Conversation.layerMemory, handlers)

const options = {
  model: "anthropic/claude-sonnet-4.5",
  instructions: "Look around.",
  tools,
  conversation: "house",
  cache: "auto"
} as const

/** The marked items of a request, by what they are and say. */
const markedIn = (request: TestModel.RecordedRequest | undefined): ReadonlyArray<string> =>
  itemsOf(request).flatMap((item) => {
    const parts = item["content"] ?? item["output"]
    return !Array.isArray(parts)
      ? []
      : parts.flatMap((part) => part.prompt_cache_breakpoint === undefined ? [] : [String(part.text)])
  })

const changesIn = <A, E, R>(run: Effect.Effect<A, E, R>) =>
  Effect.gen(function*() {
    const { spans, tracer: recording } = tracer()
    yield* Effect.withTracer(run, recording)
    return spans.flatMap(({ events, name }) =>
      events.flatMap(({ attributes, name: event }) =>
        event === "openrouter.cache_prefix_changed" ? [[name, attributes]] : []
      )
    )
  })

describe("a run with `cache: \"auto\"`", () => {
  it.effect("72: marks the instructions, the end of the input, and where the request before ended", () =>
    Effect.gen(function*() {
      yield* Agent.run({ ...options, input: "Look at both." })
      yield* Agent.run({ ...options, input: "Thanks." })
      const requests = yield* TestModel.requests
      assert.deepStrictEqual(requests.map(markedIn), [
        ["Look around.", "Look at both."],
        ["Look around.", "Look at both.", "A view of b."],
        ["Look around.", "A view of b.", "Thanks."]
      ])
      for (const { json } of requests) {
        assert.strictEqual(stringAt(json, "session_id"), "house")
        assert.isUndefined(stringAt(json, "instructions"))
      }
    }).pipe(Effect.provide(layers([look("a"), look("b")], "Both are there.", "Bye."))))

  it.effect("72: has the id of the run as its session without a conversation", () =>
    Effect.gen(function*() {
      const { conversation: _, ...alone } = options
      yield* Agent.run({ ...alone, runId: "task 1", input: "Hi" })
      yield* Agent.run({ ...alone, runId: "task 2", session_id: "mine", input: "Hi" })
      const sessions = (yield* TestModel.requests).map(({ json }) => stringAt(json, "session_id"))
      assert.deepStrictEqual(sessions, ["task 1", "mine"])
    }).pipe(Effect.provide(layers("Hi", "Hi"))))

  it.effect("72: tells in a span event when the instructions change, once for each change", () =>
    Effect.gen(function*() {
      const changes = yield* changesIn(Agent.run({ ...options, name: "guide", input: "Look." }))
      const changed = { "openrouter.turn": 2, "openrouter.changed": "instructions" }
      assert.deepStrictEqual(changes, [["invoke_agent guide", changed]])
    }).pipe(Effect.provide(layers([Script.toolCall("skill")], [look("a")], "Done."))))

  it.effect("72: says nothing while the prompt only grows, and without the option", () =>
    Effect.gen(function*() {
      const steady = yield* changesIn(Agent.run({ ...options, input: "Look." }))
      const without = yield* changesIn(Agent.run({ ...options, cache: undefined, input: "Learn." }))
      assert.deepStrictEqual([steady, without], [[], []])
      const last = (yield* TestModel.requests).at(-1)
      assert.deepStrictEqual(markedIn(last), [])
      assert.isUndefined(stringAt(last?.json, "session_id"))
    }).pipe(Effect.provide(layers([look("a")], "Done.", [Script.toolCall("skill")], "Done."))))
})
