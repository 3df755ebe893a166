/** Spans and metrics of a run, and the text that they must not contain. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Schedule from "effect/Schedule"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as Agent from "../../../src/agent/Agent.js"
import * as Tool from "../../../src/agent/Tool.js"
import * as Toolkit from "../../../src/agent/Toolkit.js"
import * as Script from "../../../src/testing/Script.js"
import * as TestModel from "../../../src/testing/TestModel.js"
import { expose } from "../../http/support/exposure.js"
import { allSeries, labelled } from "../../support/effect/metrics.js"
import { type Traced, tracer } from "../../support/effect/tracing.js"
import { settled, timed } from "./support.js"

const Look = Tool.make("look", { parameters: Schema.Struct({ at: Schema.String }), success: Schema.String })
const Fails = Tool.make("fails", { failure: Schema.String })
const Slow = Tool.make("slow", { timeout: "1 second" })
const Fatal = Tool.make("fatal", { failure: Schema.Struct({ _tag: Schema.Literal("Fatal") }), failureMode: "error" })
const Delegate = Tool.make("delegate", { success: Schema.String })
const tools = Toolkit.make(Look, Fails, Slow, Fatal, Delegate)

const ToolsLive = tools.toLayer({
  look: ({ at }) => Effect.succeed(`secret view of ${at}`),
  fails: () => Effect.fail("secret failure"),
  slow: () => Effect.never,
  fatal: () => Effect.fail({ _tag: "Fatal" as const }),
  delegate: () =>
    Agent.run({ name: "inner", model: "test/inner", input: "secret task" }).pipe(
      Effect.map((run) => run.text),
      Effect.orDie
    )
})

const script = (...turns: Script.Script) => Layer.provideMerge(ToolsLive, TestModel.layer(turns))

/** The spans of a run, for any exit. */
const traced = <A, E, R>(run: Effect.Effect<A, E, R>) =>
  Effect.gen(function*() {
    const recording = tracer()
    yield* timed(Effect.exit(Effect.withTracer(run, recording.tracer)), 2000)
    return recording.spans
  })

const options = { name: "guide", model: "test/spans", input: "secret prompt", tools } as const

const look = Script.toolCall("look", { at: "secret place" })

const named = (spans: ReadonlyArray<Traced>, name: string): Traced =>
  spans.find((span) => span.name === name) ?? assert.fail(`no span "${name}"`)

const attributes = (span: Traced) => Object.fromEntries(span.attributes)

