/** Middleware that observes, changes or rejects the activities of a run. */
import { assert, describe, it } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Agent from "../../../src/agent/Agent.js"
import * as Conversation from "../../../src/agent/Conversation.js"
import * as Middleware from "../../../src/agent/Middleware.js"
import * as StopWhen from "../../../src/agent/StopWhen.js"
import * as TestModel from "../../../src/testing/TestModel.js"
import { ask, balance, carriedOut, options, pay, script, scriptOfMore } from "../support/bank.js"
import { itemsOf, lastErrors, lastOutputs, outputsOf, sent, shapeOf } from "./support.js"

class Refused extends Schema.TaggedError<Refused>()("Refused", { by: Schema.String }) {}

const run = { ...options, input: "Go" } as const

const refuse = (by: string) => Effect.fail(new Refused({ by }))

/** A middleware of all boundaries, which records when it is entered and left. */
const watching = (name: string, trail: Array<string>) => {
  const note = (line: string) => Effect.sync(() => void trail.push(`${name} ${line}`))
  const around = <A, E, R>(line: string, effect: Effect.Effect<A, E, R>) =>
    note(`${line} >`).pipe(Effect.zipRight(effect), Effect.zipLeft(note(`${line} <`)))
  return Middleware.make({
    start: () => note("start"),
    prompt: (items) => Effect.as(note(`prompt ${items.length}`), items),
    model: (request, next, { turn }) => around(`model ${turn}`, next(request)),
    approval: (call) => Effect.as(note(`approval ${call.id}`), undefined),
    tool: (call, next) => around(`tool ${call.id}`, next(call.params)),
    stop: (_, outcome) => Effect.as(note(`stop ${outcome._tag}`), undefined),
    end: (_, exit) => note(`end ${exit._tag}`)
  })
}

describe("several middlewares", () => {
  it.effect("are nested, the first outermost, and see every boundary", () =>
    Effect.gen(function*() {
      const trail: Array<string> = []
      const outcome = yield* Agent.run({ ...run, middleware: [watching("a", trail), watching("b", trail)] })
      assert.deepStrictEqual(outcome.outcome, { _tag: "completed" })
      assert.deepStrictEqual(trail, [
        "a start",
        "b start",
        "a prompt 1",
        "b prompt 1",
        "a model 1 >",
        "b model 1 >",
        "b model 1 <",
        "a model 1 <",
        "a approval balance_abc",
        "b approval balance_abc",
        "a tool balance_abc >",
        "b tool balance_abc >",
        "b tool balance_abc <",
        "a tool balance_abc <",
        "a model 2 >",
        "b model 2 >",
        "b model 2 <",
        "a model 2 <",
        "a stop completed",
        "b stop completed",
        "b end Success",
        "a end Success"
      ])
    }).pipe(Effect.provide(script(balance("abc"), "Three."))))

  it.effect("bring their failures and requirements into the types of the run", () => {
    class Limit extends Context.Tag("test/Limit")<Limit, number>() {}
    const limit = Middleware.make({
      tool: (call, next) =>
        Effect.flatMap(Limit, (limit) => call.run.steps.length > limit ? refuse("limit") : next(call.params))
    })
    const typed: Effect.Effect<string, never, Limit> = Agent.run({ ...run, middleware: [limit] }).pipe(
      Effect.map((run) => run.text),
      Effect.catchTag("Refused", (error) => Effect.succeed(`${error.by} after ${error.progress.steps.length}`)),
      Effect.orDie,
      Effect.provide(script(balance("abc"), balance("abcd")))
    )
    return Effect.gen(function*() {
      assert.strictEqual(yield* Effect.provideService(typed, Limit, 1), "limit after 2")
    })
  })
})

