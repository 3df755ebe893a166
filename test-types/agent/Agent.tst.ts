import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import type * as Stream from "effect/Stream"
import { describe, expect, test } from "tstyche"
import * as Agent from "../../src/agent/Agent.js"
import type { Conversation, ConversationBusyError } from "../../src/agent/Conversation.js"
import type { AgentEvent } from "../../src/agent/internal/events.js"
import type { ModelResult } from "../../src/agent/internal/views/modelResult.js"
import * as Middleware from "../../src/agent/Middleware.js"
import * as StopWhen from "../../src/agent/StopWhen.js"
import * as Tool from "../../src/agent/Tool.js"
import * as Toolkit from "../../src/agent/Toolkit.js"
import type { OpenRouterClient } from "../../src/http/OpenRouterClient.js"
import type { StructuredOutputMismatchError } from "../../src/services/StructuredOutput.js"

class Down extends Schema.TaggedError<Down>()("Down", {}) {}
class Full extends Schema.TaggedError<Full>()("Full", {}) {}
class Db extends Context.Tag("Db")<Db, { readonly read: Effect.Effect<number> }>() {}
class User extends Context.Tag("User")<User, { readonly name: string }>() {}

const GetWeather = Tool.make("get_weather", {
  parameters: Schema.Struct({ city: Schema.String }),
  success: Schema.Struct({ celsius: Schema.Number })
})
const Search = Tool.make("search", {
  parameters: Schema.Struct({ query: Schema.String }),
  success: Schema.String,
  failure: Down,
  failureMode: "error",
  progress: Schema.Struct({ found: Schema.Number })
})
const Web = Tool.server({ type: "openrouter:web_search" })
const Tools = Toolkit.make(GetWeather, Search, Web)

const base = { model: "openai/gpt-5-nano", input: "Hello!" } as const

type Errors<T> = T extends Effect.Effect<infer _A, infer E, infer _R> ? E : never
type Needs<T> = T extends Effect.Effect<infer _A, infer _E, infer R> ? R : never

describe("the events of an agent", () => {
  test("have a name", () => {
    const agent = Agent.make({ name: "reporter", model: "openai/gpt-5-nano", tools: Tools, output: Schema.Date })
    expect<Agent.EventOf<typeof agent>>().type.toBe<AgentEvent<typeof GetWeather | typeof Search | typeof Web, Date>>()
    expect<Agent.EventOf<typeof Tools>>().type.toBe<AgentEvent<typeof GetWeather | typeof Search | typeof Web>>()
    const events = Agent.stream({ ...agent, input: "Hello!" })
    expect<Stream.Stream.Success<typeof events>>().type.toBe<Agent.EventOf<typeof agent>>()
  })
})

