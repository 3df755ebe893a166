/** The whole tree of spans of a run, for each kind of run, and its text where it is asked for. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Schedule from "effect/Schedule"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as Agent from "../../../src/agent/Agent.js"
import * as Conversation from "../../../src/agent/Conversation.js"
import * as Tool from "../../../src/agent/Tool.js"
import * as Toolkit from "../../../src/agent/Toolkit.js"
import type { Options, TelemetryOptions } from "../../../src/http/OpenRouterClient.js"
import * as Script from "../../../src/testing/Script.js"
import * as TestModel from "../../../src/testing/TestModel.js"
import { type Traced, tracer } from "../../support/effect/tracing.js"
import { settled, timed } from "./support.js"

const Look = Tool.make("look", {
  description: "secret description",
  parameters: Schema.Struct({ at: Schema.String }),
  success: Schema.String
})
const Pay = Tool.make("pay", { parameters: Schema.Struct({ to: Schema.String }), requireApproval: true })
const Fails = Tool.make("fails", { failure: Schema.String })
const Dies = Tool.make("dies")
const Fatal = Tool.make("fatal", { failure: Schema.Struct({ _tag: Schema.Literal("Fatal") }), failureMode: "error" })
const Delegate = Tool.make("delegate", { success: Schema.String })
const tools = Toolkit.make(Look, Pay, Fails, Dies, Fatal, Delegate)

const ToolsLive = tools.toLayer({
  look: ({ at }) => Effect.succeed(`secret view of ${at}`),
  pay: () => Effect.void,
  fails: () => Effect.fail("secret failure"),
  dies: () => Effect.die(new Error("secret defect")),
  fatal: () => Effect.fail({ _tag: "Fatal" as const }),
  delegate: () =>
    Agent.run({ name: "inner", model: "test/inner", input: "secret task" }).pipe(
      Effect.map((run) => run.text),
      Effect.orDie
    )
})

const key = "sk-or-v1-0123456789abcdef0123456789abcdef"

const script = (turns: Script.Script, telemetry?: TelemetryOptions) => {
  const client: Options = { apiKey: Redacted.make(key), ...(telemetry === undefined ? {} : { telemetry }) }
  return Layer.mergeAll(Layer.provideMerge(ToolsLive, TestModel.layer(turns, { client })), Conversation.layerMemory)
}

/** The spans of a run, for any exit. */
const traced = <A, E, R>(run: Effect.Effect<A, E, R>) =>
  Effect.gen(function*() {
    const recording = tracer()
    yield* timed(Effect.exit(Effect.withTracer(run, recording.tracer)), 2000)
    return recording.spans
  })

const options = {
  name: "guide",
  model: "test/spans",
  instructions: "secret instructions",
  input: "secret prompt",
  conversation: "c-1",
  tools
} as const

const look = Script.toolCall("look", { at: "secret place" })

const endOf = (span: Traced): string => {
  const status = span.status()
  if (status._tag !== "Ended") return "open"
  return Exit.isSuccess(status.exit) ? "" : Exit.isInterrupted(status.exit) ? " interrupted" : " failed"
}

/** One line for each span: its parent, its name, agent, conversation, how it ended. */
const tree = (spans: ReadonlyArray<Traced>): ReadonlyArray<string> =>
  spans.map((span) => {
    const at = (name: string) => span.attributes.get(name) ?? "-"
    const error = span.attributes.get("error.type")
    const ids = `${at("gen_ai.agent.name")} ${at("gen_ai.conversation.id")}`
    return `${span.parent ?? "-"} > ${span.name} [${ids}]${error === undefined ? "" : ` ${error}`}${endOf(span)}`
  })

const guide = "- > invoke_agent guide [guide c-1]"
const chat = "invoke_agent guide > chat test/spans [guide c-1]"
const tool = (name: string) => `invoke_agent guide > execute_tool ${name} [guide c-1]`