describe("the prompt", () => {
  it.effect("is the result of the last middleware, in the request and in the store", () =>
    Effect.gen(function*() {
      const say = (content: string) =>
        Middleware.make({ prompt: (items) => Effect.succeed([...items, { role: "user", content }]) })
      yield* Agent.run({ ...run, conversation: "c", middleware: [say("one"), say("two")] })
      const [request] = yield* TestModel.requests
      assert.deepStrictEqual(itemsOf(request).map((item) => item["content"]), ["Go", "one", "two"])
      const history = Conversation.history(yield* Conversation.load("c"))
      assert.strictEqual(history.length, 4)
    }).pipe(Effect.provide([Conversation.layerMemory, script("Gone.")])))

  it.effect("can be rejected, and nothing is stored or sent", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(
        Agent.run({ ...run, conversation: "c", middleware: Middleware.make({ prompt: () => refuse("prompt") }) })
      )
      assert.strictEqual(error._tag === "Refused" ? error.by : error._tag, "prompt")
      assert.deepStrictEqual((yield* Conversation.load("c")).version, 0)
      assert.strictEqual(yield* sent, 0)
    }).pipe(Effect.provide([Conversation.layerMemory, script()])))
})

describe("a call of a model", () => {
  it.effect("can change in its request and in its response", () =>
    Effect.gen(function*() {
      const polite = Middleware.make({
        model: (request, next) =>
          Effect.map(next({ ...request, temperature: 0.5, instructions: "Be polite" }), (response) => ({
            ...response,
            output: response.output.map((item) =>
              item.type === "message"
                ? { ...item, content: [{ type: "output_text" as const, text: "Please.", annotations: [] }] }
                : item
            )
          }))
      })
      const result = yield* Agent.run({ ...run, conversation: "c", middleware: polite })
      assert.strictEqual(result.text, "Please.")
      const [request] = yield* TestModel.requests
      assert.deepStrictEqual([request?.json["temperature"], request?.json["instructions"]], [0.5, "Be polite"])
      assert.deepStrictEqual(Conversation.history(yield* Conversation.load("c")), result.history)
    }).pipe(Effect.provide([Conversation.layerMemory, script("No.")])))

  it.effect("can be rejected, with the progress of the run", () =>
    Effect.gen(function*() {
      const once = Middleware.make({
        model: (request, next, { turn }) => turn === 1 ? next(request) : refuse("model")
      })
      const error = yield* Effect.flip(Agent.run({ ...run, middleware: once }))
      assert.strictEqual(error._tag, "Refused")
      assert.deepStrictEqual(error.progress.items.map((item) => item.type), ["function_call", "function_call_output"])
      assert.strictEqual(yield* sent, 1)
    }).pipe(Effect.provide(script(balance("abc")))))
})

describe("approval by a middleware", () => {
  const saying = (permission: "allow" | "deny" | "ask" | undefined) =>
    Middleware.make({ approval: () => Effect.succeed(permission) })

  it.effect("allows a call that the tool gates", () =>
    Effect.gen(function*() {
      const result = yield* Agent.run({ ...run, middleware: saying("allow") })
      assert.deepStrictEqual(result.outcome, { _tag: "completed" })
      assert.deepStrictEqual(yield* carriedOut, ["pay 5 as pay_5"])
    }).pipe(Effect.provide(script(pay(5), "Paid."))))

  it.effect("denies a call that the tool allows, and the model receives the reason", () =>
    Effect.gen(function*() {
      const result = yield* Agent.run({ ...run, middleware: saying("deny") })
      assert.deepStrictEqual(result.outcome, { _tag: "completed" })
      assert.deepStrictEqual(yield* carriedOut, [])
      const [error] = yield* lastErrors
      assert.include(error, "not allowed")
    }).pipe(Effect.provide(script(balance("abc"), "A pity."))))

  it.effect("gates a call that the tool allows", () =>
    Effect.gen(function*() {
      const first = yield* Agent.run({ ...run, middleware: saying("ask") })
      assert.deepStrictEqual(first.outcome, { _tag: "awaiting_approval" })
      assert.deepStrictEqual(yield* carriedOut, [])
      const middleware = saying("ask")
      yield* Agent.run({ ...options, input: first.history, approve: ["balance_abc"], middleware })
      assert.deepStrictEqual(yield* carriedOut, ["balance of abc"])
    }).pipe(Effect.provide(script(balance("abc"), "Three."))))

  it.effect("is decided by the first middleware that decides, else by the tool", () =>
    Effect.gen(function*() {
      const first = yield* Agent.run({ ...run, middleware: [saying(undefined), saying("deny"), saying("allow")] })
      assert.deepStrictEqual(first.outcome, { _tag: "completed" })
      assert.deepStrictEqual(yield* carriedOut, [])
      const second = yield* Agent.run({ ...run, middleware: [saying(undefined)] })
      assert.deepStrictEqual(second.outcome, { _tag: "awaiting_approval" })
    }).pipe(Effect.provide(script(pay(5), "A pity.", pay(6)))))

  it.effect("sees the decoded parameters and the run so far, and can fail the run", () =>
    Effect.gen(function*() {
      const seen: Array<unknown> = []
      const guard = Middleware.make({
        approval: (call) => {
          seen.push([call.name, call.params, call.run.steps.length])
          return seen.length > 1 ? refuse("approval") : Effect.succeed(undefined)
        }
      })
      const error = yield* Effect.flip(Agent.run({ ...run, middleware: guard }))
      assert.strictEqual(error._tag, "Refused")
      assert.deepStrictEqual(seen, [["balance", { account: "a" }, 1], ["pay", { amount: 5 }, 2]])
      assert.deepStrictEqual(yield* carriedOut, ["balance of a"])
    }).pipe(Effect.provide(script(balance("a"), pay(5)))))
})