describe("spans", () => {
  it.effect("are nested: the agent, its turns, its tools", () =>
    Effect.gen(function*() {
      const spans = yield* traced(Agent.run(options))
      assert.deepStrictEqual(spans.map(({ name, parent }) => [name, parent]), [
        ["invoke_agent guide", undefined],
        ["chat test/spans", "invoke_agent guide"],
        ["execute_tool look", "invoke_agent guide"],
        ["execute_tool look", "invoke_agent guide"],
        ["chat test/spans", "invoke_agent guide"]
      ])
      assert.isTrue(spans.every((span) => span.status()._tag === "Ended"))
    }).pipe(Effect.provide(script([look, look], "Done."))))

  it.effect("of an agent within a tool are children of the span of the tool", () =>
    Effect.gen(function*() {
      const spans = yield* traced(Agent.run(options))
      assert.deepStrictEqual(spans.map(({ name, parent }) => [name, parent]), [
        ["invoke_agent guide", undefined],
        ["chat test/spans", "invoke_agent guide"],
        ["execute_tool delegate", "invoke_agent guide"],
        ["invoke_agent inner", "execute_tool delegate"],
        ["chat test/inner", "invoke_agent inner"],
        ["chat test/spans", "invoke_agent guide"]
      ])
    }).pipe(Effect.provide(script(Script.toolCall("delegate"), "Inner.", "Done."))))

  it.effect("are children of the caller's span, however the agent is started", () =>
    Effect.gen(function*() {
      const ways = [
        Agent.run(options),
        Stream.runDrain(Agent.stream(options)),
        Effect.scoped(Effect.flatMap(Agent.callModel(options), (result) => result.text))
      ]
      for (const way of ways) {
        const spans = yield* traced(Effect.withSpan(way, "mine"))
        assert.deepStrictEqual(spans.map(({ name, parent }) => [name, parent]), [
          ["mine", undefined],
          ["invoke_agent guide", "mine"],
          ["chat test/spans", "invoke_agent guide"]
        ])
      }
    }).pipe(Effect.provide(script(Script.forever("Done.")))))

  it.effect("have usage and cost: each turn its own, the agent the sum", () =>
    Effect.gen(function*() {
      const spans = yield* traced(Agent.run(options))
      assert.deepStrictEqual(attributes(named(spans, "invoke_agent guide")), {
        "gen_ai.operation.name": "invoke_agent",
        "gen_ai.provider.name": "openrouter",
        "gen_ai.request.model": "test/spans",
        "gen_ai.agent.name": "guide",
        "gen_ai.usage.input_tokens": 22,
        "gen_ai.usage.output_tokens": 5,
        "openrouter.usage.cost": 0.75
      })
      const turns = spans.filter(({ name }) => name === "chat test/spans").map(attributes)
      assert.deepStrictEqual(turns.map((turn) => turn["openrouter.usage.cost"]), [0.25, 0.5])
      assert.deepStrictEqual(turns.map((turn) => turn["gen_ai.usage.input_tokens"]), [10, 12])
      assert.deepInclude(turns[0], {
        "gen_ai.operation.name": "chat",
        "gen_ai.request.model": "test/spans",
        "gen_ai.request.stream": true
      })
      assert.deepStrictEqual(attributes(named(spans, "execute_tool look")), {
        "gen_ai.operation.name": "execute_tool",
        "gen_ai.tool.name": "look",
        "gen_ai.tool.type": "function",
        "gen_ai.tool.call.id": "call_1_1",
        "gen_ai.agent.name": "guide"
      })
    }).pipe(Effect.provide(script(
      Script.turn([look], { cost: 0.25, usage: { inputTokens: 10, outputTokens: 2 } }),
      Script.turn("Done.", { cost: 0.5, usage: { inputTokens: 12, outputTokens: 3 } })
    ))))

  it.effect("of tools that failed have the error, and do not fail the agent", () =>
    Effect.gen(function*() {
      const spans = yield* traced(Agent.run(options))
      assert.strictEqual(attributes(named(spans, "execute_tool fails"))["error.type"], "tool_error")
      assert.strictEqual(attributes(named(spans, "execute_tool slow"))["error.type"], "timeout")
      assert.notProperty(attributes(named(spans, "invoke_agent guide")), "error.type")
    }).pipe(Effect.provide(script([Script.toolCall("fails"), Script.toolCall("slow")], "Done."))))

  it.effect("of a run that failed have the error and the cost of the run", () =>
    Effect.gen(function*() {
      const spans = yield* traced(Agent.run(options))
      const agent = attributes(named(spans, "invoke_agent guide"))
      assert.strictEqual(agent["error.type"], "BadGatewayResponseError")
      assert.strictEqual(agent["openrouter.usage.cost"], 0.75)
      const [, second] = spans.filter(({ name }) => name === "chat test/spans")
      assert.strictEqual(second?.attributes.get("error.type"), "BadGatewayResponseError")
    }).pipe(Effect.provide(script(
      Script.turn([look], { cost: 0.25 }),
      Script.turn(["Half", Script.fail(502)], { cost: 0.5 })
    ))))

  it.effect("of a run that failed because of a tool have the error of the tool", () =>
    Effect.gen(function*() {
      const spans = yield* traced(Agent.run(options))
      assert.strictEqual(attributes(named(spans, "invoke_agent guide"))["error.type"], "Fatal")
      assert.strictEqual(attributes(named(spans, "execute_tool fatal"))["error.type"], "tool_error")
    }).pipe(Effect.provide(script(Script.toolCall("fatal")))))

  it.effect("of a run that was interrupted have the cost of the run", () =>
    Effect.gen(function*() {
      const recording = tracer()
      const fiber = yield* Effect.fork(Effect.withTracer(Agent.run(options), recording.tracer))
      yield* TestModel.awaitRequests(2)
      yield* settled
      yield* Fiber.interrupt(fiber)
      const agent = named(recording.spans, "invoke_agent guide")
      assert.strictEqual(agent.status()._tag, "Ended")
      assert.strictEqual(attributes(agent)["openrouter.usage.cost"], 0.25)
    }).pipe(Effect.provide(script(Script.turn([look], { cost: 0.25 }), ["Half", Script.stall]))))

  it.effect("are one for each attempt at a turn", () =>
    Effect.gen(function*() {
      const spans = yield* traced(Agent.run({ ...options, retryTurn: Schedule.recurs(1) }))
      const turns = spans.filter(({ name }) => name === "chat test/spans")
      assert.deepStrictEqual(turns.map((turn) => turn.attributes.get("error.type")), [
        "StreamTruncatedError",
        undefined
      ])
    }).pipe(Effect.provide(script(["Half", Script.truncate], "Done."))))

  it.effect("have the names of the agent and its conversation only if they are set", () =>
    Effect.gen(function*() {
      const spans = yield* traced(Agent.run({ model: "test/spans", input: "Hi" }))
      assert.deepStrictEqual(Object.keys(attributes(named(spans, "invoke_agent"))).sort(), [
        "gen_ai.operation.name",
        "gen_ai.provider.name",
        "gen_ai.request.model",
        "gen_ai.usage.input_tokens",
        "gen_ai.usage.output_tokens",
        "openrouter.usage.cost"
      ])
    }).pipe(Effect.provide(script("Hello."))))
})