describe("the tree of spans of", () => {
  it.effect("a run has the agent and the conversation on each span", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(tree(yield* traced(Agent.run(options))), [guide, chat, tool("look"), chat])
    }).pipe(Effect.provide(script([look, "Done."]))))

  it.effect("a stream is that of a run", () =>
    Effect.gen(function*() {
      const spans = yield* traced(Stream.runDrain(Agent.stream(options)))
      assert.deepStrictEqual(tree(spans), [guide, chat, tool("look"), chat])
    }).pipe(Effect.provide(script([look, "Done."]))))

  it.effect("a turn that is requested again has a span for each request", () =>
    Effect.gen(function*() {
      const spans = yield* traced(Agent.run({ ...options, retryTurn: Schedule.recurs(1) }))
      assert.deepStrictEqual(tree(spans), [guide, `${chat} StreamTruncatedError failed`, chat])
    }).pipe(Effect.provide(script([["Half", Script.truncate], "Done."]))))

  it.effect("a call that waits has the tool in the run that approves it", () =>
    Effect.gen(function*() {
      const first = yield* traced(Agent.run(options))
      assert.deepStrictEqual(tree(first), [guide, chat])
      const second = yield* traced(Agent.run({ ...options, input: undefined, approve: ["pay_1"] }))
      assert.deepStrictEqual(tree(second), [guide, tool("pay"), chat])
    }).pipe(Effect.provide(script([Script.toolCall("pay", { to: "secret" }, { id: "pay_1" }), "Done."]))))

  it.effect("an agent within a tool has its own name, and the conversation around it", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(tree(yield* traced(Agent.run(options))), [
        guide,
        chat,
        tool("delegate"),
        "execute_tool delegate > invoke_agent inner [inner c-1]",
        "invoke_agent inner > chat test/inner [inner c-1]",
        chat
      ])
    }).pipe(Effect.provide(script([Script.toolCall("delegate"), "Inner.", "Done."]))))

  it.effect("a tool that failed has the error on the tool alone", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(tree(yield* traced(Agent.run(options))), [
        guide,
        chat,
        `${tool("fails")} tool_error`,
        chat,
        `${tool("dies")} tool_error`,
        chat
      ])
    }).pipe(Effect.provide(script([Script.toolCall("fails"), Script.toolCall("dies"), "Done."]))))

  it.effect("a tool whose failure ends the run has the error on both", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(tree(yield* traced(Agent.run(options))), [
        `${guide} Fatal failed`,
        chat,
        `${tool("fatal")} tool_error failed`
      ])
    }).pipe(Effect.provide(script([Script.toolCall("fatal")]))))

  it.effect("a request that failed has the error on both", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(tree(yield* traced(Agent.run(options))), [
        `${guide} PaymentRequiredResponseError failed`,
        `${chat} PaymentRequiredResponseError failed`
      ])
    }).pipe(Effect.provide(script([Script.error(402)]))))

  it.effect("an interrupted run has ended spans that say so", () =>
    Effect.gen(function*() {
      const recording = tracer()
      const fiber = yield* Effect.fork(Effect.withTracer(Agent.run(options), recording.tracer))
      yield* TestModel.awaitRequests(1)
      yield* settled
      yield* Fiber.interrupt(fiber)
      assert.deepStrictEqual(tree(recording.spans), [`${guide} interrupted`, `${chat} interrupted`])
      assert.strictEqual(recording.spans[1]?.attributes.get("openrouter.response.complete"), false)
    }).pipe(Effect.provide(script([["Half", Script.stall]]))))

  it.effect("a handoff has the name of the agent that speaks", () =>
    Effect.gen(function*() {
      const expert = Agent.make({ name: "expert", model: "test/expert", instructions: "Be precise." })
      const spans = yield* traced(Agent.run({ ...options, tools: [...tools.tools, Agent.handoff(expert)] }))
      assert.deepStrictEqual(tree(spans).slice(0, 2), [guide, chat])
      assert.deepStrictEqual(tree(spans).slice(-1), ["invoke_agent guide > chat test/expert [expert c-1]"])
    }).pipe(Effect.provide(script([Script.toolCall("transfer_to_expert"), "Done."]))))
})

/** Everything that an exporter could send of spans. */
const exported = (spans: ReadonlyArray<Traced>): string =>
  JSON.stringify(spans.map((span) => {
    const status = span.status()
    const exit = status._tag === "Ended" && Exit.isFailure(status.exit) ? String(status.exit.cause) : ""
    return [span.name, [...span.attributes], span.events.map(({ attributes, name }) => [name, attributes]), exit]
  }))

const everything: Script.Script = [
  [Script.reasoning("secret thought"), look, Script.toolCall("fails"), Script.toolCall("delegate")],
  "secret inner answer",
  [Script.toolCall("dies"), Script.toolCall("look", { wrong: "secret" }), Script.toolCall("secretTool")],
  `secret answer with ${key}`
]