describe("a call of a tool", () => {
  const over = (
    tool: (
      call: Middleware.CheckedCall,
      next: (params: unknown) => Effect.Effect<Middleware.ToolOutcome>
    ) => Effect.Effect<Middleware.ToolOutcome>
  ) => Middleware.make({ tool })

  it.effect("executes with the parameters of the innermost middleware", () =>
    Effect.gen(function*() {
      const longer = over((call, next) => {
        const { account } = Object(call.params)
        return next({ account: `${account}!` })
      })
      yield* Agent.run({ ...run, middleware: [longer, longer] })
      assert.deepStrictEqual(yield* carriedOut, ["balance of abc!!"])
      assert.deepStrictEqual(yield* lastOutputs, [["balance_abc", "5"]])
    }).pipe(Effect.provide(script(balance("abc"), "Five."))))

  it.effect("is rejected with a reason for the model and does not start", () =>
    Effect.gen(function*() {
      const result = yield* Agent.run({ ...run, middleware: over(() => Effect.succeed(Middleware.refuse("closed"))) })
      assert.deepStrictEqual(result.outcome, { _tag: "completed" })
      assert.deepStrictEqual(yield* lastErrors, ["closed"])
      assert.deepStrictEqual(yield* carriedOut, [])
      assert.strictEqual(result.steps[0]?.toolResults[0]?.status, "failure")
    }).pipe(Effect.provide(script(balance("abc"), "A pity."))))

  it.effect("has the outcome that the middleware returns", () =>
    Effect.gen(function*() {
      const doubled = over((call, next) =>
        Effect.map(next(call.params), (outcome) => ({ ...outcome, output: `about ${outcome.output}` }))
      )
      yield* Agent.run({ ...run, middleware: [doubled, doubled] })
      assert.deepStrictEqual(yield* lastOutputs, [["balance_abc", "about about 3"]])
    }).pipe(Effect.provide(script(balance("abc"), "Three."))))

  it.effect("suspends the run through a middleware, which sees the pending call", () =>
    Effect.gen(function*() {
      const seen: Array<string> = []
      const watch = over((call, next) =>
        Effect.tap(next(call.params), ({ status }) => Effect.sync(() => seen.push(status)))
      )
      const first = yield* Agent.run({ ...run, middleware: watch })
      assert.deepStrictEqual(first.outcome, { _tag: "awaiting_tools" })
      const answer = { ask_when: { days: "1" } }
      yield* Agent.run({ ...options, input: first.history, middleware: watch, answer })
      assert.deepStrictEqual(seen, ["suspended", "success"])
    }).pipe(Effect.provide(script(ask("when"), "Tomorrow."))))

  it.effect("fails the run with the error of the middleware", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(
        Agent.run({ ...run, middleware: Middleware.make({ tool: () => refuse("tool") }) })
      )
      assert.strictEqual(error._tag === "Refused" ? error.by : error._tag, "tool")
      assert.strictEqual(error.progress.steps.length, 1)
      assert.strictEqual(yield* sent, 1)
    }).pipe(Effect.provide(script(balance("abc")))))
})