describe("the text of a conversation", () => {
  const all = [
    [Script.reasoning("secret thought"), look, Script.toolCall("fails"), Script.toolCall("delegate")],
    "secret inner answer",
    "secret answer"
  ]

  it.effect("is in no span and no metric of a run that goes well", () =>
    Effect.gen(function*() {
      // At the level Debug, Effect itself writes the failure of each fiber, also that of a tool
      const seen = yield* expose(Effect.asVoid(Agent.run(options)), Layer.empty)
      assert.include(seen, "execute_tool look")
      assert.notInclude(seen, "secret")
    }).pipe(Effect.provide(script(...all))))

  it.effect("is in no span and no metric of a run that fails", () =>
    Effect.gen(function*() {
      const seen = yield* expose(Effect.mapError(Effect.asVoid(Agent.run(options)), ({ _tag }) => _tag))
      assert.include(seen, "BadGatewayResponseError")
      assert.notInclude(seen, "secret")
    }).pipe(Effect.provide(script([Script.reasoning("secret thought"), "secret half", Script.fail(502)]))))
})

describe("the key", () => {
  const key = "sk-or-v1-0123456789abcdef0123456789abcdef"
  const refused = Script.error(401, { message: `No such key: ${key}`, raw: JSON.stringify({ key }) })
  const broken = ["Half", Script.fail(502, { message: `Upstream refused ${key}` })]

  it.effect("59: is in no error, log, span or metric of a run, though the server repeats it", () =>
    Effect.gen(function*() {
      for (let n = 0; n < 2; n++) {
        const seen = yield* expose(Agent.run(options))
        assert.include(seen, "ResponseError")
        assert.notInclude(seen, key)
      }
    }).pipe(Effect.provide(Layer.provideMerge(
      ToolsLive,
      TestModel.layer([refused, broken], { client: { apiKey: Redacted.make(key), retry: false } })
    ))))
})

/** The histograms of a model, by name and labels. */
const metrics = (model: string) =>
  allSeries().flatMap(({ histogram, name: metric, tags }) => {
    if (tags["gen_ai.request.model"] !== model || histogram === undefined) return []
    const type = tags["gen_ai.token.type"]
    const name = type === undefined ? metric : `${metric} ${type}`
    return [[name, { ...histogram, error: tags["error.type"] }] as const]
  })

describe("metrics", () => {
  it.effect("count tokens, cost, duration and the time to the first chunk of each turn", () =>
    Effect.gen(function*() {
      yield* timed(Agent.run({ ...options, model: "test/metrics" }))
      const found = Object.fromEntries(metrics("test/metrics"))
      const ok = { error: undefined }
      assert.deepStrictEqual(found["gen_ai.client.token.usage input"], { count: 2, sum: 22, ...ok })
      assert.deepStrictEqual(found["gen_ai.client.token.usage output"], { count: 2, sum: 5, ...ok })
      assert.deepStrictEqual(found["openrouter.client.cost"], { count: 2, sum: 0.75, ...ok })
      const first = found["gen_ai.client.operation.time_to_first_chunk"] ?? assert.fail("no time to the first chunk")
      assert.strictEqual(first.count, 2)
      assert.approximately(first.sum, 0.03, 1e-9)
      const duration = found["gen_ai.client.operation.duration"] ?? assert.fail("no duration")
      assert.strictEqual(duration.count, 2)
      assert.approximately(duration.sum, 0.08, 1e-9)
    }).pipe(Effect.provide(script(
      Script.turn([look, Script.wait("20 millis")], {
        delay: "10 millis",
        cost: 0.25,
        usage: { inputTokens: 10, outputTokens: 2 }
      }),
      Script.turn(["Done", Script.wait("30 millis"), "."], {
        delay: "20 millis",
        cost: 0.5,
        usage: { inputTokens: 12, outputTokens: 3 }
      })
    ))))

  it.effect("count failed turns separately", () =>
    Effect.gen(function*() {
      yield* timed(Agent.run({ ...options, model: "test/retried", retryTurn: Schedule.recurs(1) }))
      const errors = metrics("test/retried").filter(([name]) => name === "gen_ai.client.operation.duration")
      assert.deepStrictEqual(errors.map((metric) => metric[1].error).sort(), ["StreamTruncatedError", undefined])
    }).pipe(Effect.provide(script(["Half", Script.truncate], "Done."))))

  it.effect("have the labels of the caller", () =>
    Effect.gen(function*() {
      yield* Agent.run({ ...options, model: "test/labelled" }).pipe(labelled("team", "guides"))
      const found = allSeries().filter(({ tags }) => tags["gen_ai.request.model"] === "test/labelled")
      assert.isNotEmpty(found)
      for (const { name, tags } of found) assert.strictEqual(tags["team"], "guides", name)
    }).pipe(Effect.provide(script("Done."))))
})