describe("a run", () => {
  test("needs the client and nothing else where there is nothing else", () => {
    expect(Agent.run(base)).type.toBe<Effect.Effect<Agent.Run, Agent.AgentFailure, OpenRouterClient>>()
  })

  test("needs the handlers of its tools", () => {
    const run = Agent.run({ ...base, tools: Tools })
    expect<Needs<typeof run>>().type.toBe<OpenRouterClient | Tool.Handler<"get_weather"> | Tool.Handler<"search">>()
  })

  test("does not run without the layer of its tools", () => {
    const run = Agent.run({ ...base, tools: Tools }).pipe(Effect.provide(Layer.empty))
    expect(Effect.runPromise).type.not.toBeCallableWith(run)
  })

  test("fails with what its tools let through, with the progress of the run", () => {
    const run = Agent.run({ ...base, tools: Tools })
    expect<Extract<Errors<typeof run>, { readonly _tag: "Down" }>["progress"]>().type.toBe<Agent.Progress>()
    const quiet = Agent.run({ ...base, tools: Toolkit.make(GetWeather) })
    expect<Extract<Errors<typeof quiet>, { readonly _tag: "Down" }>>().type.toBe<never>()
  })

  test("has the progress on every error", () => {
    const run = Agent.run({ ...base, tools: Tools, conversation: "a", output: Schema.Number })
    expect<Errors<typeof run>["progress"]>().type.toBe<Agent.Progress>()
  })

  test("cannot be caught for a status that the API does not answer", () => {
    const run = Agent.run(base)
    run.pipe(Effect.catchTag("PaymentRequiredResponseError", (error) => Effect.succeed(error.progress.text)))
    expect(Effect.catchTag(run, "PaymentRequiredResponseError", () => Effect.void)).type.toBeAssignableTo<
      Effect.Effect<unknown, unknown, OpenRouterClient>
    >()
    // @ts-expect-error is not assignable
    run.pipe(Effect.catchTag("ConflictResponseError", () => Effect.void))
  })

  test("knows the type of its output, and how reading it can fail", () => {
    const run = Agent.run({ ...base, output: Schema.Struct({ celsius: Schema.NumberFromString }) })
    expect<Effect.Effect.Success<typeof run>["value"]>().type.toBe<{ readonly celsius: number } | undefined>()
    expect<Extract<Errors<typeof run>, StructuredOutputMismatchError>["_tag"]>().type.toBe<
      "StructuredOutputMismatchError"
    >()
    const named = Agent.run({ ...base, output: { schema: Schema.Number, repairs: 2 } })
    expect<Effect.Effect.Success<typeof named>["value"]>().type.toBe<number | undefined>()
  })

  test("needs a store for a conversation, also where it may have none", () => {
    const run = Agent.run({ ...base, conversation: "a" })
    expect<Needs<typeof run>>().type.toBe<OpenRouterClient | Conversation>()
    expect<Extract<Errors<typeof run>, ConversationBusyError>["_tag"]>().type.toBe<"ConversationBusyError">()
    const maybe: string | undefined = Math.random() < 0.5 ? "a" : undefined
    const either = Agent.run({ ...base, conversation: maybe })
    expect<Needs<typeof either>>().type.toBe<OpenRouterClient | Conversation>()
  })

  test("takes errors and requirements from functions of the turn, conditions and middleware", () => {
    const run = Agent.run({
      ...base,
      temperature: ({ turn }) => turn / 10,
      instructions: ({ run }) => Effect.as(Db, `Spent: ${run.cost}`),
      stopWhen: [StopWhen.stepCountIs(3), (run) => Effect.map(User, () => run.cost > 1)],
      middleware: [
        Middleware.make({ prompt: (items) => items.length > 9 ? new Full() : Effect.succeed(items) }),
        { tool: (call, next) => next(call.params) }
      ]
    })
    expect<Needs<typeof run>>().type.toBe<OpenRouterClient | Db | User>()
    expect<Exclude<Errors<typeof run>, Agent.AgentFailure>["_tag"]>().type.toBe<"Full">()
  })

  test("rejects unknown options, and suggests the right one", () => {
    // @ts-expect-error unknown option `stopWen`; did you mean `stopWhen`?
    Agent.run({ ...base, stopWen: StopWhen.stepCountIs(3) })
    // @ts-expect-error unknown option `stopwhen`; did you mean `stopWhen`?
    Agent.run({ ...base, stopwhen: StopWhen.stepCountIs(3) })
    // @ts-expect-error unknown option `max_tokens`; here it is `max_output_tokens`
    Agent.run({ ...base, max_tokens: 5 })
    // @ts-expect-error unknown option `messages`; here it is `input`
    Agent.run({ ...base, messages: [] })
    // @ts-expect-error unknown option `temprature`; did you mean `temperature`?
    Agent.run({ ...base, temprature: 1 })
    // @ts-expect-error unknown option `topP`; did you mean `top_p`?
    Agent.run({ ...base, topP: 1 })
    // @ts-expect-error unknown option `banana`
    Agent.run({ ...base, banana: 1 })
    // @ts-expect-error unknown option `stream`; here it is `Agent.stream`
    Agent.run({ ...base, stream: true })
    // @ts-expect-error not assignable
    Agent.run({ ...base, temperature: "hot" })
    // @ts-expect-error not assignable
    Agent.run({ ...base, temperature: () => "hot" })
  })

  test("takes what its choice of tools requires and fails with", () => {
    class Plan extends Context.Tag("Plan")<Plan, ReadonlyArray<string>>() {}
    const activeTools = () =>
      Effect.flatMap(Plan, (names) => names.length === 0 ? Effect.fail(new Full()) : Effect.succeed(names))
    const run = Agent.run({ ...base, activeTools })
    expect<Effect.Effect.Context<typeof run>>().type.toBe<OpenRouterClient | Plan>()
    expect<Extract<Effect.Effect.Error<typeof run>, { readonly _tag: "Full" }>["progress"]>().type.toBe<
      Agent.Progress
    >()
  })

  test("requires the handlers of tools that are searched", () => {
    const kit = Toolkit.searchable(Toolkit.make(Tool.make("far")), { maxResults: 2 })
    const run = Agent.run({ ...base, tools: kit })
    expect<Effect.Effect.Context<typeof run>>().type.toBe<OpenRouterClient | Tool.Handler<"far">>()
  })

  test("accepts a list of tools in place of a toolkit", () => {
    const run = Agent.run({ ...base, tools: [GetWeather, Search, Web] })
    const same = Agent.run({ ...base, tools: Tools })
    expect(run).type.toBe<typeof same>()
    // @ts-expect-error not assignable
    Agent.run({ ...base, tools: ["get_weather"] })
  })

  test("takes chat and Anthropic messages", () => {
    const reply = { role: "assistant", content: [{ type: "tool_use", id: "a", name: "b", input: {} }] } as const
    expect(Agent.run({ input: [reply] })).type.toBe<
      Effect.Effect<Agent.Run, Agent.AgentFailure, OpenRouterClient>
    >()
    const chat = { role: "tool", tool_call_id: "a", content: "b" } as const
    expect(Agent.run({ input: [chat] })).type.toBe<Effect.Effect<Agent.Run, Agent.AgentFailure, OpenRouterClient>>()
  })
})