describe("the end of a run", () => {
  it.effect("is postponed by a middleware that adds input", () =>
    Effect.gen(function*() {
      const checking = Middleware.make({
        stop: (progress, outcome) =>
          Effect.succeed(
            outcome._tag === "completed" && progress.text === "Half."
              ? [{ role: "user", content: "Finish" }]
              : undefined
          )
      })
      const result = yield* Agent.run({ ...run, conversation: "c", middleware: checking })
      assert.strictEqual(result.text, "Whole.")
      assert.deepStrictEqual(shapeOf((yield* TestModel.requests)[1]), [
        "message user",
        "message assistant",
        "message user"
      ])
      assert.deepStrictEqual(Conversation.history(yield* Conversation.load("c")), result.history)
    }).pipe(Effect.provide([Conversation.layerMemory, script("Half.", "Whole.")])))

  it.effect("is postponed after a stop condition: its calls execute, and the new input follows them", () =>
    Effect.gen(function*() {
      const seen: Array<unknown> = []
      const on = Middleware.make({
        stop: (progress, outcome) => {
          seen.push(outcome)
          return Effect.succeed(
            progress.steps.length === 1
              ? []
              : progress.steps.length === 2
              ? [{ role: "user", content: "Once more" }]
              : undefined
          )
        }
      })
      const result = yield* Agent.run({ ...run, stopWhen: StopWhen.stepCountIs(1), middleware: on })
      assert.deepStrictEqual(result.outcome, { _tag: "stopped", condition: "stepCountIs(1)" })
      assert.deepStrictEqual(seen, [1, 2, 3].map(() => ({ _tag: "stopped", condition: "stepCountIs(1)" })))
      assert.deepStrictEqual(yield* carriedOut, ["balance of a", "balance of ab"])
      assert.deepStrictEqual(result.pending.map((call) => call.callId), ["balance_abc"])
      const [, second, third] = yield* TestModel.requests
      assert.deepStrictEqual(outputsOf(second), [["balance_a", "1"]])
      assert.deepStrictEqual(itemsOf(third).at(-1), { role: "user", content: "Once more" })
    }).pipe(Effect.provide(script(balance("a"), balance("ab"), balance("abc")))))

  it.effect("happens at the limit of steps, even if a middleware continues the run", () =>
    Effect.gen(function*() {
      const on = Middleware.make({ stop: () => Effect.succeed([]) })
      const result = yield* Agent.run({ ...run, maxSteps: 2, middleware: on })
      assert.deepStrictEqual(result.outcome, { _tag: "stopped", condition: "maxSteps(2)" })
      assert.strictEqual(yield* sent, 2)
    }).pipe(Effect.provide(script(balance("a"), balance("b")))))

  it.effect("does not call the middleware if the run pauses", () =>
    Effect.gen(function*() {
      const result = yield* Agent.run({ ...run, middleware: Middleware.make({ stop: () => refuse("stop") }) })
      assert.deepStrictEqual(result.outcome, { _tag: "awaiting_approval" })
    }).pipe(Effect.provide(script(pay(5)))))

  it.effect("fails the run with the error of the middleware", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(
        Agent.run({ ...run, middleware: Middleware.make({ stop: () => refuse("stop") }) })
      )
      assert.strictEqual(error._tag === "Refused" ? error.by : error._tag, "stop")
      assert.strictEqual(error.progress.text, "Done.")
    }).pipe(Effect.provide(script("Done."))))
})

describe("a middleware that throws", () => {
  it.effect.each(["start", "prompt", "model", "approval", "tool", "stop"])(
    "in %s fails the run and says where",
    (name) =>
      Effect.gen(function*() {
        const boom = () => {
          throw new Error("boom")
        }
        const error = yield* Effect.flip(Agent.run({ ...run, middleware: { [name]: boom } }))
        assert.strictEqual(error._tag === "CallbackError" ? error.callback : error._tag, `the middleware \`${name}\``)
        assert.include(error.message, "boom")
      }).pipe(Effect.provide(scriptOfMore(balance("abc"), "Three.")))
  )
})