describe("without the option, no span", () => {
  for (const telemetry of [undefined, { openInference: true }]) {
    it.effect(`has text or a key, with ${JSON.stringify(telemetry ?? {})}`, () =>
      Effect.gen(function*() {
        const spans = yield* traced(Agent.run(options))
        const seen = exported(spans)
        assert.include(seen, "execute_tool dies")
        assert.notInclude(seen, "secret")
        assert.notInclude(seen, key)
        const kinds = spans.map((span) => span.attributes.get("openinference.span.kind"))
        assert.strictEqual(kinds.every((kind) => kind === undefined), telemetry === undefined)
      }).pipe(Effect.provide(script(everything, telemetry))))
  }

  it.effect("has text or a key after a failure", () =>
    Effect.gen(function*() {
      const seen = exported(yield* traced(Agent.run(options)))
      assert.include(seen, "BadGatewayResponseError")
      assert.notInclude(seen, "secret")
      assert.notInclude(seen, key)
    }).pipe(Effect.provide(script([look, ["secret half", Script.fail(502, { message: `no ${key}` })]]))))
})

const json = (span: Traced | undefined, name: string): unknown => JSON.parse(String(span?.attributes.get(name)))

describe("with content", () => {
  it.effect("each turn has its own messages, and each tool its arguments and result", () =>
    Effect.gen(function*() {
      const spans = yield* traced(Agent.run(options))
      const [first, second] = spans.filter(({ name }) => name === "chat test/spans")
      const prompt = { role: "user", parts: [{ type: "text", content: "secret prompt" }] }
      const call = { type: "tool_call", id: "call_1_1", name: "look", arguments: { at: "secret place" } }
      assert.deepStrictEqual(json(first, "gen_ai.input.messages"), [prompt])
      assert.deepStrictEqual(json(first, "gen_ai.output.messages"), [
        { role: "assistant", parts: [call], finish_reason: "tool_call" }
      ])
      assert.deepStrictEqual(json(second, "gen_ai.input.messages"), [
        prompt,
        { role: "assistant", parts: [call] },
        {
          role: "tool",
          parts: [{ type: "tool_call_response", id: "call_1_1", response: "secret view of secret place" }]
        }
      ])
      assert.deepStrictEqual(json(second, "gen_ai.output.messages"), [
        { role: "assistant", parts: [{ type: "text", content: "Done." }], finish_reason: "stop" }
      ])
      for (const turn of [first, second]) {
        assert.deepStrictEqual(json(turn, "gen_ai.system_instructions"), [
          { type: "text", content: "secret instructions" }
        ])
      }
      const looked = spans.find(({ name }) => name === "execute_tool look")
      assert.strictEqual(looked?.attributes.get("gen_ai.tool.description"), "secret description")
      assert.deepStrictEqual(json(looked, "gen_ai.tool.call.arguments"), { at: "secret place" })
      assert.strictEqual(looked?.attributes.get("gen_ai.tool.call.result"), "secret view of secret place")
      assert.isFalse(spans.some((span) => span.attributes.has("input.value")))
    }).pipe(Effect.provide(script([look, "Done."], { content: "span" }))))

  it.effect("no span has a key, and `redact` sees arguments and results", () =>
    Effect.gen(function*() {
      const seen = exported(yield* traced(Agent.run(options)))
      assert.include(seen, "openinference.span.kind")
      assert.notInclude(seen, key)
      assert.notInclude(seen, "secret view")
      assert.notInclude(seen, "secret place")
    }).pipe(Effect.provide(script([Script.toolCall("look", { at: "secret place" }), `Use ${key}.`], {
      content: "both",
      openInference: true,
      redact: (message) => ({ ...message, parts: message.parts.filter((part) => !part.type.startsWith("tool_call")) })
    }))))

  it.effect("OpenInference has kinds and values of agents and tools", () =>
    Effect.gen(function*() {
      const spans = yield* traced(Agent.run(options))
      assert.deepStrictEqual(spans.map((span) => span.attributes.get("openinference.span.kind")), [
        "AGENT",
        "LLM",
        "TOOL",
        "LLM"
      ])
      const [agent, , looked] = spans
      assert.deepStrictEqual(json(agent, "input.value"), [
        { role: "user", parts: [{ type: "text", content: "secret prompt" }] }
      ])
      assert.strictEqual(agent?.attributes.get("output.value"), "Done.")
      assert.deepStrictEqual(json(looked, "input.value"), { at: "secret place" })
      assert.strictEqual(looked?.attributes.get("output.value"), "secret view of secret place")
    }).pipe(Effect.provide(script([look, "Done."], { content: "span", openInference: true }))))

  it.effect("an event has the text of a tool, and its span has none", () =>
    Effect.gen(function*() {
      const spans = yield* traced(Agent.run(options))
      const looked = spans.find(({ name }) => name === "execute_tool look")
      assert.deepStrictEqual(looked?.events.map(({ name }) => name), ["openrouter.tool.details"])
      assert.isFalse(looked?.attributes.has("gen_ai.tool.call.result"))
    }).pipe(Effect.provide(script([look, "Done."], { content: "event" }))))
})