describe("events", () => {
  const events = Agent.stream({ ...base, tools: Tools })
  type Event = Stream.Stream.Success<typeof events>

  test("have the types of the tools", () => {
    type Done = Extract<
      Event,
      { readonly type: "tool.result"; readonly status: "success"; readonly name: "get_weather" }
    >
    expect<Done["result"]>().type.toBe<{ readonly celsius: number }>()
    type Report = Extract<Event, { readonly type: "tool.preliminary_result" }>
    expect<Report["name"]>().type.toBe<"search">()
    expect<Report["result"]>().type.toBe<{ readonly found: number }>()
  })

  test("narrow by their type", () => {
    const seen = (event: Event) => {
      if (event.type === "turn.end") expect(event.usage.cost).type.toBe<number>()
      if (event.type === "run.end") expect(event.run.outcome._tag).type.toBe<Agent.Outcome["_tag"]>()
      if (event.type === "response.output_text.delta") expect(event.delta).type.toBe<string>()
    }
    expect(seen).type.toBe<(event: Event) => void>()
  })
})

describe("callModel", () => {
  test("needs a scope, and its getters fail as the run does", () => {
    const result = Agent.callModel(base)
    expect(result).type.toBe<
      Effect.Effect<
        ModelResult<never, undefined, Agent.AgentFailure>,
        never,
        OpenRouterClient | Scope.Scope
      >
    >()
  })
})

describe("an agent as a value", () => {
  const Look = Tool.make("look", { success: Schema.String })
  const guide = Agent.make({ name: "guide", model: "test/model", tools: Toolkit.make(Look), output: Schema.Number })

  test("has the types of its options in a run", () => {
    const run = Agent.run({ ...guide, input: "Go" })
    expect<Effect.Effect.Success<typeof run>["value"]>().type.toBe<number | undefined>()
    expect<Effect.Effect.Context<typeof run>>().type.toBe<OpenRouterClient | Tool.Handler<"look">>()
  })

  test("requires as a tool what it requires itself", () => {
    const AskGuide = Agent.asTool(guide, { name: "ask_guide" })
    expect<Tool.TypesOf<typeof AskGuide>["success"]>().type.toBe<number>()
    expect<Tool.Requirements<typeof AskGuide>>().type.toBe<OpenRouterClient | Tool.Handler<"look">>()
    const run = Agent.run({ model: "test/model", tools: Toolkit.make(AskGuide), input: "Go" })
    expect<Effect.Effect.Context<typeof run>>().type.toBe<OpenRouterClient | Tool.Handler<"look">>()
  })

  describe("that can take over", () => {
    class Lost extends Schema.TaggedError<Lost>()("Lost", {}) {}
    const Find = Tool.make("find", { success: Schema.Number, failure: Lost, failureMode: "error" })
    const clerk = Agent.make({
      name: "clerk",
      tools: Toolkit.make(Find, Agent.handoff("desk")),
      output: Schema.Struct({ sum: Schema.Number })
    })
    const desk = Agent.make({ name: "desk", tools: Toolkit.make(Look, Agent.handoff(clerk)) })

    test("brings its requirements, failures and value", () => {
      const run = Agent.run({ ...desk, input: "Go" })
      expect<Effect.Effect.Context<typeof run>>().type.toBe<
        OpenRouterClient | Tool.Handler<"look"> | Tool.Handler<"find">
      >()
      expect<Effect.Effect.Success<typeof run>["value"]>().type.toBe<{ readonly sum: number } | undefined>()
      const caught = Effect.catchTag(run, "Lost", ({ progress }) => Effect.succeed(progress.agent))
      expect<Extract<Effect.Effect.Error<typeof caught>, { readonly _tag: "Lost" }>>().type.toBe<never>()
    })

    test("brings its tools to the events", () => {
      type Event = Stream.Stream.Success<ReturnType<typeof streamed>>
      const streamed = () => Agent.stream({ ...desk, input: "Go" })
      type Names = Extract<Event, { readonly type: "tool.result"; readonly status: "success" }>["name"]
      expect<Names>().type.toBe<"look" | "find" | "transfer_to_clerk" | "transfer_to_desk">()
    })

    test("brings it all as the agent of a tool, and from an agent behind it", () => {
      const AskDesk = Agent.asTool(desk)
      expect<Tool.TypesOf<typeof AskDesk>["success"]>().type.toBe<string | { readonly sum: number }>()
      const hall = Agent.make({ name: "hall", tools: Toolkit.make(Agent.handoff(desk)) })
      const run = Agent.run({ ...hall, input: "Go" })
      expect<Effect.Effect.Context<typeof run>>().type.toBe<
        OpenRouterClient | Tool.Handler<"look"> | Tool.Handler<"find">
      >()
    })

    test("has no options of the run", () => {
      const limited = Agent.make({ name: "limited", maxSteps: 3 })
      // @ts-expect-error an agent that takes over has no `maxSteps` of its own; set it for the run
      Agent.handoff(limited)
    })
  })

  test("has no input", () => {
    // @ts-expect-error an agent has no `input`; give it to `Agent.run({ ...agent, input })`
    Agent.make({ name: "guide", input: "Go" })
  })
})
